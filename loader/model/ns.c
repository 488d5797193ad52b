// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the table of pid namespaces: how many struct pids have a number in each, and
 * what sweeps show of them.
 *
 * Facts about the order of records that this file relies on:
 * - an inum is free for reuse when the last reference to its namespace goes, a grace
 *   period before delayed_free_pidns(). No struct pid with a number in the namespace is
 *   left by then, so a record with the inum means the new namespace.
 * - alloc_pid() is recorded after it has counted, free_pid() before: while no task is
 *   inside either, the recorded calls match the count. The same goes for
 *   pid_reserve_nr() and pid_unreserve_nr().
 */
#include "loader/model/parts.h"

#include <string.h>

static struct model_ns *ns_new(struct model *m, uint32_t inum)
{
	struct model_ns *ns = pool__get(&m->free_namespaces, sizeof(*ns));

	memset(ns, 0, sizeof(*ns));
	ns->inum = inum;
	table__add(&m->namespaces, inum, ns);
	return ns;
}

static struct model_ns *ns_get(struct model *m, uint32_t inum)
{
	struct model_ns *ns = m->last_ns;

	if (ns && ns->inum == inum)
		return ns;
	ns = table__find(&m->namespaces, inum);
	return ns ? ns : ns_new(m, inum);
}

/* Finds the namespace of a record by its address, then by its inum. */
static struct model_ns *ns_find(const struct model *m,
				const struct wire_pidns *r)
{
	struct model_ns *ns = table__find(&m->buried, r->ns);

	if (ns)
		return ns;
	ns = table__find(&m->namespaces, r->inum);
	return ns && (!ns->address || ns->address == r->ns) ? ns : NULL;
}

/* The inum is reused: from here on only the address finds this namespace. */
static void ns_bury(struct model *m, struct model_ns *ns)
{
	table__del(&m->namespaces, ns->inum);
	m->last_ns = NULL;
	if (!ns->address || table__find(&m->buried, ns->address))
		pool__put(&m->free_namespaces, ns);	/* no key, or an NS_FREE was lost */
	else
		table__add(&m->buried, ns->address, ns);
}

static void ns_born(struct model *m, const struct model_view *v)
{
	const struct wire_pidns *r = (const void *)v->rec;
	struct model_ns *ns = table__find(&m->namespaces, r->inum);

	if (ns)
		ns_bury(m, ns);
	ns = ns_new(m, r->inum);
	ns->address = r->ns;
	ns->parent = r->parent;
	ns->level = r->level;
	ns->born = ns->based = v->index;
	ns->followed = v->current && v->current->followed;
}

static void ns_freed(struct model *m, const struct model_view *v)
{
	struct model_ns *ns = v->ns;

	if (!ns)
		return;
	if (ns->followed)
		m->drained = v->index;
	if (table__find(&m->buried, ns->address) == ns)
		table__del(&m->buried, ns->address);
	else
		table__del(&m->namespaces, ns->inum);
	if (m->last_ns == ns)
		m->last_ns = NULL;
	pool__put(&m->free_namespaces, ns);
}

/* @from, @levels: the numbers of the first image that are counted */
static void count_pids(struct model *m, const struct model_view *v, int n,
		       unsigned int from, unsigned int levels)
{
	const struct wire_pid *img = record__pid(v->rec, 0);

	for (unsigned int i = from; i < levels; i++) {
		struct model_ns *ns = ns_get(m, img->upid[i].ns);

		ns->pids += n;
		if (i == levels - 1 && img->upid[i].nr == 1)
			ns->one = n > 0 ? v->index : 0;
		ns->changed = v->index;
		ns->level = i;
		if (img->upid[i].parent)
			ns->parent = img->upid[i].parent;
		m->last_ns = ns;
	}
}

/* The number of a struct pid that exists already, in one namespace. */
static void count_nr(struct model *m, uint32_t inum, uint32_t level,
		     const struct model_view *v, int n)
{
	struct model_ns *ns = ns_get(m, inum);

	ns->pids += n;
	ns->changed = v->index;
	ns->level = level;
	m->last_ns = ns;
}

static void nr_reserved(struct model *m, const struct model_view *v)
{
	const struct wire_reserve_nr *r = (const void *)v->rec;

	if (r->ret < 0)
		return;
	count_nr(m, r->inum, r->level, v, 1);
	if (r->parent)
		m->last_ns->parent = r->parent;
}

/* A free_pid() at the same time may have counted them. */
static void nrs_given_back(struct model *m, const struct model_view *v)
{
	const struct wire_undeepen *r = (const void *)v->rec;

	if (!v->pid || !v->pid->freed)
		count_pids(m, v, -1, r->level + 1,
			   record__levels(v->rec, record__pid(v->rec, 0)));
}

static void nr_unreserved(struct model *m, const struct model_view *v)
{
	const struct wire_unreserve_nr *r = (const void *)v->rec;

	count_nr(m, r->inum, r->level, v, -1);
}

/* Notes the process that is number 1: attach_pid() of PID is the last one of a fork. */
static void note_first(struct model *m, const struct model_view *v)
{
	const struct wire_link_pid *r = (const void *)v->rec;
	const struct model_pid *p = r->pidtype == WIRE_PID ?
		model__find_pid(m, r->pid) : NULL;

	if (p && p->nr == 1)
		ns_get(m, p->ns)->first = v->index;
}

/* --- sweeps --- */

/*
 * A grace period lies between a sweep and the next. An alloc_pid() on a stalled CPU
 * that had counted but not recorded therefore shows: its record has come since, or
 * the count differs. The first sweep has no previous one; the next compares with it.
 */
bool model_ns__settled(const struct model_ns *ns, const struct model_sweep *s)
{
	if (ns->sweep != s->id || !ns->steady)
		return false;
	if (s->reason == WIRE_SWEEP_START && !s->before_end)
		return ns->changed < s->begin;
	return s->before_end && ns->same && ns->changed < s->before_begin;
}

uint64_t model_ns__based(const struct model *m, const struct model_ns *ns)
{
	/* The last one of the sweeps before the run has the right value. */
	return ns->born || ns->based >= m->last_start ? ns->based : 0;
}

/*
 * Returns the namespaces that the current sweep has shown: those that a sweep does not
 * show may be many, and there may be many sweeps.
 */
static struct model_ns *next_shown(const struct model *m, size_t *pos)
{
	struct model_ns *ns;

	while (*pos < m->nshown) {
		ns = table__find(&m->namespaces, m->shown[(*pos)++]);
		if (ns && ns->sweep == m->sweep.id)
			return ns;
	}
	return NULL;
}

static void add_shown(struct model *m, uint32_t inum)
{
	if (m->nshown == m->max_shown) {
		m->max_shown = m->max_shown ? m->max_shown * 2 : 64;
		m->shown = xrealloc(m->shown, m->max_shown * sizeof(*m->shown));
	}
	m->shown[m->nshown++] = inum;
}

/* Computes what was counted before the run, in the first sweep that is settled. */
static void find_bases(struct model *m, const struct model_view *v)
{
	struct model_ns *ns;

	if (m->sweep.reason == WIRE_SWEEP_START)
		m->last_start = v->index;
	for (size_t pos = 0; (ns = next_shown(m, &pos)); ) {
		if (model_ns__based(m, ns) || !model_ns__settled(ns, &m->sweep))
			continue;
		ns->based = v->index;
		ns->base = (ns->shown & ~MODEL_ADDING) - ns->pids;
	}
}

static void sweep_mark(struct model *m, const struct model_view *v)
{
	const struct wire_sweep *r = (const void *)v->rec;
	struct model_sweep *s = &m->sweep;

	s->last = v->index;
	if (r->phase == WIRE_SWEEP_END) {
		if (s->id != r->id)
			return;
		find_bases(m, v);
		s->end = v->index;
		return;
	}
	s->before_begin = s->begin;
	s->before_end = s->end;
	s->before_reason = s->reason;
	s->id = r->id;
	s->reason = r->reason;
	s->begin = v->index;
	s->end = 0;
	m->nshown = 0;
}

static struct model_ns *show(struct model *m, const struct wire_upid *u,
			     uint32_t level)
{
	struct model_ns *ns = ns_get(m, u->ns);

	ns->level = level;
	if (u->parent)
		ns->parent = u->parent;
	if (ns->sweep != m->sweep.id) {
		add_shown(m, ns->inum);
		ns->same = ns->sweep && ns->shown == u->allocated;
		ns->sweep = m->sweep.id;
		ns->shown = u->allocated;
		ns->steady = true;
	}
	ns->steady &= ns->shown == u->allocated;
	ns->used = m->sweep.id;
	return ns;
}

/* Marks a task's namespaces and struct pids as used, and its children's namespace. */
static void sweep_task(struct model *m, const struct model_view *v)
{
	const struct wire_sweep_task *r = (const void *)v->rec;
	const struct wire_pid *img = record__pid(&r->hdr, 0);
	unsigned int levels = record__levels(&r->hdr, img);
	struct model_ns *ns;
	struct model_pid *p;

	m->sweep.last = v->index;
	for (unsigned int i = 0; i < levels; i++) {
		ns = show(m, &img->upid[i], i);
		if (ns->zap && !ns->zapped)
			model_zap__visit(ns, &m->sweep, r,
					 img->upid[i].allocated);
	}
	/* The parents in a trace may form a cycle. */
	ns = table__find(&m->namespaces, r->task.children_ns);
	for (int i = 0; ns && i < WIRE_MAX_LEVELS; i++) {
		ns->used = m->sweep.id;
		ns = ns->parent ? table__find(&m->namespaces, ns->parent) : NULL;
	}
	if (m->sweep.reason != WIRE_SWEEP_FINAL)
		return;
	for (int t = 0; t < WIRE_PIDTYPES; t++) {
		p = model__find_pid(m, r->task.pids[t]);
		if (p)
			p->used = m->sweep.id;
	}
}

/* --- resolve and record --- */

static void find_older(const struct model *m, struct model_view *v)
{
	v->ns = table__find(&m->buried, ((const struct wire_pidns *)v->rec)->ns);
}

static void find_own(const struct model *m, struct model_view *v)
{
	v->ns = ns_find(m, (const void *)v->rec);
}

model_finder *const model_ns_finders[WIRE_KERNEL_TYPES] = {
	[WIRE_NS_NEW] = find_older,
	[WIRE_NS_FREE] = find_own,
	[WIRE_ZAP_ENTER] = find_own,
	[WIRE_ZAP_EXIT] = find_own,
};

static void pid_allocated(struct model *m, const struct model_view *v)
{
	count_pids(m, v, 1, 0, record__levels(v->rec, record__pid(v->rec, 0)));
}

static void pid_freed(struct model *m, const struct model_view *v)
{
	unsigned int n = record__levels(v->rec, record__pid(v->rec, 0));

	/* The image may be of the moment before a pid_undeepen() by another task. */
	if (v->pid && v->pid->undeepened && n > v->pid->level + 1)
		n = v->pid->level + 1;
	count_pids(m, v, -1, 0, n);
}

static void zap_begins(struct model *m, const struct model_view *v)
{
	(void)m;
	if (!v->ns)
		return;
	v->ns->zap = v->index;
	v->ns->zap_ns = v->rec->ts_ns;
	model_zap__begin(&v->ns->zapping, v);
}

static void zap_ends(struct model *m, const struct model_view *v)
{
	(void)m;
	if (v->ns)
		v->ns->zapped = v->index;
}

model_step *const model_ns_steps[WIRE_KERNEL_TYPES] = {
	[WIRE_ALLOC_PID] = pid_allocated,
	[WIRE_FREE_PID] = pid_freed,
	[WIRE_ATTACH_PID] = note_first,
	[WIRE_NS_NEW] = ns_born,
	[WIRE_NS_FREE] = ns_freed,
	[WIRE_ZAP_ENTER] = zap_begins,
	[WIRE_ZAP_EXIT] = zap_ends,
	[WIRE_SWEEP] = sweep_mark,
	[WIRE_SWEEP_TASK] = sweep_task,
	[WIRE_RESERVE_NR] = nr_reserved,
	[WIRE_UNRESERVE_NR] = nr_unreserved,
	[WIRE_UNDEEPEN] = nrs_given_back,
};

const struct model_sweep *model__sweep(const struct model *m)
{
	return &m->sweep;
}

const struct model_ns *model__ns(const struct model *m, uint32_t inum)
{
	const struct model_ns *ns = m->last_ns;

	return ns && ns->inum == inum ? ns : table__find(&m->namespaces, inum);
}

const struct model_ns *model__next_shown_ns(const struct model *m, size_t *pos)
{
	return next_shown(m, pos);
}

const struct model_ns *model__next_ns(const struct model *m, size_t *pos)
{
	const size_t buried = ~(SIZE_MAX >> 1);	/* a flag in *pos */
	const struct model_ns *ns;
	size_t rest;

	if (!(*pos & buried)) {
		ns = table__next(&m->namespaces, pos);
		if (ns)
			return ns;
		*pos = buried;
	}
	rest = *pos & ~buried;
	ns = table__next(&m->buried, &rest);
	*pos = rest | buried;
	return ns;
}

bool model__at_rest(const struct model *m)
{
	const struct model_sweep *s = &m->sweep;

	return m->totals.commands && !m->follow && !m->nfollowed &&
	       s->reason == WIRE_SWEEP_FINAL && s->end && s->begin > m->drained;
}

size_t model__namespaces(const struct model *m)
{
	return m->namespaces.count + m->buried.count;
}
