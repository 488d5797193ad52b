// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles a guest that hangs: determines the kind of hang, and dumps the state of the guest
 * before the kill: the registers of all CPUs, from QEMU, and, through sysrq on the serial
 * console, the stacks of the CPUs (l), of blocked tasks (w) and of all tasks (t), if the
 * guest still takes interrupts. The stacks appear on the console. A command that QEMU
 * refuses is recorded and skipped. A guest under -icount is killed without a dump.
 */
#include "vmtest/run/state.h"

#include <stdarg.h>

#define STALLS_MAX 4

#define HMP(line) "{\"execute\":\"human-monitor-command\"," \
	"\"arguments\":{\"command-line\":\"" line "\"}}"
#define BREAK "{\"execute\":\"chardev-send-break\"," \
	"\"arguments\":{\"id\":\"console\"}}"

static const struct {
	const char *command;
	char key;		/* typed at the console after the answer */
} steps[] = {
	{ HMP("info registers -a"), 0 },
	{ BREAK, 'l' },
	{ BREAK, 'w' },
	{ BREAK, 't' },
};

/*
 * Takes the next step of the dump if QEMU has answered, as the serial port handles only
 * one break at a time. Returns false after the last step, or if QEMU does not answer.
 */
static bool take_step(struct run *r)
{
	struct hang *h = &r->hang;

	if (h->step == ARRAY_SIZE(steps))
		return false;
	if (r->vm.qmp.asked)
		return ++h->stalls < STALLS_MAX;
	h->stalls = 0;
	qmp__ask(&r->vm.qmp, steps[h->step].command);
	return true;
}

static void on_reply(void *ctx, const json_t *ret, const char *error)
{
	struct run *r = ctx;
	size_t step = r->hang.step;

	if (step == ARRAY_SIZE(steps))
		return;
	if (json_is_string(ret))
		capped_file__write(&r->files.registers, json_string_value(ret),
				   json_string_length(ret));
	if (error)
		capped_file__printf(&r->files.registers, "%s: %s\n", steps[step].command,
				    error);
	r->hang.step++;
	if (steps[step].key)
		write_all(r->vm.qemu.fd[CHANNEL_CONSOLE], &steps[step].key, 1);
	else
		take_step(r);
}

void hang__record(struct run *r, const char *kind, const char *fmt, ...)
{
	auto_free char *reason = NULL;
	va_list ap;

	va_start(ap, fmt);
	reason = xvasprintf(fmt, ap);
	va_end(ap);
	r->out.hang = kind;
	run__raise_verdict(r, VERDICT_HANG, "%s", reason);
	run__add_finding(r, FINDING_HANG, "");
	run__log(r, "%s; QEMU had to wait for a CPU for %.1f s", r->out.reason,
		 r->clock.waited);
	if (r->spec.icount) {
		/* A dump types sysrq keys, but this guest's console takes no input. */
		run__kill(r);
		return;
	}
	r->hang = (struct hang){ .dumped = true };
	run__enter(r, RUN_DUMP);
	qmp__listen(&r->vm.qmp, on_reply, NULL, r);
	take_step(r);
}

void hang__classify(struct run *r, double now)
{
	double quiet = now - r->clock.progress;

	if (quiet < run__patience(r) * 0.9)
		hang__record(r, HANG_TOO_SLOW, "too slow: made progress, but did not end within %.0f s; raise --timeout",
			     run__total_limit(r));
	else if (r->state == RUN_BOOT)
		hang__record(r, HANG_NO_OUTPUT, "no output for %.0f s while booting", quiet);
	else if (r->clock.heartbeat && now - r->clock.heartbeat < quiet / 2)
		hang__record(r, HANG_NO_PROGRESS, "no progress of the tests for %.0f s, but init is alive",
			     quiet);
	else if (now - r->clock.console_at < quiet / 2)
		hang__record(r, HANG_NO_PROGRESS, "no progress of the tests for %.0f s, but the kernel prints messages",
			     quiet);
	else
		hang__record(r, HANG_NO_OUTPUT, "no output for %.0f s", quiet);
}

void hang__next_dump(struct run *r, double now)
{
	if (now - r->clock.state_since >= DUMP_S || !take_step(r)) {
		run__kill(r);
		return;
	}
	r->clock.console_at = now;
	timer__arm(&r->clock.timer, DUMP_QUIET_S);
}
