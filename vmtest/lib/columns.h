/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints a table of text that fits the terminal. */
#ifndef VMTEST_LIB_COLUMNS_H
#define VMTEST_LIB_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include "vmtest/lib/util.h"

struct columns {
	size_t n;		/* cells in a row */
	struct strv cells;	/* row by row, the titles first */
};

void columns__start(struct columns *c, const char *const *titles, size_t n);

/* Adds the next cell and takes it over; a row is complete after n cells. */
void columns__take(struct columns *c, char *cell);

/*
 * Prints the table in lines of at most @width columns, flushes @out and frees
 * the table. Each column is as wide as its widest cell. If a row is too wide,
 * the last column is printed below it; cells that are still too wide are broken
 * into lines.
 */
void columns__print(struct columns *c, FILE *out, size_t width);

#endif /* VMTEST_LIB_COLUMNS_H */
