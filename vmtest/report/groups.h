/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups the runs that did not pass by their faults, each fault once. */
#ifndef VMTEST_REPORT_GROUPS_H
#define VMTEST_REPORT_GROUPS_H

#include <jansson.h>
#include <stdio.h>

#include "vmtest/run/run.h"

struct group {
	const char *fingerprint, *title, *dir;	/* the first run's, which owns them */
	enum verdict verdict;
	uint64_t *seeds;
	size_t n;		/* number of runs, and of seeds */
};

struct groups {
	struct group *v;	/* after a sort, the most frequent fault first */
	size_t n;
	size_t runs, failed;
};

/* Counts a run under its first fault. @r must not move or be freed. */
void groups__add(struct groups *g, const struct run_outcome *r);
void groups__sort(struct groups *g);

/*
 * Prints each fault. For several runs, prints the seeds below each fault, and
 * first the line "37 of 200 runs of T failed: 2 distinct faults".
 */
void groups__print(const struct groups *g, const char *target, FILE *out,
		   size_t width);

/* Returns [{"fingerprint", "title", "verdict", "runs", "seeds", "dir"}]. */
json_t *groups__json(const struct groups *g);
void groups__free(struct groups *g);

#endif /* VMTEST_REPORT_GROUPS_H */
