/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps track of freed struct pids that still have a reference, and of pid namespaces
 * whose init is dead. The sink passes all records on. leftover__look_up() comes before
 * each check for leftovers, leftover__count(), because /proc is often the holder.
 */
#ifndef LOADER_CAPTURE_LINGERING_H
#define LOADER_CAPTURE_LINGERING_H

#include <stddef.h>
#include "loader/trace/sink.h"

struct leftover;

/* Creates a sink that passes all records on to next. Returns 0 or -ENOMEM. */
int leftover__new(struct leftover **out, struct record_sink *next);
void leftover__free(struct leftover *l);	/* NULL is legal */

struct record_sink *leftover__sink(struct leftover *l);

/* Looks up each freed pid, if any, in /proc, and drops the caches. */
void leftover__look_up(const struct leftover *l);

/* Returns the number of struct pids and namespaces that still exist. */
size_t leftover__count(const struct leftover *l);

#endif /* LOADER_CAPTURE_LINGERING_H */
