// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes: the leader of each, which stands for it, how it ended, and who killed
 * it.
 *
 * The key of a process is its signal_struct. An exec by a thread makes this thread the
 * leader; the EXIT of the former leader is then the end of a thread.
 *
 * Facts about the kernel that this file relies on:
 * - do_exit() counts a thread down in signal->live before the EXIT record. Of threads
 *   that end at the same time, several may see 0, and all see the same status: the
 *   first such record is taken for the end of the process.
 * - a process that is dying gets no further SIGKILL: the first one recorded is the one
 *   that killed it.
 */
#include "loader/model/parts.h"

#include <string.h>

#include "lib/memory.h"

static struct model_task *leader_of(const struct model *m,
				    const struct model_task *t)
{
	return t->signal ? table__find(&m->leaders, t->signal) : NULL;
}

const struct model_task *model__leader(const struct model *m,
				       const struct model_task *t)
{
	return leader_of(m, t) ?: t;
}

/* The kernel marks the victim after it has sent the SIGKILL. */
static void note_oom(const struct model_view *v)
{
	struct model_killer *k = v->leader ? v->leader->end.killer : NULL;

	if (v->rec->flags & WIRE_F_OOM_VICTIM && k && k->kind == KILLER_KERNEL)
		k->kind = KILLER_OOM;
}

static void resolve_leader(const struct model *m, struct model_view *v)
{
	v->leader = table__find(&m->leaders, v->task->signal);
}

static void resolve_waiter(const struct model *m, struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;

	v->waiter = v->current ? leader_of(m, v->current) : NULL;
	v->leader = table__find(&m->leaders, r->signal);
}

static void resolve_exit(const struct model *m, struct model_view *v)
{
	const struct wire_exit *r = (const void *)v->rec;

	resolve_leader(m, v);
	note_oom(v);
	v->ends_process = r->live <= 0 &&
			  !(v->leader && v->leader->end.ended);
}

static void resolve_zap(const struct model *m, struct model_view *v)
{
	v->leader = v->current ? leader_of(m, v->current) : NULL;
}

model_finder *const model_process_finders[WIRE_KERNEL_TYPES] = {
	[WIRE_RELEASE] = resolve_waiter,
	[WIRE_EXIT] = resolve_exit,
	[WIRE_KILL] = resolve_leader,
	[WIRE_ZAP_ENTER] = resolve_zap,
};

static void end_lead(struct model *m, const struct model_task *t)
{
	if (t->leads && table__find(&m->leaders, t->leads) == t)
		table__del(&m->leaders, t->leads);
}

void model_process__lead(struct model *m, struct model_task *t)
{
	end_lead(m, t);
	table__del(&m->leaders, t->signal);	/* the former leader */
	table__add(&m->leaders, t->signal, t);
	t->leads = t->signal;
}

void model_process__forget(struct model *m, struct model_task *t)
{
	end_lead(m, t);
	free(t->end.killer);
	t->end.killer = NULL;
}

static void note_end(struct model *m, const struct model_view *v)
{
	const struct wire_exit *r = (const void *)v->rec;
	struct model_end *e;

	(void)m;
	if (!v->ends_process || !v->leader)
		return;
	e = &v->leader->end;
	e->ended = v->index;
	e->status = r->status;
}

/* Values of si_code up to this one are those of signals that a process sent. */
#define SI_USER		0
#define SI_TIMER	(-2)
#define SI_SIGIO	(-5)

static bool is_from_process(const struct wire_kill *r)
{
	return r->origin == WIRE_KILL_NOINFO ||
	       (r->origin == WIRE_KILL_INFO && r->code <= SI_USER &&
		r->code != SI_TIMER && r->code != SI_SIGIO);
}

static void note_sender(struct model_killer *k, const struct model_view *v)
{
	const struct wire_kill *r = (const void *)v->rec;
	const struct wire_pid *img = record__pid(v->rec, 0);

	k->kind = KILLER_PROCESS;
	k->pid = r->sender;
	k->levels = record__levels(v->rec, img);
	for (uint32_t i = 0; i < k->levels; i++)
		k->nr[i] = img->upid[i].nr;
	memcpy(k->comm, r->sender_comm, sizeof(k->comm));
}

static void note_kill(struct model *m, const struct model_view *v)
{
	struct model_killer *k;

	(void)m;
	if (!v->leader || v->leader->end.killer)
		return;
	k = xcalloc(1, sizeof(*k));
	v->leader->end.killer = k;
	if (is_from_process((const void *)v->rec)) {
		note_sender(k, v);
	} else {
		k->ns = v->current ? v->current->zaps : 0;
		k->kind = k->ns ? KILLER_ZAP : KILLER_KERNEL;
	}
}

static void note_zap(struct model *m, const struct model_view *v)
{
	(void)m;
	if (v->current)
		v->current->zaps = v->rec->type == WIRE_ZAP_ENTER ?
			((const struct wire_pidns *)v->rec)->inum : 0;
}

model_step *const model_process_steps[WIRE_KERNEL_TYPES] = {
	[WIRE_EXIT] = note_end,
	[WIRE_KILL] = note_kill,
	[WIRE_ZAP_ENTER] = note_zap,
	[WIRE_ZAP_EXIT] = note_zap,
};
