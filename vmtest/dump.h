/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks a hung guest where it is, before it is killed: registers of all CPUs
 * from QEMU, and, through sysrq on the serial console, the stacks of the CPUs
 * (l), of blocked tasks (w) and of all tasks (t), if it still takes
 * interrupts. The latter appear on the console.
 */
#ifndef VMTEST_DUMP_H
#define VMTEST_DUMP_H

#include <stdbool.h>
#include <stddef.h>

#include "qmp.h"
#include "sink.h"

struct dump {
	struct qmp *qmp;	/* not ours */
	int console;		/* fd, not ours */
	struct sink *registers;
	int step;
	int stalls;		/* how often we came to go on and could not */
};

void dump__start(struct dump *d, struct qmp *qmp, int console,
		 struct sink *registers);

/*
 * Goes on, if QEMU has answered: to be called each time the console has been
 * quiet for a while, as the serial port knows but one break at a time.
 * Returns false when there is nothing left to ask, or nobody to answer.
 */
bool dump__next(struct dump *d);

#endif
