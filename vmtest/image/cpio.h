/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes a cpio archive for an initramfs. Format: "newc" in
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef VMTEST_IMAGE_CPIO_H
#define VMTEST_IMAGE_CPIO_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * The size of an archive is a multiple of CPIO_ALIGN. QEMU puts an initrd at the
 * very end of memory, and loads it when the ACPI tables of SeaBIOS >= 1.16.3 are
 * already in the last page. Only an initrd of whole pages ends before this page,
 * as its address is rounded down from the last byte (hw/i386/x86-common.c,
 * x86_load_linux()).
 */
#define CPIO_ALIGN 4096

struct cpio;

/* Creates a writer to the stream, which the caller still owns. */
struct cpio *cpio__new(FILE *out);

/* Each function returns 0 or -errno; names are absolute paths in the guest. */
int cpio__dir(struct cpio *c, const char *name, mode_t perm);
int cpio__link(struct cpio *c, const char *name, const char *target);
int cpio__node(struct cpio *c, const char *name, mode_t mode, unsigned int maj,
	       unsigned int min);
int cpio__data(struct cpio *c, const char *name, mode_t perm, const void *data,
	       size_t len);
/* Copies a file of the host, and keeps its x bits. */
int cpio__file(struct cpio *c, const char *name, const char *path);

/*
 * Writes the end mark, and zeros up to CPIO_ALIGN; frees the writer. Returns 0 or
 * the first -errno.
 */
int cpio__finish(struct cpio *c);

#endif /* VMTEST_IMAGE_CPIO_H */
