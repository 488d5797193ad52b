/* SPDX-License-Identifier: GPL-2.0-only */
/* A table of text that fits the terminal. */
#ifndef VMTEST_COLUMNS_H
#define VMTEST_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include "util.h"

struct columns {
	size_t n;		/* in a row */
	struct strv cells;	/* row by row, the titles first */
};

void columns__start(struct columns *c, const char *const *titles, size_t n);

/* Cells come in order; a row is complete after n of them. Takes cell. */
void columns__take(struct columns *c, char *cell);

/*
 * Prints the table in lines of at most @width columns, flushes @out and frees
 * the table. Each column is as wide as its widest cell. If this is too wide,
 * the last column is printed below its row; what is still too wide is broken
 * into lines.
 */
void columns__print(struct columns *c, FILE *out, size_t width);

#endif
