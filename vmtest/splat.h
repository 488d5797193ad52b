/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat.txt, in two parts with an empty line between them. First what it comes
 * to: each fault with its fingerprint, title and first functions; of a hang where
 * CPUs and blocked tasks were. Then what the console said from the first splat
 * (of a hang without one: from the stacks that sysrq printed) on. Source lines
 * are behind the addresses, as far as the kernel's debug information is at hand.
 */
#ifndef VMTEST_SPLAT_H
#define VMTEST_SPLAT_H

struct allow;
struct scanner;

/*
 * Reads DIR/console.log, writes DIR/splat.txt, or nothing when the console is
 * free of splats. image is the kernel's path: vmlinux.debug is looked for
 * beside it, and the file says so if it, or addr2line, is missing. Splats in
 * the list allow (may be NULL) are none.
 * Blocks for as long as addr2line runs. Returns 0 or -errno.
 */
int splat__write(const char *dir, const char *image, const struct scanner *s,
		 const struct allow *allow);

#endif
