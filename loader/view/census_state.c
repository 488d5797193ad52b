// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what the processes of the census are and do at the moment: their parents, whether
 * they are zombies or being killed, and for whom an init waits at its end. Sweeps show
 * most of it, and the records of exits the rest.
 *
 * Bad at: an orphan whose new parent no record has shown. Its row has no parent.
 */
#include <string.h>

#include "loader/view/census_parts.h"
#include "loader/view/visit.h"

/* --- relatives --- */

void stay__set_parent_tgid(const struct census *c, struct stay *s, int32_t tgid,
			   uint32_t ns)
{
	s->parent = (struct kin){ .tgid = tgid, .ns = ns };
	roster__name(&c->roster, &s->parent);
}

void stay__set_parent(const struct census *c, struct stay *s, uint64_t task)
{
	const struct model_task *t = model__task(c->model, task);

	if (t)
		stay__set_parent_tgid(c, s, t->tgid,
				      t->levels ? t->ns[t->levels - 1] : 0);
}

struct kin stay__kin(const struct census *c, const struct stay *s, const struct kin *kin)
{
	struct kin now = *kin;

	if (s->end == STAY_REAPED || s->end == STAY_LEFT)
		return now;
	/* A process that was known has ended, and its children have another parent. */
	if (!roster__name(&c->roster, &now) && kin__is_named(&now))
		now.tgid = 0;
	return now;
}

/* --- states --- */

void stay__visit(const struct census *c, struct stay *s, const struct wire_sweep_task *r)
{
	struct visit now;

	visit__set(&now, r);
	memcpy(s->comm, now.comm, sizeof(s->comm));
	s->parent = now.parent;
	roster__name(&c->roster, &s->parent);
	s->tracer = now.tracer;
	roster__name(&c->roster, &s->tracer);
	s->end = now.zombie ? STAY_EXITED : STAY_GOES_ON;
	s->leaderless = now.leaderless;
	s->threads = now.threads;
	s->dying = now.dying;
	s->zapping = now.zapping && s == s->place->init;
	s->cgroup = r->cgroup;
	s->children_ns = r->task.children_ns;
	s->exit_code = now.status;
}

void stay__zap(const struct census *c, const struct wire_pidns *r)
{
	const struct census_place *p = table__find(&c->places, r->inum);

	if (p && p->init)
		p->init->zapping = r->hdr.type == WIRE_ZAP_ENTER;
}

void stay__each_awaited(const struct stay *init, stay_fn *fn, void *arg)
{
	const struct census_place *p = init->place;
	const struct stay *s;
	int depth = -1;

	for (; p; p = place__next(init->place, p, &depth))
		TAILQ_FOREACH(s, &p->stays, next)
			if (s != init && s->end <= STAY_EXITED)
				fn(s, arg);
}
