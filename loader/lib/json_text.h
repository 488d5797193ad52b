/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes a JSON string of text from a trace. */
#ifndef LOADER_LIB_JSON_TEXT_H
#define LOADER_LIB_JSON_TEXT_H

#include <jansson.h>

/*
 * Comms are bytes: in a text that is not UTF-8, each byte beyond ASCII becomes '?'.
 * Returns JSON's null for NULL, and when memory is out.
 */
json_t *json_text__new(const char *s);

#endif /* LOADER_LIB_JSON_TEXT_H */
