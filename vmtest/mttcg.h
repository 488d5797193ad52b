/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decides between thread=multi and thread=single under TCG. A guest is booted
 * to find out whether QEMU executes code that was overwritten.
 */
#ifndef VMTEST_MTTCG_H
#define VMTEST_MTTCG_H

#include "loop.h"
#include "run.h"

/*
 * Returns true if the guests of spec need one thread for all CPUs; a message
 * gives the reason. The answer is kept below CACHE as long as QEMU's program
 * file is the same. Without an answer, which is not kept, one thread is used. A
 * signal that sets *stop ends the probe.
 */
bool mttcg__one_thread(struct loop *loop, const struct run_spec *spec,
		       const char *cache, const int *stop);

/* Keeps the answer for a QEMU program. Returns 0 or -errno. */
int mttcg__keep(const char *cache, const char *program, bool stale);

#endif
