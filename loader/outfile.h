/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outfile.h - a file that is there whole, or not at all.
 */
#ifndef LOADER_OUTFILE_H
#define LOADER_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct outfile {
	FILE *f;		/* to write to */
	const char *path;	/* the caller's, until it is closed */
	char *tmp;		/* its name until then; NULL: it is written as it is */
	bool nameless;		/* ... which it has not got yet */
};

/*
 * "-" is stdout; a device or a fifo is opened as it is. 0 or a negative errno;
 * there is nothing to close then.
 */
int outfile__open(struct outfile *o, const char *path);

/*
 * err: what was wrong with the writing so far, 0 or a negative errno. The file
 * gets its name if that is 0 and all of it can be written, else it is gone.
 * Returns the first error.
 */
int outfile__close(struct outfile *o, int err);

#endif /* LOADER_OUTFILE_H */
