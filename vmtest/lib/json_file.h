/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes JSON to a file atomically. */
#ifndef VMTEST_LIB_JSON_FILE_H
#define VMTEST_LIB_JSON_FILE_H

#include <jansson.h>

struct strv;

/* Writes @root to @path, and frees @root. Returns 0, or -errno with a message. */
int json_file__write(json_t *root, const char *path);

/* Returns an array of the strings. */
json_t *json_file__strings(const struct strv *s);

#endif /* VMTEST_LIB_JSON_FILE_H */
