// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles a guest that hangs: determines the kind of hang, and dumps the state of CPUs
 * and tasks before the kill. A guest under -icount is killed without a dump.
 */
#include "vmtest/run/hang.h"

void hang__found(struct run *r, const char *kind, char *reason)
{
	r->out.hang = kind;
	run__found(r, VERDICT_HANG, reason);
	run__finding(r, FINDING_HANG, "");
	capped_file__printf(&r->files.log, "vmtest: %s\n", r->out.reason);
	if (r->spec.icount) {
		/* A dump types sysrq keys, but this guest's console takes no input. */
		run__kill(r);
		return;
	}
	r->hang.dumped = true;
	run__enter(r, RUN_DUMP);
	dump__start(&r->hang.dump, &r->vm.qmp, r->vm.qemu.fd[CHANNEL_CONSOLE],
		    &r->files.registers);
}

void hang__classify(struct run *r, double now)
{
	double quiet = now - r->clock.progress;

	if (quiet < run__patience(r) * 0.9)
		hang__found(r, HANG_TOO_SLOW,
			    xasprintf("too slow: made progress, but did not "
				      "end within %.0f s; raise --timeout",
				      run__total_limit(r)));
	else if (r->state == RUN_BOOT)
		hang__found(r, HANG_NO_OUTPUT,
			    xasprintf("no output for %.0f s while booting",
				      quiet));
	else if (r->clock.heartbeat && now - r->clock.heartbeat < quiet / 2)
		hang__found(r, HANG_NO_PROGRESS,
			    xasprintf("no progress of the tests for %.0f s, "
				      "but init is alive",
				      quiet));
	else if (now - r->clock.console_at < quiet / 2)
		hang__found(r, HANG_NO_PROGRESS,
			    xasprintf("no progress of the tests for %.0f s, "
				      "but the kernel prints messages",
				      quiet));
	else
		hang__found(r, HANG_NO_OUTPUT,
			    xasprintf("no output for %.0f s", quiet));
}

void hang__next_dump(struct run *r, double now)
{
	if (now - r->clock.state_since >= DUMP_S || !dump__next(&r->hang.dump)) {
		run__kill(r);
		return;
	}
	r->clock.console_at = now;
	timer__arm(r->clock.timer, DUMP_QUIET_S);
}
