// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports the state of a current run to progress.c. Joins are not counted: the
 * trace, which contains them, is read only at the end.
 */
#include "vmtest/run/state.h"

static const char *const stages[] = {
	[BOOT] = "booting",
	[ATTACH] = "attaching",
	[SAVE] = "being saved",
	[WAKE] = "resuming",
	[WORK] = "running",
	[CLOSE] = "ending",
	[LEAVE] = "powering off",
	[PANICKED] = "panicked",
	[CAUGHT] = "caught",
	[DUMP] = "dumping registers and stacks",
	[GONE] = "being judged",
	[JUDGE] = "being judged",
};

/* Returns the outermost running test, or NULL. */
static const char *test_at_work(const struct events *ev)
{
	return ev->depth > 1 ? ev->v[ev->open[1]].text : NULL;
}

void run__glance(const struct run *r, struct run_glance *g)
{
	const struct events *ev = &r->result.ktap.events;
	const char *test = r->state == WORK ? test_at_work(ev) : NULL;

	*g = (struct run_glance){
		.stage = test ? test : stages[r->state],
		.tests = ev->totals,
		.findings = &r->out.findings,
		.seconds = now_s() - r->started,
	};
}
