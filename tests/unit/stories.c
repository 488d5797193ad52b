// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays the life of a container on a stock kernel, with the join series, and with the
 * posting of 2012.
 */
#include "stories.h"

#include <errno.h>
#include <signal.h>

#include "lib/array.h"

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

/* Makes a process with two threads that runs @comm; *thread is the second one. */
static struct gen_task *pair(struct gen *g, struct gen_task *me, const char *comm,
			     struct gen_task **thread)
{
	struct gen_task *t = gen__fork(g, me);

	gen__exec(g, t, comm);
	*thread = gen__clone_thread(g, t);
	return t;
}

/* The last thread of a process ends, and the process is reaped. */
static void last_ends(struct gen *g, struct gen_task *me, struct gen_task *leader,
		      struct gen_task *thread, int code)
{
	gen__exit(g, thread, code);
	gen__release(g, thread, thread);
	gen__release(g, me, leader);
}

static void threads_end(struct gen *g, struct gen_task *me)
{
	struct gen_task *thread, *t = pair(g, me, "leaves", &thread);

	gen__exit(g, t, 0);
	last_ends(g, me, t, thread, 7 << 8);

	t = pair(g, me, "crashes", &thread);
	gen__exit(g, t, 0);
	gen__group_exit(g, thread, 0x80 | 11);
	last_ends(g, me, t, thread, 0x80 | 11);

	t = pair(g, me, "killed", &thread);
	gen__exit(g, t, 0);
	gen__kill(g, me, t);
	last_ends(g, me, t, thread, 9);

	t = pair(g, me, "exit_group", &thread);
	gen__group_exit(g, thread, 3 << 8);
	gen__exit(g, t, 3 << 8);
	last_ends(g, me, t, thread, 3 << 8);

	t = pair(g, me, "before", &thread);
	gen__exit(g, t, 0);
	gen__exec_thread(g, thread, t);
	gen__exit(g, thread, 4 << 8);
	gen__release(g, me, thread);

	t = pair(g, me, "alone", &thread);
	gen__exit(g, thread, 5 << 8);
	gen__release(g, thread, thread);
	gen__exit(g, t, 6 << 8);
	gen__release(g, me, t);
}

/* Each is killed by another part of the kernel, or by a signal that is not SIGKILL. */
static void others_are_killed(struct gen *g, struct gen_task *me)
{
	static const int signals[] = { 15, 29, 32, 40 };
	struct gen_task *t = gen__fork(g, me);

	gen__kill_by_kernel(g, me, t);
	t->out_of_memory = true;
	gen__exit(g, t, 9);
	gen__release(g, me, t);
	t = gen__fork(g, me);
	gen__kill_with_code(g, me, t, /* SI_TIMER */ -2);
	gen__exit(g, t, 9);
	gen__release(g, me, t);
	/* A SIGKILL that came too late. */
	t = gen__fork(g, me);
	gen__kill_with_code(g, me, t, /* SI_TKILL */ -6);
	gen__group_exit(g, t, 0);
	gen__exit(g, t, 0);
	gen__release(g, me, t);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		t = gen__fork(g, me);
		gen__exit(g, t, signals[i]);
		gen__release(g, me, t);
	}
}

/* A container whose init has two threads, is killed, and had a daemon in it. */
static void container_ends(struct gen *g, struct gen_task *me)
{
	struct gen_ns *ns = gen__container(g, me);
	struct gen_task *init = ns->child_reaper, *keeper = init->parent;
	struct gen_task *parent, *daemon, *thread;

	gen__rename(g, init, init, "my init");
	thread = gen__clone_thread(g, init);
	parent = gen__fork(g, init);
	daemon = gen__fork(g, parent);
	gen__rename(g, parent, daemon, "daemon");
	gen__exit(g, parent, 0);
	gen__release(g, init, parent);
	gen__exit(g, init, 0);
	gen__rename(g, thread, thread, "helper");
	gen__kill(g, me, init);
	gen__exit(g, thread, 9);
	gen__zap_enter(g, thread, ns);
	gen__exit(g, daemon, 9);
	gen__release(g, daemon, daemon);
	gen__group_exit(g, init, 2);	/* reboot() in the namespace */
	gen__zap_exit(g, thread, ns);
	gen__release(g, thread, thread);
	gen__release(g, keeper, init);
	gen__ns_ends(g, ns);
}

void story_ends(struct gen *g, struct gen_task *me)
{
	gen__exec(g, me, "sh");
	threads_end(g, me);
	others_are_killed(g, me);
	container_ends(g, me);
	gen__rename(g, me, me, "renamed");
}

enum gen_fate story_lossy(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	if (rec->type == WIRE_CHANGE_PID || rec->type == WIRE_ATTACH_PID)
		return GEN_LOSE;
	return GEN_EMIT;
}
