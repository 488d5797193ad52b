/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists the files that an executable needs to run: interpreter and libraries.
 *
 * The executable's own dynamic loader finds the libraries ("--list" maps them
 * but runs neither their code nor the program's); a script needs the same files
 * as its interpreter. Limits: files that a program opens later (dlopen, data
 * files) are not found, and have to be packed by --add.
 */
#ifndef VMTEST_IMAGE_NEEDS_H
#define VMTEST_IMAGE_NEEDS_H

#include "vmtest/lib/util.h"

/*
 * Appends the paths of the files that path needs, without path itself, to out.
 * Returns 0 or -errno, with a message that names what is missing.
 */
int needs__of(const char *path, struct strv *out);

/* Finds a command as the shell does. Returns its path, or NULL; free it. */
char *needs__which(const char *cmd);

#endif /* VMTEST_IMAGE_NEEDS_H */
