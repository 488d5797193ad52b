// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the begin and the end of a pid namespace: I43 to I45. The rules hold on every
 * kernel.
 */
#include "loader/rules/rules.h"

/* --- I43: an init that waits for what does not come --- */

/*
 * The sweep in a row that is judged; later ones see the same fault again. The kernel wakes
 * an init with the lock held under which it changes what the init waits for, and a visit
 * reads without locks: a single sweep may see half of the change.
 */
#define SWEEPS_IN_A_ROW 3

/* Returns the sweeps in a row, up to the present one, that saw something. */
static uint32_t in_a_row(const struct model_sightings *n,
			 const struct model_sweep *s)
{
	return n->sweep == s->id ? n->in_a_row : 0;
}

static enum outcome check_wait(struct rule_ctx *c, const struct model_ns *ns)
{
	const struct model_sweep *s = model__sweep(c->model);
	const struct model_zap *z = &ns->zapping;
	uint32_t waits = in_a_row(&z->waits, s), seen = in_a_row(&z->seen, s);

	if (!waits)
		return RULE_SKIP;
	c->since = ns->zap;
	if (waits < seen ? waits == SWEEPS_IN_A_ROW : seen == SWEEPS_IN_A_ROW)
		return broken(c, "the init of pid:[%u], task %d, waits in zap_pid_ns_processes() and does not reap its own child, task %d, a zombie",
			      ns->inum, z->pid, z->zombie_pid);
	if (waits != SWEEPS_IN_A_ROW)
		return RULE_HOLDS;
	if (z->allocated <= z->init_pids)
		return broken(c, "the init of pid:[%u], task %d, still waits in zap_pid_ns_processes() although pid_allocated is %u: nobody woke it",
			      ns->inum, z->pid, z->allocated);
	if (!ns->born || ns->pids > z->init_pids)
		return RULE_HOLDS;
	c->since = ns->born;
	return broken(c, "the init of pid:[%u], task %d, waits in zap_pid_ns_processes() for pid_allocated to fall from %u to %u, but alloc_pid() and free_pid() have left %lld",
		      ns->inum, z->pid, z->allocated, z->init_pids, ns->pids);
}

/* Checks the namespaces at the end of each sweep. One report for each sweep is enough. */
static enum outcome check_i43(struct rule_ctx *c)
{
	const struct model_sweep *s = model__sweep(c->model);
	const struct wire_sweep *r = (const void *)c->view->rec;
	enum outcome o, all = RULE_SKIP;
	const struct model_ns *ns;

	if (r->id != s->id || r->phase != WIRE_SWEEP_END)
		return RULE_SKIP;
	for (size_t pos = 0; (ns = model__next_shown_ns(c->model, &pos)); ) {
		if (!ns->zap || ns->zapped)
			continue;
		o = check_wait(c, ns);
		if (o == RULE_BROKEN)
			return o;
		if (o == RULE_HOLDS)
			all = RULE_HOLDS;
	}
	return all;
}

/* --- I44: nobody enters a namespace that has ended --- */

/* zap_pid_ns_processes() returns only when no number but the init's is left. */
static enum outcome check_late_alloc(struct rule_ctx *c)
{
	const struct wire_alloc_pid *r = (const void *)c->view->rec;
	const struct model_ns *ns = model__ns(c->model, r->ns);

	if (!ns || !ns->zap || !record__levels(&r->hdr, record__pid(&r->hdr, 0)))
		return RULE_SKIP;
	if (!ns->zapped)
		return RULE_HOLDS;
	c->since = ns->zapped;
	return broken(c, "alloc_pid() succeeded in pid:[%u], although its init has returned from zap_pid_ns_processes() at record %llu",
		      ns->inum, ns->zapped);
}

/*
 * A fork checks PIDNS_ADDING again after alloc_pid(), with tasklist_lock held. A task
 * that joins cannot fail any more, and is killed.
 */
static enum outcome check_late_link(struct rule_ctx *c)
{
	const struct wire_link_pid *r = (const void *)c->view->rec;
	const struct model_pid *p;

	if (r->pidtype != WIRE_PID || c->view->window)
		return RULE_SKIP;
	p = model__pid(c->model, r->pid);
	if (!p || !p->born || !p->late)
		return RULE_HOLDS;
	c->since = p->born;
	return broken(c, "task %d is linked into pid:[%u], which had no PIDNS_ADDING any more when its number %d was allocated",
		      r->task_pid, p->ns, p->nr);
}

static enum outcome check_late_reserve(struct rule_ctx *c)
{
	const struct wire_reserve_nr *r = (const void *)c->view->rec;
	const struct model_ns *ns = model__ns(c->model, r->inum);

	if (!ns || !ns->zap || r->ret < 0)
		return RULE_SKIP;
	if (!ns->zapped)
		return RULE_HOLDS;
	c->since = ns->zapped;
	return broken(c, "pid_reserve_nr() succeeded in pid:[%u], although its init has returned from zap_pid_ns_processes() at record %llu",
		      ns->inum, ns->zapped);
}

static enum outcome check_i44(struct rule_ctx *c)
{
	if (c->view->rec->type == WIRE_RESERVE_NR)
		return check_late_reserve(c);
	return c->view->rec->type == WIRE_ALLOC_PID ? check_late_alloc(c) :
						      check_late_link(c);
}

/* --- I45: the first number --- */

static enum outcome check_i45(struct rule_ctx *c)
{
	const struct wire_link_pid *r = (const void *)c->view->rec;
	const struct model_pid *p;
	const struct model_ns *ns;

	if (r->pidtype != WIRE_PID)
		return RULE_SKIP;
	p = model__pid(c->model, r->pid);
	ns = p ? model__ns(c->model, p->ns) : NULL;
	if (!ns || !ns->born || p->born < ns->born || ns->first)
		return RULE_SKIP;
	if (p->nr == 1)
		return RULE_HOLDS;
	/* Number 1 is in use, so the hook may have missed the link. */
	if (ns->one)
		return RULE_SKIP;
	c->since = ns->born;
	return broken(c, "task %d is the first one in pid:[%u], and has number %d there, not 1",
		      r->task_pid, ns->inum, p->nr);
}

const struct rule rules_ns[] = {
	{
		.id = "I43",
		.statement = "An init in zap_pid_ns_processes() does not wait while one of its own children is a zombie that it can reap, nor while no number but those of its own process is left in the namespace.",
		.why = "The container never ends, and with it whoever waits for its init: a shutdown that hangs.",
		.hazards = "H6",
		.notes = "Judged when three sweeps in a row have found the init asleep, waiting, and the same fault each time. A zombie that is traced, or whose parent is outside of the namespace, may keep the init for as long as its tracer or parent likes.",
		.hooks = HOOK(ZAP_ENTER) | HOOK(ZAP_EXIT) | HOOK(NS_NEW) |
			 HOOK(ALLOC_PID) | HOOK(FREE_PID) | HOOK(SWEEP),
		.keep_hooks = HOOKS_NUMBERS,
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(SWEEP), .check = check_i43,
	}, {
		.id = "I44",
		.statement = "No task is linked into a namespace whose init has begun to end, if its number was allocated after that; and no number is allocated or reserved when the init has ended.",
		.why = "The kill pass is over: the task survives in a dead namespace, its child_reaper is freed memory, and the next death in the namespace follows that pointer.",
		.hazards = "H7",
		.notes = "A joining task is not judged here: it is killed instead (I34). Whether a task that was linked before the kill pass was killed is judged by I37.",
		.hooks = HOOK(ALLOC_PID) | HOOK(ATTACH_PID) | HOOK(ZAP_ENTER) |
			 HOOK(ZAP_EXIT) | HOOK(NS_NEW),
		.keep_hooks = HOOK(RESERVE_NR),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ALLOC_PID) | TYPE(ATTACH_PID) | TYPE(RESERVE_NR),
		.links = LINKS_PID, .check = check_i44,
	}, {
		.id = "I45",
		.statement = "The first task that is linked into a pid namespace has number 1 there, also after a fork that failed.",
		.why = "Number 1 is the init. Without one, child_reaper is NULL, and the first orphan in the namespace dereferences it.",
		.hazards = "H8",
		.notes = "Judged for namespaces that were made during the run.",
		.hooks = HOOK(ALLOC_PID) | HOOK(ATTACH_PID) | HOOK(NS_NEW),
		.where = RULE_ALL, .scope = SCOPE_RECORD,
		.types = TYPE(ATTACH_PID), .links = LINKS_PID, .check = check_i45,
	}, {}
};
