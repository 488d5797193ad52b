/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the faults of a QEMU's TCG by booting a guest that provokes each of them, and
 * returns settings that avoid the faults.
 */
#ifndef VMTEST_HOST_TCG_H
#define VMTEST_HOST_TCG_H

#include "vmtest/lib/loop.h"
#include "vmtest/run/run.h"

/* Each is a bit of a mask. */
enum tcg_fault {
	TCG_STALE_CODE = 1 << 0,	/* executes code that was overwritten */
	TCG_CMPXCHG16B = 1 << 1,	/* wrong flags after cmpxchg16b */
};

/*
 * Returns the settings for the guests of spec; a message explains settings that are not
 * the default. The answer is kept below CACHE and applies as long as QEMU's program file
 * is the same. Without an answer, which is not kept, all CPUs of a guest share one
 * thread. A signal that sets *stop ends the probe.
 */
struct tcg tcg__find_out(struct loop *loop, const struct run_spec *spec,
			 const char *cache, const int *stop);

/* Keeps the faults of a QEMU program. Returns 0 or -errno. */
int tcg__keep(const char *cache, const char *program, unsigned int faults);

#endif /* VMTEST_HOST_TCG_H */
