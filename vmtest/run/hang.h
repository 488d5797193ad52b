/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that hang: the kind of hang, and a dump of CPUs and tasks. */
#ifndef VMTEST_RUN_HANG_H
#define VMTEST_RUN_HANG_H

#include "vmtest/run/state.h"

#define HANG_TOO_SLOW "too slow"
#define HANG_NO_OUTPUT "no output"
#define HANG_NO_PROGRESS "no progress"

/* Records a hang; dumps CPUs and tasks. kind: not copied. Takes reason. */
void hang__found(struct run *r, const char *kind, char *reason);

/* Records the hang of a guest whose limit has expired. */
void hang__classify(struct run *r, double now);

/* After DUMP_QUIET_S of silence: starts the next dump, or kills the guest. */
void hang__next_dump(struct run *r, double now);

#endif /* VMTEST_RUN_HANG_H */
