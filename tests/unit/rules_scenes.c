// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the steps of the scenes. A step acts on the cast in struct scene: t calls setns()
 * with ns as its target, outer is the namespace around ns, other is another task (init,
 * until a step makes one), and pid is a struct pid that is allocated or kept. A step
 * without another subject is an act of t.
 */
#include "rules_scenes.h"

#include <errno.h>

#include "tracegen_parts.h"

/* Defines a step that is a single call or assignment. */
#define STEP(name, act) static void name(struct scene *s) { act; }

/* --- the cast --- */

STEP(arm, scene__arm(s))
STEP(init, s->t = s->g->init)
STEP(task, s->t = gen__fork(s->g, s->g->init))
STEP(candidate, s->t = gen__candidate(s->g, s->g->init))
STEP(candidate_in_outer, s->t = gen__candidate(s->g, s->outer->child_reaper))
STEP(init_of_ns, s->t = s->ns->child_reaper)
STEP(init_of_outer, s->t = s->outer->child_reaper)
STEP(child_calls, s->t = gen__fork(s->g, s->t))
STEP(thread_calls, s->t = gen__clone_thread(s->g, s->t))
STEP(other_task, s->other = gen__fork(s->g, s->g->init))
STEP(child, s->other = gen__fork(s->g, s->t))
STEP(thread, s->other = gen__clone_thread(s->g, s->t))
STEP(keep_pid, s->pid = s->t->thread_pid)
STEP(keep_as_outer, s->outer = s->ns)
STEP(container, s->ns = gen__container(s->g, s->g->init))
STEP(ns_without_init, s->ns = gen__ns(s->g, s->g->init, &s->g->ns[0]))

static void ns_for_children(struct scene *s)
{
	s->ns = gen__ns(s->g, s->t, &s->g->ns[0]);
	s->t->children_ns = s->ns;
}

/* Makes a container in a container. */
static void nest(struct scene *s)
{
	scene_everyday(s);
	s->outer = gen__container(s->g, s->g->init);
	s->ns = gen__container(s->g, s->outer->child_reaper);
}

/* Makes the init of outer fork the init of a namespace below outer. */
static void ns_below(struct scene *s)
{
	struct gen_task *init = s->outer->child_reaper;

	s->ns = init->children_ns = gen__ns(s->g, init, s->outer);
	gen__fork(s->g, init);
}

/* Makes a container, and a task that may join it. */
static void stage(struct scene *s)
{
	scene_everyday(s);
	container(s);
	candidate(s);
}

/* Starts the command and its container, and a child of it that may join. */
static void command(struct scene *s)
{
	struct gen_task *command = gen__fork(s->g, s->g->init);

	gen__exec(s->g, command, "true");
	s->ns = gen__ns(s->g, command, command->children_ns);
	command->children_ns = s->ns;
	gen__fork(s->g, command);
	command->children_ns = &s->g->ns[0];
	s->t = gen__candidate(s->g, command);
	command->state &= ~WIRE_T_CHILDREN;
}

/* --- lives of tasks --- */

STEP(exec, gen__exec(s->g, s->t, "sh"))
STEP(init_execs, gen__exec(s->g, s->g->init, "init"))
STEP(enters_time_ns, s->other->nsproxy += 0x100)
STEP(other_execs, gen__exec(s->g, s->other, "true"))
STEP(exits, gen__exit(s->g, s->t, 0))
STEP(other_exits, gen__exit(s->g, s->other, 0))
STEP(killed, gen__exit(s->g, s->t, 9))
STEP(init_exits, gen__exit(s->g, s->ns->child_reaper, 0))
STEP(release, gen__release(s->g, s->g->init, s->t))
STEP(release_self, gen__release(s->g, s->t, s->t))
STEP(release_other, gen__release(s->g, s->t, s->other))
STEP(grace, gen__grace_period(s->g, s->g->init))
STEP(grace_inside, gen__grace_period(s->g, s->t))
STEP(farewell, scene_farewell(s, s->t))
STEP(other_farewell, scene_farewell(s, s->other))
STEP(command_farewell, scene_farewell(s, &s->g->tasks[1]))
STEP(init_parent_farewell, scene_farewell(s, s->ns->child_reaper->parent))
STEP(init_forks, gen__fork(s->g, s->ns->child_reaper))
STEP(child_of_init, s->other = gen__fork(s->g, s->ns->child_reaper))
STEP(child_of_other, s->t = gen__fork(s->g, s->other))
STEP(orphan_to_other, s->t->parent = s->other)
STEP(orphan_to_outside, s->t->parent = s->g->init)
STEP(clone_parent, gen__clone_parent(s->g, s->t))
STEP(clone_newpid, gen__clone_newpid(s->g, s->t))
STEP(thread_becomes_leader, gen__exec_thread(s->g, s->other, s->t))
STEP(relink, gen__relink(s->g, s->t, WIRE_PID))
STEP(notify, gen__notify_pidfd(s->g, s->g->init, s->t))
STEP(init_waits, gen__wait(s->g, s->ns->child_reaper, s->g->init))
STEP(parent_waits, gen__wait(s->g, s->t->parent, s->t))
STEP(parent_waits_for_init, gen__wait(s->g, s->t->parent, s->ns->child_reaper))
STEP(waits_for_child, gen__wait(s->g, s->t, s->other))
STEP(setpgid, gen__change_pid(s->g, s->t, s->t, WIRE_PGID, s->t->thread_pid))
STEP(setpgid_of_child,
     gen__change_pid(s->g, s->t, s->other, WIRE_PGID, s->other->thread_pid))
STEP(setpgid_by_init,
     gen__change_pid(s->g, s->g->init, s->t, WIRE_PGID, s->t->thread_pid))
STEP(other_into_session,
     gen__change_pid(s->g, s->g->init, s->other, WIRE_SID, s->t->thread_pid))
STEP(unshare, gen__switch_ns(s->g, s->t, gen__ns(s->g, s->t, &s->g->ns[0])))
STEP(stack, gen__stack(s->g, s->t, WIRE_FREE_PID))
STEP(stack_of_init, gen__stack(s->g, s->g->init, WIRE_FREE_PID))
STEP(error_report, gen__error_report(s->g, s->g->init))
STEP(sweep, gen__sweep(s->g, WIRE_SWEEP_PERIOD))
STEP(final_sweep, gen__sweep(s->g, WIRE_SWEEP_FINAL))
STEP(one_final, s->finals = 1)
STEP(seconds_pass, s->g->ts_ns += 9000000000)

void scene_farewell(struct scene *s, struct gen_task *t)
{
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	grace(s);
}

static void other_farewell_again(struct scene *s)
{
	gen__release(s->g, s->ns->child_reaper, s->other);
	grace(s);
}

/*
 * The last of the group is released on another CPU while the numbers of the group's id go
 * back: free_pid() is recorded with them, but finds them gone.
 */
static void other_farewell_too_early(struct scene *s)
{
	struct gen_pid deep = *s->pid;

	other_exits(s);
	gen__release(s->g, s->other, s->other);
	s->ns->pid_allocated++;
	gen__undeepen(s->g, s->g->init, &deep, 0);
	grace(s);
}

static void everyday(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);

	gen__exec(s->g, t, "true");
	scene_farewell(s, t);
}

static void everydays(struct scene *s, int n)
{
	while (n--)
		everyday(s);
}

STEP(everyday_64, everydays(s, 64))
STEP(everyday_300, everydays(s, 300))

static void thread_ends(struct scene *s)
{
	other_exits(s);
	gen__release(s->g, s->other, s->other);
}

/* Ends a sibling of t, and then their parent, which reaps the sibling. */
static void parent_ends(struct scene *s)
{
	struct gen_task *parent = s->t->parent, *sibling = gen__fork(s->g, parent);

	gen__exit(s->g, sibling, 0);
	gen__exit(s->g, parent, 0);
	gen__release(s->g, parent, sibling);
}

/* t reaps a child while it ends, and is reaped before it has flushed the child's number. */
static void ends_while_it_reaps(struct scene *s)
{
	struct gen_task *child = gen__fork(s->g, s->t);
	struct gen_pid *pid = child->thread_pid;

	gen__exit(s->g, child, 0);
	gen__exit(s->g, s->t, 0);
	gen__release(s->g, s->t, child);
	gen__release(s->g, s->g->init, s->t);
	gen__flush_pid(s->g, s->t, pid, false);
}

/* Lets 100 children of t come and go. */
static void children_pass(struct scene *s)
{
	for (int i = 0; i < 100; i++)
		scene_farewell(s, gen__fork(s->g, s->t));
	s->t->state &= ~WIRE_T_CHILDREN;
}

static void other_farewell_on_cpu1(struct scene *s)
{
	s->g->cpu = 1;
	other_farewell(s);
	s->g->cpu = 0;
}

/* Ends tasks; after each, this CPU reports at once that the grace period has ended. */
static void gone_at_once(struct scene *s, int tasks, uint32_t cpu)
{
	while (tasks--) {
		candidate(s);
		exits(s);
		release(s);
		s->g->seq[cpu] = s->g->seq[0];
		s->g->cpu = cpu;
		grace(s);
		s->g->cpu = 0;
	}
}

STEP(gone_at_once_31, gone_at_once(s, 31, 0))
STEP(gone_at_once_32, gone_at_once(s, 32, 0))
STEP(gone_at_once_40, gone_at_once(s, 40, 0))
STEP(gone_on_cpu1_40, gone_at_once(s, 40, 1))

/* --- states that the kernel or a rule checks --- */

STEP(children, s->t->state |= WIRE_T_CHILDREN)
STEP(tracees, s->t->state |= WIRE_T_TRACEES)
STEP(tty, s->t->state |= WIRE_T_TTY)
STEP(posix_timers, s->t->state |= WIRE_T_POSIX_TIMERS)
STEP(cpu_timers, s->t->state |= WIRE_T_CPU_TIMERS)
STEP(no_state, s->t->state = 0)
STEP(only_kill_pending, s->t->state = WIRE_T_KILL_PENDING)
STEP(kill_pending, s->t->state |= WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING)
STEP(init_exiting, s->ns->child_reaper->state |= WIRE_T_EXITING)
STEP(init_waiting, s->ns->child_reaper->waiting = true)
STEP(init_not_waiting, s->ns->child_reaper->waiting = false)
STEP(other_traced, s->other->state |= WIRE_T_TRACED)
STEP(other_has_threads, s->other->nr_threads = 2)
STEP(subreaper_above, s->t->subreaper_above = true)
STEP(looked_up, s->t->thread_pid->inodes = GEN_INODE)
STEP(children_in_ns, s->t->children_ns = s->ns)
STEP(children_outside, s->t->children_ns = &s->g->ns[0])
STEP(other_children_in_ns, s->other->children_ns = s->ns)
STEP(other_has_pid_as_sid, s->other->pids[WIRE_SID] = s->pid)
STEP(becomes_reaper, s->ns->child_reaper = s->t)
STEP(clear_adding, s->ns->pid_allocated &= ~GEN_ADDING)
STEP(next_is_1, s->ns->next_nr = 1)
STEP(next_is_2, s->ns->next_nr = 2)
STEP(count_in_ns, s->ns->pid_allocated++)
STEP(count, s->g->ns[0].pid_allocated++)
STEP(uncount, s->g->ns[0].pid_allocated--)
STEP(same_inum, s->g->next_inum = s->ns->inum)
STEP(unlocked, s->g->unlocked = true)
STEP(knob_off, s->g->knob = WIRE_KNOB_OFF)
STEP(knob_written_twice, s->g->knob_writes += 4)
STEP(hold, s->t->thread_pid->held = 1)
STEP(hold_init, s->ns->child_reaper->thread_pid->held = 1)
STEP(pid_to_slab, s->g->slab[s->g->nslab++] = s->pid)
STEP(pid_gone, gen__gone(s->g, s->g->init, s->t->thread_pid))

/* --- ends of namespaces --- */

/*
 * Ends all tasks of a container, the init last, each with its grace period; the namespace
 * itself is not freed. member: the task besides the init, or NULL.
 */
static void container_dies(struct scene *s, struct gen_ns *ns, struct gen_task *member)
{
	struct gen_task *init = ns->child_reaper;

	init->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, init, ns);
	sweep(s);
	sweep(s);
	if (member)
		scene_farewell(s, member);
	gen__zap_exit(s->g, init, ns);
	scene_farewell(s, init);
}

STEP(ns_dies, container_dies(s, s->ns, NULL))
STEP(ns_dies_with_caller, container_dies(s, s->ns, s->t))
STEP(ns_dies_with_other, container_dies(s, s->ns, s->other))
STEP(outer_dies, container_dies(s, s->outer, NULL))
STEP(zap_enter, gen__zap_enter(s->g, s->ns->child_reaper, s->ns))
STEP(zap_exit, gen__zap_exit(s->g, s->ns->child_reaper, s->ns))
STEP(ns_freed, gen__ns_ends(s->g, s->ns))
STEP(outer_freed, gen__ns_ends(s->g, s->outer))
STEP(ns_left, s->ns->gone = true)
STEP(outer_left, s->outer->gone = true)

/* Ends the command, and frees the namespaces that no step has left or freed. */
static void command_ends(struct scene *s)
{
	command_farewell(s);
	for (unsigned int i = 1; i < s->g->nns; i++)
		if (!s->g->ns[i].gone)
			gen__ns_ends(s->g, &s->g->ns[i]);
}

/* --- parts of a setns() --- */

/* Set the error that a later step returns. */
STEP(eagain, s->error = -EAGAIN)
STEP(ebusy, s->error = -EBUSY)
STEP(einval, s->error = -EINVAL)
STEP(enomem, s->error = -ENOMEM)
STEP(eperm, s->error = -EPERM)
STEP(eusers, s->error = -EUSERS)

STEP(enter, gen__enter(s->g, s->t, s->ns, GEN_NEWPID))
STEP(enter_other, gen__enter_other(s->g, s->t))
STEP(capable_of_target, gen__capable(s->g, s->t, s->ns->user_ns, true))
STEP(incapable_of_target, gen__capable(s->g, s->t, s->ns->user_ns, false))
STEP(capable_of_own, gen__capable(s->g, s->t, s->g->ns[0].user_ns, true))
STEP(incapable_of_own, gen__capable(s->g, s->t, s->g->ns[0].user_ns, false))
STEP(capable_of_outer, gen__capable(s->g, s->t, s->outer->user_ns, true))
STEP(alloc, s->pid = gen__alloc_pid(s->g, s->t, s->ns))
STEP(alloc_more, gen__alloc_pid(s->g, s->t, s->ns))
STEP(alloc_outside, gen__alloc_pid(s->g, s->t, &s->g->ns[0]))
STEP(init_allocs, gen__alloc_pid(s->g, s->g->init, &s->g->ns[0]))
STEP(alloc_fails, gen__alloc_fails(s->g, s->t, s->ns, s->error))
STEP(free_pid, gen__free_pid(s->g, s->g->init, s->pid))
STEP(free_new, gen__free_pid(s->g, s->t, s->pid))
STEP(install, gen__installed(s->g, s->t, s->ns, 0))
STEP(install_by_outer, gen__installed_by(s->g, s->t, s->ns, s->outer->user_ns, 0))
STEP(install_fails, gen__installed(s->g, s->t, s->ns, s->error))
STEP(switch_ns, gen__switch_ns(s->g, s->t, s->ns))
STEP(switch_to_same, gen__switch_ns(s->g, s->t, s->t->children_ns))
STEP(switch_to_outside, gen__switch_ns(s->g, s->t, &s->g->ns[0]))
STEP(wake_parent, gen__wake_parent(s->g, s->t))
STEP(commit, gen__commit(s->g, s->t, s->pid))
STEP(rewrite_again, gen__pid_rewrite(s->g, s->t, s->t->entry, s->pid))
STEP(flush, gen__flush_pid(s->g, s->t, s->t->thread_pid, false))
STEP(flush_kept, gen__flush_pid(s->g, s->g->init, s->pid, false))
STEP(flush_old, gen__flush_pid(s->g, s->t, s->t->entry, false))
STEP(old_number, s->t->pid = s->t->entry_nr)
STEP(new_number, s->t->pid = s->t->thread_pid->nr[0])
STEP(new_numbers, s->t->pid = s->t->tgid = s->pid->nr[0])
STEP(leave, gen__leave(s->g, s->t, GEN_NEWPID, 0))
STEP(leave_other, gen__leave(s->g, s->t, GEN_NEWNET, 0))
STEP(leave_with_error, gen__leave(s->g, s->t, GEN_NEWPID, s->error))
STEP(timer_finds, gen__timer_lock(s->g, s->other, s->t->thread_pid, s->t, 0))
STEP(timer_finds_nobody, gen__timer_lock(s->g, s->other, s->t->entry, NULL, 0))
STEP(timer_enqueued, gen__timer_lock(s->g, s->other, s->t->thread_pid, s->t, 1))
STEP(timer_follows, gen__timer_lock(s->g, s->other, s->t->entry, s->t, 0))

static void capable(struct scene *s)
{
	capable_of_target(s);
	capable_of_own(s);
}

static void capable_of_nothing(struct scene *s, int checks)
{
	while (checks--)
		gen__capable(s->g, s->t, 64, true);
}

STEP(capable_of_16, capable_of_nothing(s, 16))
STEP(capable_of_17, capable_of_nothing(s, 17))

static void change_all(struct scene *s)
{
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		gen__change_pid(s->g, s->t, s->t, i, s->pid);
}

static void install_and_commit(struct scene *s)
{
	install(s);
	switch_ns(s);
	commit(s);
}

static void fail(struct scene *s)
{
	install_fails(s);
	leave_with_error(s);
}

/* --- parts of a join that keeps the struct pid --- */

STEP(reserve, s->nr = gen__reserve_nr(s->g, s->t, s->ns))
STEP(reserve_more, gen__reserve_nr(s->g, s->t, s->ns))
STEP(reserve_outer, s->nr = gen__reserve_nr(s->g, s->t, s->outer))
STEP(reserve_fails, gen__reserve_fails(s->g, s->t, s->ns, s->error))
STEP(unreserve, gen__unreserve_nr(s->g, s->t, s->ns, s->nr))
STEP(commit_keep, gen__commit_keep(s->g, s->t, s->ns, s->nr))
STEP(deepen, gen__deepen(s->g, s->t, s->t->thread_pid, s->ns, s->nr))
STEP(publish, gen__publish_nr(s->g, s->t, s->t->thread_pid))
STEP(deepen_event, gen__pid_deepen(s->g, s->t))
STEP(notify_itself, gen__notify_pidfd(s->g, s->t, s->t))
STEP(another_number, s->t->thread_pid->nr[s->t->thread_pid->level]++)
STEP(undeepen, gen__undeepen(s->g, s->g->init, s->pid, 0))
STEP(other_into_group,
     gen__change_pid(s->g, s->g->init, s->other, WIRE_PGID, s->t->thread_pid))
STEP(undeepen_halfway, gen__undeepen(s->g, s->g->init, s->pid, 1))
STEP(one_level_less, s->t->thread_pid->level--)

/* Plays a join by keep without a fault, up to the commit. */
static void prepare_keep(struct scene *s)
{
	s->nr = gen__prepare_keep(s->g, s->t, s->ns);
}

/* --- whole calls --- */

STEP(join, gen__setns_join(s->g, s->t, s->ns))
STEP(join_outer, gen__setns_join(s->g, s->t, s->outer))
STEP(mainline, gen__setns_mainline(s->g, s->t, s->ns))
STEP(seed, gen__setns_seed(s->g, s->t, s->ns))
STEP(refused, gen__setns_refused(s->g, s->t, s->ns, s->error))
STEP(late_failure, gen__setns_late(s->g, s->t, s->ns, s->error))

static void joins(struct scene *s, int n)
{
	while (n--) {
		candidate(s);
		join(s);
		farewell(s);
	}
}

STEP(join_3, joins(s, 3))

/* Plays n joins whose tasks are not reaped: all flushes are those of the joins. */
static void joins_unreaped(struct scene *s, int n)
{
	while (n--) {
		candidate(s);
		join(s);
		exits(s);
	}
}

/* Plays joins of a container in a container. */
static void join_40_nested(struct scene *s)
{
	for (int i = 0; i < ENOUGH_FLUSHES; i++) {
		candidate_in_outer(s);
		join(s);
		farewell(s);
	}
}

static void join_40_of_parents(struct scene *s)
{
	for (int i = 0; i < ENOUGH_FLUSHES; i++) {
		candidate(s);
		children_in_ns(s);
		join(s);
		exits(s);
	}
}

STEP(join_7, joins_unreaped(s, 7))
STEP(join_8, joins_unreaped(s, 8))
STEP(join_31, joins_unreaped(s, 31))
STEP(join_39, joins_unreaped(s, ENOUGH_FLUSHES - 1))
STEP(join_40, joins_unreaped(s, ENOUGH_FLUSHES))

/* Plays n flushes by exits, the first of them with the lock held. */
static void flushes(struct scene *s, int n, int locked)
{
	for (int i = 0; i < n; i++)
		gen__flush_pid(s->g, s->g->init, s->g->init->thread_pid, i < locked);
}

STEP(flushes_22, flushes(s, 22, 0))
STEP(flushes_24, flushes(s, 24, 0))
STEP(flushes_24_2_locked, flushes(s, 24, 2))
STEP(flushes_32_2_locked, flushes(s, 32, 2))

/* --- the scenes --- */

static void play(struct scene *s, const play_fn *steps)
{
	if (!s->other)
		s->other = s->g->init;
	for (; *steps; steps++)
		(*steps)(s);
}

#define SCENE(name, ...)						\
	void scene_##name(struct scene *s)				\
	{								\
		play(s, (const play_fn[]){ __VA_ARGS__, NULL });	\
	}
#include "rules_scenes.inc"
