// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the rules for a single setns call: I1 to I8, I11 to I13, I24.
 *
 * All rules are judged when setns returns. Other tasks may change two fields of the
 * caller: pids[PGID] (a parent may setpgid() its child until the child execs) and, in a
 * process of several threads, pids[SID] (another thread may setsid()). So PGID is
 * judged by the change_pid() calls that the caller made, and SID by its value only if
 * the process has one thread.
 *
 * Errnos: an earlier row of the errno table may legitimately win. Each check lists the
 * rows that come before its own.
 */
#include <errno.h>

#include "loader/rules/rules.h"

#define CAP_SYS_ADMIN 21

/* As rule_ctx__difference(), but the struct pid must not have got another number. */
static const char *difference(const struct rule_ctx *c)
{
	const char *diff = rule_ctx__difference(c);

	return diff || !model_window__is_deeper(c->w, c->x) ? diff :
							      "the level of thread_pid";
}

/* The function by which the join of this call gets a number. */
static const char *allocator(const struct rule_ctx *c)
{
	return c->kind == WINDOW_KEEP ? "pid_reserve_nr()" : "alloc_pid()";
}

static enum outcome check_i1(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const char *diff;

	if (c->kind != WINDOW_PLAIN && c->kind != WINDOW_MAINLINE)
		return RULE_SKIP;
	if (w->nallocs || w->failed_allocs)
		return broken(c, "alloc_pid() was called");
	if (w->changes)
		return broken(c, "change_pid() was called %u times", w->changes);
	if (w->freed)
		return broken(c, "free_pid() was called %u times", w->freed);
	if (w->nkeep.reserves || w->nkeep.failed_reserves)
		return broken(c, "pid_reserve_nr() was called");
	if (w->nkeep.deepens)
		return broken(c, "pid_deepen() was called %u times",
			      w->nkeep.deepens);
	diff = difference(c);
	if (diff)
		return broken(c, "%s changed", diff);
	return RULE_HOLDS;
}

static enum outcome check_i2(struct rule_ctx *c)
{
	const char *diff = difference(c);

	if (diff)
		return broken(c, "setns failed with %lld, but %s changed", c->x->ret,
			      diff);
	if (c->x->task.nsproxy != c->w->enter.task.nsproxy)
		return broken(c, "setns failed with %lld, but nsproxy changed",
			      c->x->ret);
	return RULE_HOLDS;
}

static enum outcome check_i3(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (!w->nallocs)
		return RULE_SKIP;
	for (unsigned int i = 0; i < w->nallocs && i < MODEL_ALLOCS; i++) {
		const struct model_alloc *a = &w->allocs[i];

		for (int t = 0; t < WIRE_PIDTYPES; t++)
			if (w->change_new[t] == a->rec.ret)
				return broken(c, "setns failed with %lld, but its struct pid was given to the task",
					      c->x->ret);
		if (a->freed != 1)
			return broken(c, "setns failed with %lld; its struct pid was freed %u times, not once",
				      c->x->ret, a->freed);
	}
	return RULE_HOLDS;
}

static enum outcome check_i4(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const struct wire_alloc_pid *a = &w->allocs[0].rec;

	if (w->nallocs + w->failed_allocs != 1)
		return broken(c, "alloc_pid() was called %u times, not once",
			      w->nallocs + w->failed_allocs);
	if (!w->nallocs)
		return broken(c, "setns returned 0 although alloc_pid() failed with %d",
			      w->alloc_error);
	if (a->ns != w->install.target_ns)
		return broken(c, "alloc_pid() was for pid:[%u], but the target is pid:[%u]",
			      a->ns, w->install.target_ns);
	if (a->set_tid || a->set_tid_size)
		return broken(c, "alloc_pid() was asked for chosen numbers");
	if (w->allocs[0].freed)
		return broken(c, "the new struct pid was freed by the setns that installed it");
	return RULE_HOLDS;
}

static bool no_alloc(const struct model_window *w)
{
	return !w->nallocs && !w->failed_allocs && !w->nkeep.reserves &&
	       !w->nkeep.failed_reserves;
}

/* Earlier rows: the two capabilities (EPERM). */
static enum outcome check_i5(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (!w->tgid_known || w->tgid_nr != 1)
		return RULE_SKIP;
	if (!no_alloc(w))
		return broken(c, "an init was let through to %s", allocator(c));
	if (w->install.ret == -EINVAL)
		return RULE_HOLDS;
	for (unsigned int i = 0; i < w->ncaps && i < MODEL_CAPS; i++)
		if (!w->caps[i].granted && w->install.ret == -EPERM)
			return RULE_SKIP;
	return broken(c, "pidns_install() returned %d for an init, not EINVAL",
		      w->install.ret);
}

/* Earlier rows: capabilities (also EPERM), an init as caller (EINVAL). */
static enum outcome check_i6(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	bool may_be_init = !w->tgid_known || w->tgid_nr == 1;

	if (w->install.target_parent == w->enter.task.active_ns)
		return RULE_SKIP;
	if (!no_alloc(w))
		return broken(c, "the target's parent is pid:[%u], but the caller is in pid:[%u]: it reached %s",
			      w->install.target_parent, w->enter.task.active_ns,
			      allocator(c));
	if (w->install.ret == -EPERM ||
	    (may_be_init && w->install.ret == -EINVAL))
		return RULE_HOLDS;
	return broken(c, "the target's parent is pid:[%u], but the caller is in pid:[%u]: pidns_install() returned %d, not EPERM",
		      w->install.target_parent, w->enter.task.active_ns,
		      w->install.ret);
}

static bool leads(const struct wire_task *t)
{
	return t->pids[WIRE_PGID] == t->thread_pid &&
	       t->pids[WIRE_SID] == t->thread_pid;
}

/* Returns whether the caller led both at the latest record before a rewrite. */
static bool led_late(const struct model_window *w)
{
	const struct wire_pidns_install *i = &w->install;
	const struct wire_alloc_pid *a = &w->allocs[0].rec;

	if (w->nallocs)
		return a->group == a->thread_pid && a->session == a->thread_pid;
	return i->group == i->thread_pid && i->session == i->thread_pid;
}

/*
 * Earlier rows: capabilities (EPERM), an init as caller (EINVAL), the target's parent
 * (EPERM), a target without init (EINVAL; the init may be born during the call, so
 * EINVAL is never a violation).
 * The caller must not lead both its group and its session, neither at entry nor at the
 * latest record before a rewrite: its parent may call setpgid() in between.
 */
static enum outcome check_i7(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (w->foreign || leads(&w->enter.task) || led_late(w) ||
	    !w->tgid_known || w->tgid_nr == 1 ||
	    w->install.target_parent != w->enter.task.active_ns ||
	    !w->install.child_reaper)
		return RULE_SKIP;
	if (!no_alloc(w))
		return broken(c, "a task that does not lead both its group and its session reached alloc_pid()");
	if (w->install.ret == -EPERM)
		return RULE_HOLDS;
	if (w->install.ret == -EINVAL)
		return RULE_SKIP;
	return broken(c, "pidns_install() returned %d, not EPERM, for a task that does not lead both its group and its session",
		      w->install.ret);
}

/* A single thread stays single: only the caller could clone into its group. */
static enum outcome check_i8(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	uint32_t threads = w->nallocs ? w->allocs[0].rec.nr_threads :
					w->keep.reserve.nr_threads;

	if (threads != 1)
		return broken(c, "%s for a process of %u threads", allocator(c),
			      threads);
	return RULE_HOLDS;
}

static bool was_granted(const struct model_window *w, uint64_t user_ns)
{
	for (unsigned int i = 0; i < w->ncaps && i < MODEL_CAPS; i++)
		if (w->caps[i].user_ns == user_ns && w->caps[i].granted &&
		    w->caps[i].cap == CAP_SYS_ADMIN && w->caps[i].before_alloc)
			return true;
	return false;
}

static enum outcome check_i11(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (w->ncaps > MODEL_CAPS)
		return RULE_SKIP;
	if (!was_granted(w, w->install.target_user_ns))
		return broken(c, "%s without CAP_SYS_ADMIN over the target's user namespace",
			      allocator(c));
	if (!was_granted(w, w->install.cred_user_ns))
		return broken(c, "%s without CAP_SYS_ADMIN over the user namespace of the credentials being installed",
			      allocator(c));
	if (c->kind != WINDOW_KEEP && !was_granted(w, w->install.outer_user_ns))
		return broken(c, "alloc_pid() without CAP_SYS_ADMIN over the user namespace of the outermost pid namespace, where the number changes as well");
	return RULE_HOLDS;
}

static enum outcome check_reserve_error(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	int32_t error = w->keep.failed_reserve.ret;

	if (w->nkeep.reserves)
		return RULE_SKIP;
	if (c->x->ret != error)
		return broken(c, "pid_reserve_nr() failed with %d, setns returned %lld",
			      error, c->x->ret);
	if (w->nkeep.deepens)
		return broken(c, "pid_deepen() although pid_reserve_nr() failed with %d",
			      error);
	return RULE_HOLDS;
}

static enum outcome check_i12(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (w->nkeep.failed_reserves)
		return check_reserve_error(c);
	if (!w->failed_allocs || w->nallocs)
		return RULE_SKIP;
	if (c->x->ret != w->alloc_error)
		return broken(c, "alloc_pid() failed with %d, setns returned %lld",
			      w->alloc_error, c->x->ret);
	if (w->changes)
		return broken(c, "change_pid() although alloc_pid() failed with %d",
			      w->alloc_error);
	return RULE_HOLDS;
}

static enum outcome check_reserved(struct rule_ctx *c, const struct wire_reserve_nr *r)
{
	if (!r->child_reaper)
		return broken(c, "a number was reserved in pid:[%u], which has no init",
			      r->inum);
	if (r->ret == 1)
		return broken(c, "number 1 was reserved for the joiner in pid:[%u]",
			      r->inum);
	return RULE_HOLDS;
}

static enum outcome check_i13(struct rule_ctx *c)
{
	const struct model_alloc *a = &c->w->allocs[0];

	if (!c->w->nallocs)
		return check_reserved(c, &c->w->keep.reserve);
	if (!a->rec.child_reaper)
		return broken(c, "a number was taken in pid:[%u], which has no init",
			      a->rec.ns);
	if (a->numbers.levels &&
	    a->numbers.upid[a->numbers.levels - 1].nr == 1)
		return broken(c, "the joiner got number 1 in pid:[%u]",
			      a->rec.ns);
	return RULE_HOLDS;
}

static enum outcome check_i24(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (!w->changes && !w->nkeep.deepens)
		return RULE_SKIP;
	if (!c->x->ret)
		return RULE_HOLDS;
	if (!w->changes)
		return broken(c, "pid_deepen() was called %u times, yet setns returned %lld",
			      w->nkeep.deepens, c->x->ret);
	return broken(c, "change_pid() was called %u times, yet setns returned %lld",
		      w->changes, c->x->ret);
}

const struct rule rules_window[] = {
	{
		.id = "I1",
		.statement = "A setns that must not move its caller allocates, changes and frees no struct pid; thread_pid and its numbers, pids[], task->pid and tgid are the same at exit as at entry.",
		.why = "With the sysctl at 0, and for every other kind of namespace, setns must behave exactly as in mainline.",
		.hazards = "H23",
		.notes = "pids[PGID] is judged by the change_pid() calls only, and pids[SID] only where there is a single thread: other tasks may change them in the meantime.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(CHANGE_PID) |
			 HOOK(FREE_PID),
		.keep_hooks = HOOK(RESERVE_NR) | HOOK(DEEPEN),
		.where = RULE_ALL, AT_EXIT, .check = check_i1,
	}, {
		.id = "I2",
		.statement = "A setns that fails has changed nothing: thread_pid and its level, pids[], task->pid, tgid and the nsproxy pointer are the same at exit as at entry.",
		.why = "The commit must come after the last step that can fail; setns(pidfd, ...) installs further namespaces after the pid namespace.",
		.hazards = "0.4",
		.notes = "As for I1.",
		.hooks = HOOKS_WINDOW,
		.where = RULE_ALL, AT_EXIT,
		.after = SETNS_FAILED, .check = check_i2,
	}, {
		.id = "I3",
		.statement = "When setns fails, each struct pid that it allocated was freed exactly once before it returned, and was given to no task.",
		.why = "A struct pid that is never freed makes the init of its namespace wait forever; one that is freed twice corrupts memory.",
		.hazards = "H7",
		.hooks = HOOKS_WINDOW | HOOK(ALLOC_PID) | HOOK(FREE_PID) |
			 HOOK(CHANGE_PID),
		.where = RULE_ALL, AT_EXIT,
		.after = SETNS_FAILED | SETNS_ALLOCATED, .check = check_i3,
	}, {
		.id = "I4",
		.statement = "A setns that moves its caller calls alloc_pid(target, NULL, 0) exactly once and does not free the result.",
		.why = "Two numbers for one task, or a number in a namespace other than the target, are never undone.",
		.hazards = "H7",
		.notes = "The sysctl is read at entry and after pidns_install(); a call during which it was written in any namespace is not judged.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(FREE_PID),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_SUCCEEDED, .check = check_i4,
	}, {
		.id = "I5",
		.statement = "The init of a pid namespace cannot join: EINVAL, and nothing is allocated.",
		.why = "A namespace whose init has left is never torn down, and its child_reaper dangles.",
		.hazards = "H9",
		.notes = "The check for a missing capability (EPERM) comes first. A thread of an init is only judged where the fork of its leader was seen.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(NS_CAPABLE),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER, .check = check_i5,
	}, {
		.id = "I6",
		.statement = "The target's parent is the caller's active pid namespace; otherwise setns returns EPERM, and nothing is allocated.",
		.why = "Only then does the task keep a number in every namespace where it had one; a task that joins a cousin namespace vanishes from its own.",
		.hazards = "H71",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER, .check = check_i6,
	}, {
		.id = "I7",
		.statement = "A caller that does not lead both its process group and its session gets EPERM, and nothing is allocated.",
		.why = "Its group or session would stay behind in the old namespace: getpgrp() and getsid() would return 0.",
		.hazards = "H11 H21",
		.notes = "Not judged if another task changed the caller's group during the call.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(CHANGE_PID),
		.where = RULE_MOVES, AT_EXIT,
		.after = SETNS_TO_JOIN, .check = check_i7,
	}, {
		.id = "I8",
		.statement = "Only single-threaded processes reach alloc_pid() or pid_reserve_nr() in setns.",
		.why = "Threads of one group at two levels: use after free in semop(), an exec that moves a thread.",
		.hazards = "H22",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER | SETNS_ALLOCATED, .check = check_i8,
	}, {
		.id = "I11",
		.statement = "Before alloc_pid() or pid_reserve_nr() in setns, ns_capable(CAP_SYS_ADMIN) was true for the user namespaces of the target and of the credentials being installed; before alloc_pid() also for that of the outermost pid namespace.",
		.why = "Otherwise anyone can escape supervision: a join with a new struct pid changes the task's number in all ancestors and ends its pidfds.",
		.hazards = "H70 K1",
		.notes = "A task with the capability over the outermost namespace has it over all those in between. Where two of the three are the same namespace, one call is enough. Not judged with more than 16 ns_capable() calls.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(NS_CAPABLE),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER | SETNS_ALLOCATED, .check = check_i11,
	}, {
		.id = "I12",
		.statement = "When alloc_pid() or pid_reserve_nr() fails, setns returns its error.",
		.why = "alloc_pid() returns an ERR_PTR, never NULL: an error that is not recognised is dereferenced.",
		.hazards = "0.3",
		.hooks = HOOKS_WINDOW | HOOK(ALLOC_PID) | HOOK(CHANGE_PID),
		.keep_hooks = HOOK(RESERVE_NR) | HOOK(DEEPEN),
		.where = RULE_ALL, AT_EXIT, .check = check_i12,
	}, {
		.id = "I13",
		.statement = "The target has an init when a number is taken in it, and the joiner does not get number 1.",
		.why = "Number 1 without a child_reaper is an init by number only: the death of its parent's child dereferences NULL.",
		.hazards = "H8",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ENTERS, AT_EXIT,
		.after = SETNS_TO_ENTER | SETNS_ALLOCATED, .check = check_i13,
	}, {
		.id = "I24",
		.statement = "Where setns called change_pid() or pid_deepen(), it returns 0.",
		.why = "A rewrite cannot be undone: it must come after the last step that can fail.",
		.hazards = "0.4",
		.hooks = HOOKS_WINDOW | HOOK(CHANGE_PID),
		.keep_hooks = HOOK(DEEPEN),
		.where = RULE_ALL, AT_EXIT, .check = check_i24,
	}, {}
};
