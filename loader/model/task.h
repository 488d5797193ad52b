/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of tasks, for the other files of the model. */
#ifndef LOADER_MODEL_TASK_H
#define LOADER_MODEL_TASK_H

#include "loader/model/state.h"

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

#endif /* LOADER_MODEL_TASK_H */
