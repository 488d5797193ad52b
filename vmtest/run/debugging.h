/* SPDX-License-Identifier: GPL-2.0-only */
/* Stops the guest of a run for gdb before the job begins. */
#ifndef VMTEST_RUN_DEBUGGING_H
#define VMTEST_RUN_DEBUGGING_H

#include <stdbool.h>
#include <sys/types.h>

#include "vmtest/lib/loop.h"

struct run;

/* Part of a run; initialize with zeros. */
struct debugging {
	pid_t gdb;
	int pidfd;
	struct loop_watch end;
	bool asked;		/* QEMU is stopping the guest; gdb is next */
	bool held;		/* QEMU has ended, and the run waits for gdb */
};

/*
 * Returns a socket, in the run's directory, on which QEMU waits for gdb, or
 * -errno.
 */
int debugging__listen(const struct run *r);

/* Stops a guest that waits for its job, sends the job, and starts gdb. */
void debugging__begin(struct run *r);

/*
 * Call when QEMU has ended. Returns true if gdb has not: the end of gdb then
 * calls the run's qemu_ended() once more.
 */
bool debugging__hold(struct run *r);

/* Kills gdb and removes its files. May be called at any time, and repeatedly. */
void debugging__end(struct run *r);

#endif /* VMTEST_RUN_DEBUGGING_H */
