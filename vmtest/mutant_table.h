/* SPDX-License-Identifier: GPL-2.0-only */
/* The faults that a kernel can be booted with: tests/mutants/mutants.txt. */
#ifndef VMTEST_MUTANT_TABLE_H
#define VMTEST_MUTANT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "finding.h"
#include "util.h"

/* Of each of them the series "mutants" makes a kernel with all the faults. */
#define MUTANTS_TARGET "mutants-6.12"

struct mutant {
	char *id;		/* as in pidns_mutant= */
	char *label;		/* the same, "-debug" behind it on that kernel */
	struct strv tests;	/* the cheapest first */
	struct catchers catchers;	/* any of them names the fault */
	bool race, sample;
	const char *target;	/* what boots it: MUTANTS_TARGET, or a slow one */
	char *title;
};

struct mutant_table {
	struct mutant *v;
	size_t n;
};

/*
 * Reads it; what the columns mean is said on top of the file.
 * Returns 0 or -errno, with a message that names the line.
 */
int mutant_table__read(struct mutant_table *t, const char *path);
void mutant_table__free(struct mutant_table *t);

/*
 * Keeps those of ids, or all if there are none; and of these only the samples,
 * if that is asked for. Returns 0, or -ENOENT with a message: no such id, or
 * nothing is left.
 */
int mutant_table__select(struct mutant_table *t, const struct strv *ids,
			 bool sample);

#endif
