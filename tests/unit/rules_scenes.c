// SPDX-License-Identifier: GPL-2.0-only
/* Plays the behaviour of correct kernels, for rules_test.c. */
#include "rules_scenes.h"

#include <errno.h>

/* Part of every run: a task is forked, execs, exits and is reaped. */
void scene_everyday(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);

	gen__exec(s->g, t, "true");
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__grace_period(s->g, s->g->init);
}

void scene_farewell(struct scene *s, struct gen_task *t)
{
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__grace_period(s->g, s->g->init);
}

/* Starts a scene: makes a container, and a task that may join it. */
struct gen_task *scene_stage(struct scene *s, struct gen_ns **ns)
{
	scene_everyday(s);
	*ns = gen__container(s->g, s->g->init);
	return gen__candidate(s->g, s->g->init);
}

/* Makes a container in a container; returns the inner one. */
struct gen_ns *scene_nest(struct scene *s, struct gen_ns **outer)
{
	scene_everyday(s);
	*outer = gen__container(s->g, s->g->init);
	return gen__container(s->g, (*outer)->child_reaper);
}

void scene_join(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__exec(s->g, t, "sh");
	scene_farewell(s, gen__fork(s->g, t));
	scene_farewell(s, t);
}

void scene_join_nested(struct scene *s)
{
	struct gen_ns *outer, *inner;
	struct gen_task *t;

	inner = scene_nest(s, &outer);
	t = gen__candidate(s->g, s->g->init);
	scene__arm(s);
	gen__setns_join(s->g, t, outer);
	gen__setns_join(s->g, t, inner);
	scene_farewell(s, t);
}

/* /proc has a directory of the joiner. */
void scene_join_looked_up(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	t->thread_pid->inodes = GEN_INODE;
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, t);
}

void scene_join_many(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	scene__arm(s);
	for (int i = 0; i < ENOUGH_FLUSHES; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__setns_join(s->g, t, ns);
		scene_farewell(s, t);
	}
}

/* The first join comes before the mutations. */
void scene_join_many_but_one(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	for (int i = 0; i < ENOUGH_FLUSHES; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__setns_join(s->g, t, ns);
		scene__arm(s);
		scene_farewell(s, t);
	}
}

struct gen_task *scene_command(struct scene *s, struct gen_ns **ns)
{
	struct gen_task *command = gen__fork(s->g, s->g->init), *t;

	gen__exec(s->g, command, "true");
	*ns = gen__ns(s->g, command, command->children_ns);
	command->children_ns = *ns;
	gen__fork(s->g, command);
	command->children_ns = &s->g->ns[0];
	t = gen__candidate(s->g, command);
	command->state &= ~WIRE_T_CHILDREN;
	return t;
}

/*
 * Ends all tasks of a container, its init last; a grace period later its memory is
 * freed.
 */
void scene_container_dies(struct scene *s, struct gen_ns *ns,
			  struct gen_task *member)
{
	struct gen_task *init = ns->child_reaper;

	init->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, init, ns);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	if (member)
		scene_farewell(s, member);
	gen__zap_exit(s->g, init, ns);
	scene_farewell(s, init);
}

void scene_command_ends(struct scene *s)
{
	scene_farewell(s, &s->g->tasks[1]);
	for (unsigned int i = 1; i < s->g->nns; i++)
		if (!s->g->ns[i].gone)
			gen__ns_ends(s->g, &s->g->ns[i]);
}

/* Plays the whole life of a container that a task joins. */
void scene_container(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene__arm(s);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__wait(s->g, t->parent, ns->child_reaper);
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	gen__wait(s->g, t->parent, t);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	scene_container_dies(s, ns, t);
	scene_command_ends(s);
}

void scene_container_mainline(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t, *child;

	t = scene_command(s, &ns);
	scene__arm(s);
	gen__setns_mainline(s->g, t, ns);
	child = gen__fork(s->g, t);
	gen__wait(s->g, t, child);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	scene_container_dies(s, ns, child);
	scene_farewell(s, t);
	scene_command_ends(s);
}

/* The command exits before a task that it left in a container: not a lingering. */
void scene_outlived(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	scene_farewell(s, &s->g->tasks[1]);
}

/* At the end of the run, an init waits for a zombie that its parent does not reap. */
void scene_zombie_outside(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	gen__exit(s->g, t, 9);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

/* A namespace gets the inum of another whose grace period is not over. */
void scene_inum_again(struct scene *s)
{
	struct gen_ns *ns, *other;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	s->g->next_inum = ns->inum;
	other = gen__container(s->g, s->g->init);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__ns_ends(s->g, ns);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	scene_container_dies(s, other, NULL);
	scene_farewell(s, other->child_reaper->parent);
	gen__ns_ends(s->g, other);
	scene_command_ends(s);
}

/* A sweep sees a joiner with its new struct pid and its old task->pid. */
void scene_visited_inside(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, true);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	t->pid = t->entry_nr;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	t->pid = pid->nr[0];
	gen__leave(s->g, t, GEN_NEWPID, 0);
	scene_farewell(s, t);
}

/* A neighbour has CPU timers on a joiner, before and after the join. */
void scene_timers(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t, *neighbour;

	t = scene_stage(s, &ns);
	neighbour = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__timer_lock(s->g, neighbour, t->thread_pid, t, 0);
	gen__setns_join(s->g, t, ns);
	gen__timer_lock(s->g, neighbour, t->entry, NULL, 0);
	gen__timer_lock(s->g, neighbour, t->thread_pid, t, 1);
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__grace_period(s->g, s->g->init);
}

void scene_mainline(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__setns_mainline(s->g, t, ns);
	scene_farewell(s, gen__fork(s->g, t));
	scene_farewell(s, t);
}

void scene_other_namespace(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__enter_other(s->g, t);
	gen__switch_ns(s->g, t, t->children_ns);
	gen__leave(s->g, t, GEN_NEWNET, 0);
	scene_farewell(s, t);
}

static void refused(struct scene *s, struct gen_task *t, struct gen_ns *ns,
		    int error)
{
	scene__arm(s);
	gen__setns_refused(s->g, t, ns, error);
}

void scene_refused_init(struct scene *s)
{
	struct gen_ns *outer, *inner;

	inner = scene_nest(s, &outer);
	refused(s, outer->child_reaper, inner, -EINVAL);
}

void scene_refused_init_by_capability(struct scene *s)
{
	struct gen_ns *outer, *inner;
	struct gen_task *t;

	inner = scene_nest(s, &outer);
	t = outer->child_reaper;
	scene__arm(s);
	gen__enter(s->g, t, inner, GEN_NEWPID);
	gen__capable(s->g, t, inner->user_ns, false);
	gen__installed(s->g, t, inner, -EPERM);
	gen__leave(s->g, t, GEN_NEWPID, -EPERM);
}

void scene_refused_cousin(struct scene *s)
{
	struct gen_ns *outer, *inner;

	inner = scene_nest(s, &outer);
	refused(s, gen__candidate(s->g, s->g->init), inner, -EPERM);
}

void scene_refused_no_leader(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	refused(s, gen__fork(s->g, s->g->init), ns, -EPERM);
}

void scene_refused_no_init(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__ns(s->g, s->g->init, &s->g->ns[0]);
	refused(s, gen__fork(s->g, s->g->init), ns, -EINVAL);
}

void scene_refused_threads(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__clone_thread(s->g, t);
	refused(s, t, ns, -EUSERS);
}

void scene_refused_children(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__fork(s->g, t);
	refused(s, t, ns, -EBUSY);
}

void scene_late_failure(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__setns_late(s->g, t, ns, -EUSERS);
	scene_farewell(s, t);
}

void scene_alloc_fails(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, true);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	gen__alloc_fails(s->g, t, ns, -ENOMEM);
	gen__installed(s->g, t, ns, -ENOMEM);
	gen__leave(s->g, t, GEN_NEWPID, -ENOMEM);
	scene_farewell(s, t);
}

/* A parent moves its child to a new group while the child is in setns(). */
void scene_setpgid_by_parent(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__change_pid(s->g, s->g->init, t, WIRE_PGID, t->thread_pid);
	gen__installed(s->g, t, ns, -EPERM);
	gen__leave(s->g, t, GEN_NEWPID, -EPERM);
	scene_farewell(s, t);
}

/* A grace period ends in a softirq on top of the task in setns(). */
void scene_softirq_inside(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene_farewell(s, gen__fork(s->g, s->g->init));
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__grace_period(s->g, t);
	gen__installed(s->g, t, ns, -EPERM);
	gen__leave(s->g, t, GEN_NEWPID, -EPERM);
	scene_farewell(s, t);
}

/* An unrelated task is reaped on another CPU during a setns(). */
void scene_release_by_other(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t, *dead;

	t = scene_stage(s, &ns);
	dead = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	s->g->cpu = 1;
	scene_farewell(s, dead);
	s->g->cpu = 0;
	gen__installed(s->g, t, ns, -EPERM);
	gen__leave(s->g, t, GEN_NEWPID, -EPERM);
	scene_farewell(s, t);
}

/* The memory of struct pids and tasks is reused. */
void scene_reuse(struct scene *s)
{
	for (int i = 0; i < 300; i++)
		scene_everyday(s);
}

/* The knob is switched off between entry and pidns_install(). */
void scene_knob_flips(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	s->g->knob = WIRE_KNOB_OFF;
	gen__capable(s->g, t, ns->user_ns, true);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__leave(s->g, t, GEN_NEWPID, 0);
	scene_farewell(s, t);
}

/* After a join the target's knob counts: 0 there, 1 at entry. */
void scene_knob_of_target(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;
	struct gen_pid *pid;

	t = scene_stage(s, &ns);
	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, ns->user_ns, true);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	s->g->knob = WIRE_KNOB_OFF;
	gen__leave(s->g, t, GEN_NEWPID, 0);
	scene_farewell(s, t);
}

/* The target's init dies during the join; the joiner is killed at the commit. */
void scene_dying_target(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	ns->pid_allocated &= ~GEN_ADDING;
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, t);
}

/* As scene_dying_target(), but the kill pass kills the joiner right after the commit. */
void scene_dying_target_late_kill(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__exec(s->g, t, "sh");
	s->g->ts_ns += 9000000000;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	t->state |= WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;
	scene_farewell(s, gen__fork(s->g, s->g->init));
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	scene_farewell(s, t);
}
