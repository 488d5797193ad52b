/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes a run once more before its outcome is reported. */
#ifndef VMTEST_REPEAT_H
#define VMTEST_REPEAT_H

#include "batch.h"

/*
 * Replaces the outcome of a repeated run by the one to report, which is its own
 * or that of the first run. To be called before any other use of out.
 */
void repeat__conclude(const struct run_spec *spec, struct run_outcome *out);

/*
 * Queues an unexpected run for a repetition that boots, if its outcome is
 * doubtful. Returns true if so: out is taken over then, and is not reported.
 */
bool repeat__once_more(struct batch *b, const struct run_spec *spec,
		       struct run_outcome *out);

#endif
