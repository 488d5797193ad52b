/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel to boot: its file, the files beside it, and a suitable machine. */
#ifndef VMTEST_IMAGE_IMAGE_H
#define VMTEST_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmtest/image/sanitizer.h"

struct paths;
struct loop;

enum machine {
	MACHINE_MMIO,		/* microvm: no ACPI, no PCI; the fastest */
	MACHINE_PCI,		/* microvm with both, for distribution kernels */
};

struct image {
	char *path;		/* ELF vmlinux or bzImage */
	char *config;		/* NULL: not known */
	char *modules;		/* directory of *.ko to load at boot, or NULL */
	char *release, *mode;	/* written by build.sh, or NULL */
	enum machine machine;
	struct sanitizing san;
	unsigned long hz;	/* frequency of the timer tick; 0: not known */
	bool faults;		/* fault injection for allocations is built in */
};

/*
 * Reads the files that kernel/build.sh puts beside the image at @path. Returns 0
 * or -errno with a message; -ENOTSUP if the kernel's config lacks an option that
 * a guest needs.
 */
int image__open(struct image *img, const char *path);
void image__free(struct image *img);

/* Hashes (FNV-1a) the image and its config (0: not known). Returns 0 or -errno. */
int image__hash(const struct image *img, uint64_t *kernel, uint64_t *config);

/*
 * Runs kernel/build.sh, which builds @target or finds it in its cache; progress
 * is on stderr. With @file, the absolute path of a user's image, prepares this
 * image instead; @target may then be NULL. Returns the image's path, or NULL with
 * a message; free it. SIGINT, SIGTERM and SIGHUP end the build, with NULL as the
 * result, and stay pending if the caller has blocked them.
 */
char *image__build(const struct paths *paths, const char *target,
		   const char *file);

/* Returns true if the target's kernel is cached: image__build() takes a second. */
bool image__is_made(const struct paths *paths, const char *target);

/*
 * Returns true if the target's series applies to the tree in KERNEL_SRC, or is
 * already applied. Otherwise a message names the patch, the file and the hunk.
 */
bool image__applies(const struct paths *paths, const char *target);

#endif /* VMTEST_IMAGE_IMAGE_H */
