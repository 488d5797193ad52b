// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts missing records in the lives of tasks: of fork, exec, exit and release.
 *
 * Facts about the kernel that this file relies on:
 * - copy_process() allocates a struct pid, attaches the child (a thread only as
 *   PIDTYPE_PID), and then calls the tracepoint of FORK.
 * - release_task() detaches a task from all that it was attached to, PIDTYPE_PID first,
 *   and flushes its struct pid. If this was the last thread besides a leader that is a
 *   zombie, and the leader's parent ignores SIGCHLD, it goes on with the leader, without
 *   a call of release_task() for it.
 * - an exec by a thread calls exchange_tids() and three times transfer_pid(), and
 *   releases the leader. It may fail after that, and kill the process.
 */
#include "loader/judge/pairs_state.h"

#include "loader/trace/links.h"

#define ALL_TYPES ((1u << WIRE_PIDTYPES) - 1)

/* The types by which a task is attached: a thread shares the process's others. */
static uint8_t types_of(bool leader)
{
	return leader ? ALL_TYPES : 1u << WIRE_PID;
}

struct actor *pairs__look_up_actor(struct pairs *p, uint64_t task)
{
	struct actor *a = table__find(&p->actors, task);

	if (a)
		p->last_actor = a;
	return a;
}

struct actor *pairs__add_actor(struct pairs *p, uint64_t task)
{
	struct actor *a = pool__get(&p->free_actors, sizeof(*a));

	*a = (struct actor){ .task = task };
	table__add(&p->actors, task, a);
	return a;
}

static void free_actor(struct pairs *p, struct actor *a)
{
	if (p->last_actor == a)
		p->last_actor = NULL;
	table__del(&p->actors, a->task);
	pool__put(&p->free_actors, a);
}

/* --- release --- */

/* The task has done something else: its last release_task() has returned. */
static void end_release(struct pairs *p, struct actor *a)
{
	struct release *r = &a->release;

	if (!r->task)
		return;
	pairs__check(p, PAIR_DETACHED, !r->due, r->record);
	pairs__check(p, PAIR_FLUSHED, !r->flush_due, r->record);
	*r = (struct release){};
}

/*
 * Returns whether a waiter in another pid namespace released the task. Only a waiter
 * calls wait_consider_task(); a task that exits releases itself and its children
 * without it.
 */
static bool was_waited_for(const struct model_view *v)
{
	const struct model_task *by = v->current;

	return by && !by->exiting && by->levels && v->subject &&
	       v->subject->levels && by->levels != v->subject->levels;
}

static void count_notify(struct pairs *p, const struct actor *a, uint64_t index)
{
	struct pair_gap *n = &p->notified[a->notify];

	if (a->notified)
		n->whole++;
	else if (!n->count++)
		n->first = index;
}

/* The end of the dead task's own records. */
static void bury(struct pairs *p, struct actor *dead, uint64_t index)
{
	if (dead->forked)
		pairs__check(p, PAIR_EXITED, dead->exited, index);
	if (dead->forked && dead->exited)
		count_notify(p, dead, index);
	dead->gone = true;
}

static void released(struct pairs *p, const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;
	struct actor *by = pairs__actor(p, v->rec->current_task);
	struct actor *dead = pairs__find_actor(p, r->task);

	if (was_waited_for(v))
		pairs__check(p, PAIR_WAITED, by->waited == r->task, v->index);
	end_release(p, by);
	if (dead)
		bury(p, dead, v->index);
	/*
	 * The dead task may still be in the midst of a release, which exit_notify() makes
	 * after it has dropped tasklist_lock.
	 */
	if (dead && dead != by)
		free_actor(p, dead);
	by->release = (struct release){
		.task = r->task,
		.signal = r->signal,
		.pid = r->thread_pid,
		.record = v->index,
		.due = types_of(r->leader),
		.flush_due = true,
	};
}

static void detached(struct pairs *p, const struct model_view *v)
{
	const struct wire_link_pid *r = (const void *)v->rec;
	struct actor *by = pairs__actor(p, v->rec->current_task);
	unsigned int types = links__types(v->rec);
	struct actor *a;

	if (r->task == by->release.task) {
		by->release.due &= ~types;
		return;
	}
	a = pairs__find_actor(p, r->task);
	if (!a || !a->forked || a->gone || v->window || !(types & 1u << WIRE_PID))
		return;
	a->gone = true;
	if (!a->leader || a->signal != by->release.signal)
		pairs__miss(p, PAIR_RELEASED, v->index);
}

static void flushed(struct pairs *p, const struct model_view *v)
{
	const struct wire_flush_pid *r = (const void *)v->rec;
	struct actor *by = pairs__actor(p, v->rec->current_task);

	if (r->pid == by->release.pid)
		by->release.flush_due = false;
}

/* --- fork --- */

static void attached(struct pairs *p, const struct model_view *v)
{
	const struct wire_link_pid *r = (const void *)v->rec;
	struct actor *a = pairs__actor(p, v->rec->current_task);

	if (a->child != r->task) {
		a->child = r->task;
		a->attached = 0;
	}
	a->attached |= links__types(v->rec);
}

static void check_fork(struct pairs *p, struct actor *by, const struct model_view *v)
{
	uint8_t types = types_of(v->task->state & WIRE_T_LEADER);

	pairs__check(p, PAIR_ALLOCATED, by->allocated == v->task->thread_pid, v->index);
	pairs__check(p, PAIR_ATTACHED, by->child == v->task->task &&
		     (by->attached & types) == types, v->index);
}

/* The address of a task is used again when the task is gone. */
static void forget_former(struct pairs *p, struct actor *a, uint64_t index)
{
	if (a->forked)
		pairs__check(p, PAIR_RELEASED, a->gone, index);
	end_release(p, a);
}

/* exchange_tids() was called, but the task went on without an exec. */
static void end_exec(struct pairs *p, struct actor *a, uint64_t index)
{
	if (a->exchanged)
		pairs__miss(p, PAIR_EXECED, index);
	a->exchanged = a->transferred = 0;
}

static void forked(struct pairs *p, const struct model_view *v)
{
	struct actor *by = pairs__actor(p, v->rec->current_task);
	struct actor *child;

	end_release(p, by);
	end_exec(p, by, v->index);
	/* The idle task of a CPU has no struct pid of its own. */
	if (by->whole && v->task->pid)
		check_fork(p, by, v);
	by->whole = true;
	by->child = by->allocated = 0;
	child = pairs__actor(p, v->task->task);
	forget_former(p, child, v->index);
	*child = (struct actor){
		.task = v->task->task,
		.signal = v->task->signal,
		.nsproxy = v->task->nsproxy,
		.forked = v->index,
		.whole = true,
		.leader = v->task->state & WIRE_T_LEADER,
		.kernel = v->task->state & WIRE_T_KTHREAD,
	};
}

/* --- exec and exit --- */

static void execed(struct pairs *p, const struct model_view *v)
{
	const struct wire_exec *r = (const void *)v->rec;
	struct actor *a = pairs__actor(p, v->rec->current_task);

	end_release(p, a);
	if (r->old_pid == r->task.pid) {
		end_exec(p, a, v->index);
	} else if (a->whole) {
		pairs__check(p, PAIR_EXCHANGED, a->exchanged, v->index);
		pairs__check(p, PAIR_TRANSFERRED,
			     a->transferred >= WIRE_PIDTYPES - 1, v->index);
	}
	a->exchanged = a->transferred = 0;
	a->whole = true;
	a->leader = true;
}

static enum notify_kind notify_kind(const struct wire_task *t)
{
	if (t->state & WIRE_T_TRACED)
		return NOTIFY_NONE;
	if (!(t->state & WIRE_T_LEADER))
		return NOTIFY_THREAD;
	return t->nr_threads == 1 ? NOTIFY_ALONE : NOTIFY_NONE;
}

static void exited(struct pairs *p, const struct model_view *v)
{
	struct actor *a = pairs__actor(p, v->rec->current_task);

	end_release(p, a);
	if (table__find(&p->fork_pids, v->task->thread_pid))
		pairs__check(p, PAIR_FORKED, a->forked, v->index);
	a->exited = true;
	a->exchanged = a->transferred = 0;
	a->notify = notify_kind(v->task);
}

/* --- namespaces --- */

/*
 * Only a task itself changes its nsproxy, until it drops it at its exit. An exec enters
 * the time namespace of the children in exec_task_namespaces(), where gcc inlines the
 * call (Debian's 6.12).
 */
static void check_nsproxy(struct pairs *p, struct actor *a,
			  const struct model_view *v, uint64_t shown)
{
	if (!shown)
		return;
	if (a->nsproxy && v->rec->type != WIRE_EXEC)
		pairs__check(p, PAIR_SWITCHED, a->nsproxy == shown, v->index);
	a->nsproxy = shown;
}

static void ns_switched(struct pairs *p, const struct model_view *v)
{
	const struct wire_switch_ns *r = (const void *)v->rec;
	struct actor *a = pairs__find_actor(p, r->task);

	if (!a || !r->nsproxy || r->task != r->hdr.current_task)
		return;
	check_nsproxy(p, a, v, r->nsproxy);
	a->nsproxy = r->new_nsproxy;
}

/* --- other records --- */

static void setns_entered(struct pairs *p, const struct model_view *v)
{
	struct actor *a = pairs__find_actor(p, v->rec->current_task);

	if (!a)
		return;
	end_release(p, a);
	end_exec(p, a, v->index);
}

static void setns_left(struct pairs *p, const struct model_view *v)
{
	pairs__actor(p, v->rec->current_task)->whole = true;
}

static void stack_shown(struct pairs *p, const struct model_view *v)
{
	pairs__actor(p, v->rec->current_task)->stack =
		((const struct wire_stack *)v->rec)->type;
}

static void pid_allocated(struct pairs *p, const struct model_view *v)
{
	pairs__actor(p, v->rec->current_task)->allocated =
		((const struct wire_alloc_pid *)v->rec)->ret;
}

static void exchanged(struct pairs *p, const struct model_view *v)
{
	pairs__actor(p, v->rec->current_task)->exchanged++;
}

static void transferred(struct pairs *p, const struct model_view *v)
{
	pairs__actor(p, v->rec->current_task)->transferred++;
}

static void waited(struct pairs *p, const struct model_view *v)
{
	struct actor *a = pairs__actor(p, v->rec->current_task);

	end_release(p, a);
	a->waited = ((const struct wire_wait_child *)v->rec)->task;
}

static void notified(struct pairs *p, const struct model_view *v)
{
	const struct wire_notify_pidfd *r = (const void *)v->rec;
	struct actor *a = pairs__find_actor(p, r->task);

	if (a)
		a->notified = true;
}

/* --- all records of tasks --- */

static pairs_step *const steps[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = setns_entered,
	[WIRE_SETNS_EXIT] = setns_left,
	[WIRE_STACK] = stack_shown,
	[WIRE_ALLOC_PID] = pid_allocated,
	[WIRE_ATTACH_PID] = attached,
	[WIRE_DETACH_PID] = detached,
	[WIRE_EXCHANGE_TIDS] = exchanged,
	[WIRE_TRANSFER_PID] = transferred,
	[WIRE_FLUSH_PID] = flushed,
	[WIRE_SWITCH_NS] = ns_switched,
	[WIRE_FORK] = forked,
	[WIRE_EXEC] = execed,
	[WIRE_EXIT] = exited,
	[WIRE_RELEASE] = released,
	[WIRE_WAIT_CHILD] = waited,
	[WIRE_NOTIFY_PIDFD] = notified,
};

void pairs__task_record(struct pairs *p, const struct model_view *v)
{
	struct actor *a = pairs__find_actor(p, v->rec->current_task);

	if (a && is_own(v))
		check_nsproxy(p, a, v, v->task->nsproxy);
	if (a)
		a->stack = 0;
	if (steps[v->rec->type])
		steps[v->rec->type](p, v);
}

void pairs__task_end(struct pairs *p, uint64_t overdue)
{
	struct actor *a;

	for (size_t pos = 0; (a = table__next(&p->actors, &pos)); )
		if (a->release.record < overdue)
			end_release(p, a);
}
