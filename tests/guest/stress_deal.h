/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations that stress runs for certain. A draw by weight might never pick
 * some kinds in a short run, so each kind is also dealt once, as a card of a
 * deck, spread over the workers and over the whole run.
 */
#ifndef TESTS_GUEST_STRESS_DEAL_H
#define TESTS_GUEST_STRESS_DEAL_H

#include "stress_count.h"
#include "stress_rng.h"

struct deal {
	unsigned int workers, nr;
	struct {
		unsigned int at;	/* number among all operations */
		unsigned int op;
	} card[COUNT_MAX_OPS];
};

/*
 * Deals the @nr kinds @op to a run of @total operations; if there are fewer
 * operations than kinds, deals as many kinds as operations.
 */
void deal__make(struct deal *d, struct rng *r, const unsigned int *op,
		unsigned int nr, unsigned int total, unsigned int workers);

/* Returns the kind dealt to @worker as its operation @index; -1: none. */
int deal__find(const struct deal *d, unsigned int worker, unsigned int index);

#endif /* TESTS_GUEST_STRESS_DEAL_H */
