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

/*
 * Is text what tests/golden/NAME has behind its first line, the licence? After
 * a change that is meant, GOLDEN_UPDATE=1 writes the files anew; read the diff.
 */
void file__golden(const char *text, const char *name);

#endif /* TESTS_FILES_H */
