/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of pid namespaces, for the other files of the model. */
#ifndef LOADER_MODEL_NS_H
#define LOADER_MODEL_NS_H

#include "loader/model/state.h"

/* Finds the namespace that a record is about. */
void model_ns__resolve(const struct model *m, struct model_view *v);
/* Applies a record to the namespaces. */
void model_ns__record(struct model *m, const struct model_view *v);
void model_ns__free_all(struct model *m);

#endif /* LOADER_MODEL_NS_H */
