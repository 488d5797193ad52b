/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * buf.h - bytes on their way to a file, for what is written by the million.
 *
 * A buffer that grows to the longest thing put together in it. Numbers are put
 * in by hand: printf(3) and trees of JSON values take longer than all the rest
 * of an export. Out of memory ends the program.
 */
#ifndef LOADER_BUF_H
#define LOADER_BUF_H

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

/*
 * Bytes that somebody else chose, to their NUL or max, as printable ASCII: what
 * is not, and the backslash, as \xNN. So it can be undone.
 */
void buf__escaped(struct buf *t, const char *bytes, size_t max);

/* The same, for the inside of a string of JSON. */
void buf__json(struct buf *t, const char *bytes, size_t max);

/* Writes all of it and empties it; whether that worked, ferror(3) says. */
void buf__write(struct buf *t, FILE *out);

#endif /* LOADER_BUF_H */
