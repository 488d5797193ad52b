// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what the processes of the census are and do at the moment: their parents, whether
 * they are zombies or being killed, and for whom an init waits at its end. Sweeps show
 * most of it, and the records of exits the rest.
 *
 * Bad at: an orphan whose new parent no record has shown. Its row has no parent.
 */
#include <signal.h>
#include <string.h>

#include "loader/view/census_parts.h"

/* Values of task_struct.exit_state, in the kernel. */
#define EXIT_DEAD	16
#define EXIT_ZOMBIE	32

#define INIT_NR		1

/* The process exits, or will as soon as it runs. */
#define DYING (WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING | WIRE_T_EXITING)

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
	if (!roster__name(&c->roster, &now) && now.comm[0])
		now.tgid = 0;
	return now;
}

static void set_relatives(const struct census *c, struct stay *s,
			  const struct wire_sweep_task *r)
{
	stay__set_parent_tgid(c, s, r->real_parent.tgid, r->real_parent.ns);
	s->tracer = (struct kin){ 0 };
	if (!(r->task.state & WIRE_T_TRACED) || r->parent.tgid == r->real_parent.tgid)
		return;
	s->tracer = (struct kin){ .tgid = r->parent.tgid, .ns = r->parent.ns };
	roster__name(&c->roster, &s->tracer);
}

/* --- states --- */

/*
 * Returns true if the record's process is the init of a namespace that gets no new
 * processes, which zap_pid_ns_processes() sees to first of all.
 */
static bool is_ending_init(const struct wire_sweep_task *r)
{
	const struct wire_pid *img = record__pid(&r->hdr, 0);
	unsigned int levels = record__levels(&r->hdr, img);
	const struct wire_upid *own = levels > 1 ? &img->upid[levels - 1] : NULL;

	return own && own->nr == INIT_NR && !(own->allocated & MODEL_ADDING);
}

static void set_state(struct stay *s, const struct wire_sweep_task *r)
{
	bool ended = r->exit_state == EXIT_ZOMBIE && r->task.nr_threads <= 1;

	s->end = ended ? STAY_EXITED : STAY_GOES_ON;
	s->leaderless = r->exit_state == EXIT_ZOMBIE && !ended;
	s->threads = r->task.nr_threads > 1 ? r->task.nr_threads - 1 : 0;
	s->dying = !ended && r->task.state & (s->leaderless ? WIRE_T_GROUP_EXIT : DYING);
	s->zapping = !ended && is_ending_init(r);
	s->children_ns = r->task.children_ns;
	if (ended || s->dying)
		s->exit_code = r->status;
	/* The signal is pending, and the process has not begun to exit. */
	if (s->dying && !(r->task.state & (WIRE_T_GROUP_EXIT | WIRE_T_EXITING)))
		s->exit_code = SIGKILL;
}

void stay__visit(struct census *c, const struct model_view *v)
{
	const struct wire_sweep_task *r = (const void *)v->rec;
	struct stay *s;

	/* The visit of the leader shows the state of the process. */
	if (r->exit_state & EXIT_DEAD || r->task.pid != r->task.tgid)
		return;
	s = stay_of(c, v);
	if (!s)
		return;
	memcpy(s->comm, r->task.comm, sizeof(s->comm));
	set_relatives(c, s, r);
	set_state(s, r);
}

void stay__zap(const struct census *c, const struct wire_pidns *r)
{
	const struct census_place *p = table__find(&c->places, r->inum);
	struct stay *s;

	if (!p)
		return;
	TAILQ_FOREACH(s, &p->stays, next)
		if (s->nr[s->levels - 1] == INIT_NR)
			s->zapping = r->hdr.type == WIRE_ZAP_ENTER;
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
