/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests whose time is the number of instructions they have executed, so that a
 * run is repeatable: one vCPU under -icount, with all timers on this clock, which
 * the host can neither speed up nor delay. A guest's output goes to files in
 * QEMU's working directory, since writes to files never wait. The only input is
 * QMP's commands, which start the guest, query the count at its end, and end QEMU.
 *
 * Measured with 20 operations of stress: at shift 5 (32 ns per instruction) a run
 * is as fast as without -icount; at shift 0 a run takes three times as long and
 * its recording is thirty times as large; at shift 7 the guest's ticks are so
 * close together that the guest mostly handles ticks.
 */
#ifndef VMTEST_VM_ICOUNT_H
#define VMTEST_VM_ICOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmtest/lib/util.h"
#include "vmtest/vm/qmp.h"

enum icount {
	ICOUNT_NO,
	ICOUNT_COUNT,		/* instructions are the clock, and are counted */
	ICOUNT_RECORD,		/* also records external events, for a replay */
};

#define ICOUNT_SHIFT 5
#define ICOUNT_SHIFT_MAX 10	/* QEMU's limit */
/* The guest's TSC ticks once per nanosecond of the guest's time. */
#define ICOUNT_TSC_KHZ 1000000

/* Files in QEMU's working directory. */
#define ICOUNT_CONSOLE "console"
#define ICOUNT_RESULT "result"
#define ICOUNT_TRACE "trace"
#define ICOUNT_INITRAMFS "initramfs.cpio"
#define ICOUNT_LOG "rr.log"

extern const char *const icount_files[3];	/* in the order of enum channel */

/*
 * Adds QEMU's arguments that do not depend on the mode: the settings that make
 * the machine repeatable, and its channels.
 */
void icount__machine(struct strv *argv);

/*
 * Adds the arguments that depend on the mode. An instruction takes 2^@shift ns,
 * in a recording always 2^ICOUNT_SHIFT ns; @seed is the seed of the CPU's random
 * numbers.
 */
void icount__mode(struct strv *argv, enum icount mode, unsigned int shift,
		  uint64_t seed);

/* Additional parameters of the guest's kernel. */
extern const char icount_params[];

/* The control over QMP; initialize with zeros. */
struct icount_qmp {
	struct qmp *qmp;	/* owned by the caller, with its socket */
	bool ending, counted, known;
	uint64_t instructions;
};

/* Starts the guest, which QEMU has stopped, and ends QEMU after the guest. */
void icount_qmp__start(struct icount_qmp *q, struct qmp *qmp);
/* Ends QEMU before the guest has ended, and completes the recording. */
void icount_qmp__end(struct icount_qmp *q);

#endif /* VMTEST_VM_ICOUNT_H */
