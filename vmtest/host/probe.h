/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots a guest to find out which features work on this host, and keeps the answer. */
#ifndef VMTEST_HOST_PROBE_H
#define VMTEST_HOST_PROBE_H

#include "vmtest/run/run.h"

/*
 * Starts a run, and turns the loop until the run has ended or *stop is set. Calls
 * done(ctx) with the outcome, unless the run was stopped or could not be started.
 */
void probe__boot(struct loop *loop, const struct run_spec *spec,
		 const int *stop, run_done *done, void *ctx);

/*
 * Keeps an answer in the file @dir/@name, for as long as @key, one line of text, describes
 * what it is about. If that fails, the next runner repeats the probe. Returns 0 or -errno.
 */
int probe__keep(const char *dir, const char *name, const char *key, const char *answer);

/* Returns the answer that was kept with the same @key, or NULL; free it. */
char *probe__recall(const char *dir, const char *name, const char *key);

#endif /* VMTEST_HOST_PROBE_H */
