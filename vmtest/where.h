/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where each CPU and each blocked task of a hung guest was: from what sysrq
 * printed on the console (l: CPUs, w: blocked tasks), and of a CPU that did not
 * answer from QEMU's registers.
 */
#ifndef VMTEST_WHERE_H
#define VMTEST_WHERE_H

#include "scanner.h"

/*
 * Adds "CPU 0: function+0xoff/0xsize", "CPU 1: 0xffffffff81339b48" and
 * "blocked sh[57]: function+0xoff/0xsize" to out. Either text may be NULL.
 */
void where__find(struct strv *out, const char *console, const char *registers,
		 const struct scanner *s);

#endif
