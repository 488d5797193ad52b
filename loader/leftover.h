/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leftover.h - what has ended and is not gone: freed numbers whose struct pid
 * somebody still holds, pid namespaces whose init is dead.
 *
 * Often that is /proc: who looks up /proc/NR while the task goes may leave a
 * dentry behind, on any kernel, that keeps the struct pid and its namespaces
 * until somebody looks again or memory is short. So, before it is asked what
 * was left over, each of these numbers is looked up once more; and what other
 * mounts of proc keep is dropped with the caches that nobody uses.
 */
#ifndef LOADER_LEFTOVER_H
#define LOADER_LEFTOVER_H

#include <stddef.h>
#include "sink.h"

struct leftover;

/* A sink that passes all on to next. Frees with leftover__free(). */
int leftover__new(struct leftover **out, struct record_sink *next);
void leftover__free(struct leftover *l);	/* NULL is legal */

struct record_sink *leftover__sink(struct leftover *l);

/* If there are any: looks each of them up in /proc, and drops the caches. */
void leftover__look_up(const struct leftover *l);

/* Struct pids and namespaces that are to go, and have not. */
size_t leftover__count(const struct leftover *l);

#endif /* LOADER_LEFTOVER_H */
