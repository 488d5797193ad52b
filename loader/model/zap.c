// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what sweeps show of an init in zap_pid_ns_processes(): in how many sweeps in a row
 * it was found waiting, and in how many one of its children was a zombie that it should
 * reap.
 *
 * Bad at: several such zombies. Only one is followed, until a sweep does not find it.
 */
#include "loader/model/parts.h"

#define EXIT_ZOMBIE 32	/* task_struct.exit_state, in the kernel */

/* Counts a visit of the sweep @s: one more in a row, or the first. */
static void count_visit(struct model_sightings *n, const struct model_sweep *s)
{
	if (n->sweep == s->id)
		return;
	if (!n->sweep || n->sweep + 1 != s->id) {
		n->in_a_row = 0;
		n->since = s->begin;
	}
	n->sweep = s->id;
	n->in_a_row++;
}

/* A tracer, or another thread of the process, may have to come first. */
static bool is_to_be_reaped(const struct wire_sweep_task *r)
{
	return r->exit_state == EXIT_ZOMBIE && r->task.nr_threads == 1 &&
	       (r->task.state & WIRE_T_LEADER) &&
	       !(r->task.state & WIRE_T_TRACED);
}

static void note_zombie(struct model_zap *z, const struct model_sweep *s,
			const struct wire_task *t)
{
	bool same = z->zombie == t->task && z->zombie_start == t->start;

	if (!same && z->seen.sweep && z->seen.sweep + 1 >= s->id)
		return;
	if (!same)
		z->seen.sweep = 0;
	z->zombie = t->task;
	z->zombie_start = t->start;
	z->zombie_pid = t->pid;
	count_visit(&z->seen, s);
}

/* A change in the namespace wakes the init, so the count starts anew. */
static void note_wait(struct model_zap *z, const struct model_ns *ns,
		      const struct model_sweep *s, const struct wire_sweep_task *r,
		      uint32_t allocated)
{
	allocated &= ~MODEL_ADDING;
	if (!(r->flags & WIRE_SWEEP_WAITING))
		return;
	if (ns->changed > z->waits.since || allocated != z->allocated)
		z->waits.sweep = 0;
	count_visit(&z->waits, s);
	z->pid = r->task.pid;
	z->init_pids = r->task.state & WIRE_T_LEADER ? 1 : 2;
	z->allocated = allocated;
}

void model_zap__begin(struct model_zap *z, const struct model_view *v)
{
	*z = (struct model_zap){
		.task = v->rec->current_task,
		.start = v->rec->current_start,
	};
}

void model_zap__visit(struct model_ns *ns, const struct model_sweep *s,
		      const struct wire_sweep_task *r, uint32_t allocated)
{
	struct model_zap *z = &ns->zapping;

	if (r->task.task == z->task && r->task.start == z->start)
		note_wait(z, ns, s, r, allocated);
	else if (r->real_parent.task == z->task &&
		 r->real_parent.start == z->start && is_to_be_reaped(r))
		note_zombie(z, s, &r->task);
}
