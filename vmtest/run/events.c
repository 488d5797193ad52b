// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles the events of a run while QEMU lives: channel input and timeouts.
 *
 * This file kills QEMU but frees nothing, as a channel's callback may be on the
 * stack. run.c ends the run when QEMU's pidfd reports the end of the process.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "vmtest/run/job.h"
#include "vmtest/run/state.h"

#define MIB (1024ULL * 1024)
#define READ_SIZE (256 * 1024)
#define READS_PER_TURN 8

/* The total limit ends guests that make progress forever. */
#define TOTAL_LIMIT_FACTOR 10
#define SPLAT_HURRY 4
#define PANIC_S 5.0		/* for the rest of its messages, and the reboot */
#define CLOSE_S 10.0		/* for the end of the trace, and for power off */
#define JUDGE_S 60.0
#define MIGRATE_S 15.0		/* for saving or resuming; far more than needed */
#define SETTLE_S 0.1		/* for data in flight on the other channels */
#define POLL_S 0.05		/* interval of reading files, under -icount */
#define QUIT_S 10.0		/* for QEMU to write the rest of a recording */

void live__found(struct run *r, enum verdict v, char *reason)
{
	if (v > r->out.verdict) {
		r->out.verdict = v;
		free(r->out.reason);
		r->out.reason = reason;
	} else {
		free(reason);
	}
}

/*
 * A shell may wait for its user; init's heartbeat shows that the guest lives.
 */
static double quiet_since(const struct run *r)
{
	if (r->spec.shell && r->state == WORK && r->heartbeat > r->progress)
		return r->heartbeat;
	return r->progress;
}

static double scale(const struct run *r)
{
	return r->spec.slack * r->spec.image->san.slower *
	       (r->spec.accel == ACCEL_TCG ? 2.0 : 1.0);
}

/* Shorter after a splat, since the kernel will probably not recover. */
double live__patience(const struct run *r)
{
	double s = r->spec.limit_s;

	return r->console.count[CONSOLE_SPLAT] ? s / SPLAT_HURRY : s;
}

double live__total_limit(const struct run *r)
{
	return r->spec.total_s ? r->spec.total_s :
				 TOTAL_LIMIT_FACTOR * r->spec.limit_s;
}

/* Returns the limit of a step that should take s seconds; at most --timeout. */
static double step_limit(const struct run *r, double s)
{
	s *= scale(r);
	return s < r->spec.limit_s ? s : r->spec.limit_s;
}

/* Returns the time at which the current state times out. */
static double deadline(const struct run *r)
{
	double quiet = quiet_since(r) + live__patience(r);
	double total = r->started + live__total_limit(r);

	switch (r->state) {
	case BOOT:
	case ATTACH:
	case WORK:
		if (r->spec.shell && r->state == WORK)
			return quiet;
		return quiet < total ? quiet : total;
	case SAVE:
	case WAKE:
		return r->state_since + step_limit(r, MIGRATE_S);
	case CLOSE:
	case LEAVE:
		return r->state_since + step_limit(r, CLOSE_S);
	case PANICKED:
		return r->state_since + PANIC_S;
	case CAUGHT:
		return r->state_since + SETTLE_S;
	case DUMP:
		quiet = (r->console_at > r->state_since ? r->console_at :
							  r->state_since) +
			DUMP_QUIET_S;
		total = r->state_since + DUMP_S;
		return quiet < total ? quiet : total;
	case GONE:
	case JUDGE:
		return r->state_since + JUDGE_S;
	}
	return quiet;
}

static void end_input(struct run *r)
{
	port_input__stop(r);
	if (r->spec.shell)
		shell__end(r->spec.shell);
}

static void arm(const struct run *r)
{
	double left = deadline(r) - now_s();

	if (!r->stopped_at)
		timer__arm(r->timer, left > 0.001 ? left : 0.001);
}

void live__enter(struct run *r, enum state state)
{
	r->state = state;
	r->state_since = now_s();
	if (state > WORK)
		end_input(r);
	arm(r);
}

void live__stopped(struct run *r, bool stopped)
{
	double now = now_s(), gone;

	if (stopped == (r->stopped_at > 0))
		return;
	if (stopped) {
		r->stopped_at = now;
		timer__arm(r->timer, 0);
		return;
	}
	gone = now - r->stopped_at;
	r->stopped_at = 0;
	r->started += gone;
	r->state_since += gone;
	r->progress += gone;
	if (r->heartbeat)
		r->heartbeat += gone;
	arm(r);
}

void live__finding(struct run *r, enum finding_kind kind, const char *text)
{
	const struct finding *f = findings__add(&r->out.findings, kind, text,
						now_s() - r->started);

	if (!f || !r->spec.until || !catchers__fit(r->spec.until, f))
		return;
	r->caught = true;
	if (r->state < PANICKED)
		live__enter(r, CAUGHT);
}

/* A splat does not end a shell: the user may want to look around. */
static void say_splat(const struct run *r, const char *text)
{
	char *line = xasprintf("%s (%s/console.log)", text, r->dir.path);

	shell__say(r->spec.shell, line);
	free(line);
}

void live__console(void *ctx, enum console_kind kind, const char *text)
{
	struct run *r = ctx;

	if (kind == CONSOLE_SPLAT && r->spec.shell)
		say_splat(r, text);
	if (kind != CONSOLE_ALLOWED)
		live__finding(r, kind == CONSOLE_PANIC ? FINDING_PANIC :
							 FINDING_SPLAT, text);
}

void live__kill(struct run *r)
{
	/* If killed, QEMU would leave a recording that cannot be replayed. */
	if (r->count.qmp && !r->count.ending) {
		icount_qmp__end(&r->count);
		timer__arm(r->timer, QUIT_S);
		return;
	}
	if (r->qemu.pid > 0)
		kill(-r->qemu.pid, SIGKILL);
}

void live__fail(struct run *r, const char *what, int err)
{
	if (r->err)
		return;
	r->err = err;
	end_input(r);
	/* No message when the reader of the output has gone. */
	if (err != -EPIPE)
		msg_error("%s: %s%s", what, strerror(-err),
			  err == -ENOSPC ? "; make room, or name another directory with --out" :
					   "");
	live__kill(r);
}

static void check_sink(struct run *r, struct sink *s)
{
	if (s->err && !r->err)
		live__fail(r, s->path, s->err);
}

static void say_bye(struct run *r)
{
	live__enter(r, LEAVE);
	/* A guest under -icount powers off without BYE. */
	if (!r->spec.icount)
		write_all(r->qemu.fd[CHANNEL_RESULT], BYE "\n", strlen(BYE) + 1);
}

void live__tell(struct run *r, char *line)
{
	int fd = r->qemu.fd[CHANNEL_RESULT];

	/*
	 * The initramfs of a guest under -icount contains the line: see
	 * recorded.h. A new socket's buffer has room for any command line.
	 */
	if (!r->spec.icount &&
	    (write_all(fd, line, strlen(line)) || write_all(fd, "\n", 1))) {
		live__found(r, VERDICT_LOST,
			    xstrdup("the guest did not accept its job"));
		live__kill(r);
	}
	free(line);
}

static void put_output(struct run *r, const char *text, size_t len)
{
	int err = 0;

	sink__write(&r->output, text, len);
	check_sink(r, &r->output);
	if (!r->err)
		err = write_all(STDOUT_FILENO, text, len);
	if (r->spec.shell && len)
		shell__printed(r->spec.shell, text[len - 1]);
	if (err)
		live__fail(r, "standard output", err);
}

static void on_hello(struct run *r)
{
	r->out.booted = true;
	/* A resumed guest already reported this before it was saved. */
	if (r->state == WAKE)
		return;
	r->out.boot_s = now_s() - r->spec.asked;
	sink__printf(&r->log, "vmtest: guest runs %s after %.3f s\n",
		     r->result.release, r->out.boot_s);
	if (r->spec.boot_only) {
		live__kill(r);
		return;
	}
	if (r->state != BOOT)
		return;
	live__enter(r, ATTACH);
	live__tell(r, job__settings(&r->spec));
}

static void on_resized(void *ctx)
{
	port_input__resized(ctx);
}

static void on_quit(void *ctx)
{
	struct run *r = ctx;

	live__found(r, VERDICT_LOST, xstrdup("ended by Ctrl-] q"));
	end_input(r);
	live__kill(r);
}

/* Starts the shell's terminal and the input, once the guest has its job. */
static void begin_command(struct run *r)
{
	static const struct shell_ops ops = { on_resized, on_quit };
	int err = 0;

	if (r->state != WORK)
		return;
	if (r->spec.shell)
		err = shell__begin(r->spec.shell, r->spec.target,
				   r->result.release, &ops, r);
	if (err)
		live__fail(r, "the terminal", err);
	else
		port_input__start(r);
}

static void on_mutant(struct run *r)
{
	const char *has = r->result.mutant;

	/* A resumed guest may be past WAKE by now. */
	if (r->use == SNAPSHOT_USE) {
		if (r->state == WAKE)
			live__enter(r, WORK);
		r->out.resumed = true;
		if (!r->out.boot_s)
			r->out.boot_s = now_s() - r->spec.asked;
		sink__printf(&r->log, "vmtest: the saved guest woke up after %.3f s\n",
			     now_s() - r->spec.asked);
	}
	sink__printf(&r->log, "vmtest: the kernel's fault: %s\n", has);
	if (!r->spec.mutant) {
		begin_command(r);
		return;
	}
	r->out.is_mutant = !strcmp(has, r->spec.mutant);
	if (r->out.is_mutant) {
		begin_command(r);
		return;
	}
	/* The guest already runs its job; on_line() ignores all results from here. */
	r->refused = true;
	live__found(r, VERDICT_LOST,
		    xasprintf("the kernel ignored " MUTANT_PARAM "=%s: it says \"%s\"",
			      r->spec.mutant, has));
	live__kill(r);
}

static void on_test(struct run *r, uint64_t failed_before)
{
	const struct events *ev = &r->result.ktap.events;

	if (ev->totals.not_ok != failed_before)
		live__finding(r, FINDING_TEST, ev->v[ev->last_failed].text);
}

static void on_rule(struct run *r, char *line)
{
	char *why = line + strcspn(line, " ");

	sink__printf(&r->log, "vmtest: violated: %s\n", line);
	*why = '\0';
	live__finding(r, FINDING_RULE, line);
}

static void on_verdict(struct run *r)
{
	sink__printf(&r->log, "vmtest: guest reports %s: %s\n",
		     verdict__name(r->result.verdict), r->result.reason);
	/* In ATTACH, the guest could not get ready for a job. */
	if (r->state != WORK && r->state != ATTACH)
		return;
	if (r->trace_whole)
		say_bye(r);
	else
		live__enter(r, CLOSE);
}

static void on_line(void *ctx, char *line, size_t len)
{
	struct run *r = ctx;
	uint64_t failed = r->result.ktap.events.totals.not_ok;
	enum result_line kind;
	char *rest;
	size_t rest_len;

	if (r->refused)
		return;
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
		if (!r->out.test_s) {
			r->out.test_s = r->progress - r->spec.asked;
			sink__printf(&r->log,
				     "vmtest: first line of a test after %.3f s\n",
				     r->out.test_s);
		}
		sink__printf(&r->ktap, "%s\n", rest);
		check_sink(r, &r->ktap);
		if (r->ktap.dropped && r->state == WORK)
			hang__found(r, "too much output",
			     xstrdup("endless output of the tests"));
		on_test(r, failed);
		break;
	case RESULT_WAITING:
		if (r->state == ATTACH)
			launch__ready(r);
		break;
	case RESULT_MUTANT:
		on_mutant(r);
		break;
	case RESULT_RULE:
		on_rule(r, rest);
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
	case RESULT_REPORT:
		break;
	case RESULT_PROGRESS:
	case RESULT_HEARTBEAT:
		r->heartbeat = now_s();
		break;
	case RESULT_COUNTS:
		sink__printf(&r->counts, "%s\n", rest);
		check_sink(r, &r->counts);
		break;
	case RESULT_VERIFY:
		if (r->dir.path) {
			char *path = xasprintf("%s/verify.json", r->dir.path);
			int err = write_file_atomic(path, rest, rest_len);

			if (err)
				live__fail(r, path, err);
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
	r->console_at = now_s();
	r->out.printed = true;
	if (r->state == BOOT)
		r->progress = r->console_at;
	/* The output of the dump is not a new fault. */
	if (r->dumped)
		return;
	kind = console__feed(&r->console, buf, len);
	/* A guest that lost its timer to a busy host would hang later. */
	if (r->console.count[CONSOLE_HOST])
		live__kill(r);
	if (kind == CONSOLE_PANIC && r->state < PANICKED)
		live__enter(r, PANICKED);
	else if (kind == CONSOLE_SPLAT)
		timer__arm(r->timer, 0.001);
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

void live__feed(struct run *r, enum channel ch, const char *buf, size_t len)
{
	if (r->kept[ch])
		fwrite(buf, 1, len, r->kept[ch]);
	switch (ch) {
	case CHANNEL_CONSOLE:
		feed_console(r, buf, len);
		break;
	case CHANNEL_RESULT:
		if (lines__feed(&r->lines, buf, len, on_line, r)) {
			live__found(r, VERDICT_LOST,
			      xstrdup("endless line on the result port"));
			live__kill(r);
		}
		break;
	case CHANNEL_TRACE:
		feed_trace(r, buf, len);
		break;
	case CHANNEL_QMP:
		qmp__feed(&r->qmp, buf, len);
		break;
	case CHANNEL_INPUT:
	case CHANNEL_NR:
		break;
	}
}

/* Reads available data, with at most times reads. Returns false at end of file. */
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
		live__feed(r, ch, buf, (size_t)n);
	}
	return true;
}

static void on_channel(struct run *r, enum channel ch)
{
	/* End of file is not final: QEMU still appends to the file. */
	if (r->spec.icount && ch != CHANNEL_QMP)
		read_channel(r, ch, READS_PER_TURN);
	else if (!read_channel(r, ch, READS_PER_TURN))
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

static void on_poll(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	uint64_t fired;

	(void)events;
	if (read(r->poll_timer, &fired, sizeof(fired)) < 0)
		return;
	timer__arm(r->poll_timer, POLL_S);
	for (int i = 0; i < CHANNEL_QMP; i++)
		on_channel(r, (enum channel)i);
}

void live__not_saved(struct run *r, char *why)
{
	sink__printf(&r->log, "vmtest: %s\n", why);
	free(r->unsaved);
	r->unsaved = why;
	live__kill(r);
}

/*
 * If the runner itself was stopped for a while, a limit may have expired while
 * output of the guest is still unread: reads that output first.
 */
static void judge_quiet(struct run *r)
{
	enum state was = r->state;
	double left;

	if (!r->spec.icount) {
		on_channel(r, CHANNEL_CONSOLE);
		on_channel(r, CHANNEL_RESULT);
	}
	left = deadline(r) - now_s();
	if (r->state != was)
		return;
	if (left > 0.001)
		timer__arm(r->timer, left);
	else
		hang__judge(r, now_s());
}

static void on_timer(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	double now = now_s(), left = deadline(r) - now;
	uint64_t fired;

	(void)events;
	if (read(r->timer, &fired, sizeof(fired)) < 0 && errno == EAGAIN)
		return;
	if (r->stopped_at)
		return;
	if (left > 0.001) {
		timer__arm(r->timer, left);
		return;
	}
	if (r->count.ending) {
		live__kill(r);
		return;
	}
	switch (r->state) {
	case BOOT:
	case ATTACH:
	case WORK:
		judge_quiet(r);
		break;
	case SAVE:
	case WAKE:
		live__not_saved(r, xasprintf("%s took more than %g s",
					     r->state == SAVE ?
						"saving the guest" :
						"resuming the saved guest",
					     step_limit(r, MIGRATE_S)));
		break;
	case CLOSE:
		sink__printf(&r->log, "vmtest: the end of the trace did not arrive\n");
		say_bye(r);
		break;
	case LEAVE:
		hang__found(r, HANG_NO_PROGRESS,
		     xstrdup("did not power off after its verdict"));
		break;
	case DUMP:
		hang__go_on(r, now);
		break;
	case PANICKED:
	case CAUGHT:
		live__kill(r);
		break;
	case GONE:
		break;
	case JUDGE:
		kill(r->judge, SIGKILL);
		break;
	}
}

int live__arm(struct run *r)
{
	r->timer = timer__new();
	if (r->timer < 0)
		return -errno;
	return loop__add(r->loop, &r->timeout, r->timer, EPOLLIN, on_timer, r);
}

/* Polls files, for which epoll has no events. */
static int watch_files(struct run *r)
{
	r->poll_timer = timer__new();
	if (r->poll_timer < 0)
		return -errno;
	timer__arm(r->poll_timer, POLL_S);
	return loop__add(r->loop, &r->poll, r->poll_timer, EPOLLIN, on_poll, r);
}

int live__watch(struct run *r)
{
	int err = r->spec.icount ? watch_files(r) : 0;

	for (int i = r->spec.icount ? CHANNEL_QMP : 0; !err && i < CHANNEL_NR;
	     i++) {
		if (channel_fns[i])
			err = loop__add(r->loop, &r->channel[i], r->qemu.fd[i],
					EPOLLIN, channel_fns[i], r);
	}
	if (!err)
		err = loop__add(r->loop, &r->exit, r->qemu.pidfd, EPOLLIN,
				run__qemu_ended, r);
	return err;
}

void live__drain(struct run *r)
{
	r->state = GONE;
	r->stopped_at = 0;
	end_input(r);
	for (int i = 0; i < CHANNEL_NR; i++) {
		loop__del(r->loop, &r->channel[i]);
		read_channel(r, (enum channel)i, INT_MAX);
	}
}
