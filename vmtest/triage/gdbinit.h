/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes the initial commands of gdb: symbols, sources, the connection. */
#ifndef VMTEST_TRIAGE_GDBINIT_H
#define VMTEST_TRIAGE_GDBINIT_H

#include <stdbool.h>
#include <stdint.h>

/* File names in the working directory of gdb and QEMU. */
#define GDB_INIT "gdbinit"
#define GDB_SOCKET "gdb"

struct gdb_guest {
	const char *kernel;	/* path of the kernel's image */
	bool replayed;		/* can run backwards, and needs symbols */
	uint64_t instructions;	/* total executed; 0: not known */
};

/*
 * Writes @dir/gdbinit: symbols, sources, the connection to @dir/gdb, and the
 * commands that docs/replay.md explains. Returns 0, or -errno with a message;
 * -ENOENT if a replayed kernel has no symbols, in vmlinux.debug beside the image
 * or in the image. For a live kernel a note reports the missing symbols.
 */
int gdbinit__write(const struct gdb_guest *guest, const char *dir);

#endif /* VMTEST_TRIAGE_GDBINIT_H */
