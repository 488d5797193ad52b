/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that is booted to find out what works on this host. */
#ifndef VMTEST_PROBE_H
#define VMTEST_PROBE_H

#include "run.h"

/*
 * Makes a run, and turns the loop until it has ended or *stop is set. done(ctx)
 * is called with its outcome, unless it was stopped or could not be started.
 */
void probe__boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, run_done *done, void *ctx);

#endif
