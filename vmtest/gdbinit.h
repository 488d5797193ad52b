/* SPDX-License-Identifier: GPL-2.0-only */
/* What gdb is told before a replayed guest is looked at. */
#ifndef VMTEST_GDBINIT_H
#define VMTEST_GDBINIT_H

struct record;

/*
 * Writes @dir/gdbinit: symbols, sources, the connection to @dir/gdb, and the
 * commands that docs/replay.md explains. Returns 0, or -errno with a message;
 * -ENOENT when the kernel has no vmlinux.debug beside it.
 */
int gdbinit__write(const struct record *rec, const char *dir);

#endif
