/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saved guests in CACHE/snapshots: booted, observers attached, waiting for a job.
 * Each set of inputs (QEMU and its arguments, kernel, initramfs, settings) has its
 * own snapshot, which is valid until the host reboots.
 *
 * A directory there is complete or absent. Its files have digests, which are compared
 * before each use: a damaged guest is removed and made anew. A lock, which the kernel drops with
 * its holder, ensures that only one runner makes a snapshot; guests of other
 * runners boot meanwhile. Snapshots unused for a day are deleted, as are the oldest
 * when all take too much space; a QEMU that has the files open is not affected.
 */
#ifndef VMTEST_VM_SNAPSHOT_H
#define VMTEST_VM_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

enum snapshot_use {
	SNAPSHOT_NONE,		/* boot */
	SNAPSHOT_MAKE,		/* boot with ram, then write state */
	SNAPSHOT_USE,		/* resume from ram and state */
};

struct snapshot {
	char *dir;		/* the final path; NULL: not open */
	char *making;		/* path while being made; else NULL */
	char *inputs;
	char *ram, *state;	/* files: the guest's memory, the other state */
	int lock;		/* on making; -1: not held */
};

/*
 * Looks for a guest with these inputs, a text with one line for each, and mib MiB
 * of memory. SNAPSHOT_MAKE: this runner holds the lock and is to make the snapshot.
 */
enum snapshot_use snapshot__open(struct snapshot *s, const char *cache,
				 const char *inputs, uint64_t mib);

/* Adds a file, for the output of the guest so far. Returns 0 or -errno. */
int snapshot__put(const struct snapshot *s, const char *name, const char *buf,
		  size_t len);
/* Reads such a file; free *out. Returns 0 or -errno. */
int snapshot__get(const struct snapshot *s, const char *name, char **out,
		  size_t *len);

/* Makes a complete snapshot available to all runners. Returns 0 or -errno. */
int snapshot__publish(struct snapshot *s);

/* Deletes the published snapshot in this directory, whether or not guests use it. */
void snapshot__remove(const char *dir);

/* Deletes a snapshot that does not work, or that cannot be completed. */
void snapshot__drop(struct snapshot *s);

/* Deletes an incomplete snapshot. Legal after any of the above, and twice. */
void snapshot__close(struct snapshot *s);

#endif /* VMTEST_VM_SNAPSHOT_H */
