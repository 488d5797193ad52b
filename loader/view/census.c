// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects which process was in which pid namespace. census_state.c keeps what the
 * processes are and do at the moment, and census_print.c prints the result.
 *
 * The key of a process is its signal_struct, which neither a join nor an exec by one of
 * its threads changes.
 */
#include "loader/view/census.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/view/census_parts.h"
#include "loader/view/visit.h"

#define INIT_NR 1

static void place_init(struct census_place *p)
{
	TAILQ_INIT(&p->children);
	TAILQ_INIT(&p->stays);
	TAILQ_INIT(&p->over);
}

struct census *census__new(const struct model *model)
{
	struct census *c = xcalloc(1, sizeof(*c));

	c->model = model;
	place_init(&c->top);
	TAILQ_INIT(&c->gone);
	return c;
}

static void stay_free(struct stay *s)
{
	free(s->killer);
	free(s);
}

static void place__free(struct census_place *p)
{
	struct census_place *child;
	struct stay *s;

	while ((child = TAILQ_FIRST(&p->children))) {
		TAILQ_REMOVE(&p->children, child, sibling);
		place__free(child);
		free(child);
	}
	while ((s = TAILQ_FIRST(&p->stays))) {
		TAILQ_REMOVE(&p->stays, s, next);
		stay_free(s);
	}
}

void census__restart(struct census *c)
{
	struct roster roster = c->roster;
	const struct model *model = c->model;

	place__free(&c->top);
	table__clear(&c->places);
	table__clear(&c->stays);
	*c = (struct census){ .model = model, .roster = roster };
	place_init(&c->top);
	TAILQ_INIT(&c->gone);
}

void census__free(struct census *c)
{
	if (!c)
		return;
	census__restart(c);
	roster__clear(&c->roster);
	free(c);
}

/* --- namespaces --- */

/*
 * Drops the namespace that ended first. Its children ended earlier; if their end was
 * lost, the namespace stays.
 */
static void drop_gone(struct census *c)
{
	struct census_place *p = TAILQ_FIRST(&c->gone);

	if (!p)
		return;
	TAILQ_REMOVE(&c->gone, p, next_gone);
	if (!TAILQ_EMPTY(&p->children) || p->alive)
		return;
	TAILQ_REMOVE(&p->up->children, p, sibling);
	place__free(p);
	free(p);
	c->nplaces--;
	c->dropped++;
}

static struct census_place *place_new(struct census *c, uint32_t inum,
				      uint32_t parent, uint32_t level)
{
	struct census_place *p = xcalloc(1, sizeof(*p));

	if (c->nplaces >= CENSUS_NAMESPACES)
		drop_gone(c);
	p->up = table__find(&c->places, parent);
	/* The kernel has no deeper ones, but a trace may. */
	if (!p->up || p->up->depth >= WIRE_MAX_LEVELS)
		p->up = &c->top;
	p->depth = p->up->depth + 1;
	TAILQ_INSERT_TAIL(&p->up->children, p, sibling);
	place_init(p);
	p->inum = inum;
	p->parent = parent;
	p->level = level;
	c->nplaces++;
	table__add(&c->places, inum, p);
	return p;
}

static struct census_place *place_get(struct census *c, uint32_t inum,
				      uint32_t parent, uint32_t level)
{
	struct census_place *p = table__find(&c->places, inum);

	return p ? p : place_new(c, inum, parent, level);
}

static struct census_place *place_of(struct census *c,
				     const struct model_numbers *n)
{
	struct census_place *p = NULL;

	for (uint32_t i = 0; i < n->levels; i++)
		p = place_get(c, n->upid[i].ns, i ? n->upid[i - 1].ns : 0, i);
	return p;
}

/* Returns the namespace of a task other than the record's subject; NULL: not known. */
static struct census_place *place_of_task(struct census *c,
					  const struct model_task *t)
{
	struct census_place *p = NULL;

	for (uint32_t i = 0; t && i < t->levels; i++)
		p = place_get(c, t->ns[i], i ? t->ns[i - 1] : 0, i);
	return p;
}

static void place_ends(struct census *c, uint32_t inum)
{
	struct census_place *p = table__find(&c->places, inum);

	if (!p)
		return;
	p->gone = true;
	table__del(&c->places, inum);
	TAILQ_INSERT_TAIL(&c->gone, p, next_gone);
}

static void count(struct census_place *p, enum census_count what)
{
	if (p)
		p->counts[what]++;
}

/* --- processes --- */

/* Only the present init of a namespace can wait for others in it. */
static void place__set_init(struct census_place *p, struct stay *init)
{
	if (p->init)
		p->init->zapping = false;
	p->init = init;
}

/* Begins a stay in the namespace of the record's first image. */
static struct stay *stay_begins(struct census *c, const struct model_view *v, bool joined)
{
	const struct wire_task *t = v->task;
	struct census_place *p;
	struct model_numbers n;
	struct stay *s;

	model_numbers__set(&n, v->rec, record__pid(v->rec, 0));
	p = place_of(c, &n);
	if (!p)
		return NULL;
	s = xcalloc(1, sizeof(*s) + n.levels * sizeof(*s->nr));
	s->place = p;
	s->levels = n.levels;
	for (uint32_t i = 0; i < n.levels; i++)
		s->nr[i] = n.upid[i].nr;
	memcpy(s->comm, t->comm, sizeof(s->comm));
	s->joined = joined;
	TAILQ_INSERT_TAIL(&p->stays, s, next);
	if (s->nr[s->levels - 1] == INIT_NR && s->levels > 1)
		place__set_init(p, s);
	count(p, CENSUS_PROCESSES);
	if (++p->alive > p->counts[CENSUS_PEAK])
		p->counts[CENSUS_PEAK] = p->alive;
	table__del(&c->stays, t->signal);	/* the old stay's end was lost */
	table__add(&c->stays, t->signal, s);
	return s;
}

static void drop_ended(struct census_place *p)
{
	struct stay *s = TAILQ_FIRST(&p->over);

	TAILQ_REMOVE(&p->over, s, next_over);
	TAILQ_REMOVE(&p->stays, s, next);
	if (p->init == s)
		place__set_init(p, NULL);
	stay_free(s);
	p->dropped++;
	p->ended--;
}

static void stay_ends(struct census *c, uint64_t signal, struct stay *s,
		      enum stay_end end)
{
	struct census_place *p = s->place;

	roster__name(&c->roster, &s->parent);
	s->end = end;
	TAILQ_INSERT_TAIL(&p->over, s, next_over);
	table__del(&c->stays, signal);
	p->alive--;
	if (++p->ended > CENSUS_ENDED)
		drop_ended(p);
}

static bool leads(const struct wire_task *t)
{
	return t->pid == t->tgid;
}

static void on_forked(struct census *c, const struct model_view *v)
{
	struct stay *s;

	if (!leads(v->task)) {
		s = table__find(&c->stays, v->task->signal);
		if (s)
			s->threads++;
		return;
	}
	s = stay_begins(c, v, false);
	if (!s)
		return;
	if (v->subject)
		stay__set_parent_tgid(c, s, v->subject->parent_tgid,
				      v->subject->parent_ns);
	s->cgroup = ((const struct wire_fork *)v->rec)->cgroup;
	count(s->place, CENSUS_FORKS);
}

static struct stay *stay_of(struct census *c, const struct model_view *v)
{
	struct stay *s = table__find(&c->stays, v->task->signal);

	if (s)
		return s;
	/* The process is older than the recording. */
	return leads(v->task) ? stay_begins(c, v, false) : NULL;
}

static void on_exec(struct census *c, const struct model_view *v)
{
	struct stay *s = stay_of(c, v);

	if (!s)
		return;
	memcpy(s->comm, v->task->comm, sizeof(s->comm));
	s->threads = 0;
	s->cgroup = ((const struct wire_exec *)v->rec)->cgroup;
	count(s->place, CENSUS_EXECS);
}

/* Keeps a copy of the killer, which outlives the process. */
static void note_killer(struct stay *s, const struct model_task *leader)
{
	if (s->killer || !leader || !leader->end.killer)
		return;
	s->killer = xcalloc(1, sizeof(*s->killer));
	*s->killer = *leader->end.killer;
}

static void on_exited(struct census *c, const struct model_view *v)
{
	const struct wire_exit *r = (const void *)v->rec;
	struct stay *s = stay_of(c, v);

	if (!s)
		return;
	if (!leads(v->task))
		s->threads -= s->threads > 0;
	if (!v->ends_process)
		return;
	s->end = STAY_EXITED;
	s->exit_code = r->status;
	note_killer(s, v->leader);
	stay__set_parent(c, s, r->real_parent);
	count(s->place, CENSUS_EXITS);
}

static void on_release(struct census *c, const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;
	struct stay *s = table__find(&c->stays, r->signal);
	const struct model_task *by = model_view__reaper(v);

	if (!s || r->pid != r->tgid)
		return;
	stay__set_parent(c, s, r->real_parent);
	/* The EXIT record may be lost, and reboot() changes the status of an init. */
	s->exit_code = r->status;
	note_killer(s, v->leader);
	if (by) {
		by = v->waiter ?: by;
		memcpy(s->by, by->comm, sizeof(s->by));
		s->by_pid = by->pid;
		count(place_of_task(c, by), CENSUS_WAITS);
	}
	stay_ends(c, r->signal, s, STAY_REAPED);
}

/* The name of a process is that of its leader. */
static void on_rename(struct census *c, const struct model_view *v)
{
	struct stay *s = table__find(&c->stays, v->task->signal);

	if (s && leads(v->task))
		memcpy(s->comm, v->task->comm, sizeof(s->comm));
}

/* The cgroup of a process is that of its leader. */
static void on_cgroup_move(struct census *c, const struct model_view *v)
{
	const struct model_task *t = v->subject;
	struct stay *s = t && t->pid == t->tgid ?
			 table__find(&c->stays, t->signal) : NULL;

	if (s)
		s->cgroup = record__cgroup(v->rec);
}

static void on_orphan(struct census *c, const struct model_view *v)
{
	const struct wire_orphan *r = (const void *)v->rec;
	struct stay *s = table__find(&c->stays, v->task->signal);

	if (s)
		stay__set_parent_tgid(c, s, r->real_parent.tgid, r->real_parent.ns);
}

static void on_setns(struct census *c, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;
	struct kin parent = { 0 };
	struct census_place *from;
	struct stay *s;

	if (!v->window)
		return;
	from = place_of(c, &v->window->old);
	count(from, CENSUS_SETNS);
	if (x->ret < 0)
		count(from, CENSUS_ERRORS);
	if (!model_window__joined(v->window, x))
		return;
	s = table__find(&c->stays, x->task.signal);
	if (s) {
		parent = s->parent;
		s->to = x->task.active_ns;
		stay_ends(c, x->task.signal, s, STAY_LEFT);
	}
	s = stay_begins(c, v, true);
	if (!s)
		return;
	s->parent = parent;
	count(s->place, CENSUS_JOINS);
}

static void on_failed(struct census *c, const struct model_view *v)
{
	struct model_numbers n;

	model_numbers__set(&n, v->rec, record__pid(v->rec, 0));
	count(place_of(c, &n), CENSUS_ERRORS);
}

static void on_namespace(struct census *c, const struct wire_pidns *r)
{
	place_ends(c, r->inum);	/* an earlier namespace with this inum */
	place_new(c, r->inum, r->parent, r->level);
}

static void on_visit(struct census *c, const struct model_view *v)
{
	const struct wire_sweep_task *r = (const void *)v->rec;
	struct stay *s = visit__is_leader(r) ? stay_of(c, v) : NULL;

	if (s)
		stay__visit(c, s, r);
}

void census__record(struct census *c, const struct model_view *v, bool shown)
{
	roster__record(&c->roster, v);
	/* A namespace's end counts even if the record is not shown. */
	if (v->rec->type == WIRE_NS_FREE)
		place_ends(c, ((const struct wire_pidns *)v->rec)->inum);
	if (!shown)
		return;
	switch (v->rec->type) {
	case WIRE_FORK:
		on_forked(c, v);
		break;
	case WIRE_SWEEP_TASK:
		on_visit(c, v);
		break;
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT:
		stay__zap(c, (const void *)v->rec);
		break;
	case WIRE_ORPHAN:
		on_orphan(c, v);
		break;
	case WIRE_EXEC:
		on_exec(c, v);
		break;
	case WIRE_EXIT:
		on_exited(c, v);
		break;
	case WIRE_RELEASE:
		on_release(c, v);
		break;
	case WIRE_RENAME:
		on_rename(c, v);
		break;
	case WIRE_CGROUP_MOVE:
		on_cgroup_move(c, v);
		break;
	case WIRE_SETNS_EXIT:
		on_setns(c, v);
		break;
	case WIRE_CHANGE_PID:
		count(place_of_task(c, v->subject), CENSUS_REWRITES);
		break;
	case WIRE_NS_NEW:
		on_namespace(c, (const void *)v->rec);
		break;
	case WIRE_CLONE_FAILED:
	case WIRE_CLONE3_FAILED:
	case WIRE_UNSHARE_FAILED:
		on_failed(c, v);
		break;
	}
}
