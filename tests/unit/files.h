/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.h - whole files, for tests of the half that judges. What fails fails
 * the test.
 */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <stddef.h>

/* All of a file, a NUL behind it; *len (may be NULL) without that. Free it. */
char *file__read(const char *path, size_t *len);

void file__write(const char *path, const void *bytes, size_t len);

#endif /* TESTS_FILES_H */
