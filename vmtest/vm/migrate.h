/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saves a guest to a file and resumes a guest from a file by QEMU's migration.
 *
 * The guest's memory is a separate file (qemu.c), which migration leaves out
 * (x-ignore-shared): QEMU maps the file, and pages that no guest touches are
 * never read. The migration stream has the state of CPUs and devices, 50 KiB.
 */
#ifndef VMTEST_VM_MIGRATE_H
#define VMTEST_VM_MIGRATE_H

#include <stdbool.h>

#include "vmtest/lib/util.h"
#include "vmtest/vm/qmp.h"

/* why: QEMU's error message, or NULL after success. */
typedef void migrate_done(void *ctx, const char *why);

struct migrate {
	struct qmp *qmp;	/* not ours */
	struct strv steps;
	size_t at;
	const char *then;	/* QMP command to send at completion */
	bool ended;
	migrate_done *done;	/* called once, unless QEMU dies before */
	void *ctx;
};

/* Stops the guest, writes its state to the file path, and ends QEMU. */
void migrate__save(struct migrate *m, struct qmp *qmp, const char *path,
		   migrate_done *done, void *ctx);

/* Loads the file path into a QEMU under -incoming defer, and runs the guest. */
void migrate__resume(struct migrate *m, struct qmp *qmp, const char *path,
		     migrate_done *done, void *ctx);

void migrate__free(struct migrate *m);

#endif /* VMTEST_VM_MIGRATE_H */
