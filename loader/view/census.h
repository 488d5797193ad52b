/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provides the views --tree and --summary: the pid namespaces, their processes and
 * numbers, and counts of events.
 *
 * A process is listed in the innermost of its namespaces, and stays listed there after
 * joining another one. Ended entries are kept up to CENSUS_ENDED a namespace, ended
 * namespaces up to CENSUS_NAMESPACES namespaces in all; more are only counted.
 */
#ifndef LOADER_VIEW_CENSUS_H
#define LOADER_VIEW_CENSUS_H

#include <stdbool.h>
#include <stdio.h>

struct census;
struct model;
struct model_view;

#define CENSUS_ENDED		1000
#define CENSUS_NAMESPACES	10000

/*
 * @model: where the parents of processes are looked up. Running out of memory ends the
 * program, as in table.h.
 */
struct census *census__new(const struct model *model);
void census__free(struct census *c);	/* NULL is legal */

/* Drops all entries, but keeps the names of processes, which may be parents later. */
void census__restart(struct census *c);

/*
 * Counts a kernel record, before model__apply() (FORK, EXEC: after). @shown: the
 * record passes the user's filter; if not, only the end of a namespace counts.
 */
void census__record(struct census *c, const struct model_view *v, bool shown);

/* Prints the namespaces as a tree, with the processes in each. */
void census__tree_text(const struct census *c, FILE *out);
/* Prints one object a line for each namespace, outermost first. */
void census__tree_json(const struct census *c, FILE *out);

/* Prints a table of counts: a line for each namespace, and the sum. */
void census__summary_text(const struct census *c, FILE *out);
void census__summary_json(const struct census *c, FILE *out);

#endif /* LOADER_VIEW_CENSUS_H */
