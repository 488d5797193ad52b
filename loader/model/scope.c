// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts how many operations each program caused, for --expect.
 *
 * An exec opens a scope. The operations of the program and its children count there
 * until they exec in turn, which opens a scope below. The sum over a scope and those
 * below it is what a workload can know of itself. The exec that starts a program and
 * the exit that ends it count in the scope above. Scopes are kept to the end: only a
 * run with --expect has any.
 */
#include "loader/model/parts.h"

#include <string.h>

static void add(struct model_scope *s, enum expect_key key)
{
	if (s)
		s->seen[key]++;
}

void model_scope__forget(struct model_task *t)
{
	if (t->scope && t->scope->owner == t)
		t->scope->owner = NULL;
	t->scope = NULL;
}

static void scope_open(struct model *m, const struct model_view *v)
{
	struct model_task *t = v->current;
	struct model_scope *s = xcalloc(1, sizeof(*s));

	s->parent = t->scope;
	s->next = m->scopes;
	s->owner = t;
	s->tgid = v->task->tgid;
	memcpy(s->comm, v->task->comm, sizeof(s->comm));
	m->scopes = s;
	t->scope = s;
}

static void count_change(struct model_scope *s, const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;

	if (v->window)
		return;
	if (r->pidtype == WIRE_SID)
		add(s, EXPECT_SETSID);
	else if (r->pidtype == WIRE_PGID && v->subject &&
		 v->subject->sid_just_set != record__pid(v->rec, 1)->address)
		add(s, EXPECT_SETPGID);
}

static void count_setns_exit(struct model_scope *s, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;

	add(s, x->ret < 0 ? EXPECT_SETNS_ERR : EXPECT_SETNS_OK);
	if (v->window && model_window__joined(v->window, x))
		add(s, EXPECT_JOINS);
}

void model_scope__record(struct model *m, const struct model_view *v)
{
	struct model_scope *s = v->current ? v->current->scope : NULL;

	switch (v->rec->type) {
	case WIRE_SETNS_ENTER:
		add(s, EXPECT_SETNS);
		break;
	case WIRE_SETNS_EXIT:
		count_setns_exit(s, v);
		break;
	case WIRE_FORK:
		add(s, EXPECT_FORKS);
		if (v->subject)
			v->subject->scope = s;
		break;
	case WIRE_EXEC:
		add(s, EXPECT_EXECS);
		if (v->current && v->current == v->subject)
			scope_open(m, v);
		break;
	case WIRE_EXIT:
		if (s && s->owner == v->current)
			s = s->parent;
		add(s, EXPECT_EXITS);
		break;
	case WIRE_CHANGE_PID:
		count_change(s, v);
		break;
	}
}

/* Marks the scopes below @root, and itself. A parent is older than its children. */
static void mark_below(const struct model *m, const struct model_scope *root)
{
	struct model_scope *s, *oldest = NULL;

	for (s = m->scopes; s; s = s->next) {
		s->newer = oldest;
		oldest = s;
	}
	for (s = oldest; s; s = s->newer)
		s->below = s == root || (s->parent && s->parent->below);
}

bool model__expected(const struct model *m, int32_t root,
		     uint64_t seen[EXPECT_NKEYS])
{
	const struct model_scope *s, *top = NULL;

	/* Newest first: an older task may have had the same number. */
	for (s = m->scopes; s && !top; s = s->next)
		if (s->tgid == root && !strncmp(s->comm, "stress", 6))
			top = s;
	for (s = m->scopes; s && !top; s = s->next)
		if (s->tgid == root)
			top = s;
	if (!top)
		return false;
	memset(seen, 0, EXPECT_NKEYS * sizeof(*seen));
	mark_below(m, top);
	for (s = m->scopes; s; s = s->next)
		if (s->below)
			for (int k = 0; k < EXPECT_NKEYS; k++)
				seen[k] += s->seen[k];
	return true;
}
