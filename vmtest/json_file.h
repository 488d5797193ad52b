/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON into a file that is there whole or not at all. */
#ifndef VMTEST_JSON_FILE_H
#define VMTEST_JSON_FILE_H

#include <jansson.h>

struct strv;

/* Takes root. Returns 0, or -errno with a message. */
int json_file__write(json_t *root, const char *path);

/* An array of them. */
json_t *json_file__strings(const struct strv *s);

#endif
