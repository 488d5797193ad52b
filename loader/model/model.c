// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays records into the tables of the model, each of which has a file, and keeps the
 * symbols and the totals.
 *
 * delayed_put_pid() and its callees run in a softirq on top of any task: the current
 * task of their records is unrelated.
 */
#include "loader/model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "loader/model/parts.h"

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
	unsigned int type = rec->type;

	v->rec = rec;
	v->index = ++m->index;
	v->task = record__task(rec);
	v->subject = NULL;
	memset(&v->current, 0, sizeof(*v) - offsetof(struct model_view, current));
	if (type >= WIRE_META)
		return;
	v->subject = model_task__subject(m, rec, v->task);
	/* An RCU callback runs on top of any task. */
	if (!record__has(type, WIRE_CALLBACK))
		v->current = model_task__current(m, rec);
	if (v->current)
		v->window = v->current->window;
	for (int i = 0; i < MODEL_FINDERS && m->work[type].finders[i]; i++)
		m->work[type].finders[i](m, v);
}

void model__next_link(struct model *m, struct model_view *v)
{
	v->index = ++m->index;
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

/* --- totals, and the begin and the end of windows and of tasks --- */

static void count_fork(struct model *m, const struct model_view *v)
{
	(void)v;
	m->totals.forks++;
}

static void count_exec(struct model *m, const struct model_view *v)
{
	(void)v;
	m->totals.execs++;
}

static void count_change(struct model *m, const struct model_view *v)
{
	m->totals.rewrites += v->window != NULL;
}

static void close_window(struct model *m, const struct model_view *v)
{
	if (v->current && v->current->window)
		model_window__close(m, v->current);
}

/* A window cannot outlive its task: the SETNS_EXIT was lost. */
static void exited(struct model *m, const struct model_view *v)
{
	m->totals.exits++;
	close_window(m, v);
}

static void setns_entered(struct model *m, const struct model_view *v)
{
	const struct wire_setns_enter *e = (const void *)v->rec;

	m->totals.knob_seen |= e->knob != WIRE_KNOB_NONE;
	m->totals.keep_seen |= e->knob == WIRE_KNOB_KEEP;
	model_window__open(m, v);
}

static void count_window(struct model_totals *n, const struct model_window *w,
			 const struct wire_setns_exit *x)
{
	n->joins += model_window__joined(w, x);
	n->moves += model_window__moved(w, x);
	n->deepenings += model_window__joined(w, x) && !model_window__moved(w, x);
	n->installs_ok += w->installs && w->install.ret == 0;
	n->setns_pidns_ok += x->ret == 0 && w->enter.fd_kind == WIRE_FD_NSFS &&
			     w->enter.fd_ns_type == 0x20000000; /* CLONE_NEWPID */
}

static void setns_left(struct model *m, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;

	m->totals.setns++;
	m->totals.setns_ok += x->ret == 0;
	if (v->window)
		count_window(&m->totals, v->window, x);
	close_window(m, v);
}

static void released(struct model *m, const struct model_view *v)
{
	if (!v->subject)
		return;
	if (v->subject->followed)
		m->drained = v->index;
	model_task__drop(m, v->subject);
}

/* The last steps end windows and tasks, after the other parts have seen them. */
static model_step *const last_steps[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = setns_entered,
	[WIRE_SETNS_EXIT] = setns_left,
	[WIRE_CHANGE_PID] = count_change,
	[WIRE_FORK] = count_fork,
	[WIRE_EXEC] = count_exec,
	[WIRE_EXIT] = exited,
	[WIRE_RELEASE] = released,
};

/* --- all records --- */

/* Puts the functions of all parts for records of a type into lists, in their order. */
static void list_work(struct model_work *work, unsigned int type)
{
	model_finder *const finders[MODEL_PARTS] = {
		model_pid_finders[type], model_ns_finders[type],
		model_process_finders[type],
	};
	model_step *const steps[MODEL_PARTS] = {
		model_process_steps[type], model_task_changes[type],
		model_pid_steps[type], model_ns_steps[type], last_steps[type],
	};
	int nfinders = 0, nsteps = 0;

	for (int i = 0; i < MODEL_PARTS; i++) {
		assert(!finders[i] || nfinders < MODEL_FINDERS);
		if (finders[i])
			work->finders[nfinders++] = finders[i];
		if (steps[i])
			work->steps[nsteps++] = steps[i];
	}
}

struct model *model__new(bool scopes)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->with_scopes = scopes;
	for (int type = 0; type < WIRE_KERNEL_TYPES; type++)
		list_work(&m->work[type], type);
	return m;
}

void model__apply(struct model *m, const struct model_view *v)
{
	unsigned int type = v->rec->type;

	if (type >= WIRE_META) {
		apply_meta(m, v->rec);
		return;
	}
	model_task__record(m, v);
	if (v->window || type == WIRE_CHANGE_PID)
		model_window__record(v);
	if (m->with_scopes)
		model_scope__record(m, v);
	if (m->stacks_due || type == WIRE_STACK)
		model_stack__record(m, v);
	for (model_step *const *step = m->work[type].steps; *step; step++)
		(*step)(m, v);
}

/* In a window, or after a stack, something is kept of each call. */
bool model__takes_links(const struct model *m, const struct model_view *v)
{
	return !v->window && !m->stacks_due;
}

void model__apply_links(struct model *m, const struct wire_links_pid *links,
			const struct model_view *v)
{
	model_task__links(v, links, m->index);
	m->index += links->n - 1;
	for (model_step *const *step = m->work[links->hdr.type].steps; *step; step++)
		(*step)(m, v);
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
