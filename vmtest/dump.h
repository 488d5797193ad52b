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

#include "lines.h"
#include "sink.h"

struct dump {
	int qmp, console;	/* fds, not ours */
	struct sink *registers;
	struct lines lines;
	int step;
};

/* Begins: later steps follow QEMU's answers. */
void dump__start(struct dump *d, int qmp, int console, struct sink *registers);

/* Takes what QEMU said. Returns true when all was asked and answered. */
bool dump__feed(struct dump *d, const char *buf, size_t len);

void dump__free(struct dump *d);

#endif
