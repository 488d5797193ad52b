/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the function that each CPU and each blocked task of a hung guest was in, from
 * the output of sysrq on the console (l: CPUs, w: blocked tasks), or from QEMU's
 * registers for a CPU that did not answer.
 */
#ifndef VMTEST_TRIAGE_HANG_SITE_H
#define VMTEST_TRIAGE_HANG_SITE_H

#include "vmtest/triage/scanner.h"

/*
 * Adds "CPU 0: function+0xoff/0xsize", "CPU 1: 0xffffffff81339b48" and
 * "blocked sh[57]: function+0xoff/0xsize" to out. Either text may be NULL.
 */
void hang_site__find(struct strv *out, const char *console, const char *registers,
		 const struct scanner *s);

#endif /* VMTEST_TRIAGE_HANG_SITE_H */
