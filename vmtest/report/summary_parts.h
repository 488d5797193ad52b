/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A summary's internals, shared by summary.c (outcomes of the runs, the files)
 * and summary_table.c (the table), and by no other file.
 */
#ifndef VMTEST_REPORT_SUMMARY_PARTS_H
#define VMTEST_REPORT_SUMMARY_PARTS_H

#include "vmtest/report/groups.h"
#include "vmtest/report/summary.h"

struct entry {
	char *name;
	struct expect expect;
	uint64_t announced;	/* number of runs in all */
	struct run_outcome *runs;
	size_t n;
	bool printed;
};

struct summary {
	struct entry *v;
	size_t n;
	size_t name_width;	/* length of the longest name announced */
	uint64_t most_runs;	/* most runs of any target */
	bool guilty;		/* a target is expected to fail */
	bool titled;		/* the table's head is printed */
};

/* A target's runs taken together. */
struct total {
	enum verdict verdict;	/* the worst */
	const struct run_outcome *worst;
	struct verify_report judged;
	uint64_t ok, not_ok, skip;
	uint64_t retried;	/* repeated runs */
	double seconds;
	bool expected;
};

/* Fills t; the caller frees t->judged with verify_report__free(). */
void summary__sum_up(const struct entry *e, struct total *t);

/* Groups the entry's runs by fault, sorted; the caller frees g. */
void summary__group(const struct entry *e, struct groups *g);

#endif /* VMTEST_REPORT_SUMMARY_PARTS_H */
