/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dumps the state of a hung guest before the kill: the registers of all CPUs,
 * from QEMU, and, through sysrq on the serial console, the stacks of the CPUs
 * (l), of blocked tasks (w) and of all tasks (t), if the guest still takes
 * interrupts. The stacks appear on the console.
 */
#ifndef VMTEST_VM_DUMP_H
#define VMTEST_VM_DUMP_H

#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/capped_file.h"
#include "vmtest/vm/qmp.h"

struct dump {
	struct qmp *qmp;	/* owned by the caller */
	int console;		/* fd, owned by the caller */
	struct capped_file *registers;
	int step;
	int stalls;		/* consecutive calls without an answer of QEMU */
};

void dump__start(struct dump *d, struct qmp *qmp, int console,
		 struct capped_file *registers);

/*
 * Takes the next step if QEMU has answered. Call each time the console has been
 * quiet for a while, as the serial port handles only one break at a time.
 * Returns false after the last step, or if QEMU does not answer.
 */
bool dump__next(struct dump *d);

#endif /* VMTEST_VM_DUMP_H */
