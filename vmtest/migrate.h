/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest written to a file, and taken from one, by QEMU's migration.
 *
 * Its memory is a file of its own (qemu.c), which migration leaves out
 * (x-ignore-shared): it is mapped, and a page that no guest touches is never
 * read. What goes through the stream is the state of CPUs and devices, 50 KiB.
 */
#ifndef VMTEST_MIGRATE_H
#define VMTEST_MIGRATE_H

#include <stdbool.h>

#include "qmp.h"
#include "util.h"

/* why: NULL, or what QEMU said. */
typedef void migrate_done(void *ctx, const char *why);

struct migrate {
	struct qmp *qmp;	/* not ours */
	struct strv steps;
	size_t at;
	const char *then;	/* when all is there or written, or NULL */
	bool ended;
	migrate_done *done;	/* once, if QEMU lives */
	void *ctx;
};

/* Stops the guest, writes its state to the file path, and ends QEMU. */
void migrate__save(struct migrate *m, struct qmp *qmp, const char *path,
		   migrate_done *done, void *ctx);

/* Of a QEMU that waits (-incoming defer): takes what path has, and runs it. */
void migrate__resume(struct migrate *m, struct qmp *qmp, const char *path,
		     migrate_done *done, void *ctx);

void migrate__free(struct migrate *m);

#endif
