/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that the files of the model call in each other. One file fills each table. */
#ifndef LOADER_MODEL_PARTS_H
#define LOADER_MODEL_PARTS_H

#include "loader/model/model.h"

/* --- task.c: the tasks --- */

/* Returns the live task at this address, or NULL if none is known. */
struct model_task *model_task__find(const struct model *m, uint64_t task);

/*
 * Returns the task that a record is about, or NULL. @wt: the record's snapshot of it,
 * or NULL. A task that the record reveals is added.
 */
struct model_task *model_task__subject(struct model *m, const struct wire_hdr *rec,
				       const struct wire_task *wt);

/* Applies a record to its tasks. Their window is still that of before the record. */
void model_task__record(struct model *m, const struct model_view *v);

/* Notes what later records have to know of a change; the last to use the old notes. */
void model_task__note_change(const struct model_view *v);

/* Drops a released task, with its window and scope. */
void model_task__drop(struct model *m, struct model_task *t);

/* --- window.c: what a task does inside setns --- */

void model_window__open(struct model *m, const struct model_view *v);
/* Applies a record to the window of the task that made it, and to those it changes. */
void model_window__record(const struct model_view *v);
void model_window__close(struct model *m, struct model_task *t);
/* Keeps the stack of a record of this type. */
void model_window__keep(struct model_window *w, uint32_t type,
			const __u64 *stack);

/* --- pid.c: the struct pids --- */

static inline struct model_pid *model__find_pid(const struct model *m,
						uint64_t address)
{
	return table__find(&m->pids, address);
}

/* Finds the struct pid that a record is about. */
void model_pid__resolve(const struct model *m, struct model_view *v);
/* Applies a record to the struct pids. */
void model_pid__record(struct model *m, const struct model_view *v);

/* --- ns.c: the pid namespaces --- */

/* Finds the namespace that a record is about. */
void model_ns__resolve(const struct model *m, struct model_view *v);
/* Applies a record to the namespaces. */
void model_ns__record(struct model *m, const struct model_view *v);

/* --- scope.c: the operations of each program --- */

/* Counts a record for the program that its task runs. */
void model_scope__record(struct model *m, const struct model_view *v);
/* Ends the claim of a released task on its scope. */
void model_scope__forget(struct model_task *t);

/* --- stack.c: the kernel stacks, which model__stack() returns --- */

/* Stores a stack, or hands the stored one to the record that it belongs to. */
void model_stack__record(struct model *m, const struct model_view *v);

#endif /* LOADER_MODEL_PARTS_H */
