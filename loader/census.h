/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census.h - which pid namespaces there were, who was in them under which
 * number, and how much went on in each: the views --tree and --summary.
 *
 * A process is in the innermost of its namespaces. One that joins another
 * leaves an entry where it was. What has ended is kept, CENSUS_ENDED of it in
 * each namespace and CENSUS_NAMESPACES in all; of more there is a count.
 */
#ifndef LOADER_CENSUS_H
#define LOADER_CENSUS_H

#include <stdbool.h>
#include <stdio.h>

struct census;
struct model_view;

#define CENSUS_ENDED		1000
#define CENSUS_NAMESPACES	10000

/* Out of memory ends the program, as in table.h. */
struct census *census__new(void);
void census__free(struct census *c);	/* NULL is legal */

/*
 * A kernel record, before model__apply() (FORK, EXEC: after). @shown: it fits what
 * the user asked for; of others only the end of a namespace is taken.
 */
void census__record(struct census *c, const struct model_view *v, bool shown);

/* The namespaces as a tree, with those in them. */
void census__tree_text(const struct census *c, FILE *out);
/* One object a line for each namespace, outermost first. */
void census__tree_json(const struct census *c, FILE *out);

/* A table of counts, a line for each namespace, and their sum. */
void census__summary_text(const struct census *c, FILE *out);
void census__summary_json(const struct census *c, FILE *out);

#endif /* LOADER_CENSUS_H */
