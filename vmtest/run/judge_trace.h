/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges, on the host, the trace of a guest that died before its own report. */
#ifndef VMTEST_RUN_JUDGE_TRACE_H
#define VMTEST_RUN_JUDGE_TRACE_H

#include "vmtest/run/state.h"

/* Returns true if the judge was started; calls done(r) at the judge's end. */
bool judge_trace__start(struct run *r, void (*done)(struct run *r));

#endif /* VMTEST_RUN_JUDGE_TRACE_H */
