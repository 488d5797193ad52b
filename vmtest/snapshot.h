/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saved guests, in CACHE/snapshots: booted, everything attached, waiting for a
 * job. One for each set of inputs (QEMU and its arguments, kernel, initramfs,
 * settings), for as long as the host is not booted anew.
 *
 * A directory there is complete or absent. A lock, which the kernel drops with
 * its holder, sees to it that one runner makes it; whoever comes meanwhile
 * boots. Those that nobody has used for a day go, and the oldest when there
 * are too many; a QEMU that has one open does not mind.
 */
#ifndef VMTEST_SNAPSHOT_H
#define VMTEST_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

enum snapshot_use {
	SNAPSHOT_NONE,		/* boot */
	SNAPSHOT_MAKE,		/* boot with ram, then write state */
	SNAPSHOT_USE,		/* resume from ram and state */
};

struct snapshot {
	char *dir;		/* where it is, or is to be; NULL: nowhere */
	char *making;		/* where it is made; NULL: it is not */
	char *inputs;
	char *ram, *state;	/* the guest's memory, and the rest */
	int lock;		/* on making; -1: not held */
};

/*
 * Looks for the guest with these inputs, any text that has one line for each,
 * and mib of memory. Where it can be made, it is ours to make.
 */
enum snapshot_use snapshot__open(struct snapshot *s, const char *cache,
				 const char *inputs, uint64_t mib);

/* A file beside it, for what the guest has said so far. Returns 0 or -errno. */
int snapshot__put(const struct snapshot *s, const char *name, const char *buf,
		  size_t len);
/* And back; free *out. */
int snapshot__get(const struct snapshot *s, const char *name, char **out,
		  size_t *len);

/* It is made: others may use it from now on, and so may we. 0 or -errno. */
int snapshot__publish(struct snapshot *s);

/* It does not do: it goes, or is not made after all. */
void snapshot__drop(struct snapshot *s);

/* Legal after any of the above, and twice. What is half made goes. */
void snapshot__close(struct snapshot *s);

#endif
