/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A summary's inside, shared by summary.c (what came of the runs, the files) and
 * summary_table.c (the table). Nobody else's.
 */
#ifndef VMTEST_SUMMARY_PARTS_H
#define VMTEST_SUMMARY_PARTS_H

#include "groups.h"
#include "summary.h"

struct entry {
	char *name;
	struct expect expect;
	uint64_t announced;	/* runs that are to come, all of them */
	struct run_outcome *runs;
	size_t n;
	bool printed;
};

struct summary {
	struct entry *v;
	size_t n;
	size_t name_width;	/* the longest name's, of all to come */
	uint64_t most_runs;	/* that one target has */
	bool guilty;		/* one is to be found guilty */
	bool titled;		/* the table has its head */
};

/* A target's runs taken together. */
struct total {
	enum verdict verdict;	/* the worst */
	const struct run_outcome *worst;
	struct judged judged;
	uint64_t ok, not_ok, skip;
	uint64_t retried;	/* runs that were made twice */
	double seconds;
	bool expected;
};

/* Fills t; judged__free(&t->judged) is the caller's. */
void summary__sum_up(const struct entry *e, struct total *t);

/* Groups the entry's runs by fault, sorted; groups__free() is the caller's. */
void summary__group(const struct entry *e, struct groups *g);

#endif
