/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model_parts.h - what the files of the model share; nobody else includes it.
 */
#ifndef LOADER_MODEL_PARTS_H
#define LOADER_MODEL_PARTS_H

#include "model.h"

/* What one exec'd program and those it forked did, until they exec. */
struct model_scope {
	struct model_scope *parent;	/* the program that started it */
	struct model_scope *next;	/* all of them, newest first */
	struct model_task *owner;	/* that exec'd it, NULL when it is gone */
	int32_t tgid;			/* level 0, at the exec */
	char comm[WIRE_COMM_LEN];
	uint64_t seen[EXPECT_NKEYS];
};

struct model_symbol {
	uint64_t address;		/* the key */
	char name[sizeof(((struct wire_meta_sym *)0)->name)];
};

struct model {
	struct table tasks;		/* of struct model_task */
	struct table pids;		/* of struct model_pid */
	struct table symbols;		/* of struct model_symbol */
	struct model_scope *scopes;
	/* Freed elements, chained, to be used again: no malloc per record. */
	struct model_task *free_tasks;
	struct model_pid *free_pids;
	struct model_window *free_windows;
	bool with_scopes;
	bool follow;			/* the command is yet to be seen */
	int32_t command_pid;
	uint32_t command_ns;
	uint64_t index;
	struct model_totals totals;
};

static inline struct model_pid *model__find_pid(const struct model *m,
						uint64_t address)
{
	return table__find(&m->pids, address);
}

/* model_window.c */
void model_window__open(struct model *m, const struct model_view *v);
void model_window__record(struct model *m, const struct model_view *v);
void model_window__close(struct model *m, struct model_task *t);

/* model_scope.c: counting for --expect */
void model_scope__record(struct model *m, const struct model_view *v);
void model_scope__forget(struct model_task *t);

#endif /* LOADER_MODEL_PARTS_H */
