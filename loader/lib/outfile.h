/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens an output file that appears as a whole, or not at all: outfile__open(), writes
 * to o->f, outfile__close(). Its owner alone may read it (lib/outpath.h); so may he alone if
 * it replaces another.
 */
#ifndef LOADER_LIB_OUTFILE_H
#define LOADER_LIB_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/outpath.h"

struct outfile {
	FILE *f;		/* stream to write to */
	struct outpath at;
	char *tmp;		/* temporary name; NULL: the file is written directly */
	bool nameless;		/* tmp does not exist yet */
};

/*
 * Opens path; "-" is stdout, a device or a fifo is written directly. Returns 0, or a
 * negative errno: nothing has to be closed then.
 */
int outfile__open(struct outfile *o, const char *path);

/*
 * err: 0, or the negative errno of the writing so far. Gives the file its name if
 * err is 0 and all data can be written; removes the file otherwise. Returns the
 * first error.
 */
int outfile__close(struct outfile *o, int err);

#endif /* LOADER_LIB_OUTFILE_H */
