// SPDX-License-Identifier: GPL-2.0-only
/* Waits for a single run, so that its outcome is known before the real runs. */
#include "vmtest/host/probe.h"

#include "vmtest/lib/loop.h"

struct probe {
	run_done *done;
	void *ctx;
	bool ended;
};

static void on_done(void *ctx, struct run *run, struct run_outcome *out,
		    int err)
{
	struct probe *p = ctx;

	p->ended = true;
	p->done(p->ctx, run, out, err);
}

void probe__boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, run_done *done, void *ctx)
{
	struct probe p = { .done = done, .ctx = ctx };
	struct run *run;
	int err;

	run = run__start(loop, spec, on_done, &p, &err);
	while (run && !p.ended && !*stop && !loop__turn(loop))
		;
	if (run && !p.ended)
		run__abort(run);
}
