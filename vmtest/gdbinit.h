/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands that gdb begins with: symbols, sources, the connection. */
#ifndef VMTEST_GDBINIT_H
#define VMTEST_GDBINIT_H

#include <stdbool.h>
#include <stdint.h>

/* File names in the working directory of gdb and QEMU. */
#define GDB_INIT "gdbinit"
#define GDB_SOCKET "gdb"

struct gdb_guest {
	const char *kernel;	/* path of its image */
	bool replayed;		/* can run backwards, and needs symbols */
	uint64_t instructions;	/* executed in all; 0: not known */
};

/*
 * Writes @dir/gdbinit: symbols, sources, the connection to @dir/gdb, and the
 * commands that docs/replay.md explains. Returns 0, or -errno with a message;
 * -ENOENT if a replayed kernel has no vmlinux.debug beside it. Without this
 * file a live kernel has no symbols, which a note says.
 */
int gdbinit__write(const struct gdb_guest *guest, const char *dir);

#endif
