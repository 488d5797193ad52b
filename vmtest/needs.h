/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an executable needs beside itself to run: interpreter and libraries.
 *
 * Libraries are found by the executable's own dynamic loader ("--list", which
 * maps them but runs none of their code or the program's); a script's needs
 * are those of its interpreter. What a program opens later (dlopen, data
 * files) cannot be known: that is what --add is for.
 */
#ifndef VMTEST_NEEDS_H
#define VMTEST_NEEDS_H

#include "util.h"

/*
 * Appends to out the paths that the file at path needs, not itself.
 * Returns 0 or -errno, with a message that names what is missing.
 */
int needs__of(const char *path, struct strv *out);

/* Finds a command as the shell does. Returns its path, or NULL; free it. */
char *needs__which(const char *cmd);

#endif
