// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles the events of a run while QEMU lives: channel input and timeouts.
 *
 * Nothing is freed here, as a channel's callback may be on the stack.
 */
#include "vmtest/run/state.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "vmtest/run/job.h"

#define READ_SIZE (256 * 1024)
#define READS_PER_TURN 8

#define PANIC_ECHO_S 1.0		/* lines of init that arrive after a panic */
#define POLL_S 0.05		/* interval of reading files, under -icount */

static void send_bye(struct run *r)
{
	run__enter(r, RUN_LEAVE);
	/* A guest under -icount powers off without BYE. */
	if (!r->spec.icount)
		write_all(r->vm.qemu.fd[CHANNEL_RESULT], BYE "\n", strlen(BYE) + 1);
}

/*
 * Returns true if a channel has sent more than its file takes. Then the run ends: @what
 * prints without end, and perhaps faster than anybody can store it.
 */
static bool too_much(struct run *r, const struct capped_file *f, const char *what)
{
	if (!f->dropped)
		return false;
	if (r->state == RUN_BOOT || r->state == RUN_ATTACH || r->state == RUN_WORK)
		hang__record(r, HANG_TOO_MUCH, "endless output of %s: more than %llu MiB",
			     what, (unsigned long long)(f->limit >> 20));
	return true;
}

static void put_output(struct run *r, const char *text, size_t len)
{
	int err = 0;

	capped_file__write(&r->files.output, text, len);
	run__check_file(r, &r->files.output);
	/* A user sees the output of a shell, and can end it. */
	if (!r->spec.shell && too_much(r, &r->files.output, "the command"))
		return;
	if (!r->err)
		err = write_all(STDOUT_FILENO, text, len);
	if (r->spec.shell && len)
		shell__printed(r->spec.shell, text[len - 1]);
	if (err)
		run__fail(r, "standard output", err);
}

static void on_hello(struct run *r)
{
	r->out.booted = true;
	/* A resumed guest already reported this before it was saved. */
	if (r->state == RUN_WAKE)
		return;
	r->out.boot_s = now_s() - r->spec.asked;
	run__log(r, "guest runs %s after %.3f s",
		 r->seen.result.release, r->out.boot_s);
	if (r->spec.boot_only) {
		run__kill(r);
		return;
	}
	if (r->state != RUN_BOOT)
		return;
	run__enter(r, RUN_ATTACH);
	run__send(r, job__settings(&r->spec));
}

static void on_resized(void *ctx)
{
	struct run *r = ctx;

	port_input__resized(&r->input);
}

static void on_input_sent(void *ctx)
{
	struct run *r = ctx;

	/* A key is a sign of life of the user, not of the guest. */
	if (!r->spec.shell)
		r->clock.progress = now_s();
}

static void on_input_failed(void *ctx, const char *what, int err)
{
	run__fail(ctx, what, err);
}

static void start_input(struct run *r)
{
	const struct port_input_target to = {
		.loop = r->loop,
		.fd = r->vm.qemu.fd[CHANNEL_INPUT],
		.input = r->spec.input,
		.shell = r->spec.shell,
		.sent = on_input_sent,
		.failed = on_input_failed,
		.ctx = r,
	};

	if (r->spec.input && !r->spec.icount)
		port_input__start(&r->input, &to);
}

static void on_quit(void *ctx)
{
	struct run *r = ctx;

	run__raise_verdict(r, VERDICT_LOST, "ended by Ctrl-] q");
	run__end_input(r);
	run__kill(r);
}

/* Starts the shell's terminal and the input, once the guest has its job. */
static void begin_command(struct run *r)
{
	static const struct shell_ops ops = { on_resized, on_quit };
	int err = 0;

	if (r->state != RUN_WORK)
		return;
	if (r->spec.shell)
		err = shell__begin(r->spec.shell, r->spec.target,
				   r->seen.result.release, &ops, r);
	if (err)
		run__fail(r, "the terminal", err);
	else
		start_input(r);
}

/* Ends the run of a kernel that does not have the fault in the spec. */
static void refuse_kernel(struct run *r, const char *has)
{
	/* The guest already runs its job; on_line() ignores all results from here. */
	r->seen.refused = true;
	r->out.refusal = strcmp(has, MUTANT_UNKNOWN) ? REFUSED_ID : REFUSED_NO_PARAM;
	if (r->out.refusal == REFUSED_NO_PARAM)
		run__raise_verdict(r, VERDICT_LOST, "the kernel has no parameter " MUTANT_PARAM "; docs/adding.md (Bugs of your own) names the patch that adds it");
	else
		run__raise_verdict(r, VERDICT_LOST, "the kernel ignored " MUTANT_PARAM "=%s: it says \"%s\"; an id is a name in its include/linux/pidns_mutant_defs.h, with - for _",
				   r->spec.mutant, has);
	run__kill(r);
}

static void on_mutant(struct run *r)
{
	const char *has = r->seen.result.mutant;

	/* A resumed guest may be past RUN_WAKE by now. */
	if (r->launch.use == SNAPSHOT_USE) {
		if (r->state == RUN_WAKE)
			run__enter(r, RUN_WORK);
		r->out.resumed = true;
		if (!r->out.boot_s)
			r->out.boot_s = now_s() - r->spec.asked;
		run__log(r, "the saved guest woke up after %.3f s",
			 now_s() - r->spec.asked);
	}
	run__log(r, "the kernel's fault: %s", has);
	if (!r->spec.mutant) {
		begin_command(r);
		return;
	}
	r->out.is_mutant = !strcmp(has, r->spec.mutant);
	if (r->out.is_mutant) {
		begin_command(r);
		return;
	}
	refuse_kernel(r, has);
}

static void on_test(struct run *r, uint64_t failed_before)
{
	const struct events *ev = &r->seen.result.ktap.events;

	if (ev->totals.not_ok != failed_before)
		run__add_finding(r, FINDING_TEST, ev->v[ev->last_failed].text);
}

static void on_ktap(struct run *r, const char *line, uint64_t failed_before)
{
	if (!r->out.test_s) {
		r->out.test_s = r->clock.progress - r->spec.asked;
		run__log(r, "first line of a test after %.3f s", r->out.test_s);
	}
	capped_file__printf(&r->files.ktap, "%s\n", line);
	run__check_file(r, &r->files.ktap);
	too_much(r, &r->files.ktap, "the tests");
	on_test(r, failed_before);
}

static void on_verify(struct run *r, const char *json, size_t len)
{
	auto_free char *path = NULL;
	int err;

	if (!r->files.dir.path)
		return;
	path = xasprintf("%s/verify.json", r->files.dir.path);
	err = write_file_atomic(path, json, len);
	if (err)
		run__fail(r, path, err);
}

static void on_rule(struct run *r, char *line)
{
	char *why = line + strcspn(line, " ");

	run__log(r, "violated: %s", line);
	*why = '\0';
	run__add_finding(r, FINDING_RULE, line);
}

static void on_verdict(struct run *r)
{
	run__log(r, "guest reports %s: %s",
		 verdict__name(r->seen.result.verdict), r->seen.result.reason);
	/* In RUN_ATTACH, the guest could not get ready for a job. */
	if (r->state != RUN_WORK && r->state != RUN_ATTACH)
		return;
	if (r->seen.trace_whole)
		send_bye(r);
	else
		run__enter(r, RUN_CLOSE);
}

static void on_heartbeat(struct run *r, bool progress)
{
	r->clock.heartbeat = now_s();
	run__look_at_host(r, progress);
	/* A dead kernel has no init: a program has printed what looked like a panic. */
	if (r->state == RUN_PANICKED &&
	    r->clock.heartbeat - r->clock.state_since > PANIC_ECHO_S) {
		run__log(r, "init is alive: this was not a panic");
		run__enter(r, RUN_WORK);
	}
}

/* Parses a line, and notes whether the guest makes progress. */
static enum result_line parse_line(struct run *r, char *line, size_t len, char **rest,
				   size_t *rest_len)
{
	enum result_line kind = result_port__line(&r->seen.result, line, len, rest,
						  rest_len);

	if (kind == RESULT_KERNEL && !kernel_text__take(r, *rest))
		kind = result_port__refuse(&r->seen.result, line, len);
	if (kind != RESULT_GARBAGE && kind != RESULT_LOG && kind != RESULT_KERNEL &&
	    kind != RESULT_HEARTBEAT)
		r->clock.progress = now_s();
	return kind;
}

static void on_line(void *ctx, char *line, size_t len)
{
	struct run *r = ctx;
	uint64_t failed = r->seen.result.ktap.events.totals.not_ok;
	enum result_line kind;
	char *rest;
	size_t rest_len;

	if (r->seen.refused)
		return;
	kind = parse_line(r, line, len, &rest, &rest_len);
	switch (kind) {
	case RESULT_GARBAGE:
		run__log(r, "garbage on the result port: %s",
			 r->seen.result.first_garbage);
		break;
	case RESULT_HELLO:
		on_hello(r);
		break;
	case RESULT_KTAP:
		on_ktap(r, rest, failed);
		break;
	case RESULT_WAITING:
		if (r->state == RUN_ATTACH)
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
		capped_file__printf(&r->files.log, "%s\n", rest);
		break;
	case RESULT_ENDED:
		on_verdict(r);
		break;
	case RESULT_REPORT:
	case RESULT_KERNEL:
		break;
	case RESULT_PROGRESS:
	case RESULT_HEARTBEAT:
		on_heartbeat(r, kind == RESULT_PROGRESS);
		break;
	case RESULT_COUNTS:
		capped_file__printf(&r->files.counts, "%s\n", rest);
		run__check_file(r, &r->files.counts);
		break;
	case RESULT_VERIFY:
		on_verify(r, rest, rest_len);
		break;
	}
	run__check_file(r, &r->files.log);
}

static void feed_console(struct run *r, const char *buf, size_t len)
{
	enum console_kind kind;

	capped_file__write(&r->files.console_log, buf, len);
	run__check_file(r, &r->files.console_log);
	r->clock.console_at = now_s();
	r->out.printed = true;
	if (r->state == RUN_BOOT)
		r->clock.progress = r->clock.console_at;
	/* The output of the dump is not a new fault. */
	if (r->hang.dumped)
		return;
	if (!r->spec.shell)
		too_much(r, &r->files.console_log, "the kernel");
	kind = console__feed(&r->seen.console, buf, len);
	/* A guest that lost its timer to a busy host would hang later. */
	if (r->seen.console.count[CONSOLE_HOST])
		run__kill(r);
	if (kind == CONSOLE_PANIC && r->state < RUN_PANICKED)
		run__enter(r, RUN_PANICKED);
	else if (kind == CONSOLE_SPLAT)
		timer__arm(&r->clock.timer, 0.001);
}

static void feed_trace(struct run *r, const char *buf, size_t len)
{
	const size_t n = sizeof(r->ports.tail);

	capped_file__write(&r->files.trace, buf, len);
	run__check_file(r, &r->files.trace);
	/* Under -icount, QEMU itself writes all of the trace to a file. */
	if (r->spec.icount)
		too_much(r, &r->files.trace, "pidnstrace");
	if (len >= n) {
		memcpy(r->ports.tail, buf + len - n, n);
	} else {
		memmove(r->ports.tail, r->ports.tail + len, n - len);
		memcpy(r->ports.tail + n - len, buf, len);
	}
	r->seen.trace_whole = !memcmp(r->ports.tail, TRACE_TRAILER, n);
	if (r->seen.trace_whole && r->state == RUN_CLOSE)
		send_bye(r);
}

static void feed(struct run *r, enum channel ch, const char *buf, size_t len)
{
	if (r->launch.kept[ch])
		fwrite(buf, 1, len, r->launch.kept[ch]);
	switch (ch) {
	case CHANNEL_CONSOLE:
		feed_console(r, buf, len);
		break;
	case CHANNEL_RESULT:
		if (lines__feed(&r->ports.lines, buf, len, on_line, r)) {
			run__raise_verdict(r, VERDICT_LOST, "endless line on the result port");
			run__kill(r);
		}
		break;
	case CHANNEL_TRACE:
		feed_trace(r, buf, len);
		break;
	case CHANNEL_QMP:
		qmp__feed(&r->vm.qmp, buf, len);
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
		ssize_t n = read(r->vm.qemu.fd[ch], buf, sizeof(buf));

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
	/* End of file is not final: QEMU still appends to the file. */
	if (r->spec.icount && ch != CHANNEL_QMP)
		read_channel(r, ch, READS_PER_TURN);
	else if (!read_channel(r, ch, READS_PER_TURN))
		loop__del(r->loop, &r->ports.channel[ch]);
}

static void on_data(void *ctx)
{
	const struct port *p = ctx;

	on_channel(p->run, p->channel);
}

static void on_poll(void *ctx)
{
	struct run *r = ctx;

	timer__arm(&r->ports.poll, POLL_S);
	for (int i = 0; i < CHANNEL_QMP; i++)
		on_channel(r, (enum channel)i);
}

/*
 * If the runner itself was stopped for a while, a limit may have expired while
 * output of the guest is still unread: reads that output first.
 */
static void judge_quiet(struct run *r)
{
	enum run_state was = r->state;
	double left;

	if (!r->spec.icount) {
		on_channel(r, CHANNEL_CONSOLE);
		on_channel(r, CHANNEL_RESULT);
	}
	run__look_at_host(r, false);
	left = run__deadline(r) - now_s();
	if (r->state != was)
		return;
	if (left > 0.001)
		timer__arm(&r->clock.timer, left);
	else
		hang__classify(r, now_s());
}

void events__timeout(void *ctx)
{
	struct run *r = ctx;
	double now = now_s(), left = run__deadline(r) - now;

	if (r->clock.stopped_at)
		return;
	if (left > 0.001) {
		timer__arm(&r->clock.timer, left);
		return;
	}
	if (r->vm.count.ending && r->state < RUN_GONE) {
		run__kill(r);
		return;
	}
	switch (r->state) {
	case RUN_BOOT:
	case RUN_ATTACH:
	case RUN_WORK:
		judge_quiet(r);
		break;
	case RUN_SAVE:
	case RUN_WAKE:
		launch__not_saved(r, "%s took more than %g s",
				  r->state == RUN_SAVE ? "saving the guest" :
							 "resuming the saved guest",
				  run__migrate_limit(r));
		break;
	case RUN_CLOSE:
		run__log(r, "the end of the trace did not arrive");
		send_bye(r);
		break;
	case RUN_LEAVE:
		hang__record(r, HANG_NO_PROGRESS, "did not power off after its verdict");
		break;
	case RUN_DUMP:
		hang__next_dump(r, now);
		break;
	case RUN_PANICKED:
	case RUN_CAUGHT:
		run__kill(r);
		break;
	case RUN_GONE:
		break;
	case RUN_JUDGE:
		kill(r->post.child, SIGKILL);
		break;
	}
}

static int watch(struct run *r)
{
	int err = 0;

	/* epoll has no events for files. */
	if (r->spec.icount) {
		err = timer__start(&r->ports.poll, r->loop, on_poll, r);
		if (!err)
			timer__arm(&r->ports.poll, POLL_S);
	}
	for (int i = r->spec.icount ? CHANNEL_QMP : 0; !err && i < CHANNEL_INPUT; i++) {
		r->ports.port[i] = (struct port){ r, (enum channel)i };
		err = loop__add(r->loop, &r->ports.channel[i], r->vm.qemu.fd[i],
				EPOLLIN, on_data, &r->ports.port[i]);
	}
	if (!err)
		err = qemu_errors__watch(r);
	return err ?: loop__add(r->loop, &r->ports.exit, r->vm.qemu.pidfd, EPOLLIN,
				r->qemu_ended, r);
}

/* The output from before the save, of a guest that another run saved. */
static int feed_saved(struct run *r)
{
	for (int i = 0; i < CHANNEL_NR; i++) {
		auto_free char *text = NULL;
		size_t len;
		int err = launch__output(r, (enum channel)i, &text, &len);

		if (err)
			return err;
		if (text)
			feed(r, (enum channel)i, text, len);
	}
	return 0;
}

int events__watch(struct run *r)
{
	int err = watch(r);

	if (err)
		msg__error("epoll: %s", strerror(-err));
	/* launch__relaunch() drops a snapshot that cannot be read. */
	else if (feed_saved(r))
		run__kill(r);
	return err;
}

void events__drain(struct run *r)
{
	r->state = RUN_GONE;
	r->clock.stopped_at = 0;
	run__end_input(r);
	for (int i = 0; i < CHANNEL_NR; i++) {
		loop__del(r->loop, &r->ports.channel[i]);
		read_channel(r, (enum channel)i, INT_MAX);
	}
	qemu_errors__drain(r);
}
