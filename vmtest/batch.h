/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs many runs, so many at once, and collects what came of them. */
#ifndef VMTEST_BATCH_H
#define VMTEST_BATCH_H

#include "loop.h"
#include "run.h"
#include "summary.h"

struct batch;

/* At most jobs runs at once; outcomes go to the summary. */
struct batch *batch__new(struct loop *loop, struct summary *summary,
			 uint64_t jobs);
void batch__free(struct batch *b);

/* Queues runs of each seed in [first, last], times over. */
void batch__add(struct batch *b, const struct run_spec *spec, uint64_t first,
		uint64_t last, uint64_t times);

/*
 * Runs all. Returns 0, -EINTR when *stop was set by a signal, or another
 * -errno, with a message, when a run could not be started or recorded. After
 * an error no run is left, and nothing of those that had not ended.
 */
int batch__run(struct batch *b, const int *stop);

#endif
