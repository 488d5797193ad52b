/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict of a run. */
#ifndef VMTEST_RUN_EVIDENCE_H
#define VMTEST_RUN_EVIDENCE_H

#include "vmtest/run/state.h"

/* Weighs all evidence, and sets the verdict in r->out. */
void evidence__weigh(struct run *r);

#endif /* VMTEST_RUN_EVIDENCE_H */
