/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest is told, as protocol.h has it: lines, without a newline. */
#ifndef VMTEST_JOB_H
#define VMTEST_JOB_H

#include "run.h"

/* On what a guest depends that waits for a job. Free it. */
char *job__settings(const struct run_spec *s);

/* The rest. Free it. */
char *job__text(const struct run_spec *s);

#endif
