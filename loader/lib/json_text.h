/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes JSON strings of text that comes from outside. */
#ifndef LOADER_LIB_JSON_TEXT_H
#define LOADER_LIB_JSON_TEXT_H

#include <jansson.h>

/*
 * Make a string of one or more lines, with the escapes of escape__text(), and of one line,
 * with those of escape__line(). Return JSON's null for NULL.
 */
json_t *json_text__new(const char *s);
json_t *json_text__line(const char *s);

/* Makes a string of up to max bytes, or up to a NUL, with those of escape__bytes(). */
json_t *json_text__of_bytes(const char *bytes, size_t max);

#endif /* LOADER_LIB_JSON_TEXT_H */
