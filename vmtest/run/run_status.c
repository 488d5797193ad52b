// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports the state of a current run to progress.c. Joins are not counted: the
 * trace, which contains them, is read only at the end.
 */
#include "vmtest/run/run.h"

#include "vmtest/run/state.h"

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
