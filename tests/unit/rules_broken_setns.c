// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays joins, and the calls around them, in broken kernels, for rules_test.c. Bugs
 * that amount to one field or one missing call are mutations of correct scenes instead.
 */
#include <errno.h>

#include "rules_scenes.h"

static void join_by(struct scene *s, struct gen_task *t, struct gen_ns *ns)
{
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, t);
}

void scene_join_by_init(struct scene *s)
{
	struct gen_ns *outer, *inner;

	inner = scene_nest(s, &outer);
	join_by(s, outer->child_reaper, inner);
}

void scene_join_of_cousin(struct scene *s)
{
	struct gen_ns *outer, *inner;

	inner = scene_nest(s, &outer);
	join_by(s, gen__candidate(s->g, s->g->init), inner);
}

void scene_join_by_no_leader(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	join_by(s, gen__fork(s->g, s->g->init), ns);
}

void scene_join_by_threads(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__clone_thread(s->g, t);
	join_by(s, t, ns);
}

static void join_with(struct scene *s, uint32_t state)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	t->state |= state;
	join_by(s, t, ns);
}

void scene_join_with_children(struct scene *s)
{
	join_with(s, WIRE_T_CHILDREN);
}

void scene_join_with_tracees(struct scene *s)
{
	join_with(s, WIRE_T_TRACEES);
}

void scene_join_with_tty(struct scene *s)
{
	join_with(s, WIRE_T_TTY);
}

void scene_join_with_timers(struct scene *s)
{
	join_with(s, WIRE_T_POSIX_TIMERS);
}

void scene_join_with_cpu_timers(struct scene *s)
{
	join_with(s, WIRE_T_CPU_TIMERS);
}

void scene_join_of_initless(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__ns(s->g, s->g->init, &s->g->ns[0]);
	ns->next_nr = 2;
	join_by(s, gen__candidate(s->g, s->g->init), ns);
}

void scene_join_as_number_one(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	ns->next_nr = 1;
	join_by(s, gen__candidate(s->g, s->g->init), ns);
}

void scene_alloc_in_mainline(struct scene *s)
{
	struct gen_task *t;
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__free_pid(s->g, t, gen__alloc_pid(s->g, t, ns));
	gen__installed(s->g, t, ns, 0);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

void scene_alloc_in_other(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__enter_other(s->g, t);
	gen__alloc_pid(s->g, t, &s->g->ns[0]);
	gen__leave(s->g, t, GEN_NEWNET, 0);
}

/* Commits in .install; a later namespace fails. */
void scene_fails_after_rewrite(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		gen__change_pid(s->g, t, t, i, pid);
	gen__installed(s->g, t, ns, 0);
	gen__leave(s->g, t, GEN_NEWPID, -EUSERS);
	scene_farewell(s, t);
}

void scene_new_pid_freed(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__free_pid(s->g, t, pid);	/* put_nsset() still held the pid */
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

/* /proc is flushed while the old number still leads to the task. */
void scene_flushed_early(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__flush_pid(s->g, t, t->thread_pid, false);
	gen__commit(s->g, t, pid);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

void scene_detach_inside(struct scene *s)
{
	struct gen_task *t, *thread;

	scene_everyday(s);
	t = gen__candidate(s->g, s->g->init);
	thread = gen__clone_thread(s->g, t);
	scene__arm(s);
	gen__enter_other(s->g, t);
	gen__release(s->g, t, thread);
	gen__leave(s->g, t, GEN_NEWNET, 0);
}

void scene_unlocked(struct scene *s)
{
	s->g->unlocked = true;
	scene_everyday(s);
}

void scene_wrong_alloc_error(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__alloc_fails(s->g, t, ns, -EAGAIN);
	gen__installed(s->g, t, ns, 0);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

static void no_capability(struct scene *s, int which)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, which != 0);
	gen__capable(s->g, t, s->g->ns[0].user_ns, which != 1);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

void scene_no_capability_target(struct scene *s)
{
	no_capability(s, 0);
}

void scene_no_capability_active(struct scene *s)
{
	no_capability(s, 1);
}

/* K1: root of a user namespace joins from a container that it owns. */
void scene_capable_of_own_only(struct scene *s)
{
	struct gen_ns *outer, *ns = scene_nest(s, &outer);
	struct gen_task *t = gen__candidate(s->g, outer->child_reaper);
	struct gen_pid *pid;

	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, true);
	gen__capable(s->g, t, outer->user_ns, true);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed_by(s->g, t, ns, outer->user_ns);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

void scene_error_report(struct scene *s)
{
	scene_everyday(s);
	gen__error_report(s->g, s->g->init);
}

void scene_rewrite_in_mainline(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
}

/* The child is born in the old namespace although its parent has joined. */
void scene_child_above(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	t->children_ns = &s->g->ns[0];
	gen__fork(s->g, t);
}

/* timer_lock_sighand() does not check again once it has the lock. */
void scene_timer_follows(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__timer_lock(s->g, s->g->init, t->entry, t, 0);
}

/* As scene_timer_follows(), while the joiner is still in the call. */
void scene_timer_in_flight(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__timer_lock(s->g, s->g->init, t->entry, t, 0);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

/* The parent is woken when its child already has another number. */
void scene_woken_late(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		gen__change_pid(s->g, t, t, i, pid);
	gen__wake_parent(s->g, t);
	t->pid = t->tgid = pid->nr[0];
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

/* The posting of 2012: commits in .install, without TGID. */
void scene_seed(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_seed(s->g, t, ns);
	gen__exec(s->g, t, "sh");
}
