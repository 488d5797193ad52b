// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays borderline scenes of rules: calls of setns() that go wrong in exactly one way,
 * or only seem to.
 */
#include <errno.h>

#include "rules_scenes.h"

/* Enters setns() with all three capabilities. */
static struct gen_task *enter(struct scene *s, struct gen_ns **ns)
{
	struct gen_task *t = scene_stage(s, ns);

	scene__arm(s);
	gen__enter(s->g, t, *ns, GEN_NEWPID);
	gen__capable(s->g, t, (*ns)->user_ns, true);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	return t;
}

/* Commits the pid that pidns_install() has allocated, and returns. */
static void commit(struct scene *s, struct gen_task *t, struct gen_ns *ns,
		   struct gen_pid *pid)
{
	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

static void fail(struct scene *s, struct gen_task *t, struct gen_ns *ns,
		 int error)
{
	gen__installed(s->g, t, ns, error);
	gen__leave(s->g, t, GEN_NEWPID, error);
}

void scene_alloc_twice(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);
	struct gen_pid *pid = gen__alloc_pid(s->g, t, ns);

	gen__alloc_pid(s->g, t, ns);
	commit(s, t, ns, pid);
}

/* The first attempt fails, the second succeeds. */
void scene_alloc_again(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);

	gen__alloc_fails(s->g, t, ns, -EAGAIN);
	commit(s, t, ns, gen__alloc_pid(s->g, t, ns));
}

/* alloc_pid() fails, its error is returned, but a pid is changed anyway. */
void scene_change_after_error(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);

	gen__alloc_fails(s->g, t, ns, -ENOMEM);
	gen__change_pid(s->g, t, t, WIRE_PGID, t->thread_pid);
	fail(s, t, ns, -ENOMEM);
}

/* A capability is checked too late. */
void scene_capable_late(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);
	struct gen_pid *pid;

	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__capable(s->g, t, ns->user_ns, true);
	commit(s, t, ns, pid);
}

/* There are so many checks that the relevant ones are not kept. */
void scene_capable_often(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	gen__enter(s->g, t, ns, GEN_NEWPID);
	for (int i = 0; i < 17; i++)
		gen__capable(s->g, t, 64, true);
	gen__capable(s->g, t, ns->user_ns, true);
	gen__capable(s->g, t, s->g->ns[0].user_ns, true);
	commit(s, t, ns, gen__alloc_pid(s->g, t, ns));
}

/* There are as many checks as are kept, none of them relevant. */
void scene_capable_of_nothing(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	gen__enter(s->g, t, ns, GEN_NEWPID);
	for (int i = 0; i < 16; i++)
		gen__capable(s->g, t, 64, true);
	commit(s, t, ns, gen__alloc_pid(s->g, t, ns));
}

/* setns() returns 0 although pidns_install() refused. */
void scene_refusal_lost(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);

	gen__installed(s->g, t, ns, -EPERM);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

void scene_init_alloc_fails(struct scene *s)
{
	struct gen_ns *outer, *inner = scene_nest(s, &outer);
	struct gen_task *t = outer->child_reaper;

	scene__arm(s);
	gen__enter(s->g, t, inner, GEN_NEWPID);
	gen__alloc_fails(s->g, t, inner, -EINVAL);
	fail(s, t, inner, -EINVAL);
}

void scene_init_mainline(struct scene *s)
{
	struct gen_ns *outer, *inner = scene_nest(s, &outer);

	gen__setns_mainline(s->g, outer->child_reaper, inner);
}

static void refuse(struct scene *s, struct gen_task *t, struct gen_ns *ns,
		   int error)
{
	scene__arm(s);
	gen__setns_refused(s->g, t, ns, error);
}

/* A thread of an init is refused for its threads, not as an init. */
void scene_refused_thread_of_init(struct scene *s)
{
	struct gen_ns *outer, *inner = scene_nest(s, &outer);

	refuse(s, gen__clone_thread(s->g, outer->child_reaper), inner, -EUSERS);
}

/* An init names a namespace elsewhere: EINVAL comes first. */
void scene_refused_init_cousin(struct scene *s)
{
	struct gen_ns *outer;

	scene_nest(s, &outer);
	refuse(s, outer->child_reaper, gen__container(s->g, s->g->init),
	       -EINVAL);
}

/* A pid is changed for another kind of namespace. */
void scene_change_in_other(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__candidate(s->g, s->g->init);
	scene__arm(s);
	gen__enter_other(s->g, t);
	gen__change_pid(s->g, t, t, WIRE_PGID, t->thread_pid);
	gen__leave(s->g, t, GEN_NEWNET, 0);
}

/* A task inside setns() moves its child to a new group. */
void scene_change_of_child(struct scene *s)
{
	struct gen_task *t, *child;

	scene_everyday(s);
	t = gen__candidate(s->g, s->g->init);
	child = gen__fork(s->g, t);
	gen__enter_other(s->g, t);
	scene__arm(s);
	gen__change_pid(s->g, t, child, WIRE_PGID, child->thread_pid);
	gen__leave(s->g, t, GEN_NEWNET, 0);
}

/* setsid() and setpgid() outside setns(). */
void scene_sessions(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	scene__arm(s);
	t = gen__candidate(s->g, s->g->init);
	scene_farewell(s, t);
}

void scene_told_twice(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);
	struct gen_pid *pid = gen__alloc_pid(s->g, t, ns);

	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	gen__pid_rewrite(s->g, t, t->entry, pid);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

/* A timer is armed while its process is about to change its pid. */
void scene_timer_before_change(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);
	struct gen_pid *pid = gen__alloc_pid(s->g, t, ns);

	gen__timer_lock(s->g, s->g->init, t->thread_pid, t, 0);
	commit(s, t, ns, pid);
}

/* A timer finds a task that does not join. */
void scene_timer_everyday(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__timer_lock(s->g, s->g->init, t->thread_pid, t, 0);
}

/* Flushes by exits, some with the lock held; then by joins, open to mutations. */
static void flush(struct scene *s, int exits, int locked, int joins)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	for (int i = 0; i < exits; i++)
		gen__flush_pid(s->g, s->g->init, s->g->init->thread_pid,
			       i < locked);
	scene__arm(s);
	for (int i = 0; i < joins; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__setns_join(s->g, t, ns);
		scene_farewell(s, t);
	}
}

void scene_flushes(struct scene *s)
{
	flush(s, 32, 2, 8);
}

void scene_flushes_few_exits(struct scene *s)
{
	flush(s, 23, 0, 8);
}

void scene_flushes_contended(struct scene *s)
{
	flush(s, 24, 2, 8);
}

void scene_flushes_few_joins(struct scene *s)
{
	flush(s, 24, 0, 7);
}

void scene_flushes_no_exits(struct scene *s)
{
	flush(s, 0, 0, 31);
}

/* Two sweeps in a row see the joiner inside its call. */
void scene_visited_long_inside(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = enter(s, &ns);
	struct gen_pid *pid = gen__alloc_pid(s->g, t, ns);

	gen__installed(s->g, t, ns, 0);
	gen__switch_ns(s->g, t, ns);
	gen__commit(s->g, t, pid);
	t->pid = t->entry_nr;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	t->pid = pid->nr[0];
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

/* A task is visited while it joins; the visit is recorded a moment later. */
void scene_visited_after(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__setns_join(s->g, t, ns);
	t->pid = t->entry_nr;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	t->pid = t->thread_pid->nr[0];
}

/* The joiner exits before the kill pass can find it. */
void scene_doomed_exits(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	gen__exit(s->g, t, 0);
	scene_farewell(s, gen__fork(s->g, s->g->init));
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

/* The joiner exits long after, without having been killed. */
void scene_survivor_exits(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, gen__fork(s->g, s->g->init));
	scene_farewell(s, t);
}

/* The old struct pid is used again after its grace period. */
void scene_old_in_use(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns), *other;
	struct gen_pid *old = t->thread_pid;

	old->held = 1;
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	other = gen__fork(s->g, s->g->init);
	other->pids[WIRE_SID] = old;
	scene_container_dies(s, ns, t);
	scene_command_ends(s);
}

/* The old struct pid is referenced, and the command still runs. */
void scene_old_held_meanwhile(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	t->thread_pid->held = 1;
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
}

/* The joiner is not followed; the command is gone. */
void scene_other_old_held(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns), *other;

	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
	ns = gen__container(s->g, s->g->init);
	other = gen__candidate(s->g, s->g->init);
	other->thread_pid->held = 1;
	gen__setns_join(s->g, other, ns);
	scene_farewell(s, other);
}
