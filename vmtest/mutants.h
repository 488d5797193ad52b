/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is each fault found, and by what names it?
 *
 * A mutant is caught when one of the catchers that the table lists for it
 * speaks, in a kernel that says that it has the fault. Whatever else is found
 * is told and does not count. A run ends with the catch.
 */
#ifndef VMTEST_MUTANTS_H
#define VMTEST_MUTANTS_H

#include <stdio.h>

#include "batch.h"
#include "mutant_table.h"
#include "options.h"

/* One boot of a mutant. */
struct mutant_run {
	const struct mutant *mutant;
	uint64_t seed;
	bool widen;
	bool caught;
	double seconds;		/* to the catch, or to the end */
	enum verdict verdict;
	char *reason, *dir;
	struct strv by, also;	/* what was found: listed, not listed */
};

struct mutant_result {
	const struct mutant *mutant;	/* of a rule: the one being tried */
	/* A rule that is to speak; else NULL, and the table says who is. */
	char *rule, *statement, *label;
	struct catchers wanted;
	struct mutant_run *runs;
	size_t n;
	unsigned int unbooted;	/* tries in which init never spoke */
};

struct mutants {
	const struct options *opt;
	struct mutant_table table;
	struct mutant healthy;	/* none at all: all tests, nothing found */
	struct mutant_result *v;	/* the healthy one is the first */
	size_t n;
	struct batch *batch;
	const struct run_spec *base;	/* the caller's, for each target */
	size_t nbase;
	double began;
};

/*
 * Reads the table and selects from it; adds the targets that are needed to
 * opt->targets. judge: pidnstrace, which knows the rules. Returns 0 or -errno
 * with a message.
 */
int mutants__init(struct mutants *m, struct options *opt, const char *table,
		  const char *judge);
void mutants__free(struct mutants *m);

/*
 * Queues the runs. base: a spec for each target, without what makes it a
 * mutant's; it has to stay as long as runs are made.
 */
void mutants__start(struct mutants *m, struct batch *batch,
		    const struct run_spec *base, size_t n);

/* The batch's batch_done; ctx is the struct mutants. */
void mutants__done(void *ctx, const struct run_spec *spec,
		   struct run_outcome *out);

void mutants__add_target(struct strv *targets, const struct mutant *m);

/* The run that caught it, else the last one; NULL when there was none. */
const struct mutant_run *mutant_result__best(const struct mutant_result *r);

/* How many of its runs with or without widening caught it, and how many were. */
size_t mutant_result__caught(const struct mutant_result *r, bool widen,
			     size_t *of);

/*
 * mutant_report.c: prints the table to out, in lines of @width columns, and
 * writes the file. Both cover the runs that have ended.
 */
void mutants__print(const struct mutants *m, FILE *out, size_t width);
int mutants__write(const struct mutants *m, const char *path);

/* Is all as it should be? 0, or 1. */
int mutants__exit_status(const struct mutants *m);

#endif
