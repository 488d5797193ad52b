/* SPDX-License-Identifier: GPL-2.0-only */
/* Slow work after QEMU's end. */
#ifndef VMTEST_RUN_POST_RUN_H
#define VMTEST_RUN_POST_RUN_H

#include "vmtest/run/state.h"

/*
 * Runs work(r) in a child, which prints to the log. At the child's end, calls
 * ended(r, wait status) and then done(r). Returns true if the child was started.
 */
bool post_run__start(struct run *r, void (*work)(struct run *r),
		     void (*ended)(struct run *r, int status),
		     void (*done)(struct run *r));

#endif /* VMTEST_RUN_POST_RUN_H */
