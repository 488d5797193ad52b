// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays records into the tables of the model, each of which has a file, and keeps the
 * symbols and the totals.
 *
 * delayed_put_pid() and its callees run in a softirq on top of any task: the current
 * task of their records is unrelated.
 */
#include "loader/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "loader/model/parts.h"

struct model *model__new(bool scopes)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->with_scopes = scopes;
	return m;
}

static void free_all(struct table *t)
{
	void *value;

	for (size_t pos = 0; (value = table__next(t, &pos)); )
		free(value);
	table__clear(t);
}

void model__free(struct model *m)
{
	struct model_task *t;

	if (!m)
		return;
	for (size_t pos = 0; (t = table__next(&m->tasks, &pos)); ) {
		free(t->window);
		free(t->end.killer);
	}
	table__clear(&m->leaders);
	free_all(&m->tasks);
	free_all(&m->pids);
	free_all(&m->symbols);
	free_all(&m->cgroups);
	free_all(&m->namespaces);
	free_all(&m->buried);
	free(m->shown);
	pool__clear(&m->free_tasks);
	pool__clear(&m->free_pids);
	pool__clear(&m->free_windows);
	pool__clear(&m->free_namespaces);
	while (m->scopes) {
		struct model_scope *s = m->scopes;

		m->scopes = s->next;
		free(s);
	}
	free(m);
}

void model__resolve(struct model *m, const struct wire_hdr *rec,
		    struct model_view *v)
{
	*v = (struct model_view){ .rec = rec, .index = ++m->index };
	if (rec->type >= WIRE_META)
		return;
	v->task = record__task(rec);
	v->subject = model_task__subject(m, rec, v->task);
	model_pid__resolve(m, v);
	model_ns__resolve(m, v);
	/* An RCU callback runs on top of any task. */
	if (record__has(rec->type, WIRE_CALLBACK))
		return;
	v->current = v->subject && v->subject->task == rec->current_task ?
		     v->subject : model_task__find(m, rec->current_task);
	if (v->current && v->current->start != rec->current_start)
		v->current = NULL;	/* pointer reused, and the FORK was lost */
	if (v->current)
		v->window = v->current->window;
	model_process__resolve(m, v);
}

static void name_cgroup(struct model *m, const struct wire_meta_cgroup *r)
{
	struct model_cgroup *c;

	if (table__find(&m->cgroups, r->id))
		return;
	c = xcalloc(1, sizeof(*c));
	c->id = r->id;
	memcpy(c->path, r->path, sizeof(c->path) - 1);
	table__add(&m->cgroups, c->id, c);
}

static void apply_meta(struct model *m, const struct wire_hdr *rec)
{
	if (rec->type == WIRE_META_COMMAND) {
		const struct wire_meta_command *c = (const void *)rec;

		m->command_pid = c->pid;
		m->command_ns = c->ns;
		m->follow = true;
		m->totals.commands++;
	} else if (rec->type == WIRE_META_HOOK) {
		const struct wire_meta_hook *h = (const void *)rec;

		if (h->hook == WIRE_HOOK_PID_GONE)
			m->sees_gone = !h->error &&
				       !(rec->flags & WIRE_F_PARTIAL);
	} else if (rec->type == WIRE_META_SYM) {
		const struct wire_meta_sym *c = (const void *)rec;
		struct model_symbol *s;

		if (table__find(&m->symbols, c->address))
			return;
		s = xcalloc(1, sizeof(*s));
		s->address = c->address;
		/* A trace may be a stranger's. */
		escape__bytes(s->name, c->name, sizeof(c->name));
		table__add(&m->symbols, s->address, s);
	} else if (rec->type == WIRE_META_CGROUP) {
		name_cgroup(m, (const void *)rec);
	}
}

static void count(struct model_totals *n, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_FORK:
		n->forks++;
		break;
	case WIRE_EXEC:
		n->execs++;
		break;
	case WIRE_EXIT:
		n->exits++;
		break;
	case WIRE_CHANGE_PID:
		n->rewrites += v->window != NULL;
		break;
	case WIRE_SETNS_ENTER:
		n->knob_seen |= ((const struct wire_setns_enter *)v->rec)->knob
				!= WIRE_KNOB_NONE;
		break;
	}
}

static void count_exit(struct model_totals *n, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;
	const struct model_window *w = v->window;

	n->setns++;
	n->setns_ok += x->ret == 0;
	if (!w)
		return;
	n->joins += model_window__moved(w, x);
	n->installs_ok += w->installs && w->install.ret == 0;
	n->setns_pidns_ok += x->ret == 0 && w->enter.fd_kind == WIRE_FD_NSFS &&
			     w->enter.fd_ns_type == 0x20000000; /* CLONE_NEWPID */
}

/* Comes last: opens and closes windows, and drops released tasks. */
static void apply_lifetimes(struct model *m, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_SETNS_ENTER:
		model_window__open(m, v);
		break;
	case WIRE_SETNS_EXIT:
		count_exit(&m->totals, v);
		if (v->current && v->current->window)
			model_window__close(m, v->current);
		break;
	case WIRE_EXIT:
		/* A window cannot outlive its task: the SETNS_EXIT was lost. */
		if (v->current && v->current->window)
			model_window__close(m, v->current);
		break;
	case WIRE_RELEASE:
		if (!v->subject)
			break;
		if (v->subject->followed)
			m->drained = v->index;
		model_task__drop(m, v->subject);
		break;
	}
}

void model__apply(struct model *m, const struct model_view *v)
{
	unsigned int type = v->rec->type;

	if (type >= WIRE_META) {
		apply_meta(m, v->rec);
		return;
	}
	model_task__record(m, v);
	model_process__record(m, v);
	count(&m->totals, v);
	model_window__record(v);
	if (m->with_scopes)
		model_scope__record(m, v);
	model_task__note_change(v);
	model_stack__record(m, v);
	model_pid__record(m, v);
	model_ns__record(m, v);
	apply_lifetimes(m, v);
}

const struct model_totals *model__totals(const struct model *m)
{
	return &m->totals;
}

const char *model__cgroup(const struct model *m, uint64_t id)
{
	const struct model_cgroup *c = table__find(&m->cgroups, id);

	return c ? c->path : NULL;
}

const char *model__symbol(const struct model *m, uint64_t address)
{
	const struct model_symbol *s = table__find(&m->symbols, address);

	return s ? s->name : NULL;
}

const struct model_task *model__task(const struct model *m, uint64_t task)
{
	return model_task__find(m, task);
}

static bool has_number(const struct model_task *t, uint32_t ns, int32_t nr)
{
	for (uint32_t i = 0; i < t->levels; i++)
		if (t->ns[i] == ns)
			return t->nr[i] == nr;
	return false;
}

const struct model_task *model__task_numbered(const struct model *m, uint32_t ns,
					      int32_t nr)
{
	const struct model_task *t;

	for (size_t pos = 0; (t = table__next(&m->tasks, &pos)); )
		if (has_number(t, ns, nr))
			return t;
	return NULL;
}

size_t model__tasks(const struct model *m)
{
	return m->tasks.count;
}

void model__each_task(struct model *m,
		      void (*fn)(struct model_task *t, void *arg), void *arg)
{
	struct model_task *t;

	for (size_t pos = 0; (t = table__next(&m->tasks, &pos)); )
		fn(t, arg);
}
