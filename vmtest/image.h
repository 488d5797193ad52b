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
	char *release, *mode;	/* as build.sh knows them, or NULL */
	enum machine machine;
	struct sanitizing san;
	unsigned long hz;	/* of the timer tick; 0: not known */
	bool faults;		/* allocations can be made to fail */
};

/*
 * Reads what kernel/build.sh has put beside the image at path. Returns 0 or
 * -errno with a message; -ENOTSUP when its config lacks what a guest cannot do
 * without.
 */
int image__open(struct image *img, const char *path);
void image__free(struct image *img);

/* FNV-1a of the file's bytes, and of its config. Returns 0 or -errno. */
int image__hash(const struct image *img, uint64_t *kernel, uint64_t *config);

/*
 * Has kernel/build.sh make TARGET, or find it in its cache. Its progress is
 * on stderr. With an image of the user's, file, that is made ready instead, and
 * target may be NULL; file is an absolute path, or NULL. Returns the image's
 * path, or NULL with a message; free it.
 * SIGINT and the like end the build and return NULL; they stay pending, if the
 * caller has them blocked.
 */
char *image__build(const struct paths *paths, const char *target,
		   const char *file);

/* Is the kernel of that target there, so that image__build() takes a second? */
bool image__is_made(const struct paths *paths, const char *target);

/*
 * Does the series of that target apply to the tree in KERNEL_SRC, or is it in
 * there? If not, a message names the patch, the file and the hunk.
 */
bool image__applies(const struct paths *paths, const char *target);

#endif
