/* SPDX-License-Identifier: GPL-2.0-only */
/* The windows: what a task does inside setns, for the other files of the model. */
#ifndef LOADER_MODEL_WINDOW_H
#define LOADER_MODEL_WINDOW_H

#include "loader/model/state.h"

void model_window__open(struct model *m, const struct model_view *v);
/* Applies a record to the window of the task that made it, and to those it changes. */
void model_window__record(struct model *m, const struct model_view *v);
void model_window__close(struct model *m, struct model_task *t);
/* Keeps the stack of a record of this type. */
void model_window__keep(struct model_window *w, uint32_t type,
			const uint64_t *stack);

#endif /* LOADER_MODEL_WINDOW_H */
