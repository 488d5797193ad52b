// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a name for each process that a record has shown and that is not yet released. The
 * name is that of the thread group's leader.
 *
 * Bad at: kernel threads, which sweeps do not visit.
 */
#include "loader/view/roster.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

struct name {
	char comm[WIRE_COMM_LEN];
	bool ended;	/* has no children any more */
};

static void note(struct roster *r, const struct wire_task *t, bool ended)
{
	struct name *n = table__find(&r->names, (uint32_t)t->tgid);

	if (!n) {
		n = xmalloc(sizeof(*n));
		table__add(&r->names, (uint32_t)t->tgid, n);
	}
	memcpy(n->comm, t->comm, sizeof(n->comm));
	n->ended = ended;
}

static void forget(struct roster *r, int32_t tgid)
{
	free(table__del(&r->names, (uint32_t)tgid));
}

void roster__record(struct roster *r, const struct model_view *v)
{
	const struct wire_release *gone = (const void *)v->rec;
	const struct wire_task *t = v->task;

	if (v->rec->type == WIRE_RELEASE && gone->pid == gone->tgid)
		forget(r, gone->tgid);
	if (!t || t->pid != t->tgid)
		return;
	switch (v->rec->type) {
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_SETNS_EXIT:
	case WIRE_RENAME:
		note(r, t, false);
		break;
	case WIRE_EXIT:
		note(r, t, t->nr_threads <= 1);
		break;
	case WIRE_SWEEP_TASK:
		note(r, t, t->nr_threads <= 1 &&
			   ((const struct wire_sweep_task *)v->rec)->exit_state);
		break;
	}
}

void roster__clear(struct roster *r)
{
	struct name *n;

	for (size_t pos = 0; (n = table__next(&r->names, &pos)); )
		free(n);
	table__clear(&r->names);
}

bool roster__name(const struct roster *r, struct kin *kin)
{
	const struct name *n = table__find(&r->names, (uint32_t)kin->tgid);

	if (!n || n->ended)
		return false;
	memcpy(kin->comm, n->comm, sizeof(kin->comm));
	return true;
}
