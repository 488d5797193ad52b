// SPDX-License-Identifier: GPL-2.0-only
/*
 * See run.h. Nothing is freed while a channel's function may still be on the
 * stack: those only kill, and the end of the process, seen through its pidfd,
 * ends the run.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "dump.h"
#include "protocol.h"
#include "repro.h"
#include "result.h"
#include "rundir.h"
#include "sink.h"

#define MIB (1024ULL * 1024)
#define READ_SIZE (256 * 1024)
#define READS_PER_TURN 8

/* A guest that makes progress for ever is ended too. */
#define TOTAL_LIMIT_FACTOR 10
#define PANIC_S 5.0		/* for the rest of its messages, and the reboot */
#define DUMP_S 6.0		/* for registers and stacks */
#define CLOSE_S 10.0		/* for the end of the trace; for power off */
#define JUDGE_S 60.0

enum state {
	BOOT,			/* until HELLO */
	WORK,			/* until the verdict */
	CLOSE,			/* the verdict is here, the trace's end is not */
	LEAVE,			/* BYE is said, the guest powers off */
	PANICKED,
	DUMP,
	GONE,			/* QEMU ended; what it sent is still read */
	JUDGE,			/* the trace is judged here */
};

struct run {
	struct run_spec spec;
	struct loop *loop;
	run_done *done;
	void *ctx;

	enum state state;
	double started, state_since, progress, heartbeat;
	int timer;
	struct qemu qemu;
	struct loop_watch channel[CHANNEL_NR], exit, timeout;

	struct rundir dir;
	struct sink console_log, ktap, trace, log, output, registers;
	struct console console;
	struct lines lines;
	struct result result;
	struct dump dump;
	char tail[TRACE_TRAILER_LEN];
	bool trace_whole, dumped;
	char how[64];		/* QEMU's end */

	pid_t judge;
	int judge_fd;
	struct run_outcome out;
	int err;
};

static void on_timer(void *ctx, uint32_t events);

/* Of what was found, the worst is told, and of that the first. */
static void found(struct run *r, enum verdict v, char *reason)
{
	if (v > r->out.verdict) {
		r->out.verdict = v;
		free(r->out.reason);
		r->out.reason = reason;
	} else {
		free(reason);
	}
}

static double scale(const struct run *r)
{
	return r->spec.accel == ACCEL_TCG ? 2.0 : 1.0;
}

/* When something must have happened, in the state that we are in. */
static double deadline(const struct run *r)
{
	double quiet = r->progress + r->spec.limit_s;
	double total = r->started + TOTAL_LIMIT_FACTOR * r->spec.limit_s;

	switch (r->state) {
	case BOOT:
	case WORK:
		return quiet < total ? quiet : total;
	case CLOSE:
	case LEAVE:
		return r->state_since + CLOSE_S * scale(r);
	case PANICKED:
		return r->state_since + PANIC_S;
	case DUMP:
		return r->state_since + DUMP_S;
	case GONE:
	case JUDGE:
		return r->state_since + JUDGE_S;
	}
	return quiet;
}

static void enter(struct run *r, enum state state)
{
	double left;

	r->state = state;
	r->state_since = now_s();
	left = deadline(r) - r->state_since;
	timer__arm(r->timer, left > 0.001 ? left : 0.001);
}

static void kill_qemu(struct run *r)
{
	if (r->qemu.pid > 0)
		kill(-r->qemu.pid, SIGKILL);
}

/* The run cannot be recorded: it ends without a verdict. */
static void fail_env(struct run *r, const char *what, int err)
{
	if (r->err)
		return;
	r->err = err;
	msg_error("%s: %s%s", what, strerror(-err),
		  err == -ENOSPC ? "; make room, or name another directory with --out" :
				   "");
	kill_qemu(r);
}

static void check_sink(struct run *r, struct sink *s)
{
	if (s->err && !r->err)
		fail_env(r, s->path, s->err);
}

static void hang(struct run *r, char *reason)
{
	found(r, VERDICT_HANG, reason);
	sink__printf(&r->log, "vmtest: %s\n", r->out.reason);
	r->dumped = true;
	enter(r, DUMP);
	dump__start(&r->dump, r->qemu.fd[CHANNEL_QMP],
		    r->qemu.fd[CHANNEL_CONSOLE], &r->registers);
}

static void say_bye(struct run *r)
{
	enter(r, LEAVE);
	write_all(r->qemu.fd[CHANNEL_RESULT], BYE "\n", strlen(BYE) + 1);
}

static json_t *json_strings(const struct strv *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, json_string(s->v[i]));
	return a;
}

static void send_job(struct run *r)
{
	json_t *job = json_pack("{s:I, s:s, s:I, s:o}", "seed",
				(json_int_t)r->spec.seed, "mode", r->spec.mode,
				"ops", (json_int_t)r->spec.ops, "tests",
				json_strings(r->spec.tests));
	char *text;

	if (r->spec.cmd->n)
		json_object_set_new(job, "cmd", json_strings(r->spec.cmd));
	text = json_dumps(job, JSON_COMPACT);
	json_decref(job);
	/* A new socket's buffer takes it, whatever the command line's size. */
	if (!text || write_all(r->qemu.fd[CHANNEL_RESULT], text, strlen(text)) ||
	    write_all(r->qemu.fd[CHANNEL_RESULT], "\n", 1)) {
		found(r, VERDICT_LOST, xstrdup("the guest did not take its job"));
		kill_qemu(r);
	}
	free(text);
}

static void put_output(struct run *r, const char *text, size_t len)
{
	int err = 0;

	sink__write(&r->output, text, len);
	check_sink(r, &r->output);
	if (!r->err)
		err = write_all(STDOUT_FILENO, text, len);
	if (err)
		fail_env(r, "standard output", err);
}

static void on_hello(struct run *r)
{
	r->out.boot_s = now_s() - r->started;
	sink__printf(&r->log, "vmtest: guest runs %s after %.3f s\n",
		     r->result.release, r->out.boot_s);
	if (r->spec.boot_only) {
		kill_qemu(r);
		return;
	}
	if (r->state != BOOT)
		return;
	enter(r, WORK);
	send_job(r);
}

static void on_verdict(struct run *r)
{
	sink__printf(&r->log, "vmtest: guest says %s: %s\n",
		     verdict__name(r->result.verdict), r->result.reason);
	if (r->state != WORK)
		return;
	if (r->trace_whole)
		say_bye(r);
	else
		enter(r, CLOSE);
}

static void on_line(void *ctx, char *line, size_t len)
{
	struct run *r = ctx;
	enum result_line kind;
	char *rest;
	size_t rest_len;

	kind = result__line(&r->result, line, len, &rest, &rest_len);
	if (kind != RESULT_GARBAGE && kind != RESULT_LOG &&
	    kind != RESULT_HEARTBEAT)
		r->progress = now_s();
	switch (kind) {
	case RESULT_GARBAGE:
		sink__printf(&r->log, "vmtest: garbage on the result port: %s\n",
			     r->result.first_garbage);
		break;
	case RESULT_HELLO:
		on_hello(r);
		break;
	case RESULT_KTAP:
		if (!r->out.test_s)
			r->out.test_s = r->progress - r->started;
		sink__printf(&r->ktap, "%s\n", rest);
		check_sink(r, &r->ktap);
		if (r->ktap.dropped && r->state == WORK)
			hang(r, xstrdup("endless output of the tests"));
		break;
	case RESULT_OUTPUT:
		put_output(r, rest, rest_len);
		break;
	case RESULT_LOG:
		sink__printf(&r->log, "%s\n", rest);
		break;
	case RESULT_ENDED:
		on_verdict(r);
		break;
	case RESULT_PROGRESS:
	case RESULT_HEARTBEAT:
		r->heartbeat = now_s();
		break;
	case RESULT_VERIFY:
		if (r->dir.path) {
			char *path = xasprintf("%s/verify.json", r->dir.path);
			int err = write_file_atomic(path, rest, rest_len);

			if (err)
				fail_env(r, path, err);
			free(path);
		}
		break;
	}
	check_sink(r, &r->log);
}

static void feed_console(struct run *r, const char *buf, size_t len)
{
	enum console_kind kind;

	sink__write(&r->console_log, buf, len);
	check_sink(r, &r->console_log);
	if (r->state == BOOT)
		r->progress = now_s();
	/* What the dump prints is no new trouble. */
	if (r->dumped)
		return;
	kind = console__feed(&r->console, buf, len);
	if (kind == CONSOLE_PANIC && r->state < PANICKED)
		enter(r, PANICKED);
}

static void feed_trace(struct run *r, const char *buf, size_t len)
{
	const size_t n = sizeof(r->tail);

	sink__write(&r->trace, buf, len);
	check_sink(r, &r->trace);
	if (len >= n) {
		memcpy(r->tail, buf + len - n, n);
	} else {
		memmove(r->tail, r->tail + len, n - len);
		memcpy(r->tail + n - len, buf, len);
	}
	r->trace_whole = !memcmp(r->tail, TRACE_TRAILER, n);
	if (r->trace_whole && r->state == CLOSE)
		say_bye(r);
}

static void feed(struct run *r, enum channel ch, const char *buf, size_t len)
{
	switch (ch) {
	case CHANNEL_CONSOLE:
		feed_console(r, buf, len);
		break;
	case CHANNEL_RESULT:
		if (lines__feed(&r->lines, buf, len, on_line, r)) {
			found(r, VERDICT_LOST,
			      xstrdup("endless line on the result port"));
			kill_qemu(r);
		}
		break;
	case CHANNEL_TRACE:
		feed_trace(r, buf, len);
		break;
	case CHANNEL_QMP:
		if (r->state == DUMP)
			dump__feed(&r->dump, buf, len);
		break;
	case CHANNEL_NR:
		break;
	}
}

/* Reads what is there, at most so often. Returns false at the end of it. */
static bool read_channel(struct run *r, enum channel ch, int times)
{
	static char buf[READ_SIZE];

	while (times-- > 0) {
		ssize_t n = read(r->qemu.fd[ch], buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (!n)
			return false;
		feed(r, ch, buf, (size_t)n);
	}
	return true;
}

static void on_channel(struct run *r, enum channel ch)
{
	if (!read_channel(r, ch, READS_PER_TURN))
		loop__del(r->loop, &r->channel[ch]);
}

#define CHANNEL_FN(name, ch) \
	static void name(void *ctx, uint32_t events) \
	{ \
		(void)events; \
		on_channel(ctx, ch); \
	}
CHANNEL_FN(on_console, CHANNEL_CONSOLE)
CHANNEL_FN(on_result, CHANNEL_RESULT)
CHANNEL_FN(on_trace, CHANNEL_TRACE)
CHANNEL_FN(on_qmp, CHANNEL_QMP)

static loop_fn *const channel_fns[CHANNEL_NR] = {
	on_console, on_result, on_trace, on_qmp,
};

static char *hang_reason(const struct run *r, double now)
{
	double quiet = now - r->progress;

	if (quiet < r->spec.limit_s)
		return xasprintf("did not end within %.0f s; --timeout raises this",
				 TOTAL_LIMIT_FACTOR * r->spec.limit_s);
	if (r->state == BOOT)
		return xasprintf("no output for %.0f s while it booted", quiet);
	if (r->heartbeat && now - r->heartbeat < r->spec.limit_s / 2)
		return xasprintf("no progress of the tests for %.0f s, though init lives",
				 quiet);
	return xasprintf("no output for %.0f s", quiet);
}

static void on_timer(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	double now = now_s(), left = deadline(r) - now;
	uint64_t fired;

	(void)events;
	if (read(r->timer, &fired, sizeof(fired)) < 0 && errno == EAGAIN)
		return;
	if (left > 0.001) {
		timer__arm(r->timer, left);
		return;
	}
	switch (r->state) {
	case BOOT:
	case WORK:
		hang(r, hang_reason(r, now));
		break;
	case CLOSE:
		sink__printf(&r->log, "vmtest: the trace's end did not come\n");
		say_bye(r);
		break;
	case LEAVE:
		hang(r, xstrdup("did not power off after its verdict"));
		break;
	case PANICKED:
	case DUMP:
		kill_qemu(r);
		break;
	case GONE:
		break;
	case JUDGE:
		kill(r->judge, SIGKILL);
		break;
	}
}

static char *violated_rules(const struct judged *j)
{
	char *out = xstrdup("violated:");

	for (size_t i = 0; i < j->n; i++) {
		char *longer = xasprintf("%s %s x%llu", out,
					 j->violations[i].rule,
					 (unsigned long long)j->violations[i].count);

		free(out);
		out = longer;
	}
	return out;
}

static void judge_tests(struct run *r)
{
	const struct result *res = &r->result;
	const struct judged *j = &r->out.judged;

	if (j->n)
		found(r, VERDICT_FAIL, violated_rules(j));
	if (res->ktap.not_ok)
		found(r, VERDICT_FAIL,
		      xasprintf("%llu tests not ok: %s",
				(unsigned long long)res->ktap.not_ok,
				res->ktap.first_failed));
	if (res->ended && res->verdict != VERDICT_PASS)
		found(r, res->verdict, xstrdup(res->reason));
	if (res->verified && j->verdict != VERDICT_PASS)
		found(r, j->verdict, xstrdup(j->reason));
}

static void judge_evidence(struct run *r)
{
	const struct result *res = &r->result;

	if (res->garbage)
		found(r, VERDICT_LOST, xasprintf("garbage on the result port: %s",
						 res->first_garbage));
	if (!res->release)
		found(r, VERDICT_LOST,
		      xasprintf("the guest never spoke; QEMU ended with %s", r->how));
	else if (!res->ended)
		found(r, VERDICT_LOST,
		      xasprintf("no verdict; QEMU ended with %s", r->how));
	else if (!res->verified)
		found(r, res->verdict == VERDICT_PASS ? VERDICT_LOST :
							VERDICT_PASS,
		      xstrdup("no report of pidnstrace"));
	if (res->ended && !r->trace_whole)
		found(r, VERDICT_INCONCLUSIVE,
		      xstrdup("the end of the trace is missing"));
	if (r->trace.dropped)
		found(r, VERDICT_INCONCLUSIVE,
		      xasprintf("the trace is longer than %llu MiB",
				(unsigned long long)(r->trace.limit / MIB)));
	if (!r->spec.cmd->n && res->ended && !res->ktap.ok)
		found(r, VERDICT_INCONCLUSIVE, xstrdup("no test was ok"));
}

static void judge_console(struct run *r)
{
	const struct console *c = &r->console;

	if (c->count[CONSOLE_PANIC])
		found(r, VERDICT_PANIC, xstrdup(c->first[CONSOLE_PANIC]));
	if (c->count[CONSOLE_SPLAT])
		found(r, VERDICT_SPLAT, xstrdup(c->first[CONSOLE_SPLAT]));
}

static void close_sinks(struct run *r)
{
	struct sink *sinks[] = { &r->console_log, &r->ktap, &r->trace,
				 &r->log, &r->output, &r->registers };

	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		char *path = sinks[i]->path ? xstrdup(sinks[i]->path) : NULL;
		int err = sink__close(sinks[i]);

		if (err && path)
			fail_env(r, path, err);
		free(path);
	}
}

/* Files that would be empty say nothing. */
static void remove_unused(struct run *r)
{
	if (!r->dir.path)
		return;
	if (!r->registers.bytes)
		unlinkat(r->dir.fd, "registers", 0);
	if (!r->spec.cmd->n)
		unlinkat(r->dir.fd, "output", 0);
}

static void run__free(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++)
		loop__del(r->loop, &r->channel[i]);
	loop__del(r->loop, &r->exit);
	loop__del(r->loop, &r->timeout);
	if (r->timer >= 0)
		close(r->timer);
	if (r->judge_fd >= 0)
		close(r->judge_fd);
	close_sinks(r);
	lines__free(&r->lines);
	dump__free(&r->dump);
	result__free(&r->result);
	qemu__free(&r->qemu);
	rundir__close(&r->dir);
	run_outcome__free(&r->out);
	free(r);
}

static void finish(struct run *r)
{
	int err;

	ktap__finish(&r->result.ktap);
	if (!r->spec.boot_only) {
		judge_tests(r);
		judge_evidence(r);
	} else if (!r->result.release) {
		found(r, VERDICT_LOST, xasprintf("QEMU ended with %s", r->how));
	}
	judge_console(r);
	if (!r->out.reason)
		r->out.reason = xstrdup("");
	r->out.tests = r->result.ktap;
	r->out.seconds = now_s() - r->started;
	r->out.seed = r->spec.seed;
	if (r->dir.path) {
		r->out.dir = xstrdup(r->dir.path);
		sink__printf(&r->log, "vmtest: %s: %s\n",
			     verdict__name(r->out.verdict), r->out.reason);
	}
	close_sinks(r);
	remove_unused(r);
	if (!r->err && r->dir.path && r->out.verdict != VERDICT_PASS) {
		err = repro__write(&r->spec, r->dir.path);
		if (err)
			fail_env(r, r->dir.path, err);
	}
	if (r->err)
		rundir__remove(&r->dir);
	r->done(r->ctx, r, &r->out, r->err);
	run__free(r);
}

static void read_judgement(struct run *r)
{
	char *path = xasprintf("%s/verify.json", r->dir.path), *text;
	char why[64];
	size_t len;

	if (read_file(path, &text, &len)) {
		sink__printf(&r->log, "vmtest: replay left no report\n");
	} else {
		if (judged__parse(&r->out.judged, text, len, why, sizeof(why)))
			sink__printf(&r->log, "vmtest: replay's report: %s\n",
				     why);
		free(text);
	}
	free(path);
}

static void on_judged(void *ctx, uint32_t events)
{
	struct run *r = ctx;

	(void)events;
	waitpid(r->judge, NULL, 0);
	r->judge = 0;
	read_judgement(r);
	finish(r);
}

static void judge_child(struct run *r, pid_t parent)
{
	char *trace = r->trace.path;
	char *report = xasprintf("json=%s/verify.json", r->dir.path);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(r->log.fd, STDOUT_FILENO);
	dup2(r->log.fd, STDERR_FILENO);
	execl(r->spec.judge, r->spec.judge, "replay", trace, "--report", report,
	      (char *)NULL);
	_exit(127);
}

/* The guest died before it could judge: we judge what it saw until then. */
static bool start_judge(struct run *r)
{
	pid_t parent = getpid();

	if (r->spec.boot_only || r->result.verified || r->err ||
	    !r->trace.bytes || !r->spec.judge)
		return false;
	r->judge = fork();
	if (r->judge == 0)
		judge_child(r, parent);
	if (r->judge < 0)
		return false;
	r->judge_fd = (int)syscall(SYS_pidfd_open, r->judge, 0);
	if (r->judge_fd < 0 || loop__add(r->loop, &r->exit, r->judge_fd, EPOLLIN,
					 on_judged, r)) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
		r->judge = 0;
		return false;
	}
	enter(r, JUDGE);
	return true;
}

static void on_exit_of_qemu(void *ctx, uint32_t events)
{
	struct run *r = ctx;

	(void)events;
	loop__del(r->loop, &r->exit);
	qemu__reap(&r->qemu, r->how, sizeof(r->how));
	r->state = GONE;
	/* All that was sent is still in the sockets, and of an end. */
	for (int i = 0; i < CHANNEL_NR; i++) {
		loop__del(r->loop, &r->channel[i]);
		read_channel(r, (enum channel)i, INT_MAX);
	}
	if (!r->dumped)
		console__finish(&r->console);
	if (r->trace_whole && !r->trace.dropped)
		sink__cut(&r->trace, TRACE_TRAILER_LEN);
	r->out.judged = r->result.judged;
	memset(&r->result.judged, 0, sizeof(r->result.judged));
	sink__printf(&r->log, "vmtest: QEMU ended with %s\n", r->how);
	if (!start_judge(r))
		finish(r);
}

static int write_small(struct run *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int write_small(struct run *r, const char *name, const char *fmt, ...)
{
	char *path = xasprintf("%s/%s", r->dir.path, name), *text;
	va_list ap;
	int err = -ENOMEM;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		err = write_file_atomic(path, text, strlen(text));
		free(text);
	}
	va_end(ap);
	if (err)
		fail_env(r, path, err);
	free(path);
	return err;
}

static int write_facts(struct run *r)
{
	uint64_t config = 0;
	char *cmdline, *text;
	int err;

	if (!r->dir.path)
		return 0;
	cmdline = strv__quote(&r->qemu.argv);
	err = write_small(r, "cmdline", "%s\n", cmdline);
	free(cmdline);
	if (!err)
		err = write_small(r, "seed", "%llu\n",
				  (unsigned long long)r->spec.seed);
	if (!err && r->spec.image->config &&
	    !read_file(r->spec.image->config, &text, NULL)) {
		config = hash_str(HASH_INIT, text);
		free(text);
		err = write_small(r, "config-hash", "%016llx\n",
				  (unsigned long long)config);
	}
	return err;
}

static int open_files(struct run *r)
{
	struct { struct sink *s; const char *name; uint64_t limit; } files[] = {
		{ &r->console_log, "console.log", 64 * MIB },
		{ &r->ktap, "result.ktap", 64 * MIB },
		{ &r->trace, "trace.bin", 4096 * MIB },
		{ &r->log, "log", 16 * MIB },
		{ &r->output, "output", 64 * MIB },
		{ &r->registers, "registers", 1 * MIB },
	};
	char *name;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		sink__open(files[i].s, NULL, NULL, files[i].limit);
	if (r->spec.boot_only)
		return 0;
	name = xasprintf("%s-%llu", r->spec.target,
			 (unsigned long long)r->spec.seed);
	err = rundir__open(&r->dir, r->spec.out, name);
	free(name);
	for (size_t i = 0; !err && i < ARRAY_SIZE(files); i++) {
		err = sink__open(files[i].s, r->dir.path, files[i].name,
				 files[i].limit);
		if (err)
			fail_env(r, files[i].s->path, err);
	}
	return err;
}

static int watch_all(struct run *r)
{
	int err;

	r->timer = timer__new();
	if (r->timer < 0)
		return -errno;
	err = loop__add(r->loop, &r->timeout, r->timer, EPOLLIN, on_timer, r);
	if (!err)
		err = loop__add(r->loop, &r->exit, r->qemu.pidfd, EPOLLIN,
				on_exit_of_qemu, r);
	for (int i = 0; !err && i < CHANNEL_NR; i++)
		err = loop__add(r->loop, &r->channel[i], r->qemu.fd[i], EPOLLIN,
				channel_fns[i], r);
	return err;
}

struct run *run__start(struct loop *loop, const struct run_spec *spec,
		       run_done *done, void *ctx, int *err)
{
	struct run *r = xcalloc(1, sizeof(*r));
	struct qemu_spec qs = {
		.program = spec->program,
		.image = spec->image,
		.initramfs = spec->initramfs,
		.accel = spec->accel,
		.tsc_khz = spec->tsc_khz,
	};

	r->spec = *spec;
	r->loop = loop;
	r->done = done;
	r->ctx = ctx;
	r->timer = r->judge_fd = r->qemu.pidfd = -1;
	memset(r->qemu.fd, -1, sizeof(r->qemu.fd));
	r->lines.max = RESULT_LINE_MAX;
	r->started = r->progress = now_s();
	*err = open_files(r);
	qs.log_fd = r->log.fd;
	if (!*err)
		*err = qemu__start(&r->qemu, &qs);
	if (!*err) {
		*err = watch_all(r);
		if (*err)
			msg_error("epoll: %s", strerror(-*err));
	}
	if (!*err)
		*err = write_facts(r);
	if (*err) {
		run__abort(r);
		return NULL;
	}
	enter(r, BOOT);
	return r;
}

const char *run__target(const struct run *r)
{
	return r->spec.target;
}

void run__abort(struct run *r)
{
	qemu__kill(&r->qemu);
	if (r->judge > 0) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
	}
	rundir__remove(&r->dir);
	run__free(r);
}

void run_outcome__free(struct run_outcome *out)
{
	free(out->reason);
	free(out->dir);
	judged__free(&out->judged);
	memset(out, 0, sizeof(*out));
}
