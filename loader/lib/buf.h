/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects output text that is written millions of times. An all-zero struct buf is
 * empty; buf__write() writes and empties the buffer, buf__free() frees it. Running out
 * of memory ends the program.
 */
#ifndef LOADER_LIB_BUF_H
#define LOADER_LIB_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf {		/* all zero: empty */
	char *bytes;
	size_t len, size;
};

void buf__free(struct buf *t);

void buf__add(struct buf *t, const char *bytes, size_t len);
void buf__str(struct buf *t, const char *s);
void buf__char(struct buf *t, char c);
void buf__u64(struct buf *t, uint64_t n);
void buf__s64(struct buf *t, int64_t n);
void buf__hex(struct buf *t, uint64_t n);	/* 0x2a */

/* A string literal. */
#define buf__lit(t, s) buf__add((t), "" s, sizeof(s) - 1)

/* Adds bytes from outside, up to a NUL or max, as escape__bytes() stores them. */
void buf__escaped(struct buf *t, const char *bytes, size_t max);

/* Does the same for the inside of a JSON string. */
void buf__json(struct buf *t, const char *bytes, size_t max);

/* Adds a name as escape__name() stores it. */
void buf__name(struct buf *t, const char *bytes, size_t max);

/* Writes and empties the buffer. The caller checks for errors with ferror(3). */
void buf__write(struct buf *t, FILE *out);

#endif /* LOADER_LIB_BUF_H */
