/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests whose time is the number of instructions they have executed, so that
 * a run can be repeated: one vCPU under -icount, whose every timer is on that
 * clock, and which the host can neither hurry nor keep waiting. What comes out
 * of such a guest goes to files, in the directory in which QEMU runs, since
 * writing to these never has to wait; nothing goes in but QMP's commands, which
 * start it, ask for the count at its end, and end it.
 *
 * Measured, of a run with 20 operations of stress: at shift 5 (32 ns for an
 * instruction) it is as fast as without -icount; at shift 0 it takes three
 * times as long and the recording is thirty times as large, at 7 the guest's
 * ticks are so close that most of its work is their handling.
 */
#ifndef VMTEST_ICOUNT_H
#define VMTEST_ICOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "qmp.h"
#include "util.h"

enum icount {
	ICOUNT_NO,
	ICOUNT_COUNT,		/* instructions are time, and counted */
	ICOUNT_RECORD,		/* what came from outside is recorded, too */
};

#define ICOUNT_SHIFT 5
#define ICOUNT_SHIFT_MAX 10	/* QEMU's own */
/* A nanosecond of the guest's is a tick of its TSC. */
#define ICOUNT_TSC_KHZ 1000000

/* In the directory where QEMU runs. */
#define ICOUNT_CONSOLE "console"
#define ICOUNT_RESULT "result"
#define ICOUNT_TRACE "trace"
#define ICOUNT_INITRAMFS "initramfs.cpio"
#define ICOUNT_LOG "rr.log"

extern const char *const icount_files[3];	/* in the order of channels */

/*
 * QEMU's arguments that do not depend on the mode: the machine's parts that
 * make it repeatable, and what its channels are.
 */
void icount__machine(struct strv *argv);

/*
 * Those that do. An instruction takes 2^@shift ns, of a recording ICOUNT_SHIFT;
 * @seed is for what the CPU calls random.
 */
void icount__mode(struct strv *argv, enum icount mode, unsigned int shift,
		  uint64_t seed);

/* More of the kernel's words. */
extern const char icount_params[];

/* The conversation over QMP; the socket is the caller's. Zero it first. */
struct icount_qmp {
	struct qmp *qmp;	/* not ours */
	bool ending, counted, known;
	uint64_t instructions;
};

/* Starts the guest, which waits for it; when that has ended, so does QEMU. */
void icount_qmp__start(struct icount_qmp *q, struct qmp *qmp);
/* Ends QEMU so that its recording is whole, before the guest has. */
void icount_qmp__end(struct icount_qmp *q);

#endif
