/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Derives why a call failed from the facts that the records have.
 *
 * A reason is a fact that suffices for the error, whatever else the kernel checks. Where
 * the records show no such fact, there is no reason.
 */
#ifndef LOADER_VIEW_REASON_H
#define LOADER_VIEW_REASON_H

#include <stdbool.h>
#include <stdio.h>

struct model;
struct model_view;

/* Writes the reason of a failed call to out. Returns false if it is not known. */
bool reason__put(const struct model *m, const struct model_view *v, FILE *out);

/* Returns the same as a string, NULL: not known. The caller frees it. */
char *reason__text(const struct model *m, const struct model_view *v);

#endif /* LOADER_VIEW_REASON_H */
