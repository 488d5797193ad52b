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

/* The batch makes one run at a time unless batch__at_once() says otherwise. */
struct batch *batch__new(struct loop *loop, batch_done *done, void *ctx);
void batch__free(struct batch *b);

/* Sets the most runs at once. To be called before the first run starts. */
void batch__at_once(struct batch *b, uint64_t jobs);

/* Queues runs of each seed in [first, last], times over. */
void batch__add(struct batch *b, const struct run_spec *spec, uint64_t first,
		uint64_t last, uint64_t times);

/*
 * Queues another run of spec, with its seed, and with out as spec->first. Takes
 * over what out holds. The batch must not be closed.
 */
void batch__repeat(struct batch *b, const struct run_spec *spec,
		   struct run_outcome *out);

/* Closes the batch: starts no further run. Runs at work go on. */
void batch__enough(struct batch *b);
bool batch__closed(const struct batch *b);

/* Returns the runs at work; valid until the next turn of the loop. */
struct run *const *batch__running(const struct batch *b, size_t *n);

/* Counts the runs that ended, and all that have been queued so far. */
void batch__count(const struct batch *b, uint64_t *ended, uint64_t *all);

/*
 * Runs all. Returns 0, -EINTR when *stop was set by a signal, or another
 * -errno, with a message, when a run could not be started or recorded. After
 * an error no run is left, and nothing of those that had not ended.
 */
int batch__run(struct batch *b, const int *stop);

#endif
