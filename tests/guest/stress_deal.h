/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stress does for certain. Operations are drawn by weight, and a short run
 * would draw some kinds of them never: so each is dealt once before, as cards
 * of a deck, over the workers and over the whole time.
 */
#ifndef GUEST_STRESS_DEAL_H
#define GUEST_STRESS_DEAL_H

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
 * Deals the @nr kinds @op to a run of @total operations; as many of them as
 * there are operations, if those are fewer.
 */
void deal__make(struct deal *d, struct rng *r, const unsigned int *op,
		unsigned int nr, unsigned int total, unsigned int workers);

/* The kind dealt to @worker as its operation number @index; -1: none. */
int deal__find(const struct deal *d, unsigned int worker, unsigned int index);

#endif
