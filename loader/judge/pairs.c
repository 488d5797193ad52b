// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts missing records of setns(), of pid namespaces and of sweeps; pairs_tasks.c and
 * pairs_process.c have the others.
 *
 * Each check rests on the order of the records of one task, or of one object, so it
 * holds at any load. What began before the first record is not judged: a task is
 * trusted once its fork, or the end of one of its calls, was recorded (actor.whole).
 * What had not ended at the last record is not judged either: only what a whole sweep
 * and a grace period have passed over is overdue.
 *
 * Bad at: the EXEC records of tasks that lead their process, which no other record
 * requires; and at CPU timers that are armed more than once.
 */
#include "loader/judge/pairs.h"

#include <stdlib.h>

#include "lib/memory.h"
#include "loader/judge/pairs_state.h"

/* The value of a table that is only a set of keys. */
static char present;

static void set_add(struct table *t, uint64_t key)
{
	if (!table__find(t, key))
		table__add(t, key, &present);
}

struct pairs *pairs__new(const struct model *m)
{
	struct pairs *p = xcalloc(1, sizeof(*p));

	p->model = m;
	return p;
}

static void free_all(struct table *t)
{
	void *value;

	for (size_t pos = 0; (value = table__next(t, &pos)); )
		free(value);
	table__clear(t);
}

void pairs__free(struct pairs *p)
{
	if (!p)
		return;
	free_all(&p->actors);
	free_all(&p->processes);
	pool__clear(&p->free_actors);
	pool__clear(&p->free_processes);
	table__clear(&p->fork_pids);
	table__clear(&p->timed_pids);
	table__clear(&p->namespaces);
	free(p);
}

struct pair_gap pairs__gap(const struct pairs *p, enum pair pair)
{
	return p->gap[pair];
}

/* --- setns --- */

#define NEWPID 0x20000000	/* CLONE_NEWPID */

/*
 * Returns whether the call must have installed a pid namespace. For the fd of a pid
 * namespace, only pidns_install() checks a capability.
 */
static bool must_install(const struct model_window *w, const struct wire_setns_exit *x)
{
	const struct wire_setns_enter *e = &w->enter;

	if (e->fd_kind == WIRE_FD_PIDFD)
		return !x->ret && e->flags & NEWPID;
	return e->fd_kind == WIRE_FD_NSFS && e->fd_ns_type == NEWPID &&
	       (!x->ret || w->ncaps);
}

static void setns_exit(struct pairs *p, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;
	const struct model_window *w = v->window;

	pairs__check(p, PAIR_ENTERED, w, v->index);
	if (!w)
		return;
	pairs__check(p, PAIR_LEFT, true, v->index);
	if (w->installs && !w->install.ret) {
		pairs__check(p, PAIR_CHECKED, w->ncaps >= 2, v->index);
		/* A single check shows that the hook is hit at all. */
		p->gap[PAIR_CHECKED].whole += w->ncaps == 1;
	}
	if (must_install(w, x))
		pairs__check(p, PAIR_INSTALLED, w->installs, v->index);
	if (x->ret)
		return;
	pairs__check(p, PAIR_SWITCHED, w->switches, v->index);
	if (model_window__moved(w, x))
		pairs__check(p, PAIR_COMMITTED, w->commits, v->index);
	if (model_window__is_deeper(w, x))
		pairs__check(p, PAIR_KEPT, w->nkeep.commits, v->index);
}

/* Only setns() calls pidns_install(). */
static void setns_install(struct pairs *p, const struct model_view *v)
{
	if (!v->window && pairs__actor(p, v->rec->current_task)->whole)
		pairs__miss(p, PAIR_ENTERED, v->index);
}

/* The task does what it cannot do inside setns(). */
static void check_left(struct pairs *p, const struct model_view *v)
{
	if (v->window)
		pairs__miss(p, PAIR_LEFT, v->index);
}

/* --- struct pids and pid namespaces --- */

/* Inside setns, both hooks record a stack before the record. */
static void check_stack(struct pairs *p, enum pair pair, const struct model_view *v)
{
	const struct actor *by = pairs__actor(p, v->rec->current_task);

	if (v->window)
		pairs__check(p, pair, by->stack == v->rec->type, v->index);
}

static void pid_allocated(struct pairs *p, const struct model_view *v)
{
	const struct wire_alloc_pid *r = (const void *)v->rec;

	check_stack(p, PAIR_ALLOC_STACK, v);
	if (wire_is_err(r->ret) || !r->ret)
		return;
	/* The model keeps it after delayed_put_pid() if its end is still to come. */
	pairs__check(p, PAIR_GONE, !(v->pid && v->pid->born && v->pid->put), v->index);
	table__del(&p->timed_pids, r->ret);
	/* A task that is not trusted may be inside a setns() that began before. */
	if (!v->window && pairs__actor(p, v->rec->current_task)->whole)
		set_add(&p->fork_pids, r->ret);
	else
		table__del(&p->fork_pids, r->ret);
}

static bool made_here(const struct model *m, uint32_t inum)
{
	const struct model_ns *ns = model__ns(m, inum);

	return ns && ns->born;
}

/* unshare(CLONE_NEWPID): new_children_ns changes outside setns(). */
static void ns_switched(struct pairs *p, const struct model_view *v)
{
	const struct wire_switch_ns *r = (const void *)v->rec;

	if (!v->window && r->task == r->hdr.current_task &&
	    pairs__actor(p, v->rec->current_task)->whole &&
	    r->new_children_ns && r->new_children_ns != r->children_ns)
		pairs__check(p, PAIR_NS_MADE, made_here(p->model, r->new_children_ns),
			     v->index);
}

/* clone(CLONE_NEWPID): the child is number 1, not in current's children_ns. */
static void forked(struct pairs *p, const struct model_view *v)
{
	const struct wire_pid *pid = record__pid(v->rec, 0);
	unsigned int n = record__levels(v->rec, pid);

	check_left(p, v);
	if (v->current && v->current->children_ns && n > 1 &&
	    pid->upid[n - 1].nr == 1 &&
	    pairs__actor(p, v->rec->current_task)->whole &&
	    v->task->active_ns != v->current->children_ns)
		pairs__check(p, PAIR_NS_MADE, made_here(p->model, v->task->active_ns),
			     v->index);
}

static void ns_zap_exit(struct pairs *p, const struct model_view *v)
{
	if (v->ns && v->ns->born)
		pairs__check(p, PAIR_ZAP_ENTERED, v->ns->zap, v->index);
}

/* The leader is released after all other threads of an init, the last of which zaps. */
static void init_released(struct pairs *p, const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;
	const struct model_task *t = v->subject;
	const struct model_ns *ns;

	if (!t || t->levels < 2 || r->nr != 1 || !r->leader)
		return;
	ns = model__ns(p->model, t->ns[t->levels - 1]);
	if (!ns || !ns->born)
		return;
	pairs__check(p, PAIR_ZAP_LEFT, ns->zapped, v->index);
	if (!ns->zapped)
		pairs__check(p, PAIR_ZAP_ENTERED, ns->zap, v->index);
}

static void pid_freed(struct pairs *p, const struct model_view *v)
{
	check_stack(p, PAIR_FREE_STACK, v);
	table__del(&p->fork_pids, record__pid(v->rec, 0)->address);
}

static void timer_locked(struct pairs *p, const struct model_view *v)
{
	set_add(&p->timed_pids, ((const struct wire_timer_lock *)v->rec)->pid);
}

static void ns_made(struct pairs *p, const struct model_view *v)
{
	uint64_t ns = ((const struct wire_pidns *)v->rec)->ns;

	pairs__check(p, PAIR_NS_FREED, !table__find(&p->namespaces, ns), v->index);
	set_add(&p->namespaces, ns);
}

static void ns_freed(struct pairs *p, const struct model_view *v)
{
	table__del(&p->namespaces, ((const struct wire_pidns *)v->rec)->ns);
}

/* --- sweeps --- */

/* Returns whether the sweep, in the loader's namespace, comes past the task. */
static bool is_in_sight(const struct pairs *p, const struct model_task *t)
{
	for (uint32_t i = 0; t && i < t->levels; i++)
		if (t->ns[i] == p->loader_ns)
			return true;
	return false;
}

/*
 * A walk over all actors costs no more than this number of actors for each record since
 * the walk before. A sweep has a record for each task that it visits, so all sweeps of a
 * system that is observed as a whole are looked at.
 */
#define ACTORS_A_RECORD 64

static bool may_walk(struct pairs *p, uint64_t index)
{
	if (p->actors.count > ACTORS_A_RECORD * (index - p->walked))
		return false;
	p->walked = index;
	return true;
}

/*
 * A task that was there when the sweep began, and whose number did not change, was
 * visited, or was released meanwhile.
 */
static void find_unvisited(struct pairs *p, uint64_t index)
{
	struct actor *a;

	for (size_t pos = 0; (a = table__next(&p->actors, &pos)); ) {
		const struct model_task *t = model__task(p->model, a->task);

		if (!a->forked || a->forked > p->sweep_begin || a->kernel ||
		    a->gone || a->visited == p->sweep)
			continue;
		if (!is_in_sight(p, t) || t->window ||
		    t->renumbered > p->sweep_begin)
			continue;
		a->gone = a->exited;
		pairs__miss(p, a->exited ? PAIR_RELEASED : PAIR_VISITED, index);
	}
}

static void sweep_end(struct pairs *p, const struct model_view *v)
{
	const struct wire_sweep *r = (const void *)v->rec;

	bool visited = r->tasks == p->visits && p->loader_visited;

	pairs__check(p, PAIR_SWEPT, p->sweep == r->id, v->index);
	if (p->sweep != r->id)
		return;
	pairs__check(p, PAIR_VISITED, visited, v->index);
	if (visited && may_walk(p, v->index))
		find_unvisited(p, v->index);
	p->sweep = 0;
}

static void sweep_begin(struct pairs *p, const struct model_view *v)
{
	if (p->sweep)
		pairs__miss(p, PAIR_SWEPT, v->index);
	p->sweep = ((const struct wire_sweep *)v->rec)->id;
	p->sweep_begin = v->index;
	p->visits = 0;
	p->loader_visited = false;
}

static void sweep_visit(struct pairs *p, const struct model_view *v)
{
	struct actor *a = pairs__find_actor(p, v->task->task);

	p->visits++;
	if (a)
		a->visited = p->sweep;
	if (!is_own(v))
		return;
	p->loader_visited = true;
	p->loader_ns = v->task->active_ns;
}

static void sweep_mark(struct pairs *p, const struct model_view *v)
{
	if (((const struct wire_sweep *)v->rec)->phase == WIRE_SWEEP_END)
		sweep_end(p, v);
	else
		sweep_begin(p, v);
}

/* --- all records --- */

static pairs_step *const steps[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = check_left,
	[WIRE_SETNS_EXIT] = setns_exit,
	[WIRE_PIDNS_INSTALL] = setns_install,
	[WIRE_ALLOC_PID] = pid_allocated,
	[WIRE_FREE_PID] = pid_freed,
	[WIRE_SWITCH_NS] = ns_switched,
	[WIRE_FORK] = forked,
	[WIRE_EXEC] = check_left,
	[WIRE_EXIT] = check_left,
	[WIRE_RELEASE] = init_released,
	[WIRE_NS_NEW] = ns_made,
	[WIRE_NS_FREE] = ns_freed,
	[WIRE_ZAP_EXIT] = ns_zap_exit,
	[WIRE_TIMER_LOCK] = timer_locked,
	[WIRE_SWEEP] = sweep_mark,
	[WIRE_SWEEP_TASK] = sweep_visit,
};

/* Returns whether current makes the records of a type for what it does itself. */
static bool is_of_task(unsigned int type)
{
	static const uint64_t others =
#define X(e, name, body, npids, properties) \
		((properties) & WIRE_CALLBACK ? 1ull << WIRE_##e : 0) |
		WIRE_TYPES(X)
#undef X
		1ull << WIRE_SWEEP | 1ull << WIRE_SWEEP_TASK;

	return !(others >> type & 1);
}

void pairs__record(struct pairs *p, const struct model_view *v)
{
	unsigned int type = v->rec->type;

	if (steps[type])
		steps[type](p, v);
	if (!is_of_task(type))
		return;
	if (v->task || type == WIRE_RELEASE)
		pairs__process_record(p, v);
	pairs__task_record(p, v);
}

/* Some exits of a kind have the call, so the others should have it. */
static void end_notified(struct pairs *p)
{
	for (int k = NOTIFY_NONE + 1; k < NOTIFY_KINDS; k++) {
		const struct pair_gap *n = &p->notified[k];
		struct pair_gap *sum = &p->gap[PAIR_NOTIFIED];

		if (!n->whole || !n->count)
			continue;
		if (!sum->count || n->first < sum->first)
			sum->first = n->first;
		sum->count += n->count;
		sum->whole += n->whole;
	}
}

void pairs__end(struct pairs *p)
{
	const struct model_sweep *s = model__sweep(p->model);
	uint64_t overdue = s->reason == WIRE_SWEEP_FINAL && s->end ?
			   s->before_begin : 0;

	pairs__task_end(p, overdue);
	pairs__process_end(p, overdue);
	end_notified(p);
}
