/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel faults that can be chosen at boot: tests/mutants/mutants.txt, or another table. */
#ifndef VMTEST_MUTANTS_MUTANT_TABLE_H
#define VMTEST_MUTANTS_MUTANT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/util.h"
#include "vmtest/triage/finding.h"

/* The targets with all faults of line 6.12 are these names with "-6.12" appended. */
#define MUTANTS_TARGET "mutants"
#define HISTORY_TARGET "history"

struct mutant {
	char *id;		/* value of pidns_mutant= */
	char *label;		/* the id; with "-debug" for the debug kernel */
	struct strv tests;	/* the cheapest first */
	struct catchers catchers;	/* any one of these catches the fault */
	bool race, sample;
	bool watched;		/* detected only by the slow debug kernel */
	const char *target;	/* to boot: the table's target or watchful */
	char *title;
	struct {
		char *commit, *subject;	/* NULL: not a bug of mainline */
	} fix;
};

struct mutant_table {
	struct mutant *v;
	size_t n;
	char *path;
	char *target, *watchful;	/* "mutants-6.12", "mutants-6.12-debug" */
};

/*
 * Reads the mutants of a kernel line such as "6.12", to be booted as @target. The head
 * of tests/mutants/mutants.txt explains the columns. Returns 0 or -errno, with a message
 * that names the file's line.
 */
int mutant_table__read(struct mutant_table *t, const char *path,
		       const char *line, const char *target);
void mutant_table__free(struct mutant_table *t);

/* Adds the target of @m, once. */
void mutant__add_target(struct strv *targets, const struct mutant *m);

/*
 * Keeps the mutants in ids, or all if ids is empty; with sample, only the samples
 * among these. Returns 0, or -ENOENT with a message if an id is unknown or no
 * mutant is left.
 */
int mutant_table__select(struct mutant_table *t, const struct strv *ids,
			 bool sample);

#endif /* VMTEST_MUTANTS_MUTANT_TABLE_H */
