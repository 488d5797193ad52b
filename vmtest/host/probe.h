/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots a guest to find out which features work on this host. */
#ifndef VMTEST_HOST_PROBE_H
#define VMTEST_HOST_PROBE_H

#include "vmtest/run/run.h"

/*
 * Starts a run, and turns the loop until the run has ended or *stop is set. Calls
 * done(ctx) with the outcome, unless the run was stopped or could not be started.
 */
void probe__boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, run_done *done, void *ctx);

#endif /* VMTEST_HOST_PROBE_H */
