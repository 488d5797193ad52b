/* SPDX-License-Identifier: GPL-2.0-only */
/* Repeats a run with a doubtful outcome before the outcome is reported. */
#ifndef VMTEST_RUN_REPEAT_H
#define VMTEST_RUN_REPEAT_H

#include "vmtest/run/batch.h"

/*
 * Replaces the outcome of a repetition by the one to report, which is its own or
 * that of the first run. To be called before any other use of out.
 */
void repeat__conclude(const struct run_spec *spec, struct run_outcome *out);

/*
 * Queues a repetition that boots if the outcome of an unexpected run is doubtful.
 * Returns true if so: out is taken over then, and must not be reported.
 */
bool repeat__once_more(struct batch *b, const struct run_spec *spec,
		       struct run_outcome *out);

#endif /* VMTEST_RUN_REPEAT_H */
