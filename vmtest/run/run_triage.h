/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the faults of a run. */
#ifndef VMTEST_RUN_RUN_TRIAGE_H
#define VMTEST_RUN_RUN_TRIAGE_H

#include "vmtest/run/state.h"

/* Writes the names of the faults to r->out and to faults.json. */
void run_triage__write(struct run *r);

#endif /* VMTEST_RUN_RUN_TRIAGE_H */
