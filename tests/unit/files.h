/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and writes whole files, for tests of the loader. Any failure fails the test. */
#ifndef TESTS_UNIT_FILES_H
#define TESTS_UNIT_FILES_H

#include <stddef.h>

/*
 * Returns the whole file, with a NUL after it; *len (may be NULL) excludes the NUL.
 * The caller frees the text.
 */
char *file__read(const char *path, size_t *len);

void file__write(const char *path, const void *bytes, size_t len);

/*
 * Compares text with tests/golden/NAME, without the first line, the licence. After
 * an intended change, GOLDEN_UPDATE=1 rewrites the files; read the diff.
 */
void file__golden(const char *text, const char *name);

#endif /* TESTS_UNIT_FILES_H */
