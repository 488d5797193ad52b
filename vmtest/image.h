/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel to boot: the file, what lies beside it, the machine that suits it. */
#ifndef VMTEST_IMAGE_H
#define VMTEST_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sanitizer.h"

struct paths;
struct loop;

enum machine {
	MACHINE_MMIO,		/* microvm: no ACPI, no PCI; the fastest */
	MACHINE_PCI,		/* microvm with both, as distributions need */
};

struct image {
	char *path;		/* ELF vmlinux or bzImage */
	char *config;		/* NULL: not known */
	char *modules;		/* directory of *.ko to load at boot, or NULL */
	char *release, *mode;	/* written by build.sh, or NULL */
	enum machine machine;
	struct sanitizing san;
	unsigned long hz;	/* of the timer tick; 0: not known */
	bool faults;		/* allocations can be made to fail */
};

/*
 * Reads the files that kernel/build.sh puts beside the image at path. Returns 0
 * or -errno with a message; -ENOTSUP if its config lacks an option that a guest
 * needs.
 */
int image__open(struct image *img, const char *path);
void image__free(struct image *img);

/* FNV-1a of the file's bytes, and of its config. Returns 0 or -errno. */
int image__hash(const struct image *img, uint64_t *kernel, uint64_t *config);

/*
 * Runs kernel/build.sh, which builds TARGET or finds it in its cache; progress
 * is on stderr. With file, the absolute path of an image of the user's, this
 * image is made ready instead, and target may be NULL. Returns the image's
 * path, or NULL with a message; free it. SIGINT and the like end the build and
 * return NULL; they stay pending if the caller has them blocked.
 */
char *image__build(const struct paths *paths, const char *target,
		   const char *file);

/*
 * Returns true if the target's kernel is cached: image__build() takes a second.
 */
bool image__is_made(const struct paths *paths, const char *target);

/*
 * Returns true if the target's series applies to the tree in KERNEL_SRC, or is
 * applied already. Otherwise a message names the patch, the file and the hunk.
 */
bool image__applies(const struct paths *paths, const char *target);

#endif
