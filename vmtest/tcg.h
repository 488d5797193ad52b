/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the faults of a QEMU's TCG, and says how guests are kept away from them. A
 * guest is booted for it, which provokes each.
 */
#ifndef VMTEST_TCG_H
#define VMTEST_TCG_H

#include "loop.h"
#include "run.h"

/* Each is a bit of a mask. */
enum tcg_fault {
	TCG_STALE_CODE = 1 << 0,	/* executes code that was overwritten */
	TCG_CMPXCHG16B = 1 << 1,	/* its flags are impossible after it */
};

/*
 * Returns how the guests of spec are to be run; a message gives the reason for what
 * is not the default. The answer is kept below CACHE as long as QEMU's program file
 * is the same. Without an answer, which is not kept, all CPUs of a guest share one
 * thread. A signal that sets *stop ends the probe.
 */
struct tcg tcg__find_out(struct loop *loop, const struct run_spec *spec,
			 const char *cache, const int *stop);

/* Keeps the faults of a QEMU program. Returns 0 or -errno. */
int tcg__keep(const char *cache, const char *program, unsigned int faults);

#endif
