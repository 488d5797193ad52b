/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes many runs, a limited number at once, and hands on their outcomes. */
#ifndef VMTEST_RUN_BATCH_H
#define VMTEST_RUN_BATCH_H

#include "vmtest/lib/loop.h"
#include "vmtest/run/run.h"

struct batch;

/*
 * Receives each run's outcome. The function may take the outcome over by zeroing
 * it, and may add runs.
 */
typedef void batch_done(void *ctx, const struct run_spec *spec,
			struct run_outcome *out);

/* Creates a batch of one run at a time; batch__limit_jobs() changes this limit. */
struct batch *batch__new(struct loop *loop, batch_done *done, void *ctx);
void batch__free(struct batch *b);

/* Limits the number of concurrent runs. Call before the first run starts. */
void batch__limit_jobs(struct batch *b, uint64_t jobs);

/* Queues @times runs of each seed in [first, last]. */
void batch__add(struct batch *b, const struct run_spec *spec, uint64_t first,
		uint64_t last, uint64_t times);

/*
 * Queues another run of @spec, with the same seed, and with @out as spec->first.
 * Takes over the contents of @out. The batch must not be closed.
 */
void batch__repeat(struct batch *b, const struct run_spec *spec,
		   struct run_outcome *out);

/* Closes the batch: no further run starts, current runs continue. */
void batch__close(struct batch *b);
bool batch__closed(const struct batch *b);

/* Returns the current runs; valid until the next turn of the loop. */
struct run *const *batch__running(const struct batch *b, size_t *n);

/* Counts the runs that have ended, and all runs queued so far. */
void batch__count(const struct batch *b, uint64_t *ended, uint64_t *all);

/*
 * Makes all queued runs. Returns 0, -EINTR if a signal has set *stop, or another
 * -errno, with a message, if a run could not be started or recorded. An error
 * aborts the current runs and removes their files.
 */
int batch__run(struct batch *b, const int *stop);

#endif /* VMTEST_RUN_BATCH_H */
