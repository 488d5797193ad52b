/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps track of freed struct pids that still have a reference, and of pid namespaces
 * whose init is dead. The sink passes all records on. lingering__look_up() comes before
 * each check for leftovers, lingering__count(), because /proc is often the holder.
 */
#ifndef LOADER_CAPTURE_LINGERING_H
#define LOADER_CAPTURE_LINGERING_H

#include <stddef.h>
#include "loader/trace/sink.h"

struct lingering;

/* Creates a sink that passes all records on to next. */
struct lingering *lingering__new(struct record_sink *next);
void lingering__free(struct lingering *l);	/* NULL is legal */

struct record_sink *lingering__sink(struct lingering *l);

/* Looks up each freed pid, if any, in /proc, and drops the caches. */
void lingering__look_up(const struct lingering *l);

/* Returns the number of struct pids and namespaces that still exist. */
size_t lingering__count(const struct lingering *l);

#endif /* LOADER_CAPTURE_LINGERING_H */
