/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands that gdb begins with: symbols, sources, where the guest is. */
#ifndef VMTEST_GDBINIT_H
#define VMTEST_GDBINIT_H

#include <stdbool.h>
#include <stdint.h>

/* In the directory of both, as gdb and QEMU know them. */
#define GDB_INIT "gdbinit"
#define GDB_SOCKET "gdb"

struct gdb_guest {
	const char *kernel;	/* path of its image */
	bool replayed;		/* it can go backwards, and needs symbols */
	uint64_t instructions;	/* executed in all; 0: not known */
};

/*
 * Writes @dir/gdbinit: symbols, sources, the connection to @dir/gdb, and the
 * commands that docs/replay.md explains. Returns 0, or -errno with a message;
 * -ENOENT when a replayed kernel has no vmlinux.debug beside it, without which a
 * live one has no symbols, which is noted.
 */
int gdbinit__write(const struct gdb_guest *guest, const char *dir);

#endif
