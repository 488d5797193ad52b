/* SPDX-License-Identifier: GPL-2.0-only */
/* The scopes: operations per program, for model__expected() and the model. */
#ifndef LOADER_MODEL_SCOPE_H
#define LOADER_MODEL_SCOPE_H

#include "loader/model/state.h"

/* Counts a record for the program that its task runs. */
void model_scope__record(struct model *m, const struct model_view *v);
/* Ends the claim of a released task on its scope. */
void model_scope__forget(struct model_task *t);

#endif /* LOADER_MODEL_SCOPE_H */
