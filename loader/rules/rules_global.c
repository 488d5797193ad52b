// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the rules for every kernel and for all code that rewrites pids: I15, I19, I20,
 * I40, I42.
 *
 * Each check looks at single records. The rules trust a record of a task's state only
 * if the task made it itself or cannot run. In an exec by a thread that is not the
 * leader, the thread changes the leader, but only when the leader is dead.
 */
#include "lib/array.h"
#include "loader/model/history.h"
#include "loader/rules/rules.h"

/*
 * setpgid() and setsid() also change PGID and SID, without siglock. So these two are
 * checked inside setns only, where a join changes them together with the rest.
 */
static enum outcome check_siglock(struct rule_ctx *c)
{
	const struct wire_change_pid *r = (const void *)c->view->rec;
	const struct model_window *w = c->view->window;

	if (!(r->hdr.flags & WIRE_F_SIGLOCK_FREE))
		return RULE_HOLDS;
	if (r->pidtype == WIRE_PID || r->pidtype == WIRE_TGID)
		return broken(c, "change_pid() of a process without its siglock");
	if (!w || w->task != c->view->subject)
		return RULE_HOLDS;
	c->since = w->index;
	return broken(c, "change_pid(%s) inside setns without siglock",
		      pidtype__name(r->pidtype));
}

static enum outcome check_i15(struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;

	if (!(rec->flags & WIRE_F_TASKLIST_KNOWN))
		return RULE_NO_FACT;
	if (!(rec->flags & WIRE_F_TASKLIST_WRITE))
		return broken(c, "%s() with tasklist_lock not write-held",
			      record__name(rec->type));
	if (rec->type == WIRE_DEEPEN && rec->flags & WIRE_F_SIGLOCK_FREE)
		return broken(c, "pid_deepen() without siglock");
	return rec->type == WIRE_CHANGE_PID ? check_siglock(c) : RULE_HOLDS;
}

/* FORK: the child does not run yet. Other types: the task made the record itself. */
static enum outcome check_i19(struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;
	const struct wire_task *t = c->view->task;
	const struct wire_pid *pid = record__pid(rec, 0);

	if (!record__levels(rec, pid))
		return RULE_SKIP;
	if (rec->type == WIRE_SWEEP_TASK && !rule_ctx__visited_at_rest(c))
		return RULE_SKIP;
	if (t->pid != pid->upid[0].nr)
		return broken(c, "task->pid is %d, but its struct pid has %d at level 0",
			      t->pid, pid->upid[0].nr);
	if ((t->state & WIRE_T_LEADER) && t->tgid != t->pid)
		return broken(c, "task->tgid of a thread group leader is %d, but its task->pid is %d",
			      t->tgid, t->pid);
	return RULE_HOLDS;
}

static enum outcome check_i20(struct rule_ctx *c)
{
	const struct wire_alloc_pid *r = (const void *)c->view->rec;
	const struct wire_pid *pid = record__pid(c->view->rec, 0);
	unsigned int n = record__levels(c->view->rec, pid);

	if (!n)
		return RULE_SKIP;
	if (pid->level != r->ns_level)
		return broken(c, "a struct pid of level %u for a namespace of level %u",
			      pid->level, r->ns_level);
	if (pid->upid[n - 1].ns != r->ns)
		return broken(c, "numbers[%u] belong to pid:[%u], not to pid:[%u]",
			      n - 1, pid->upid[n - 1].ns, r->ns);
	for (unsigned int i = 1; i < n; i++)
		if (pid->upid[i].parent &&
		    pid->upid[i].parent != pid->upid[i - 1].ns)
			return broken(c, "numbers[%u] belong to pid:[%u], but the parent of pid:[%u] is pid:[%u]",
				      i - 1, pid->upid[i - 1].ns,
				      pid->upid[i].ns, pid->upid[i].parent);
	return RULE_HOLDS;
}

static enum outcome check_i40(struct rule_ctx *c)
{
	const struct wire_error_report *r = (const void *)c->view->rec;
	/* enum error_detector of the kernel, as of 6.1 to 6.12 */
	static const char *const names[] = { "KFENCE", "KASAN", "WARN" };
	const char *name = r->detector < ARRAY_SIZE(names) ?
			   names[r->detector] : "an unknown detector";

	return broken(c, "the kernel reported an error: %s, address 0x%llx", name,
		      r->address);
}

/* With CLONE_NEWPID, the child is number 1 in a new namespace below @ns. */
static bool is_born_below(const struct wire_hdr *rec,
			  const struct wire_pid *pid, uint32_t ns)
{
	unsigned int n = record__levels(rec, pid);

	return n > 1 && pid->upid[n - 1].nr == 1 && pid->upid[n - 2].ns == ns;
}

/* The alloc_pid() of this fork has recorded where the children of current go. */
static enum outcome check_birthplace(struct rule_ctx *c,
				     const struct wire_pid *pid)
{
	const struct model_task *parent = c->view->current;
	const struct wire_task *t = c->view->task;

	if (!parent || !parent->children_ns ||
	    t->active_ns == parent->children_ns ||
	    is_born_below(c->view->rec, pid, parent->children_ns))
		return RULE_HOLDS;
	c->since = parent->children_shown;
	return broken(c, "born in pid:[%u], but the children of the task that forked it belong in pid:[%u]",
		      t->active_ns, parent->children_ns);
}

static enum outcome check_child(struct rule_ctx *c, const struct wire_pid *pid)
{
	const struct wire_fork *r = (const void *)c->view->rec;
	const struct wire_task *t = &r->task;

	if ((r->hdr.flags & WIRE_F_OWN_CHILD) && r->real_parent != r->parent)
		return broken(c, "the child's real_parent is task 0x%llx, not the task that forked it",
			      r->real_parent);
	if (r->parent_active_ns &&
	    !rule__has_number_in(&r->hdr, pid, r->parent_active_ns))
		return broken(c, "the child has no number in pid:[%u], where the task that forked it lives",
			      r->parent_active_ns);
	if (t->children_ns && t->children_ns != t->active_ns)
		return broken(c, "born in pid:[%u], but its own children would go to pid:[%u]",
			      t->active_ns, t->children_ns);
	return check_birthplace(c, pid);
}

/* A thread other than the leader takes over the leader's struct pid, pids[TGID]. */
static enum outcome check_exec(struct rule_ctx *c)
{
	const struct model_task *before = c->view->subject; /* always known at an exec */
	const struct wire_task *t = c->view->task;

	if (t->thread_pid != t->pids[WIRE_TGID])
		return broken(c, "after exec thread_pid is not pids[TGID]");
	if (!before->shown || t->thread_pid == before->process)
		return RULE_HOLDS;
	c->since = before->shown;
	return broken(c, "exec changed pids[TGID] from 0x%llx to 0x%llx",
		      before->process, t->thread_pid);
}

static enum outcome check_i42(struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;
	const struct wire_pid *pid = record__pid(rec, 0);

	if (!record__levels(rec, pid))
		return RULE_SKIP;
	return rec->type == WIRE_FORK ? check_child(c, pid) : check_exec(c);
}

const struct rule rules_global[] = {
	{
		.id = "I15",
		.statement = "tasklist_lock is write-held whenever a struct pid is attached, changed, detached, transferred or deepened; siglock is held as well when the PID or TGID of a live task changes, when setns changes its PGID or SID, and when a struct pid is deepened.",
		.why = "The lists have no lock of their own, so that a race corrupts them, rarely. CPU timers and senders of signals rely on siglock alone.",
		.hazards = "H21",
		.notes = "The lock word is read, which does not say who holds the lock: a caller that does not hold it is missed while another task does. The same goes for siglock; no record shows whether it is held continuously from the first of the four changes to the last, and until task->pid and tgid are changed.",
		.hooks = HOOK(ATTACH_PID) | HOOK(CHANGE_PID) |
			 HOOK(DETACH_PID) | HOOK(TRANSFER_PID) |
			 HOOK(EXCHANGE_TIDS),
		.keep_hooks = HOOK(DEEPEN),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ATTACH_PID) | TYPE(CHANGE_PID) |
			 TYPE(DETACH_PID) | TYPE(TRANSFER_PID) |
			 TYPE(EXCHANGE_TIDS) | TYPE(DEEPEN),
		.links = LINKS_ALIKE, .check = check_i15,
	}, {
		.id = "I19",
		.statement = "task->pid is the level 0 number of thread_pid, and a leader's task->tgid equals it.",
		.why = "printk, perf, BPF, file locks and hundreds of other users read them; threads inherit a stale tgid.",
		.hazards = "H20",
		.notes = "Checked when a task is forked, execs, exits, and enters or leaves setns, and by sweeps over all tasks.",
		.hooks = HOOK(FORK) | HOOK(EXEC) | HOOK(EXIT) | HOOKS_WINDOW |
			 HOOK(SWEEP),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(FORK) | TYPE(EXEC) | TYPE(EXIT) |
			 TYPE(SETNS_ENTER) | TYPE(SETNS_EXIT) |
			 TYPE(SWEEP_TASK),
		.check = check_i19,
	}, {
		.id = "I20",
		.statement = "The struct pid that alloc_pid(ns) returns has the level of ns, and a number in ns and in each of its ancestors, in order.",
		.why = "A task without a number in an ancestor namespace is invisible to the tasks there that must wait for it and kill it.",
		.hazards = "H71",
		.hooks = HOOK(ALLOC_PID),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ALLOC_PID), .check = check_i20,
	}, {
		.id = "I40",
		.statement = "The kernel reports no error in the whole run: no WARN, KASAN or KFENCE report.",
		.why = "What a rewrite breaks is often first noticed by a check elsewhere in the kernel.",
		.notes = "Splats that do not reach the tracepoint error_report_end (lockdep, atomic sleep) are found by vmtest on the console.",
		.hooks = HOOK(ERROR_REPORT),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ERROR_REPORT), .check = check_i40,
		.whole_run = true,
	}, {
		.id = "I42",
		.statement = "A child is born in the pid_ns_for_children of the task that forked it, or in a new namespace right below it, and its own children go to the same namespace; it has a number in the namespace of that task, and that task as its real_parent. exec keeps the struct pid of the process, as pids[TGID] and as thread_pid.",
		.why = "A parent in a lower namespace than its child cannot wait for it: wait4() would return pid 0.",
		.hazards = "H1 H23",
		.notes = "The real_parent of threads, and of children created with CLONE_PARENT, is not checked. For a task that existed before the run, an exec is compared with the last record of the task.",
		.hooks = HOOK(FORK) | HOOK(EXEC) | HOOK(ALLOC_PID),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(FORK) | TYPE(EXEC), .check = check_i42,
	}, {}
};
