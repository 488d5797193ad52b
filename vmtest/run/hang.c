// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles a guest that hangs: determines the kind of hang, and dumps the state
 * of CPUs and tasks before the kill. See live.h.
 */
#include "vmtest/run/state.h"

void hang__found(struct run *r, const char *kind, char *reason)
{
	r->out.hang = kind;
	live__found(r, VERDICT_HANG, reason);
	live__finding(r, FINDING_HANG, "");
	sink__printf(&r->log, "vmtest: %s\n", r->out.reason);
	if (r->spec.icount) {
		/* Keys are not part of a recording, so no dump is made. */
		live__kill(r);
		return;
	}
	r->dumped = true;
	live__enter(r, DUMP);
	dump__start(&r->dump, &r->qmp, r->qemu.fd[CHANNEL_CONSOLE],
		    &r->registers);
}

void hang__judge(struct run *r, double now)
{
	double quiet = now - r->progress;

	if (quiet < live__patience(r) * 0.9)
		hang__found(r, HANG_TOO_SLOW,
			    xasprintf("too slow: made progress, but did not "
				      "end within %.0f s; raise --timeout",
				      live__total_limit(r)));
	else if (r->state == BOOT)
		hang__found(r, HANG_NO_OUTPUT,
			    xasprintf("no output for %.0f s while booting",
				      quiet));
	else if (r->heartbeat && now - r->heartbeat < quiet / 2)
		hang__found(r, HANG_NO_PROGRESS,
			    xasprintf("no progress of the tests for %.0f s, "
				      "but init is alive",
				      quiet));
	else if (now - r->console_at < quiet / 2)
		hang__found(r, HANG_NO_PROGRESS,
			    xasprintf("no progress of the tests for %.0f s, "
				      "but the kernel prints messages",
				      quiet));
	else
		hang__found(r, HANG_NO_OUTPUT,
			    xasprintf("no output for %.0f s", quiet));
}

void hang__go_on(struct run *r, double now)
{
	if (now - r->state_since >= DUMP_S || !dump__next(&r->dump)) {
		live__kill(r);
		return;
	}
	r->console_at = now;
	timer__arm(r->timer, DUMP_QUIET_S);
}
