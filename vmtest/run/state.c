// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all parts of a run do: record what was found, change the state, kill QEMU; and the
 * name and the time limit of each state.
 *
 * Nothing here frees memory or ends the run, as a channel's callback may be on the stack:
 * run.c ends it when QEMU's pidfd reports the end of the process.
 */
#include "vmtest/run/state.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "lib/escape.h"
/* The total limit ends guests that make progress forever. */
#define TOTAL_LIMIT_FACTOR 10
#define SPLAT_HURRY 4
#define PANIC_S 5.0		/* for the rest of its messages, and the reboot */
#define CLOSE_S 10.0		/* for the end of the trace, and for power off */
#define JUDGE_S 60.0
#define MIGRATE_S 15.0		/* for saving or resuming; far more than needed */
#define SETTLE_S 0.1		/* for data in flight on the other channels */
#define QUIT_S 10.0		/* for QEMU to write the rest of a recording */

void run__log(struct run *r, const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	capped_file__printf(&r->files.log, "vmtest: %s\n", text);
}

void run__raise_verdict(struct run *r, enum verdict v, const char *fmt, ...)
{
	auto_free char *reason = NULL;
	va_list ap;

	if (v <= r->out.verdict)
		return;
	va_start(ap, fmt);
	reason = xvasprintf(fmt, ap);
	va_end(ap);
	free(r->out.reason);
	/* The guest, its programs and QEMU give reasons. */
	r->out.reason = escape__line(reason);
	r->out.verdict = v;
}

/*
 * A shell may wait for its user; init's heartbeat shows that the guest lives.
 */
static double quiet_since(const struct run *r)
{
	if (r->spec.shell && r->state == RUN_WORK && r->clock.heartbeat > r->clock.progress)
		return r->clock.heartbeat;
	return r->clock.progress;
}

static double scale(const struct run *r)
{
	return r->spec.slack * r->spec.image->san.slower *
	       (r->spec.accel == ACCEL_TCG ? 2.0 : 1.0);
}

/* Shorter after a splat, since the kernel will probably not recover. */
double run__patience(const struct run *r)
{
	double s = r->spec.limit_s;

	return r->seen.console.count[CONSOLE_SPLAT] || r->seen.logged.count[CONSOLE_SPLAT] ?
		       s / SPLAT_HURRY : s;
}

double run__total_limit(const struct run *r)
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

double run__migrate_limit(const struct run *r)
{
	return step_limit(r, MIGRATE_S);
}

void run__look_at_host(struct run *r, bool progress)
{
	r->clock.waited = qemu__waited_s(&r->vm.qemu);
	if (progress || r->clock.waited < r->clock.waited_before)
		r->clock.waited_before = r->clock.waited;
}

double run__deadline(const struct run *r)
{
	double quiet = quiet_since(r) + run__patience(r) +
		       r->clock.waited - r->clock.waited_before;
	double total = r->clock.started + run__total_limit(r) + r->clock.waited;

	switch (r->state) {
	case RUN_BOOT:
	case RUN_ATTACH:
	case RUN_WORK:
		if (r->spec.shell && r->state == RUN_WORK)
			return quiet;
		return quiet < total ? quiet : total;
	case RUN_SAVE:
	case RUN_WAKE:
		return r->clock.state_since + step_limit(r, MIGRATE_S);
	case RUN_CLOSE:
	case RUN_LEAVE:
		return r->clock.state_since + step_limit(r, CLOSE_S);
	case RUN_PANICKED:
		return r->clock.state_since + PANIC_S;
	case RUN_CAUGHT:
		return r->clock.state_since + SETTLE_S;
	case RUN_DUMP:
		quiet = (r->clock.console_at > r->clock.state_since ? r->clock.console_at :
							  r->clock.state_since) +
			DUMP_QUIET_S;
		total = r->clock.state_since + DUMP_S;
		return quiet < total ? quiet : total;
	case RUN_GONE:
	case RUN_JUDGE:
		return r->clock.state_since + JUDGE_S;
	}
	return quiet;
}

void run__end_input(struct run *r)
{
	port_input__stop(&r->input);
	if (r->spec.shell)
		shell__end(r->spec.shell);
}

static void arm(struct run *r)
{
	double left = run__deadline(r) - now_s();

	if (!r->clock.stopped_at)
		timer__arm(&r->clock.timer, left > 0.001 ? left : 0.001);
}

void run__enter(struct run *r, enum run_state state)
{
	r->state = state;
	r->clock.state_since = now_s();
	if (state > RUN_WORK)
		run__end_input(r);
	arm(r);
}

void run__set_stopped(struct run *r, bool stopped)
{
	double now = now_s(), gone;

	if (stopped == (r->clock.stopped_at > 0))
		return;
	if (stopped) {
		r->clock.stopped_at = now;
		timer__arm(&r->clock.timer, 0);
		return;
	}
	gone = now - r->clock.stopped_at;
	r->clock.stopped_at = 0;
	r->clock.started += gone;
	r->clock.state_since += gone;
	r->clock.progress += gone;
	if (r->clock.heartbeat)
		r->clock.heartbeat += gone;
	arm(r);
}

void run__add_finding(struct run *r, enum finding_kind kind, const char *text)
{
	const struct finding *f = findings__add(&r->out.findings, kind, text,
						now_s() - r->clock.started);

	if (!f || !r->spec.until || !catchers__fit(r->spec.until, f))
		return;
	r->seen.caught = true;
	if (r->state < RUN_PANICKED)
		run__enter(r, RUN_CAUGHT);
}

/* A splat does not end a shell: the user may want to look around. */
static void say_splat(const struct run *r, const char *text)
{
	auto_free char *line = xasprintf("%s (%s/kernel.log)", text, r->files.dir.path);

	shell__say(r->spec.shell, line);
}

void run__console(void *ctx, enum console_kind kind, const char *text)
{
	if (kind != CONSOLE_ALLOWED)
		run__add_finding(ctx, kind == CONSOLE_PANIC ? FINDING_PANIC :
							      FINDING_SPLAT, text);
}

void run__logged(void *ctx, enum console_kind kind, const char *text)
{
	struct run *r = ctx;

	if (kind == CONSOLE_SPLAT && r->spec.shell)
		say_splat(r, text);
	run__console(r, kind, text);
}

void run__kill(struct run *r)
{
	/* If killed, QEMU would leave a recording that cannot be replayed. */
	if (r->vm.count.qmp && !r->vm.count.ending) {
		icount_qmp__end(&r->vm.count);
		timer__arm(&r->clock.timer, QUIT_S);
		return;
	}
	if (r->vm.qemu.pid > 0)
		kill(-r->vm.qemu.pid, SIGKILL);
}

void run__fail(struct run *r, const char *what, int err)
{
	if (r->err)
		return;
	r->err = err;
	run__end_input(r);
	/* No message when the reader of the output has gone. */
	if (err != -EPIPE)
		msg__error("%s: %s%s", what, strerror(-err),
			  err == -ENOSPC ? "; make room, or name another directory with --out" :
					   "");
	run__kill(r);
}

void run__check_file(struct run *r, struct capped_file *s)
{
	if (s->err && !r->err)
		run__fail(r, s->path, s->err);
}

void run__send(struct run *r, char *line)
{
	int fd = r->vm.qemu.fd[CHANNEL_RESULT];

	/*
	 * The initramfs of a guest under -icount contains the line: see
	 * recording.h. A new socket's buffer has room for any command line.
	 */
	if (!r->spec.icount &&
	    (write_all(fd, line, strlen(line)) || write_all(fd, "\n", 1))) {
		run__raise_verdict(r, VERDICT_LOST, "the guest did not accept its job");
		run__kill(r);
	}
	free(line);
}

static const char *const stages[] = {
	[RUN_BOOT] = "booting",
	[RUN_ATTACH] = "attaching",
	[RUN_SAVE] = "being saved",
	[RUN_WAKE] = "resuming",
	[RUN_WORK] = "running",
	[RUN_CLOSE] = "ending",
	[RUN_LEAVE] = "powering off",
	[RUN_PANICKED] = "panicked",
	[RUN_CAUGHT] = "caught",
	[RUN_DUMP] = "dumping registers and stacks",
	[RUN_GONE] = "being judged",
	[RUN_JUDGE] = "being judged",
};

/* Returns the outermost running test, or NULL. */
static const char *test_at_work(const struct events *ev)
{
	return ev->depth > 1 ? ev->v[ev->open[1]].text : NULL;
}

/* Joins are not counted: the trace, which contains them, is read only at the end. */
void run__status(const struct run *r, struct run_status *g)
{
	const struct events *ev = &r->seen.result.ktap.events;
	const char *test = r->state == RUN_WORK ? test_at_work(ev) : NULL;

	*g = (struct run_status){
		.stage = test ? test : stages[r->state],
		.tests = ev->totals,
		.findings = &r->out.findings,
		.seconds = now_s() - r->clock.started,
	};
}
