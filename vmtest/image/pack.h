/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packs the guest's file system: our programs, busybox, the util-linux
 * programs that the tests use unmodified, modules, and the user's command.
 *
 * Archives are named by a hash of their contents and kept in
 * build/vmtest/initramfs, so a second run with the same files packs nothing.
 */
#ifndef VMTEST_IMAGE_PACK_H
#define VMTEST_IMAGE_PACK_H

#include "vmtest/lib/util.h"

struct paths;

struct pack {
	const char *modules;	/* a directory of *.ko, or NULL */
	const struct strv *add;	/* --add FILE[:PATH] */
	struct strv *cmd;	/* -- CMD ARG..., or empty; v[0] is changed */
};

/*
 * Checks that every file to be packed exists, except modules. Changes cmd as
 * pack__initramfs() does. Returns 0, or -errno with a message that names the
 * missing file.
 */
int pack__check(const struct paths *paths, struct pack *pack);

/*
 * Makes or finds the archive. Replaces cmd's first word by the program's path
 * in the guest. Returns the archive's path (free it), or NULL with a message
 * that names the missing file.
 */
char *pack__initramfs(const struct paths *paths, struct pack *pack);

#endif /* VMTEST_IMAGE_PACK_H */
