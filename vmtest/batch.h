/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs many runs, so many at once, and hands on what came of them. */
#ifndef VMTEST_BATCH_H
#define VMTEST_BATCH_H

#include "loop.h"
#include "run.h"

struct batch;

/* Gets each run's outcome; may take it by zeroing it, and may add runs. */
typedef void batch_done(void *ctx, const struct run_spec *spec,
			struct run_outcome *out);

/* One run at a time. */
struct batch *batch__new(struct loop *loop, batch_done *done, void *ctx);
void batch__free(struct batch *b);

/* At most jobs runs at once; to be said before the first of them. */
void batch__at_once(struct batch *b, uint64_t jobs);

/* Queues runs of each seed in [first, last], times over. */
void batch__add(struct batch *b, const struct run_spec *spec, uint64_t first,
		uint64_t last, uint64_t times);

/*
 * Queues one more run of spec, whose seed it has, with out as spec->first; takes
 * what is in out. Not for a batch that is closed.
 */
void batch__repeat(struct batch *b, const struct run_spec *spec,
		   struct run_outcome *out);

/* Starts no more of them, nor what is added later; those that run go on. */
void batch__enough(struct batch *b);
bool batch__closed(const struct batch *b);

/* Returns the runs at work; valid until the next turn of the loop. */
struct run *const *batch__running(const struct batch *b, size_t *n);

/* How many runs have ended, of those that are queued up to now. */
void batch__count(const struct batch *b, uint64_t *ended, uint64_t *all);

/*
 * Runs all. Returns 0, -EINTR when *stop was set by a signal, or another
 * -errno, with a message, when a run could not be started or recorded. After
 * an error no run is left, and nothing of those that had not ended.
 */
int batch__run(struct batch *b, const int *stop);

#endif
