/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of struct pids, for the other files of the model. */
#ifndef LOADER_MODEL_PID_H
#define LOADER_MODEL_PID_H

#include "loader/model/state.h"

static inline struct model_pid *model__find_pid(const struct model *m,
						uint64_t address)
{
	return table__find(&m->pids, address);
}

/* Finds the struct pid that a record is about. */
void model_pid__resolve(const struct model *m, struct model_view *v);
/* Applies a record to the struct pids. */
void model_pid__record(struct model *m, const struct model_view *v);

#endif /* LOADER_MODEL_PID_H */
