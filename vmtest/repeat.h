/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes a run once more before its outcome is reported. */
#ifndef VMTEST_REPEAT_H
#define VMTEST_REPEAT_H

#include "batch.h"

/*
 * If the run is such a repetition, makes of its outcome and of the first one's
 * the one that is reported. To be called before all else is done with out.
 */
void repeat__conclude(const struct run_spec *spec, struct run_outcome *out);

/*
 * Queues a run that was not as wanted once more, booted, if its outcome is
 * doubtful. Returns true if so: out is taken then, and is not reported.
 */
bool repeat__once_more(struct batch *b, const struct run_spec *spec,
		       struct run_outcome *out);

#endif
