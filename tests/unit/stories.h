/* SPDX-License-Identifier: GPL-2.0-only */
/* Plays short runs with one of everything that is printed or exported. */
#ifndef TESTS_UNIT_STORIES_H
#define TESTS_UNIT_STORIES_H

#include "tracegen.h"

/* me: a task that init has just forked */
typedef void (*story_fn)(struct gen *g, struct gen_task *me);

/* Play the life of a container, seen from outside, on different kernels. */
void story_stock(struct gen *g, struct gen_task *me);
void story_joins(struct gen *g, struct gen_task *me);
void story_seed(struct gen *g, struct gen_task *me);

/* Plays calls that fail, between others that succeed. */
void story_failures(struct gen *g, struct gen_task *me);
/*
 * Plays processes that end in various ways: with several threads, by SIGKILLs of
 * several senders, orphaned, under new names.
 */
void story_ends(struct gen *g, struct gen_task *me);

/* A filter that loses records, as with a full ring buffer. */
enum gen_fate story_lossy(struct gen *g, struct wire_hdr *rec);

#endif /* TESTS_UNIT_STORIES_H */
