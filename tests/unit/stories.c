// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays the life of a container on a stock kernel, with the join series, and with the
 * posting of 2012.
 */
#include "stories.h"

#include <errno.h>
#include <signal.h>

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

/* A container whose init ends at once, and calls with and without a known reason. */
void story_failures(struct gen *g, struct gen_task *me)
{
	const struct wire_call_failed fork = {
		.call = 56, .ret = -ENOMEM, .exit_signal = SIGCHLD,
	}, clone3 = {
		.call = 435, .ret = -EEXIST, .args_size = 88, .flags = GEN_NEWNET,
		.set_tid_size = 1, .asked = { { .nr = me->pid, .ns = g->ns[0].inum } },
	}, unshare = {
		.call = 272, .ret = -EINTR, .flags = GEN_NEWPID,
	};
	struct gen_ns *ns;
	struct gen_task *init;

	gen__exec(g, me, "unshare");
	gen__fails(g, me, WIRE_CLONE3_FAILED, &clone3);
	ns = gen__ns(g, me, me->children_ns);
	gen__switch_ns(g, me, ns);
	init = gen__fork(g, me);
	gen__fails(g, me, WIRE_UNSHARE_FAILED, &unshare);
	init->state |= WIRE_T_EXITING;
	gen__zap_enter(g, init, ns);
	gen__zap_exit(g, init, ns);
	gen__exit(g, init, 0);
	gen__release(g, me, init);
	gen__fails(g, me, WIRE_CLONE_FAILED, &fork);
	gen__setns_refused(g, me, ns, -EINVAL);
	gen__exit(g, me, 0);
}

enum gen_fate story_lossy(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	if (rec->type == WIRE_CHANGE_PID || rec->type == WIRE_ATTACH_PID)
		return GEN_LOSE;
	return GEN_EMIT;
}
