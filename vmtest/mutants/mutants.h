/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks that each fault is found, and that the finding names the fault.
 *
 * A mutant is caught when one of the catchers that the table lists for it fires,
 * in a kernel that reports that it has the fault. Other findings are recorded
 * but do not count. A run ends with the catch.
 *
 * Bugs that mainline once had (TASK_HISTORY) each get ten seeds. A bug is caught if nine
 * of these runs catch it, and 95 % of the bugs must be.
 */
#ifndef VMTEST_MUTANTS_MUTANTS_H
#define VMTEST_MUTANTS_MUTANTS_H

#include <stdio.h>

#include "vmtest/mutants/mutant_table.h"
#include "vmtest/options/options.h"
#include "vmtest/run/batch.h"

/* A single boot of a mutant. */
struct mutant_run {
	const struct mutant *mutant;
	uint64_t seed;
	bool widen;
	bool caught;
	double seconds;		/* to the catch, or to the end */
	enum verdict verdict;
	char *reason, *dir;
	struct strv by, also;	/* findings: listed in the table, not listed */
};

struct mutant_result {
	const struct mutant *mutant;	/* for a rule: the mutant being tried */
	/* The rule that must be violated; NULL: any of the mutant's catchers. */
	char *rule, *statement, *label;
	struct catchers wanted;
	struct mutant_run *runs;
	size_t n;
	unsigned int unbooted;	/* tries that did not reach init */
};

struct mutants {
	const struct options *opt;
	struct mutant_table table;
	struct mutant healthy;	/* no fault: all tests, no finding expected */
	struct mutant_result *v;	/* first the healthy kernel, if included */
	size_t n;
	struct batch *batch;
	const struct run_spec *base;	/* one per target, owned by the caller */
	size_t nbase;
	bool by_image;		/* a user's image, in no table of targets */
	int err;		/* -ENOTSUP: the kernel has no mutants, reported */
	double began;
};

/* Returns the kernel line, "6.12": of the target, or of --line; free it. */
char *mutants__line(const struct options *opt);

/* Returns the target to boot, given or default, without "-debug"; free it. */
char *mutants__target(const struct options *opt);

/*
 * Reads the table and selects mutants; sets opt->targets to the targets needed.
 * judge: path of pidnstrace, which lists the rules. Returns 0 or -errno with a
 * message.
 */
int mutants__init(struct mutants *m, struct options *opt, const char *table,
		  const char *judge);
void mutants__free(struct mutants *m);

/*
 * Queues the runs. base: a spec for each target, without the fields specific to
 * a mutant; must stay valid until the last run has ended.
 */
void mutants__start(struct mutants *m, struct batch *batch,
		    const struct run_spec *base, size_t n);

/* The batch_done for the batch; ctx is the struct mutants. */
void mutants__done(void *ctx, const struct run_spec *spec,
		   struct run_outcome *out);

/* Returns the run that caught the mutant, else the last run, else NULL. */
const struct mutant_run *mutant_result__best(const struct mutant_result *r);

/* Returns how many runs with this widening caught the mutant, of *of such runs. */
size_t mutant_result__caught(const struct mutant_result *r, bool widen,
			     size_t *of);

/* Returns true if at least 9 of 10 runs caught the mutant (TASK_HISTORY). */
bool mutant_result__steady(const struct mutants *ms, const struct mutant_result *r);

/* Returns how many mutants are caught in that sense, of *of mutants. */
size_t mutants__steady(const struct mutants *ms, size_t *of);

/*
 * mutant_report.c: prints the table to out, in lines of @width columns, and
 * writes the file. Both cover the runs that have ended.
 */
void mutants__print(const struct mutants *m, FILE *out, size_t width);
int mutants__write(const struct mutants *m, const char *path);

/* Returns 0 if all results are as expected, else 1. */
int mutants__exit_status(const struct mutants *m);

#endif /* VMTEST_MUTANTS_MUTANTS_H */
