// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts missing change_pid() of process groups and sessions, and missing
 * timer_lock_sighand().
 *
 * A record that a task makes shows the process group and the session of its process.
 * Another task may change them at that moment: its record comes just before, and the
 * present record still shows the old value; or it comes just after, and the present
 * record already shows the new value.
 */
#include "loader/judge/pairs_state.h"

static struct process *find(struct pairs *p, uint64_t signal)
{
	struct process *s = p->last_process;

	if (s && s->signal == signal)
		return s;
	s = table__find(&p->processes, signal);
	if (s)
		p->last_process = s;
	return s;
}

static struct process *add(struct pairs *p, const struct wire_task *t)
{
	struct process *s = find(p, t->signal);

	if (!s) {
		s = pool__get(&p->free_processes, sizeof(*s));
		table__add(&p->processes, t->signal, s);
	}
	*s = (struct process){ .signal = t->signal };
	for (int i = 0; i < MEMBERSHIPS; i++)
		s->in[i].now = s->in[i].before = t->pids[WIRE_PGID + i];
	return s;
}

/* No change_pid() to the value that was shown early has come. */
static void end_early(struct pairs *p, struct membership *m)
{
	if (m->early)
		pairs__miss(p, PAIR_CHANGED, m->early_record);
	m->early = 0;
}

static void drop_process(struct pairs *p, uint64_t signal)
{
	struct process *s = table__del(&p->processes, signal);

	if (!s)
		return;
	for (int i = 0; i < MEMBERSHIPS; i++)
		end_early(p, &s->in[i]);
	p->last_process = NULL;
	pool__put(&p->free_processes, s);
}

static void set(struct membership *m, uint64_t value)
{
	m->before = m->now;
	m->now = value;
}

static void check_shown(struct pairs *p, struct process *s,
			const struct wire_task *t, uint64_t index)
{
	for (int i = 0; i < MEMBERSHIPS; i++) {
		struct membership *m = &s->in[i];
		uint64_t shown = t->pids[WIRE_PGID + i];

		if (!shown || shown == m->now || shown == m->before)
			continue;
		end_early(p, m);
		m->early = shown;
		m->early_record = index;
		set(m, shown);
	}
}

static void changed(struct pairs *p, const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;
	struct process *s = find(p, r->task.signal);
	uint64_t to = record__pid(v->rec, 1)->address;
	struct membership *m;

	if (!s || r->pidtype < WIRE_PGID || r->pidtype >= WIRE_PIDTYPES)
		return;
	pairs__check(p, PAIR_CHANGED, true, v->index);
	m = &s->in[r->pidtype - WIRE_PGID];
	if (m->early == to) {
		m->early = 0;
		return;
	}
	end_early(p, m);
	set(m, to);
}

/* A new process has what the process that forks has. */
static void forked(struct pairs *p, const struct model_view *v)
{
	struct actor *by = pairs__actor(p, v->rec->current_task);
	struct process *s = by->signal ? find(p, by->signal) : NULL;

	if (!(v->task->state & WIRE_T_LEADER))
		return;
	if (s)
		check_shown(p, s, v->task, v->index);
	add(p, v->task);
}

static void shown(struct pairs *p, const struct model_view *v)
{
	struct process *s = find(p, v->task->signal);

	pairs__actor(p, v->rec->current_task)->signal = v->task->signal;
	if (s)
		check_shown(p, s, v->task, v->index);
	else
		add(p, v->task);
}

/* CPU timers are not inherited, so they were armed after the process's birth. */
static void check_timers(struct pairs *p, const struct model_view *v)
{
	const uint32_t both = WIRE_T_CPU_TIMERS | WIRE_T_LEADER;
	const struct actor *a = pairs__find_actor(p, v->task->task);

	if ((v->task->state & both) == both && a && a->forked)
		pairs__check(p, PAIR_TIMED,
			     table__find(&p->timed_pids, v->task->thread_pid),
			     v->index);
}

static void released(struct pairs *p, const struct wire_release *r)
{
	if (r->leader)
		drop_process(p, r->signal);
}

void pairs__process_record(struct pairs *p, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_FORK:
		forked(p, v);
		return;
	case WIRE_RELEASE:
		released(p, (const void *)v->rec);
		return;
	case WIRE_SETNS_ENTER:
	case WIRE_EXIT:
		check_timers(p, v);
		break;
	}
	if (is_own(v))
		shown(p, v);
	if (v->rec->type == WIRE_CHANGE_PID)
		changed(p, v);
}

void pairs__process_end(struct pairs *p, uint64_t overdue)
{
	struct process *s;

	for (size_t pos = 0; (s = table__next(&p->processes, &pos)); )
		for (int i = 0; i < MEMBERSHIPS; i++)
			if (s->in[i].early_record < overdue)
				end_early(p, &s->in[i]);
}
