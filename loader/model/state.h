/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model_parts.h - internals shared by model*.c; no other file includes it.
 */
#ifndef LOADER_MODEL_STATE_H
#define LOADER_MODEL_STATE_H

#include "loader/model/model.h"

/* The operations of one exec'd program and its children, until they exec. */
struct model_scope {
	struct model_scope *parent;	/* the program that started it */
	struct model_scope *next;	/* all scopes, newest first */
	struct model_task *owner;	/* task that made the exec, NULL: gone */
	int32_t tgid;			/* at the exec, level 0 */
	char comm[WIRE_COMM_LEN];
	uint64_t seen[EXPECT_NKEYS];
};

struct model_symbol {
	uint64_t address;		/* the key */
	char name[sizeof(((struct wire_meta_sym *)0)->name)];
};

#define MODEL_STACKS 8

/* The stack for the next record of a task. */
struct model_stack {
	uint64_t task;
	uint32_t type;		/* of the record */
	bool due;		/* the record is still to come */
	uint64_t stack[WIRE_STACK_DEPTH];
};

struct model {
	struct table tasks;		/* of struct model_task */
	struct table pids;		/* of struct model_pid */
	struct table symbols;		/* of struct model_symbol */
	struct table namespaces;	/* of struct model_ns, by inum */
	struct table buried;		/* ... by address: the inum is reused */
	struct model_ns *last_ns;	/* last lookup, or NULL */
	struct model_scope *scopes;
	/* Free lists, which save a malloc per record. */
	struct model_task *free_tasks;
	struct model_pid *free_pids;
	struct model_window *free_windows;
	struct model_ns *free_namespaces;
	struct model_sweep sweep;
	struct model_stack stacks[MODEL_STACKS];
	unsigned int nstacks;		/* received so far */
	unsigned int stacks_due;
	bool sees_gone;			/* PID_GONE records are complete */
	unsigned int nfollowed;		/* live followed tasks */
	uint64_t drained;		/* last record that ended a part of the command */
	uint64_t grace;			/* latest free_pid() whose grace period is over */
	bool with_scopes;
	bool follow;			/* the command has not been seen yet */
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

/* model_pid.c, model_ns.c: resolve a record, and apply it */
void model_pid__resolve(const struct model *m, struct model_view *v);
void model_pid__record(struct model *m, const struct model_view *v);
void model_ns__resolve(const struct model *m, struct model_view *v);
void model_ns__record(struct model *m, const struct model_view *v);
void model_ns__free_all(struct model *m);

/* model_window.c */
void model_window__open(struct model *m, const struct model_view *v);
void model_window__record(struct model *m, const struct model_view *v);
void model_window__close(struct model *m, struct model_task *t);
void model_window__keep(struct model_window *w, uint32_t type,
			const uint64_t *stack);

/* model_scope.c: counting for --expect */
void model_scope__record(struct model *m, const struct model_view *v);
void model_scope__forget(struct model_task *t);

#endif /* LOADER_MODEL_STATE_H */
