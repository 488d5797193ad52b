// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the reference counts and the end of struct pids and pid namespaces: I25 to
 * I27, I37, I38, I47. The rules hold on every kernel.
 *
 * No rule measures durations, which mean nothing in an emulated guest. "Too late" means
 * after another event, or still missing when the system has come to rest.
 */
#include "loader/model/history.h"
#include "loader/rules/rules.h"

static enum outcome check_i25(struct rule_ctx *c)
{
	const struct wire_free_pid *r = (const void *)c->view->rec;

	for (unsigned int t = 0; t < WIRE_PIDTYPES; t++)
		if (r->lists.first[t])
			return broken(c, "free_pid() of a struct pid that has a task in its %s list",
				      pidtype__name(t));
	if (c->view->pid && c->view->pid->freed) {
		c->since = c->view->pid->freed;
		return broken(c, "free_pid() of a struct pid that was freed at record %llu",
			      c->view->pid->freed);
	}
	return RULE_HOLDS;
}

/* A CPU may have no other record in one grace period, but not in every one. */
#define PUTS_AT_ONCE 32

static enum outcome check_put(struct rule_ctx *c)
{
	const struct wire_put_pid *r = (const void *)c->view->rec;
	const struct model_pid *known = c->view->pid;
	struct rule_memory *m = c->memory;

	if (!r->count)
		return broken(c, "put_pid() of a struct pid whose count is already 0");
	if (known && known->freed && r->hdr.cpu == known->freed_cpu &&
	    r->hdr.seq == known->freed_seq + 1)
		m->puts_at_once++;
	else
		m->puts_later++;
	if (!m->puts_later && m->puts_at_once >= PUTS_AT_ONCE)
		return broken(c, "each free_pid() of the run was immediately followed by delayed_put_pid(), without a grace period");
	return RULE_HOLDS;
}

static enum outcome check_gone(struct rule_ctx *c)
{
	const struct wire_pid_gone *r = (const void *)c->view->rec;
	const struct model_pid *known = c->view->pid;

	if (r->count)
		return broken(c, "the memory of a struct pid is released with a count of %u",
			      r->count);
	if (r->hashed)
		return broken(c, "the memory of a struct pid is released while tasks use it (lists 0x%x)",
			      r->hashed);
	if (!known || !known->born)
		return RULE_HOLDS;
	if (!known->freed) {
		c->since = known->born;
		return broken(c, "the memory of number %d in pid:[%u] is released, but free_pid() was never called",
			      known->nr, known->ns);
	}
	if (!known->put) {
		c->since = known->freed;
		return broken(c, "the memory of number %d in pid:[%u] is released before the grace period after its free_pid() has ended",
			      known->nr, known->ns);
	}
	return RULE_HOLDS;
}

static enum outcome check_given_out(struct rule_ctx *c)
{
	const struct model_pid *known = c->view->pid;

	if (!known)
		return RULE_HOLDS;
	if (!known->freed) {
		c->since = known->born;
		return broken(c, "the memory of number %d in pid:[%u], which was never freed, was reused",
			      known->nr, known->ns);
	}
	if (!known->put) {
		c->since = known->freed;
		return broken(c, "the memory of number %d in pid:[%u] was reused before the grace period after its free_pid() had ended",
			      known->nr, known->ns);
	}
	return RULE_HOLDS;
}

static enum outcome check_i26(struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;
	const struct wire_pid *pid;

	if (rec->type == WIRE_PUT_PID)
		return check_put(c);
	if (rec->type == WIRE_PID_GONE)
		return check_gone(c);
	pid = record__pid(rec, 0);
	if (!record__levels(rec, pid))
		return RULE_SKIP;
	if (rec->type == WIRE_ALLOC_PID)
		return check_given_out(c);
	if (!pid->count)
		return broken(c, "the task's struct pid has count 0");
	return RULE_HOLDS;
}

/* --- I27: the ledger --- */

static enum outcome check_last_count(struct rule_ctx *c)
{
	const struct wire_pidns *r = (const void *)c->view->rec;
	const struct model_ns *ns = c->view->ns;
	uint32_t left = r->pid_allocated & ~MODEL_ADDING;

	if (left)
		return broken(c, "pid:[%u] ends with pid_allocated %u, not 0",
			      r->inum, left);
	if (!ns || !ns->born)
		return RULE_HOLDS;
	if (ns->pids) {
		c->since = ns->born;
		return broken(c, "pid:[%u] ends; alloc_pid() calls in it minus free_pid() calls are %lld, not 0",
			      r->inum, ns->pids);
	}
	return RULE_HOLDS;
}

/* Checks each namespace's count at the end of each final sweep but the first. */
static enum outcome check_i27(struct rule_ctx *c)
{
	const struct model_sweep *s = model__sweep(c->model);
	const struct wire_sweep *r = (const void *)c->view->rec;
	enum outcome o = RULE_SKIP;
	const struct model_ns *ns;

	if (c->view->rec->type == WIRE_NS_FREE)
		return check_last_count(c);
	/* The SWEEP record is a begin if the model does not know its id yet. */
	if (r->id != s->id || r->reason != WIRE_SWEEP_FINAL ||
	    s->before_reason != WIRE_SWEEP_FINAL)
		return RULE_SKIP;
	for (size_t pos = 0; (ns = model__next_shown_ns(c->model, &pos)); ) {
		__s64 counted = ns->shown & ~MODEL_ADDING;
		uint64_t based = model_ns__based(c->model, ns);

		if (!based || !model_ns__settled(ns, s))
			continue;
		if (counted != ns->base + ns->pids) {
			c->since = based;
			return broken(c, "pid_allocated of pid:[%u] is %lld; it was %lld, and alloc_pid() and free_pid() have changed it by %+lld since",
				      ns->inum, counted, ns->base, ns->pids);
		}
		o = RULE_HOLDS;
	}
	return o;
}

/* --- I37: the end of an init --- */

/* For namespaces whose kill pass was over before the previous sweep began. */
static enum outcome check_member(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;
	const uint32_t dying = WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING |
			       WIRE_T_EXITING;
	const struct model_sweep *s = model__sweep(c->model);
	const struct wire_pid *pid = record__pid(&r->hdr, 0);
	unsigned int n = record__levels(&r->hdr, pid);
	enum outcome o = RULE_SKIP;

	for (unsigned int i = 1; i < n; i++) {
		const struct model_ns *ns = model__ns(c->model, pid->upid[i].ns);

		if (!ns || !ns->zap || ns->zap >= s->before_begin)
			continue;
		if (!r->exit_state && !(r->task.state & dying) &&
		    !(r->flags & WIRE_SWEEP_SIGKILL)) {
			c->since = ns->zap;
			return broken(c, "the init of pid:[%u] has been exiting since record %llu, but task %d in it is alive and is not being killed",
				      ns->inum, ns->zap, r->task.pid);
		}
		o = RULE_HOLDS;
	}
	return o;
}

/* The init's last thread, and perhaps the leader, which died before. */
#define INIT_PIDS 2

static enum outcome check_i37(struct rule_ctx *c)
{
	const struct wire_pidns *r = (const void *)c->view->rec;
	const struct model_ns *ns = c->view->ns;
	uint32_t left = r->pid_allocated & ~MODEL_ADDING;

	if (c->view->rec->type == WIRE_SWEEP_TASK)
		return check_member(c);
	if (left > INIT_PIDS)
		return broken(c, "zap_pid_ns_processes() of pid:[%u] returned with pid_allocated %u",
			      r->inum, left);
	if (ns && ns->born && ns->pids > INIT_PIDS) {
		c->since = ns->born;
		return broken(c, "zap_pid_ns_processes() of pid:[%u] returned with %lld struct pids in it",
			      r->inum, ns->pids);
	}
	return RULE_HOLDS;
}

/* An init that is alone in its namespace still waits for others after a whole sweep. */
static enum outcome end_i37(struct rule_ctx *c)
{
	const struct model_sweep *s = model__sweep(c->model);
	const struct model_ns *ns = c->ns;

	if (!ns->born || !ns->zap || ns->zapped || ns->pids != 1 || !s->end ||
	    s->reason != WIRE_SWEEP_FINAL || ns->zap >= s->before_begin ||
	    ns->changed >= s->before_begin)
		return RULE_SKIP;
	c->since = ns->born;
	return broken(c, "the init of pid:[%u] is the last task in it, but still waits in zap_pid_ns_processes()",
		      ns->inum);
}

/* --- I38: everything ends --- */

static enum outcome check_i38(struct rule_ctx *c)
{
	const struct model_view *v = c->view;

	return (v->pid && v->pid->followed) || (v->ns && v->ns->followed) ?
	       RULE_HOLDS : RULE_SKIP;
}

/*
 * A struct pid holds its namespace until its memory is released (kernel/pid.c, put_pid()).
 * The hook of put_pid() may miss the release, for instance if two calls drop the last two
 * references at once, and the memory is used again before the second one returns.
 */
static bool namespace_has_ended(const struct rule_ctx *c, const struct model_pid *p)
{
	const struct model_ns *ns = model__ns(c->model, p->holds);

	return !ns || ns->born > (p->deepened ?: p->born);
}

static enum outcome end_pid_i38(struct rule_ctx *c)
{
	const struct model_pid *p = c->pid;

	if (!p->followed || p->used == model__sweep(c->model)->id ||
	    !model__at_rest(c->model))
		return RULE_SKIP;
	c->since = p->born;
	if (!p->freed)
		return broken(c, "no task has number %d in pid:[%u] any more, but it was never freed",
			      p->nr, p->ns);
	if (!p->put)
		return broken(c, "number %d in pid:[%u] was freed, but its grace period never ended",
			      p->nr, p->ns);
	if (p->replaced)
		return RULE_SKIP;	/* replaced by a join: I28 reports it */
	if (namespace_has_ended(c, p))
		return RULE_SKIP;
	return broken(c, "number %d in pid:[%u] was freed, but its memory was never released: a reference is left",
		      p->nr, p->ns);
}

/* Adds the namespaces that a held struct pid keeps: its own, and all ancestors. */
static void add_kept(struct rule_ctx *c, const struct model_pid *p)
{
	const struct model_ns *ns = model__ns(c->model, p->holds);

	for (int i = 0; ns && i < WIRE_MAX_LEVELS; i++) {
		if (table__find(&c->memory->kept, ns->inum))
			return;
		table__add(&c->memory->kept, ns->inum, (void *)ns);
		ns = model__ns(c->model, ns->parent);
	}
}

/* Returns whether a struct pid that is held, and reported, keeps the namespace. */
static bool kept_by_pid(struct rule_ctx *c)
{
	const struct model_pid *p;

	if (!c->memory->kept_known)
		for (size_t pos = 0; (p = model__next_pid(c->model, &pos)); )
			if (rule_ctx__is_held(c, p))
				add_kept(c, p);
	c->memory->kept_known = true;
	return table__find(&c->memory->kept, c->ns->inum) == c->ns;
}

static enum outcome end_ns_i38(struct rule_ctx *c)
{
	const struct model_ns *ns = c->ns;

	if (!ns->followed ||
	    ns->used == model__sweep(c->model)->id ||
	    !model__at_rest(c->model) || kept_by_pid(c))
		return RULE_SKIP;
	c->since = ns->born;
	return broken(c, "no task is in pid:[%u] any more, but it was never freed: a reference is left",
		      ns->inum);
}

/* --- I47: a function that may sleep --- */

/*
 * The reference that alloc_pid() made is dropped after the grace period, so the count
 * includes it until delayed_put_pid() is recorded.
 */
static enum outcome check_i47(struct rule_ctx *c)
{
	const struct wire_flush_pid *r = (const void *)c->view->rec;
	const struct model_pid *p = model__pid(c->model, r->pid);

	if (!p || !p->born || !p->freed || p->put)
		return RULE_SKIP;
	if (r->count > 1)
		return RULE_HOLDS;
	c->since = p->freed;
	return broken(c, "proc_flush_pid() of number %d in pid:[%u], whose count is %u: free_pid() has been called, and the caller has no reference of its own",
		      p->nr, p->ns, r->count);
}

const struct rule rules_life[] = {
	{
		.id = "I25",
		.statement = "free_pid() is only called for a struct pid with four empty lists, and at most once for each struct pid until its memory is released.",
		.why = "Otherwise a task keeps a pointer to freed memory as its pid, and the number is reused while still in use.",
		.hazards = "H11 H21",
		.hooks = HOOK(FREE_PID) | HOOK(ALLOC_PID) | HOOK(PUT_PID),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(FREE_PID), .check = check_i25,
	}, {
		.id = "I26",
		.statement = "A struct pid that is hashed or attached holds a reference: its count is never 0. Its memory is released with count 0 and no task, after free_pid() and the grace period that follows, and is not reused before that.",
		.why = "One put_pid() too many causes a use after free at the task's exit, or at the next lookup of its number.",
		.hazards = "H21",
		.notes = "The count is checked when tasks are forked, exec, exit, and enter or leave setns, when a grace period ends, and when the memory is released; put_pid() itself is not traced.",
		.hooks = HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(PUT_PID) |
			 HOOK(PID_GONE) | HOOK(FORK) | HOOK(EXEC) | HOOK(EXIT) |
			 HOOKS_WINDOW,
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(PUT_PID) | TYPE(PID_GONE) | TYPE(ALLOC_PID) |
			 TYPE(FORK) | TYPE(EXEC) | TYPE(EXIT) |
			 TYPE(SETNS_ENTER) | TYPE(SETNS_EXIT),
		.check = check_i26,
	}, {
		.id = "I27",
		.statement = "At rest, pid_allocated of each namespace is what alloc_pid() and pid_reserve_nr() added minus what free_pid(), pid_unreserve_nr() and pid_undeepen() subtracted, at all levels; when the namespace ends, it is 0. So a join adds 1 to its target and nothing to the namespaces above.",
		.why = "If it is too low, an init exits before its children; if it is too high, the init waits forever in zap_pid_ns_processes().",
		.hazards = "H7 H11",
		.notes = "At rest means in the last sweeps, when no pid was allocated or freed since the sweep before. During a run the count and its records are not in step.",
		.hooks = HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(NS_NEW) |
			 HOOK(NS_FREE) | HOOK(SWEEP),
		.keep_hooks = HOOKS_NUMBERS,
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(NS_FREE) | TYPE(SWEEP), .check = check_i27,
	}, {
		.id = "I37",
		.statement = "When the init of a namespace exits, all other tasks in it are killed, and zap_pid_ns_processes() returns in the end, but not before they are gone.",
		.why = "A joiner that is overlooked survives in a dead namespace; one that is miscounted keeps the init waiting.",
		.hazards = "H7 H9",
		.notes = "Sweeps check that the tasks are killed, beginning with the second sweep after the init began to exit. How long it takes is not judged: zombies wait for parents that may be outside the namespace.",
		.hooks = HOOK(ZAP_ENTER) | HOOK(ZAP_EXIT) | HOOK(NS_NEW) |
			 HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(SWEEP),
		.keep_hooks = HOOKS_NUMBERS,
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ZAP_EXIT) | TYPE(SWEEP_TASK),
		.check = check_i37, .end_ns = end_i37,
	}, {
		.id = "I38",
		.statement = "When the command and all its descendants are gone, so are the pid namespaces and the struct pids that they created, except those in which other tasks live.",
		.why = "A reference that is never dropped keeps a container's namespaces, mounts and memory forever.",
		.hazards = "H32 H60",
		.notes = "Judged at the end of a run with a command, if the system came to rest. Other holders are not seen: a bind mount of a namespace, a pidfd, an open /proc/PID. Entries of /proc for numbers that are gone are dropped first: the numbers are looked up, and then the caches are dropped. A namespace that is held only by such a struct pid is not reported in addition.",
		.hooks = HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(PUT_PID) |
			 HOOK(PID_GONE) | HOOK(NS_NEW) | HOOK(NS_FREE) |
			 HOOK(FORK) | HOOK(RELEASE) | HOOK(SWEEP),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(PID_GONE) | TYPE(NS_FREE), .check = check_i38,
		.end_pid = end_pid_i38, .end_ns = end_ns_i38,
	}, {
		.id = "I47",
		.statement = "Whoever calls proc_flush_pid() for a struct pid after free_pid() has a reference of its own.",
		.why = "proc_flush_pid() sleeps: without the reference, the grace period may end meanwhile, and the memory is somebody else's.",
		.hazards = "H21 H32",
		.notes = "Judged until the grace period has ended. Of the functions that take a struct pid and sleep, this is the only one that is traced.",
		.hooks = HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(PUT_PID) |
			 HOOK(FLUSH_PID),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(FLUSH_PID), .check = check_i47,
	}, {}
};
