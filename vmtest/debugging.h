/* SPDX-License-Identifier: GPL-2.0-only */
/* A run whose guest is stopped for gdb before its job begins. */
#ifndef VMTEST_DEBUGGING_H
#define VMTEST_DEBUGGING_H

#include <stdbool.h>
#include <sys/types.h>

#include "loop.h"

struct run;

/* Part of a run; zero it. */
struct debugging {
	pid_t gdb;
	int pidfd;
	struct loop_watch end;
	bool asked;		/* stop the guest, and start gdb */
	bool held;		/* QEMU has ended, and the run waits for gdb */
};

/*
 * Returns the socket, in the run's directory, where QEMU waits for gdb, or
 * -errno.
 */
int debugging__listen(const struct run *r);

/* Stops the guest, which waits for its job, sends the job, and starts gdb. */
void debugging__begin(struct run *r);

/*
 * QEMU has ended. Returns true if gdb has not: run__qemu_ended() is called once
 * more when it has.
 */
bool debugging__hold(struct run *r);

/* Kills gdb and removes its files. Legal at any time, and twice. */
void debugging__end(struct run *r);

#endif
