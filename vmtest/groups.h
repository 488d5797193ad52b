/* SPDX-License-Identifier: GPL-2.0-only */
/* The runs that did not pass, by what was wrong with them: each fault once. */
#ifndef VMTEST_GROUPS_H
#define VMTEST_GROUPS_H

#include <jansson.h>
#include <stdio.h>

#include "run.h"

struct group {
	const char *fingerprint, *title, *dir;	/* of its first run; not ours */
	enum verdict verdict;
	uint64_t *seeds;
	size_t n;		/* runs */
};

struct groups {
	struct group *v;	/* the most frequent first, when sorted */
	size_t n;
	size_t runs, failed;
};

/* Counts a run, which has to stay where it is. Its first fault is its fault. */
void groups__add(struct groups *g, const struct run_outcome *r);
void groups__sort(struct groups *g);

/*
 * Prints each fault. For several runs, its seeds are below it, and the line
 * "37 of 200 runs of T failed: 2 distinct faults" comes first.
 */
void groups__print(const struct groups *g, const char *target, FILE *out,
		   size_t width);

/* [{"fingerprint", "title", "verdict", "runs", "seeds", "dir"}] */
json_t *groups__json(const struct groups *g);
void groups__free(struct groups *g);

#endif
