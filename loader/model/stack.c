// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel stacks: each comes in a record of its own, just before the record that it
 * belongs to. Stacks of more than MODEL_STACKS tasks at once push out the oldest.
 */
#include "loader/model/parts.h"

#include <string.h>

/* Stores the stack until its record comes. */
static void store(struct model *m, const struct wire_hdr *rec)
{
	const struct wire_stack *r = (const void *)rec;
	struct model_stack *s = &m->stacks[m->nstacks++ % MODEL_STACKS];

	m->stacks_due += !s->due;
	s->due = true;
	s->task = rec->current_task;
	s->type = r->type;
	memcpy(s->stack, r->stack, sizeof(s->stack));
}

static struct model_stack *find_due(const struct model *m,
				    const struct wire_hdr *rec)
{
	for (unsigned int i = 0; m->stacks_due && i < MODEL_STACKS; i++) {
		const struct model_stack *s = &m->stacks[i];

		if (s->due && s->task == rec->current_task &&
		    s->type == rec->type)
			return (struct model_stack *)s;
	}
	return NULL;
}

/* Keeps the stack in the window, if any. A stack belongs to one record only. */
static void hand_over(struct model *m, const struct model_view *v)
{
	struct model_stack *s = find_due(m, v->rec);

	if (!s)
		return;
	if (v->window)
		model_window__keep(v->window, s->type, s->stack);
	s->due = false;
	m->stacks_due--;
}

const __u64 *model__stack(const struct model *m, const struct model_view *v)
{
	const struct model_stack *s = find_due(m, v->rec);

	return s ? s->stack : NULL;
}

void model_stack__record(struct model *m, const struct model_view *v)
{
	if (v->rec->type == WIRE_STACK)
		store(m, v->rec);
	else
		hand_over(m, v);
}
