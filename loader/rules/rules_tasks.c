// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the relations between tasks, for all code that rewrites pids: I30 to I33, I36,
 * I46.
 *
 * Sweeps provide most of the facts. A visit reads one field after the other while the
 * task and its relatives keep running. RCU keeps all of them from being freed
 * meanwhile, but they may die; each check explains why that does not mislead it.
 */
#include "loader/model/history.h"
#include "loader/rules/rules.h"

static enum outcome check_relative(struct rule_ctx *c, const char *what,
				   const struct wire_relative *p)
{
	const struct wire_hdr *rec = c->view->rec;

	if (!p->ns || rule__has_number_in(rec, record__pid(rec, 0), p->ns))
		return RULE_HOLDS;
	return broken(c, "task %d has no number in pid:[%u], where its %s, task %d, lives",
		      c->view->task->pid, p->ns, what, p->pid);
}

/*
 * Between the two reads, a parent may die or the task may join. The next parent is in
 * the same namespace or further out, and a join only adds a number further in.
 */
static enum outcome check_i30(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;
	enum outcome o;

	if (r->exit_state || !record__levels(&r->hdr, record__pid(&r->hdr, 0)))
		return RULE_SKIP;
	o = check_relative(c, "real_parent", &r->real_parent);
	return o == RULE_HOLDS ? check_relative(c, "parent", &r->parent) : o;
}

/*
 * After a task became its own parent, the machine may hang before the next sweep: an
 * exit below the task walks up for ever, with tasklist_lock held. So each EXIT record
 * has the parent, too.
 */
static enum outcome check_i31_at_exit(struct rule_ctx *c)
{
	const struct wire_exit *r = (const void *)c->view->rec;

	if (r->real_parent == r->task.task)
		return broken(c, "task %d is its own real_parent, and exits",
			      r->task.pid);
	return RULE_HOLDS;
}

/* exit_state is read last: the task was alive, so its real_parent was valid under RCU. */
static enum outcome check_i31(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;

	if (c->view->rec->type == WIRE_EXIT)
		return check_i31_at_exit(c);
	if (r->exit_state || !r->task.thread_pid)
		return RULE_SKIP;
	if ((r->flags & WIRE_SWEEP_SELF_PARENT) && r->task.pid)
		return broken(c, "task %d is its own real_parent", r->task.pid);
	if (!(r->flags & WIRE_SWEEP_ROOT))
		return broken(c, "from task %d, real_parent does not lead to task 0 in %u steps",
			      r->task.pid, r->steps);
	return RULE_HOLDS;
}

/* wait4() holds tasklist_lock: no task joins or is released at that moment. */
static enum outcome check_i32(struct rule_ctx *c)
{
	const struct wire_wait_child *r = (const void *)c->view->rec;
	const struct wire_pid *pid = record__pid(&r->hdr, 0);

	if (!record__levels(&r->hdr, pid))
		return RULE_SKIP;
	if (!rule__has_number_in(&r->hdr, pid, r->waiter_ns))
		return broken(c, "waiting in pid:[%u] for task %d, which has no number there: wait4() would return 0",
			      r->waiter_ns, r->pid);
	return RULE_HOLDS;
}

/*
 * The reaper is the first task of a namespace, never one that joined. After the end
 * of allocation, the reaper may be gone and another task may be at its address.
 */
static enum outcome check_reaper_of_born(struct rule_ctx *c)
{
	const struct wire_alloc_pid *r = (const void *)c->view->rec;
	const struct model_task *t = model__task(c->model, r->child_reaper);

	if (!t || !(r->pid_allocated & MODEL_ADDING))
		return RULE_SKIP;
	if (t->joined) {
		c->since = t->joined;
		return broken(c, "task %d joined a namespace and is the child_reaper of pid:[%u]",
			      t->pid, r->ns);
	}
	return RULE_HOLDS;
}

/* An init may die during the visit, and the task with it: ns->zap is set then. */
static enum outcome check_i33(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;
	const struct model_task *t = c->view->subject;
	const struct model_ns *ns;

	if (c->view->rec->type == WIRE_ALLOC_PID)
		return check_reaper_of_born(c);
	ns = model__ns(c->model, r->reaper_ns);
	if (r->exit_state || !r->reaper_ns || (ns && ns->zap))
		return RULE_SKIP;
	if (!r->reaper)
		return broken(c, "pid:[%u], in which task %d lives, has no child_reaper",
			      r->reaper_ns, r->task.pid);
	if (t && t->joined && r->reaper == t->task) {
		c->since = t->joined;
		return broken(c, "task %d joined pid:[%u] and is its child_reaper",
			      r->task.pid, r->reaper_ns);
	}
	if (r->reaper_nr != 1) {
		c->since = ns && ns->born ? ns->born : 1;
		return broken(c, "the child_reaper of pid:[%u] has number %d there, not 1",
			      r->reaper_ns, r->reaper_nr);
	}
	return RULE_HOLDS;
}

static enum outcome check_i36(struct rule_ctx *c)
{
	const struct wire_notify_pidfd *r = (const void *)c->view->rec;

	if (!r->exit_state)
		return broken(c, "do_notify_pidfd() of task %d, which lives",
			      r->task_pid);
	return RULE_HOLDS;
}

/* --- I46: who gets an orphan --- */

/* The real_parent of a task, when the task exits or is visited by a sweep. */
struct guardian {
	int32_t pid, tgid;
	uint32_t ns;		/* inum of its active namespace */
	bool is_init;		/* its process has number 1 there */
	bool subreaper;		/* the task has had a subreaper above it */
};

/* A subreaper is looked for below the init of a namespace only. */
static bool is_init(const struct model_task *t)
{
	return t->levels && t->nr[t->levels - 1] == 1;
}

/*
 * The old parent stays in its namespace, because a task with children cannot join. All
 * that its exit can choose from is in this namespace, too: its other threads, the
 * subreapers above it, and the init. What it had above it, its child had as well.
 */
static enum outcome check_guardian(struct rule_ctx *c, const struct guardian *g)
{
	const struct model_task *t = c->view->subject;

	if (!t || !t->parent_tgid || !g->ns || is_init(t))
		return RULE_SKIP;
	if (g->tgid == t->parent_tgid)
		return RULE_HOLDS;
	c->since = t->forked;
	if (g->ns != t->parent_ns)
		return broken(c, "the parent of task %d, process %d, lived in pid:[%u]; the real_parent is now task %d in pid:[%u]",
			      t->pid, t->parent_tgid, t->parent_ns, g->pid,
			      g->ns);
	if (!g->is_init && !g->subreaper)
		return broken(c, "the parent of task %d, process %d, is gone; the real_parent is now task %d, which is not the init of pid:[%u], and there is no subreaper",
			      t->pid, t->parent_tgid, g->pid, g->ns);
	return RULE_HOLDS;
}

static enum outcome check_i46_at_exit(struct rule_ctx *c)
{
	const struct wire_exit *r = (const void *)c->view->rec;
	const struct model_task *p = model__task(c->model, r->real_parent);

	/* Only the numbers of a leader are known to be those of its process. */
	if (!p || !p->levels || p->pid != p->tgid)
		return RULE_SKIP;
	return check_guardian(c, &(struct guardian){
		.pid = p->pid,
		.tgid = p->tgid,
		.ns = p->ns[p->levels - 1],
		.is_init = is_init(p),
		.subreaper = r->hdr.flags & WIRE_F_SUBREAPER,
	});
}

static enum outcome check_i46(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;

	if (c->view->rec->type == WIRE_EXIT)
		return check_i46_at_exit(c);
	if (r->exit_state || !(r->flags & WIRE_SWEEP_LIVE_ABOVE))
		return RULE_SKIP;
	return check_guardian(c, &(struct guardian){
		.pid = r->real_parent.pid,
		.tgid = r->real_parent.tgid,
		.ns = r->real_parent.ns,
		.is_init = r->flags & WIRE_SWEEP_INIT_ABOVE,
		.subreaper = r->flags & WIRE_SWEEP_SUBREAPER,
	});
}

#define AT_VISIT .types = TYPE(SWEEP_TASK), .scope = SCOPE_RECORD

const struct rule rules_tasks[] = {
	{
		.id = "I30",
		.statement = "Each live task has a number in the namespace of its real_parent, and in that of its parent (its tracer).",
		.why = "The waiter gets the number as seen from its own namespace: a wait4() that returns 0 has dropped a lock that it did not take.",
		.hazards = "H1 H2 H3",
		.notes = "Checked by sweeps before, during and after the run.",
		.hooks = HOOK(SWEEP), .where = RULE_ALL, AT_VISIT,
		.check = check_i30,
	}, {
		.id = "I31",
		.statement = "Following real_parent from any live task leads to task 0, and no task is its own parent.",
		.why = "Code that walks up the tree, under tasklist_lock or RCU, would loop forever.",
		.hazards = "H2 H3",
		.notes = "Checked by sweeps before, during and after the run; that the task is not its own parent is also checked at each exit.",
		.hooks = HOOK(SWEEP) | HOOK(EXIT), .where = RULE_ALL,
		.scope = SCOPE_RECORD, .types = TYPE(SWEEP_TASK) | TYPE(EXIT),
		.check = check_i31,
	}, {
		.id = "I32",
		.statement = "A task that wait4() considers has a number in the namespace of the waiter.",
		.why = "wait4() would return 0 for it, with tasklist_lock dropped twice.",
		.hazards = "H1 H2",
		.notes = "Checked where the two tasks live in different namespaces.",
		.hooks = HOOK(WAIT_CHILD), .where = RULE_ALL,
		.scope = SCOPE_RECORD, .types = TYPE(WAIT_CHILD),
		.check = check_i32,
	}, {
		.id = "I33",
		.statement = "Each namespace of a live task has a child_reaper whose process has number 1 there; a task that joined is never a child_reaper.",
		.why = "The death of any child in it dereferences child_reaper; a joiner as reaper inherits tasks it cannot see.",
		.hazards = "H8 H9",
		.notes = "Checked by sweeps; that the child_reaper did not join is checked at each alloc_pid(). Namespaces whose init has begun to exit are not checked: the init may be gone before the visit ends.",
		.hooks = HOOK(SWEEP) | HOOK(ZAP_ENTER) | HOOK(ALLOC_PID),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(SWEEP_TASK) | TYPE(ALLOC_PID),
		.check = check_i33,
	}, {
		.id = "I36",
		.statement = "do_notify_pidfd() is called for dead tasks only, never for one that joins.",
		.why = "A poller of a pidfd reads exit_state without a lock: it learns of an end that did not happen, or goes back to sleep and misses the end.",
		.hazards = "H32",
		.notes = "The guest tests check what poll() returns for pidfds of the old and the new number. A mainline kernel may lack the function, and may have inlined some of its calls.",
		.hooks = HOOK(NOTIFY_PIDFD), .where = RULE_ALL,
		.may_lack = RULE_MAINLINE,
		.scope = SCOPE_RECORD, .types = TYPE(NOTIFY_PIDFD),
		.check = check_i36,
	}, {
		.id = "I46",
		.statement = "An orphan stays with a thread of its parent, or goes to a task in the pid namespace of its parent: to the init if no subreaper is above it.",
		.why = "A parent outside of the namespace cannot be killed with it, and one that does not expect orphans does not reap them.",
		.hazards = "H2 H13",
		.notes = "Checked when a task exits, and by sweeps, for tasks that were forked in the run. Below a subreaper, also one outside of the namespace, only the namespace is checked: which subreaper is the nearest may have changed since. Tasks with number 1 are not checked.",
		.hooks = HOOK(FORK) | HOOK(EXIT) | HOOK(SWEEP),
		.where = RULE_MAINLINE | RULE_JOIN | RULE_KEEP,
		.scope = SCOPE_RECORD,
		.types = TYPE(EXIT) | TYPE(SWEEP_TASK), .check = check_i46,
	}, {}
};
