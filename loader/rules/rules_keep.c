// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks a join that keeps the struct pid of its caller, and adds a number to it: I48 to
 * I57.
 *
 * Unless a rule says otherwise, it is judged when setns returns. No other task changes the
 * numbers of the caller's struct pid, and the caller has one thread.
 */
#include "loader/rules/rules.h"

/* --- I48: the struct pid is the same --- */

static enum outcome check_i48(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const char *diff = rule_ctx__difference(c);

	if (w->nallocs || w->failed_allocs)
		return broken(c, "alloc_pid() was called by a join that keeps the struct pid");
	if (w->changes)
		return broken(c, "change_pid() was called %u times by a join that keeps the struct pid",
			      w->changes);
	if (w->freed)
		return broken(c, "free_pid() was called %u times by a join that keeps the struct pid",
			      w->freed);
	if (diff)
		return broken(c, "%s changed in a join that keeps the struct pid", diff);
	return RULE_HOLDS;
}

/* --- I49: one more number --- */

/* A struct pid is freed with the numbers that it had. */
static enum outcome check_freed_numbers(struct rule_ctx *c)
{
	const struct wire_pid *pid = record__pid(c->view->rec, 0);
	const struct model_pid *p = c->view->pid;
	unsigned int n = record__levels(c->view->rec, pid);

	if (!p || !p->born || !n)
		return RULE_SKIP;
	c->since = p->born;
	/* pid_undeepen() by another task may have come in between. */
	if (p->undeepened && n - 1 > p->level)
		return RULE_HOLDS;
	if (n - 1 != p->level)
		return broken(c, "a struct pid of level %u is freed, which had level %u",
			      n - 1, p->level);
	if (pid->upid[n - 1].nr != p->nr || pid->upid[n - 1].ns != p->ns)
		return broken(c, "number %d in pid:[%u] of a struct pid has become number %d in pid:[%u]",
			      p->nr, p->ns, pid->upid[n - 1].nr,
			      pid->upid[n - 1].ns);
	return RULE_HOLDS;
}

static enum outcome check_old_numbers(struct rule_ctx *c, const struct wire_pid *pid)
{
	const struct model_numbers *old = &c->w->old;

	for (unsigned int i = 0; i < old->levels; i++)
		if (pid->upid[i].nr != old->upid[i].nr ||
		    pid->upid[i].ns != old->upid[i].ns)
			return broken(c, "number %d in pid:[%u] has become number %d in pid:[%u]",
				      old->upid[i].nr, old->upid[i].ns,
				      pid->upid[i].nr, pid->upid[i].ns);
	return RULE_HOLDS;
}

static enum outcome check_i49(struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	const struct wire_pid *pid = record__pid(c->view->rec, 0);
	unsigned int n = record__levels(c->view->rec, pid);
	const struct wire_upid *last;

	if (c->view->rec->type == WIRE_FREE_PID)
		return check_freed_numbers(c);
	if (n != w->old.levels + 1)
		return broken(c, "setns returned 0, but the struct pid has %u numbers, after %u before, not one more",
			      n, w->old.levels);
	if (check_old_numbers(c, pid) != RULE_HOLDS)
		return RULE_BROKEN;
	last = &pid->upid[n - 1];
	if (last->ns != w->install.target_ns)
		return broken(c, "the new number is in pid:[%u], but the target is pid:[%u]",
			      last->ns, w->install.target_ns);
	if (w->nkeep.reserves && last->nr != w->keep.reserve.ret)
		return broken(c, "the new number is %d, but %d was reserved",
			      last->nr, w->keep.reserve.ret);
	return RULE_HOLDS;
}

/* --- I50: who finds the number sees it --- */

static enum outcome found_early(struct rule_ctx *c, const char *when, uint64_t found)
{
	return broken(c, "the new number leads to struct pid 0x%llx %s",
		      (unsigned long long)found, when);
}

static enum outcome check_i50(struct rule_ctx *c)
{
	const struct model_keep_counts *n = &c->w->nkeep;
	const struct model_keep *k = &c->w->keep;

	if (n->reserves && k->reserve.found)
		return found_early(c, "when it is reserved", k->reserve.found);
	if (n->deepens && k->deepen.found)
		return found_early(c, "before pid_deepen()", k->deepen.found);
	if (n->publishes && k->published.levels != c->w->old.levels + 1)
		return broken(c, "pid_publish_nr() of a struct pid with %u numbers: its level does not show the new one",
			      k->published.levels);
	if (n->publishes && k->publish.found)
		return found_early(c, "before pid_publish_nr()", k->publish.found);
	if (n->events && k->event.found != c->w->old.address)
		return broken(c, "after the commit, the new number leads to %s",
			      k->event.found ? "another struct pid" : "no struct pid");
	return RULE_HOLDS;
}

/* --- I51: the number is reserved once, and used once --- */

static enum outcome check_calls(struct rule_ctx *c)
{
	const struct model_keep_counts *n = &c->w->nkeep;

	if (n->reserves + n->failed_reserves != 1)
		return broken(c, "pid_reserve_nr() was called %u times, not once",
			      n->reserves + n->failed_reserves);
	if (!n->reserves)
		return broken(c, "setns returned 0 although pid_reserve_nr() failed with %d",
			      c->w->keep.failed_reserve.ret);
	if (n->unreserves)
		return broken(c, "pid_unreserve_nr() was called %u times by the setns that used the number",
			      n->unreserves);
	if (n->deepens != 1)
		return broken(c, "pid_deepen() was called %u times, not once",
			      n->deepens);
	if (n->publishes != 1)
		return broken(c, "pid_publish_nr() was called %u times, not once",
			      n->publishes);
	return RULE_HOLDS;
}

static enum outcome check_i51(struct rule_ctx *c)
{
	const struct model_keep *k = &c->w->keep;

	if (check_calls(c) != RULE_HOLDS)
		return RULE_BROKEN;
	if (k->reserve.inum != c->w->install.target_ns)
		return broken(c, "a number was reserved in pid:[%u], but the target is pid:[%u]",
			      k->reserve.inum, c->w->install.target_ns);
	if (k->deepen.ns != k->reserve.ns || k->deepen.nr != k->reserve.ret)
		return broken(c, "number %d in pid:[%u] was reserved, but pid_deepen() got %d in pid:[%u]",
			      k->reserve.ret, k->reserve.inum, k->deepen.nr,
			      k->deepen.inum);
	return RULE_HOLDS;
}

/* --- I52: a setns that fails gives the number back --- */

static enum outcome check_i52(struct rule_ctx *c)
{
	const struct model_keep_counts *n = &c->w->nkeep;
	const struct model_keep *k = &c->w->keep;

	if (!n->reserves)
		return RULE_SKIP;
	if (n->unreserves != n->reserves)
		return broken(c, "setns failed with %lld; the number that it had reserved was given back %u times, not once",
			      c->x->ret, n->unreserves);
	if (k->unreserve.ns != k->reserve.ns || k->unreserve.nr != k->reserve.ret)
		return broken(c, "setns failed with %lld and had reserved number %d in pid:[%u], but it gave back %d in pid:[%u]",
			      c->x->ret, k->reserve.ret, k->reserve.inum,
			      k->unreserve.nr, k->unreserve.inum);
	return RULE_HOLDS;
}

/* --- I53: nobody is woken --- */

static enum outcome check_i53(struct rule_ctx *c)
{
	if (c->w->nkeep.notices)
		return broken(c, "__wake_up_parent() or do_notify_pidfd() was called %u times for a task that keeps its struct pid",
			      c->w->nkeep.notices);
	if (c->w->flushed_old)
		return broken(c, "proc_flush_pid() was called %u times for the struct pid of a task that keeps it",
			      c->w->flushed_old);
	return RULE_HOLDS;
}

/* --- I54: nobody but current, by one level --- */

static enum outcome check_i54(struct rule_ctx *c)
{
	const struct wire_deepen *r = (const void *)c->view->rec;
	const struct wire_pid *pid = record__pid(&r->hdr, 0);
	unsigned int n = record__levels(&r->hdr, pid);

	if (pid->address != r->task.thread_pid)
		return broken(c, "pid_deepen() of struct pid 0x%llx, which is not that of the caller",
			      (unsigned long long)pid->address);
	if (r->task.nr_threads != 1)
		return broken(c, "pid_deepen() in a process of %u threads",
			      r->task.nr_threads);
	if (n && r->level != n)
		return broken(c, "pid_deepen() of a struct pid of level %u to level %u",
			      n - 1, r->level);
	if (r->parent != r->task.active_ns)
		return broken(c, "pid_deepen() into pid:[%u], whose parent is pid:[%u], by a task in pid:[%u]",
			      r->inum, r->parent, r->task.active_ns);
	return RULE_HOLDS;
}

/* --- I55: the reference to the namespace --- */

/*
 * Other tasks get and put references to both namespaces all the time, so a single count
 * proves nothing. In this many joins, one count at least is free of them.
 */
#define REFERENCES_ENOUGH 32

/* The initial namespace is not counted. */
static bool outer_put_is_missing(struct rule_ctx *c)
{
	const struct model_keep *k = &c->w->keep;
	struct rule_memory *m = c->memory;

	if (c->w->old.levels < 2)
		return false;
	m->outer_puts++;
	m->outer_puts_seen += k->event.outer_references ==
			      k->commit.outer_references + 1;
	return m->outer_puts >= REFERENCES_ENOUGH && !m->outer_puts_seen;
}

/*
 * The struct pid and, unless its children went there already, nsproxy get one each. With
 * a pidfd, the call itself has had one when it reserved the number (validate_nsset()).
 */
static bool target_get_is_missing(struct rule_ctx *c)
{
	const struct model_keep *k = &c->w->keep;
	unsigned int got = c->w->enter.fd_kind == WIRE_FD_PIDFD ? 1 : 2;
	struct rule_memory *m = c->memory;

	if (c->w->enter.task.children_ns == k->reserve.inum)
		return false;
	m->target_gets++;
	m->target_gets_seen += k->commit.references == k->reserve.references + got;
	return m->target_gets >= REFERENCES_ENOUGH && !m->target_gets_seen;
}

static enum outcome check_i55(struct rule_ctx *c)
{
	const struct model_keep_counts *n = &c->w->nkeep;

	if (n->reserves != 1 || n->events != 1 || n->commits != 1)
		return RULE_SKIP;
	if (!c->w->keep.commit.references)
		return RULE_NO_FACT;
	if (outer_put_is_missing(c))
		return broken(c, "in none of %llu joins the reference to the old namespace was put",
			      (unsigned long long)c->memory->outer_puts);
	if (target_get_is_missing(c))
		return broken(c, "in none of %llu joins the target got a reference for the struct pid besides that for the children",
			      (unsigned long long)c->memory->target_gets);
	return RULE_HOLDS;
}

/* --- I56: the tracepoint --- */

static bool same_numbers(const struct model_numbers *n, const struct rule_ctx *c)
{
	struct model_numbers now;

	model_numbers__set(&now, &c->x->hdr, record__pid(&c->x->hdr, 0));
	if (n->address != now.address || n->levels != now.levels)
		return false;
	for (uint32_t i = 0; i < n->levels; i++)
		if (n->upid[i].nr != now.upid[i].nr || n->upid[i].ns != now.upid[i].ns)
			return false;
	return true;
}

static enum outcome check_i56(struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	if (!(c->facts & SETNS_DEEPENED))
		return w->nkeep.events ?
		       broken(c, "task:pid_deepen from a setns that did not deepen the struct pid") :
		       RULE_SKIP;
	if (w->nkeep.events != 1)
		return broken(c, "task:pid_deepen fired %u times, not once",
			      w->nkeep.events);
	if (w->keep.event.task.task != c->x->task.task)
		return broken(c, "task:pid_deepen names another task");
	if (!same_numbers(&w->keep.shown, c))
		return broken(c, "task:pid_deepen names another struct pid, or other numbers");
	return RULE_HOLDS;
}

/* --- I57: the numbers go back --- */

/*
 * Returns whether the task that released the owner has returned from release_task().
 * Nothing shows it of a task that released itself and is gone.
 */
static bool was_released(const struct rule_ctx *c, const struct model_pid *p)
{
	const struct model_task *t = model__task(c->model, p->releaser);

	return p->released && t &&
	       (t->start != p->releaser_start ||
		t->released > p->released || t->shown > p->released);
}

static enum outcome check_i57(struct rule_ctx *c)
{
	const struct wire_undeepen *r = (const void *)c->view->rec;
	const struct model_pid *p = c->view->pid;

	if (!p || !p->born || !p->deepened)
		return RULE_SKIP;
	c->since = p->born;
	if (r->hdr.type == WIRE_UNDEEPEN && r->level != r->alloc_level)
		return broken(c, "pid_undeepen() of a struct pid that was allocated at level %u has left level %u",
			      r->alloc_level, r->level);
	if (r->hdr.type == WIRE_UNDEEPEN)
		return RULE_HOLDS;
	if (p->level > p->born_level && was_released(c, p))
		return broken(c, "the task was released at record %llu, but its struct pid, which lived on as the id of a group, has kept number %d in pid:[%u]",
			      p->released, p->nr, p->ns);
	return RULE_SKIP;
}

#define HOOKS_KEEP (HOOKS_JOIN | HOOK(RESERVE_NR) | HOOK(DEEPEN) | HOOK(PUBLISH_NR))

const struct rule rules_keep[] = {
	{
		.id = "I48",
		.statement = "A join that keeps the struct pid allocates, changes and frees no struct pid; thread_pid, pids[], task->pid and tgid are the same at exit as at entry.",
		.why = "Whoever knows the task, by a number above or by its struct pid, must go on knowing it: waitpid(), pidfds, timers, the terminal, the shell.",
		.hazards = "D4",
		.notes = "As for I1.",
		.hooks = HOOKS_JOIN | HOOK(ALLOC_PID) | HOOK(CHANGE_PID) |
			 HOOK(FREE_PID),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_TO_KEEP, .check = check_i48,
	}, {
		.id = "I49",
		.statement = "After success the struct pid has one number more, the reserved one, in the target; all other numbers are as before. A struct pid is freed with the numbers that it had.",
		.why = "A number that is replaced or forgotten leads to nobody, or to a struct pid that no longer has it; it is freed twice, or never.",
		.hazards = "D1 D3",
		.hooks = HOOKS_JOIN | HOOK(RESERVE_NR) | HOOK(PUBLISH_NR) |
			 HOOK(UNDEEPEN) | HOOK(ALLOC_PID) | HOOK(FREE_PID),
		.where = RULE_KEEP, .scope = SCOPE_WINDOW,
		.types = TYPE(SETNS_EXIT) | TYPE(FREE_PID),
		.after = SETNS_KEPT, .check = check_i49,
	}, {
		.id = "I50",
		.statement = "The new number leads to no struct pid until pid_publish_nr(), when the level of the struct pid shows the number; after the commit it leads to the task's struct pid.",
		.why = "Who finds a struct pid by a number that it does not show takes it for another one: pid_nr_ns() returns 0.",
		.hazards = "D3",
		.notes = "What the number leads to is looked up in the idr of the target when it is reserved, at pid_deepen(), at pid_publish_nr() and at task:pid_deepen, not between these.",
		.hooks = HOOKS_KEEP | HOOK(DEEPENED),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_KEPT, .check = check_i50,
	}, {
		.id = "I51",
		.statement = "A join that keeps the struct pid calls pid_reserve_nr(target), pid_deepen() with this number, and pid_publish_nr() exactly once each, and does not give the number back.",
		.why = "A number that is reserved and not used is never freed, and the init of the target waits for it forever.",
		.hazards = "H7",
		.hooks = HOOKS_KEEP | HOOK(UNRESERVE_NR),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_KEPT, .check = check_i51,
	}, {
		.id = "I52",
		.statement = "When setns fails, the number that it reserved was given back exactly once before it returned.",
		.why = "The init of the target waits for a number that is not given back; one that is given back twice belongs to somebody else by then.",
		.hazards = "H7",
		.hooks = HOOKS_WINDOW | HOOK(RESERVE_NR) | HOOK(UNRESERVE_NR),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_FAILED, .check = check_i52,
	}, {
		.id = "I53",
		.statement = "A join that keeps the struct pid wakes no parent, notifies no pidfd and flushes no directory of /proc: nothing has ended.",
		.why = "A parent or the holder of a pidfd would learn of an end that did not happen.",
		.hazards = "H5 H32",
		.notes = "Wake-ups of wait_pidfd without do_notify_pidfd() are not seen; the guest tests poll the pidfds.",
		.hooks = HOOKS_JOIN | HOOK(WAKE_PARENT) | HOOK(NOTIFY_PIDFD) |
			 HOOK(FLUSH_PID),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_TO_KEEP, .check = check_i53,
	}, {
		.id = "I54",
		.statement = "pid_deepen() is only called for the struct pid of current, a process of one thread, and for a child of the pid namespace that current lives in.",
		.why = "The level of a struct pid grows by one at a time: otherwise, a level between has no number. Other threads would stay behind.",
		.hazards = "H22 H71",
		.hooks = HOOK(DEEPEN),
		.where = RULE_KEEP, .scope = SCOPE_RECORD,
		.types = TYPE(DEEPEN), .check = check_i54,
	}, {
		.id = "I55",
		.statement = "A join that keeps the struct pid moves the struct pid's reference from the old namespace to the target.",
		.why = "The last put_pid() puts the deepest namespace: without a reference of its own, memory in use is freed; the old namespace would be kept forever.",
		.hazards = "D1",
		.notes = "Other tasks change the same counts, so the rule is violated only if none of at least 32 joins shows the expected change. The initial namespace is not counted. I38 reports namespaces that are left over.",
		.hooks = HOOKS_JOIN | HOOK(RESERVE_NR) | HOOK(DEEPENED) |
			 HOOK(COMMIT_DEEPEN),
		.where = RULE_KEEP, AT_EXIT,
		.after = SETNS_DEEPENED, .check = check_i55,
	}, {
		.id = "I56",
		.statement = "The tracepoint task:pid_deepen fires exactly once for each join that keeps the struct pid and never without one; its struct pid has the numbers that it has when setns returns.",
		.why = "Tracers that key their state by the number in a namespace depend on this event to follow the task.",
		.hazards = "H56",
		.hooks = HOOKS_JOIN | HOOK(DEEPENED),
		.where = RULE_KEEP, AT_EXIT, .check = check_i56,
	}, {
		.id = "I57",
		.statement = "When a task that kept its struct pid in a join is released, and others have the struct pid as their process group or session, the numbers that it got by joins are given back.",
		.why = "The others live outside of the namespace, and are not killed with it: its init would wait for the number as long as the group lives.",
		.hazards = "H7 H11",
		.notes = "Judged for struct pids that were allocated in the run. That the numbers were not given back is noticed when the last one leaves the group, if the task that released the former owner has done something else since.",
		.hooks = HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(PUBLISH_NR) |
			 HOOK(UNDEEPEN) | HOOK(RELEASE),
		.where = RULE_KEEP, .scope = SCOPE_RECORD,
		.types = TYPE(FREE_PID) | TYPE(UNDEEPEN), .check = check_i57,
	}, {}
};
