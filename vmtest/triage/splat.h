/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat.txt has two parts with an empty line between them. First a summary: each
 * fault with its fingerprint, title and first functions; for a hang, the places of
 * CPUs and blocked tasks. Then the kernel's lines from the first splat on (for a
 * hang without a splat: from the stacks that sysrq printed). Source lines follow the
 * addresses if the kernel's debug information is available.
 */
#ifndef VMTEST_TRIAGE_SPLAT_H
#define VMTEST_TRIAGE_SPLAT_H

struct allow;
struct scanner;

/*
 * Writes DIR/splat.txt from @text, all that the kernel said, or no file if the text has no
 * splat. image is the kernel's path, with vmlinux.debug beside it; splat.txt
 * reports if vmlinux.debug or addr2line is missing. Ignores splats in the list
 * allow (may be NULL).
 * Blocks for as long as addr2line runs. Returns 0 or -errno.
 */
int splat__write(const char *dir, const char *image, const char *text,
		 const struct scanner *s, const struct allow *allow);

#endif /* VMTEST_TRIAGE_SPLAT_H */
