// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays the life of a container on a stock kernel, with the join series, and with the
 * posting of 2012.
 */
#include "stories.h"

#include <errno.h>

void story_stock(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t;

	gen__exec(g, me, "nsenter");
	gen__setns_mainline(g, me, ns);
	t = gen__fork(g, me);
	gen__exec(g, t, "sh");
	gen__exit(g, t, 3 << 8);
	gen__release(g, me, t);
	gen__setns_refused(g, me, ns, -EINVAL);
	gen__enter_other(g, me);
	gen__leave(g, me, GEN_NEWNET, 0);
	gen__exit(g, me, 0);
}

void story_joins(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t, *thread;

	t = gen__fork(g, me);
	gen__setsid(g, t);
	gen__exec(g, t, "nsenter");
	gen__setns_join(g, t, ns);
	gen__exec(g, t, "bad\n\x80 comm");
	thread = gen__clone_thread(g, t);
	gen__exit(g, thread, 0);
	gen__exit(g, t, 9);
	gen__release(g, me, t);
	t = gen__fork(g, me);
	gen__change_pid(g, me, t, WIRE_PGID, t->thread_pid);
	gen__error_report(g, t);
	gen__enter_other(g, t);		/* never returns */
	gen__exit(g, me, 0x80 | 6);
}

void story_seed(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, g->init);
	struct gen_task *t = gen__candidate(g, me);

	gen__setns_seed(g, t, ns);
	gen__exec(g, t, "sh");
	gen__exit(g, t, 0);
}

enum gen_fate story_lossy(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	if (rec->type == WIRE_CHANGE_PID || rec->type == WIRE_ATTACH_PID)
		return GEN_LOSE;
	return GEN_EMIT;
}
