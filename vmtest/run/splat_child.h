/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes splat.txt for a run with a splat, panic or hang. */
#ifndef VMTEST_RUN_SPLAT_CHILD_H
#define VMTEST_RUN_SPLAT_CHILD_H

#include "vmtest/run/state.h"

/* Like judge_trace__start(), and may be called after the end of that. */
bool splat_child__start(struct run *r, void (*done)(struct run *r));

#endif /* VMTEST_RUN_SPLAT_CHILD_H */
