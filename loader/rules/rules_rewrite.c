// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the rewrite itself and the state after it: I9, I10, I14, I16 to I18, I21 to
 * I23, I28, I29, I34, I35, I39, I41.
 *
 * "After success" means: the setns had to move its caller, returned 0, and the caller
 * has another struct pid. I4 and I17 report a caller that was not moved; the other
 * rules are skipped then, so that one bug makes one report.
 *
 * No other task can change the checked state between commit and the end of the call: a
 * session leader's group is its own (setpgid() refuses), the caller has no child and no
 * second thread, and is not yet back in user space. A SIGKILL takes effect after the
 * call.
 */
#include "loader/model/history.h"
#include "loader/rules/rules.h"

/* Another task may hold tasklist_lock for writing, but not at this many flushes. */
#define LOCKED_FLUSHES 32
/* Fewer are enough if the lock is rarely held at the flushes of other tasks. */
#define LOCKED_FLUSHES_ALONE 8
#define OTHER_FLUSHES 24
#define OTHERS_SHARE 16

/* Checks the conditions at the first change_pid(), or at pid_deepen(). */
static enum outcome check_i9(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	bool keeps = c->kind == WINDOW_KEEP;
	uint32_t state = keeps ? w->keep.deepen.task.state :
				 w->first_change.task.state;

	if (!(keeps ? w->nkeep.deepens : w->changes))
		return RULE_SKIP;
	if (state & WIRE_T_CHILDREN)
		return broken(c, "the task has children when its struct pid is changed");
	if (state & WIRE_T_TRACEES)
		return broken(c, "the task has tracees when its struct pid is changed");
	return RULE_HOLDS;
}

static enum outcome check_i10(struct rule_ctx *c)
{
	const struct wire_change_pid *r = &c->w->first_change;

	if (r->task.state & WIRE_T_TTY)
		return broken(c, "the task has a controlling terminal when its struct pid is changed");
	if (r->task.state & WIRE_T_POSIX_TIMERS)
		return broken(c, "the task has POSIX timers when its struct pid is changed");
	if (!r->sid_singular)
		return broken(c, "the task shares its session when its struct pid is changed");
	return RULE_HOLDS;
}

static enum outcome check_i14(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	uint64_t to = w->first_new.address;

	if (c->kind == WINDOW_MAINLINE || c->kind == WINDOW_PLAIN ||
	    c->kind == WINDOW_KEEP)
		return RULE_SKIP;
	if (w->others)
		return broken(c, "change_pid() of another task, %u times",
			      w->others);
	for (unsigned int t = 0; t < WIRE_PIDTYPES; t++) {
		if (!w->per_type[t])
			return broken(c, "change_pid(%s) is missing",
				      pidtype__name(t));
		if (w->per_type[t] > 1)
			return broken(c, "change_pid(%s) was called %u times",
				      pidtype__name(t), w->per_type[t]);
		if (w->change_new[t] != to)
			return broken(c, "change_pid(%s) to another struct pid than the first",
				      pidtype__name(t));
	}
	return RULE_HOLDS;
}

static enum outcome check_i16(struct rule_ctx *c)
{
	if (c->w->detaches)
		return broken(c, "detach_pid(current) was called %u times inside setns",
			      c->w->detaches);
	if (c->w->null_pids || !c->x->task.thread_pid)
		return broken(c, "thread_pid was NULL inside setns");
	return RULE_HOLDS;
}

static enum outcome check_i17(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const struct wire_task *t = &c->x->task;

	if (!model_window__moved(w, c->x))
		return broken(c, "setns returned 0, but the task still has its old struct pid");
	if (w->nallocs == 1 && t->thread_pid != w->allocs[0].rec.ret)
		return broken(c, "thread_pid is not the struct pid that was allocated");
	for (unsigned int i = WIRE_TGID; i < WIRE_PIDTYPES; i++)
		if (t->pids[i] != t->thread_pid)
			return broken(c, "pids[%s] is %s, not the new struct pid",
				      pidtype__name(i),
				      t->pids[i] == w->old.address ?
				      "still the old one" : "another one");
	return RULE_HOLDS;
}

/* Checks links and list heads as one section under tasklist_lock left them. */
static enum outcome check_links(struct rule_ctx *c,
				const struct wire_links *links,
				const struct wire_lists *lists, const char *when)
{
	for (unsigned int t = 0; t < WIRE_PIDTYPES; t++) {
		uint64_t node = links->base + 16 * t;

		if (lists->first[t] != node)
			return broken(c, "%s: tasks[%s] of the new struct pid %s",
				      when, pidtype__name(t),
				      lists->first[t] ? "begins with another task" :
							"is empty");
		if (links->next[t])
			return broken(c, "%s: the task is not alone in tasks[%s] of the new struct pid",
				      when, pidtype__name(t));
		if (links->pprev[t] != lists->tasks + 8 * t)
			return broken(c, "%s: pid_links[%s].pprev does not point to the new struct pid",
				      when, pidtype__name(t));
	}
	return RULE_HOLDS;
}

static enum outcome check_i18(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	enum outcome o;

	if (!c->x->links.base || !c->x->lists.tasks)
		return RULE_NO_FACT;
	if (w->commits) {
		o = check_links(c, &w->commit.links, &w->commit.lists,
				"after the commit");
		if (o != RULE_HOLDS)
			return o;
	}
	return check_links(c, &c->x->links, &c->x->lists, "at exit");
}

/*
 * After free_pid(), the lists of the old struct pid are stale, but I25 checks that all
 * lists were empty. Without free_pid(), they are valid.
 */
static enum outcome check_i21(struct rule_ctx *c)
{
	const struct wire_lists *old = &c->x->old_lists;

	if (c->w->freed_old || c->x->old_pid != c->w->old.address)
		return RULE_HOLDS;
	for (unsigned int t = 0; t < WIRE_PIDTYPES; t++)
		if (old->first[t])
			return broken(c, "the old struct pid still has %s in its %s list",
				      old->first[t] == c->x->links.base + 16 * t ?
				      "the task itself" : "a task",
				      pidtype__name(t));
	return RULE_HOLDS;
}

static enum outcome check_i22(struct rule_ctx *c)
{
	uint64_t me = c->x->task.task;

	if (!c->x->found_known)
		return RULE_NO_FACT;
	if (c->x->found_new != me)
		return broken(c, "its new level 0 number (task->pid, %d) leads to %s",
			      c->x->task.pid,
			      c->x->found_new ? "another task" : "no task");
	if (c->x->found_old == me)
		return broken(c, "its old level 0 number still leads to it");
	return RULE_HOLDS;
}

static enum outcome check_i23(struct rule_ctx *c)
{
	const struct model_numbers *to = &c->w->first_new;
	const struct wire_deepen *deepen = &c->w->keep.deepen;
	const struct wire_task *t = &c->x->task;

	if (!(c->facts & (SETNS_JOINED | SETNS_DEEPENED)))
		return RULE_SKIP;
	if (c->w->nkeep.deepens && deepen->task.children_ns != deepen->inum)
		return broken(c, "at pid_deepen() new children would still go to pid:[%u], not to pid:[%u]",
			      deepen->task.children_ns, deepen->inum);
	if (c->w->changes && to->levels &&
	    c->w->first_change.task.children_ns !=
	    to->upid[to->levels - 1].ns)
		return broken(c, "at the first change_pid() new children would still go to pid:[%u], not to pid:[%u]",
			      c->w->first_change.task.children_ns,
			      to->upid[to->levels - 1].ns);
	if (t->children_ns != t->active_ns)
		return broken(c, "the task is in pid:[%u], but its children would go to pid:[%u]",
			      t->active_ns, t->children_ns);
	return RULE_HOLDS;
}

static enum outcome check_i28(struct rule_ctx *c)
{
	if (c->w->freed_old != 1)
		return broken(c, "the old struct pid was freed %u times inside setns, not once",
			      c->w->freed_old);
	return RULE_HOLDS;
}

/* Holders of the old struct pid belonged to the command, which is gone. */
static enum outcome end_i28(struct rule_ctx *c)
{
	const struct model_pid *p = c->pid;

	if (!p->replaced || !rule_ctx__is_held(c, p) ||
	    !model__at_rest(c->model))
		return RULE_SKIP;
	c->since = p->born;
	return broken(c, "the old struct pid was freed, but its memory was never released: a reference is left");
}

/* release_task() flushes just after it had the lock, like a join. */
static enum outcome count_other_flush(const struct rule_ctx *c)
{
	struct rule_memory *m = c->memory;

	if (c->view->window)
		return RULE_SKIP;
	m->other_flushes++;
	if (c->view->rec->flags & WIRE_F_TASKLIST_WRITE)
		m->other_flushes_locked++;
	return RULE_SKIP;
}

/*
 * The lock byte does not show who holds the lock. A lock held at one call means
 * nothing (2 to 4 in 100, under stress on two CPUs); if the lock is held at every call
 * of a run, the caller holds it. The flushes of exiting tasks show how often other
 * tasks hold the lock at such a moment. Whatever that share is, eight joins out of
 * eight together with at most one exit in 16 occur by chance in at most one of 5e6
 * runs, and in one of 1e11 if the share is 4 in 100.
 */
static bool flushes_with_the_lock(const struct rule_memory *m)
{
	if (m->flushes_locked < m->flushes)
		return false;
	return m->flushes >= LOCKED_FLUSHES ||
	       (m->flushes >= LOCKED_FLUSHES_ALONE &&
		m->other_flushes >= OTHER_FLUSHES &&
		m->other_flushes_locked * OTHERS_SHARE <= m->other_flushes);
}

/*
 * On a correct kernel, the list of inodes may contain one after the call: a lookup of
 * the old number that took the old struct pid before the change may add its inode
 * late. But the call did not find that inode in the list. proc_flush_pid() removes the
 * first inode until the list is empty, and no inode comes back: proc_pid_make_inode()
 * has its inode before it takes the struct pid, so an inode added late was already
 * allocated when the call began.
 */
static enum outcome check_i29(struct rule_ctx *c)
{
	struct rule_memory *m = c->memory;

	if (c->view->rec->type == WIRE_FLUSH_PID)
		return count_other_flush(c);
	if (c->w->flushed_old != 1)
		return broken(c, "proc_flush_pid() of the old struct pid was called %u times inside setns, not once",
			      c->w->flushed_old);
	if (c->w->flush_early)
		return broken(c, "proc_flush_pid() of the old struct pid came before change_pid(PID): entries that are looked up in between stay");
	if (c->w->flush_inodes && c->x->inodes_left == c->w->flush_inodes)
		return broken(c, "proc_flush_pid() of the old struct pid left an inode that it found in its list");
	m->flushes++;
	m->flushes_locked += c->w->flush_lock_known && c->w->flush_locked;
	if (flushes_with_the_lock(m))
		return broken(c, "tasklist_lock was write-held at each proc_flush_pid() of the run's joins");
	return RULE_HOLDS;
}

static enum outcome check_i35(struct rule_ctx *c)
{
	if (c->w->woken && c->w->traced && !c->w->woken_tracer)
		return broken(c, "the tracer, which may wait for the old number, was not woken");
	if (c->w->woken)
		return RULE_HOLDS;
	if (c->w->woken_late)
		return broken(c, "the parent was woken after change_pid(PID): it looks for the old number and finds the new one");
	return broken(c, "the parent, which may wait for the old number, was not woken");
}

/*
 * The siglock of the task keeps commits out, so the record is consistent. The lock
 * does not keep out execs, which move numbers between the threads of one process; so
 * the rule covers only tasks that joined or are about to.
 */
static enum outcome check_timer(struct rule_ctx *c)
{
	const struct wire_timer_lock *r = (const void *)c->view->rec;
	const struct model_task *t = c->view->subject;

	if (!r->ret)
		return r->head ?
		       broken(c, "a CPU timer is queued, but its struct pid has no task: its owner frees it while it is queued") :
		       RULE_HOLDS;
	if (r->first == r->link || !t)
		return RULE_HOLDS;
	if (!t->joined && !(t->window && t->window->changes))
		return RULE_SKIP;
	c->since = t->joined ? t->joined : t->window->index;
	return broken(c, "a CPU timer armed by the number that the task had before it joined reaches it");
}

static enum outcome check_i39(struct rule_ctx *c)
{
	if (c->view->rec->type == WIRE_TIMER_LOCK)
		return check_timer(c);
	if (!c->w->per_type[WIRE_TGID])
		return RULE_SKIP;
	if (c->w->cpu_timers)
		return broken(c, "a CPU timer is queued on the task at change_pid(TGID)");
	return RULE_HOLDS;
}

static enum outcome check_i41(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const struct wire_task *t = &c->x->task;

	if (!(c->facts & SETNS_JOINED))
		return w->rewrites ?
		       broken(c, "task:pid_rewrite from a setns that did not move its caller") :
		       RULE_SKIP;
	if (w->rewrites != 1)
		return broken(c, "task:pid_rewrite fired %u times, not once",
			      w->rewrites);
	if (w->rewrite.task.task != t->task)
		return broken(c, "task:pid_rewrite names another task");
	if (w->rewrite_old != w->old.address ||
	    w->rewrite_new != t->thread_pid)
		return broken(c, "task:pid_rewrite names other struct pids");
	if (w->rewrite.task.pid != t->pid || w->rewrite.task.tgid != t->tgid)
		return broken(c, "task:pid_rewrite had pid %d, tgid %d; at exit they are %d, %d",
			      w->rewrite.task.pid, w->rewrite.task.tgid, t->pid,
			      t->tgid);
	return RULE_HOLDS;
}

/*
 * Between the clearing of PIDNS_ADDING and the kill pass of zap_pid_ns_processes(), a
 * correct joiner may commit without the flag and without a kill. So a commit into a
 * namespace without PIDNS_ADDING marks the task, and the kill removes the mark. A task
 * that is alive with the mark after an RCU grace period is the violation. The init
 * does not sleep between the two steps, so no grace period begins and ends there; with
 * CONFIG_PREEMPT it may be preempted between two locks, for a time slice.
 */
static enum outcome check_i34(struct rule_ctx *c)
{
	const struct model_view *v = c->view;
	const struct model_task *t = v->subject;
	uint32_t dying = WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;

	if (v->rec->type == WIRE_COMMIT_DEEPEN)
		return v->window ? RULE_HOLDS : RULE_SKIP;
	if (v->rec->type == WIRE_COMMIT_JOIN) {
		const struct wire_commit_join *r = (const void *)v->rec;

		return v->window && r->task.thread_pid !=
		       v->window->enter.task.thread_pid ?
		       RULE_HOLDS : RULE_SKIP;
	}
	if (v->rec->type == WIRE_SWEEP_TASK)
		dying |= WIRE_T_EXITING;	/* checked at its EXIT record */
	if (!t || !t->late_join || (v->task->state & dying) ||
	    !model__grace_since(c->model, t->late_join))
		return RULE_SKIP;
	c->since = t->late_join;
	return broken(c, "joined a namespace whose init was gone, and was not killed");
}

const struct rule rules_rewrite[] = {
	{
		.id = "I9",
		.statement = "At the first change_pid() or the pid_deepen() of a join the task has no children and no tracees.",
		.why = "wait4() would return pid 0 with tasklist_lock dropped; the init of the container would inherit tasks from outside.",
		.hazards = "H1 H2 H3",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID),
		.keep_hooks = HOOK(DEEPEN),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER, .check = check_i9,
	}, {
		.id = "I10",
		.statement = "At the first change_pid() of a join the task has no controlling terminal and no POSIX timers, and is alone in its session.",
		.why = "The terminal would belong to a session that the task has left; timers would signal a pid without a task.",
		.hazards = "H11 H30 H35",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_TO_JOIN | SETNS_CHANGED, .check = check_i10,
	}, {
		.id = "I14",
		.statement = "A join calls change_pid() on current exactly once for each of PID, TGID, PGID and SID, with the same new struct pid.",
		.why = "If one type is left out, the task is half in the old namespace: without TGID, getpid() returns 0.",
		.hazards = "H21 0.2",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_CHANGED, .check = check_i14,
	}, {
		.id = "I16",
		.statement = "Inside setns detach_pid(current) is not called, and thread_pid is never NULL.",
		.why = "All code that reads the task's pid in the meantime dereferences the pointer.",
		.hazards = "H61",
		.notes = "thread_pid is read at the hooks only, not between them.",
		.hooks = HOOKS_WINDOW | HOOK(DETACH_PID) | HOOK(ALLOC_PID),
		.where = RULE_ALL, AT_EXIT, .check = check_i16,
	}, {
		.id = "I17",
		.statement = "After success thread_pid, pids[TGID], pids[PGID] and pids[SID] are all the new struct pid.",
		.why = "getpid(), getpgrp() and getsid() read these; an old struct pid has no number in the namespace and yields 0.",
		.hazards = "H21",
		.hooks = HOOKS_JOIN,
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_SUCCEEDED, .check = check_i17,
	}, {
		.id = "I18",
		.statement = "After success each of the new struct pid's four lists holds the task alone, linked both ways.",
		.why = "A list that is corrupted now is walked and unlinked from later.",
		.hazards = "H21",
		.notes = "Checked after pidns_commit_join(), on kernels that have it, and when setns returns.",
		.hooks = HOOKS_JOIN,
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_JOINED, .check = check_i18,
	}, {
		.id = "I21",
		.statement = "After success the old struct pid's four lists are empty.",
		.why = "Its number would lead to a task in another namespace, and it would never be freed.",
		.hazards = "H21",
		.notes = "Once it is freed, the copy of it is stale; I25 then checks the lists in free_pid().",
		.hooks = HOOKS_JOIN | HOOK(FREE_PID),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_JOINED, .check = check_i21,
	}, {
		.id = "I22",
		.statement = "After success the new level 0 number leads to the task, and the old one does not.",
		.why = "kill() by number would reach no task, or the wrong one.",
		.hazards = "H59",
		.notes = "The guest tests check the same from user space, with kill() from both namespaces.",
		.hooks = HOOKS_JOIN,
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_JOINED, .check = check_i22,
	}, {
		.id = "I23",
		.statement = "At the first change_pid() or the pid_deepen() of a join pid_ns_for_children is already the target, and after success it is the task's own namespace.",
		.why = "In the other order, a child can be born above its parent, which cannot see it: an escape, and hazard H1.",
		.hazards = "H23",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID),
		.keep_hooks = HOOK(DEEPEN),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER, .check = check_i23,
	}, {
		.id = "I28",
		.statement = "The old struct pid is passed to free_pid() inside the setns that replaced it, and its memory is released.",
		.why = "Otherwise its numbers stay allocated, and its namespace waits for them.",
		.hazards = "H11 H59",
		.notes = "pidfds and others may hold a reference: the memory must be released once the command and all its descendants are gone.",
		.hooks = HOOKS_JOIN | HOOK(FREE_PID) | HOOK(ALLOC_PID) |
			 HOOK(PID_GONE) | HOOK(SWEEP),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_JOINED, .check = check_i28,
		.end_pid = end_i28,
	}, {
		.id = "I29",
		.statement = "A join calls proc_flush_pid(old) exactly once, after change_pid(PID) and without holding tasklist_lock, and none of the inodes that it finds is left.",
		.why = "Stale /proc dentries pin the old pid and its namespace; proc_flush_pid() sleeps.",
		.hazards = "H60",
		.notes = "The lock byte does not say who holds the lock. So the lock is judged over a run of at least 8 joins, if the flushes by exiting tasks show that other tasks seldom hold it at that time, otherwise of at least 32. There may be inodes afterwards: a concurrent lookup may add one. Only the first inode that is found is checked.",
		.hooks = HOOKS_JOIN | HOOK(FLUSH_PID) | HOOK(CHANGE_PID),
		.where = RULE_MOVES, .scope = SCOPE_WINDOW,
		.types = TYPE(SETNS_EXIT) | TYPE(FLUSH_PID),
		.after = SETNS_JOINED, .check = check_i29,
	}, {
		.id = "I34",
		.statement = "At the end of a commit the namespace still has PIDNS_ADDING, or the joiner is being killed.",
		.why = "A joiner that the kill pass missed keeps a dead namespace, and the init that waits for it, forever.",
		.hazards = "H7",
		.notes = "The kill may come a moment after the flag is cleared. The rule is violated if an RCU grace period has begun and ended since, and a sweep or a later record shows the joiner alive and not killed. No timeout is involved.",
		.hooks = HOOKS_JOIN | HOOK(COMMIT_JOIN) | HOOK(EXIT) |
			 HOOK(PUT_PID) | HOOK(SWEEP),
		.keep_hooks = HOOK(COMMIT_DEEPEN),
		.where = RULE_JOIN | RULE_KEEP, .scope = SCOPE_WINDOW,
		.types = TYPE(COMMIT_JOIN) | TYPE(COMMIT_DEEPEN) |
			 TYPE(SETNS_ENTER) | TYPE(EXEC) | TYPE(EXIT) | TYPE(ALLOC_PID) | TYPE(SWEEP_TASK),
		.check = check_i34,
	}, {
		.id = "I35",
		.statement = "A join wakes the parent, with __wake_up_parent(task, real_parent), before change_pid(PID), and also the tracer if one has attached in the meantime.",
		.why = "A parent in waitpid() for the old number would sleep forever; if woken later, it would not find the number among its children.",
		.hazards = "H5",
		.notes = "The guest tests check that the parent's waitpid() returns ECHILD.",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID) | HOOK(WAKE_PARENT),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_JOINED, .check = check_i35,
	}, {
		.id = "I39",
		.statement = "At change_pid(TGID) of a join no CPU timer is queued on the task or its process, and none reaches the task by its old number afterwards.",
		.why = "Other tasks may arm CPU timers without permission; the owner then frees a timer that is still queued.",
		.hazards = "H4",
		.notes = "The latter is checked at each timer_lock_sighand().",
		.hooks = HOOKS_JOIN | HOOK(CHANGE_PID) | HOOK(TIMER_LOCK),
		.where = RULE_MOVES, .scope = SCOPE_WINDOW,
		.types = TYPE(SETNS_EXIT) | TYPE(TIMER_LOCK),
		.after = SETNS_JOINED, .check = check_i39,
	}, {
		.id = "I41",
		.statement = "The tracepoint task:pid_rewrite fires exactly once for each join and never without one; its fields are those of the task.",
		.why = "Tracers that key their state by pid depend on this event to follow the task.",
		.hazards = "H56",
		.hooks = HOOKS_JOIN | HOOK(PID_REWRITE),
		.where = RULE_JOIN, AT_EXIT, .check = check_i41,
	}, {}
};
