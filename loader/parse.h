/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parse.h - numbers on the command line.
 *
 * Each takes the whole text or none of it: returns 0, or -EINVAL and leaves
 * *value alone.
 */
#ifndef PIDNS_PARSE_H
#define PIDNS_PARSE_H

#include <stdint.h>

/* "5", "0.25" to milliseconds; at most a day. */
int parse__seconds(const char *text, unsigned int *ms);

/* "4096", "64K", "8M" to bytes. */
int parse__size(const char *text, uint64_t *bytes);

/* Decimal, or hexadecimal with 0x. */
int parse__u64(const char *text, uint64_t *value);

#endif /* PIDNS_PARSE_H */
