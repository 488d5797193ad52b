/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json_text.h - text from a trace as a JSON string.
 */
#ifndef LOADER_JSON_TEXT_H
#define LOADER_JSON_TEXT_H

#include <jansson.h>

/*
 * It need not be UTF-8, comms are bytes: if it is not, what is beyond ASCII
 * becomes '?'. null for NULL, and when there is no memory.
 */
json_t *json_text__new(const char *s);

#endif /* LOADER_JSON_TEXT_H */
