// SPDX-License-Identifier: GPL-2.0-only
/* Deals every kind of operation once, at a random place of the run. */
#include "stress_deal.h"

#include <string.h>

/* Shuffles the deck, so that chance decides which kinds come early. */
static void shuffle(struct deal *d, struct rng *r)
{
	for (unsigned int i = d->nr; i > 1; i--) {
		unsigned int j = rng__below(r, i), op = d->card[j].op;

		d->card[j].op = d->card[i - 1].op;
		d->card[i - 1].op = op;
	}
}

void deal__make(struct deal *d, struct rng *r, const unsigned int *op,
		unsigned int nr, unsigned int total, unsigned int workers)
{
	memset(d, 0, sizeof(*d));
	d->workers = workers;
	d->nr = nr;
	for (unsigned int i = 0; i < nr; i++)
		d->card[i].op = op[i];
	shuffle(d, r);
	if (d->nr > total)
		d->nr = total;
	/* Divide the run into as many parts as cards, with one card somewhere in each. */
	for (unsigned int i = 0; i < d->nr; i++) {
		unsigned int begin = (uint64_t)total * i / d->nr;
		unsigned int end = (uint64_t)total * (i + 1) / d->nr;

		d->card[i].at = begin + rng__below(r, end - begin);
	}
}

int deal__find(const struct deal *d, unsigned int worker, unsigned int index)
{
	/* Operations are numbered in turn over the workers. */
	unsigned int at = index * d->workers + worker;

	for (unsigned int i = 0; i < d->nr; i++)
		if (d->card[i].at == at)
			return d->card[i].op;
	return -1;
}
