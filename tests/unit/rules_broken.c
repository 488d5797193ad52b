// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays the behaviour of broken kernels, for rules_test.c. Bugs that amount to one
 * field or one missing call are mutations of correct scenes instead.
 */
#include <errno.h>

#include "rules_scenes.h"
#include "tracegen_parts.h"

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

void scene_freed_twice(struct scene *s)
{
	struct gen_task *t;
	struct gen_pid *pid;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__free_pid(s->g, s->g->init, pid);
}

/* The last reference to a task's struct pid is dropped: the slab reuses it. */
void scene_reused_alive(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	s->g->slab[s->g->nslab++] = t->thread_pid;
	gen__fork(s->g, s->g->init);
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

/* The kill pass missed a task, and a grace period has passed since. */
static struct gen_task *survivor(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, gen__fork(s->g, s->g->init));
	return t;
}

void scene_survivor(struct scene *s)
{
	struct gen_task *t = survivor(s);

	gen__exec(s->g, t, "sh");
	scene_farewell(s, t);
}

/* A sweep sees the survivor, which does nothing itself. */
void scene_survivor_seen(struct scene *s)
{
	survivor(s);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

void scene_joiner_reaps(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	ns->child_reaper = t;
	gen__exec(s->g, t, "sh");
	gen__fork(s->g, t);
}

/* delayed_put_pid() without call_rcu() */
void scene_no_grace(struct scene *s)
{
	for (int i = 0; i < 40; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__exit(s->g, t, 0);
		gen__release(s->g, s->g->init, t);
		gen__grace_period(s->g, s->g->init);
	}
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

/* The kill pass overlooks a task. */
void scene_member_spared(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__zap_enter(s->g, ns->child_reaper, ns);
	t->state = 0;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

/* The init stops waiting while other tasks remain. */
void scene_over_early(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__fork(s->g, t);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	gen__zap_exit(s->g, ns->child_reaper, ns);
}

/* The init is alone, but pid_allocated is too high. */
void scene_init_waits(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	scene_farewell(s, t);
}

/* One put_pid() too many: the memory is freed although a task uses it. */
void scene_gone_early(struct scene *s)
{
	scene_everyday(s);
	gen__gone(s->g, s->g->init, gen__fork(s->g, s->g->init)->thread_pid);
}

/* A struct pid is reused before its grace period is over. */
void scene_given_out_early(struct scene *s)
{
	struct gen_pid *pid;
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	s->g->slab[s->g->nslab++] = pid;
	gen__exec(s->g, s->g->init, "init");
	gen__fork(s->g, s->g->init);
}

/* The struct pid is freed again; a pidfd keeps it known after its grace period. */
void scene_freed_after_grace(struct scene *s)
{
	struct gen_pid *pid;
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	pid->held = 1;
	scene_farewell(s, t);
	gen__free_pid(s->g, s->g->init, pid);
}

/* A join counts its new number in the target, but not above. */
void scene_ledger_above(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	s->g->ns[0].pid_allocated--;
}

/* Number of tasks that exited before, without leaving anything. */
#define MANY 100

static struct gen_task *command_after(struct scene *s, struct gen_ns **ns,
				      unsigned int gone)
{
	struct gen_task *t = scene_command(s, ns);

	while (gone--)
		scene_farewell(s, gen__fork(s->g, t));
	t->state &= ~WIRE_T_CHILDREN;
	return t;
}

/* The joiner's last pid is still referenced, and thereby the namespace. */
static void leave_reference(struct scene *s, unsigned int gone)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = command_after(s, &ns, gone);
	gen__setns_join(s->g, t, ns);
	t->thread_pid->held = 1;
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* The joiner's pid from before the join is still referenced. */
static void leave_old_reference(struct scene *s, unsigned int gone)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = command_after(s, &ns, gone);
	t->thread_pid->held = 1;
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	scene_command_ends(s);
}

/* A struct pid is left when the command is gone. */
void scene_reference_left(struct scene *s)
{
	leave_reference(s, 0);
}

void scene_reference_of_many_left(struct scene *s)
{
	leave_reference(s, MANY);
}

void scene_old_reference_left(struct scene *s)
{
	leave_old_reference(s, 0);
}

void scene_old_reference_of_many_left(struct scene *s)
{
	leave_old_reference(s, MANY);
}

/* The namespace is left when the command is gone. */
void scene_namespace_left(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* A number without a task is left when the command is gone. */
void scene_never_freed(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	gen__alloc_pid(s->g, t, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
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
