/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel stacks of records, for the model; model__stack() returns them. */
#ifndef LOADER_MODEL_STACK_H
#define LOADER_MODEL_STACK_H

#include "loader/model/state.h"

/* Stores a stack, or hands the stored one to the record that it belongs to. */
void model_stack__record(struct model *m, const struct model_view *v);

#endif /* LOADER_MODEL_STACK_H */
