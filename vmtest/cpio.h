/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes a cpio archive of the kind an initramfs is.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst ("newc").
 */
#ifndef VMTEST_CPIO_H
#define VMTEST_CPIO_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct cpio;

/* Writes to the stream, which stays the caller's. */
struct cpio *cpio__new(FILE *out);

/* Each returns 0 or -errno; names are absolute paths in the guest. */
int cpio__dir(struct cpio *c, const char *name, mode_t perm);
int cpio__link(struct cpio *c, const char *name, const char *target);
int cpio__node(struct cpio *c, const char *name, mode_t mode, unsigned int maj,
	       unsigned int min);
int cpio__data(struct cpio *c, const char *name, mode_t perm, const void *data,
	       size_t len);
/* Copies a file of the host, its x bits as they are. */
int cpio__file(struct cpio *c, const char *name, const char *path);

/* The end mark; frees the writer. Returns 0 or the first -errno. */
int cpio__finish(struct cpio *c);

#endif
