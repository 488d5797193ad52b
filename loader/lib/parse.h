/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses numbers on the command line.
 *
 * Each function parses the whole text and returns 0, or returns -EINVAL and leaves the
 * value unchanged.
 */
#ifndef LOADER_LIB_PARSE_H
#define LOADER_LIB_PARSE_H

#include <stdint.h>

/* Converts "5" or "0.25" seconds to milliseconds; at most a day. */
int parse__seconds(const char *text, unsigned int *ms);

/* Converts "4096", "64K", "8M" to bytes. */
int parse__size(const char *text, uint64_t *bytes);

/* Parses a decimal number, or a hexadecimal one with 0x. */
int parse__u64(const char *text, uint64_t *value);

#endif /* LOADER_LIB_PARSE_H */
