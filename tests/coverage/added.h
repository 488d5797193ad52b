/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lines that a series of patches adds to the kernel's C files, with their
 * numbers in the files as they are after the last patch.
 */
#ifndef COVERAGE_ADDED_H
#define COVERAGE_ADDED_H

#include <stddef.h>

struct added_line {
	unsigned int nr;
	char *text;
};

struct added_file {
	char *path;
	struct added_line *v;	/* by number */
	size_t n;
};

struct added {
	struct added_file *v;	/* in the order the series names them */
	size_t n;
};

/*
 * Applies the next patch (a text as of git format-patch). What is below
 * tools/, and what is neither .c nor .h, is left out. Returns 0, or -EINVAL
 * with a message that begins with @name.
 */
int added__apply(struct added *a, const char *name, const char *patch);

/* All patches of a directory, by name. 0 or -errno with a message. */
int added__read(struct added *a, const char *dir);

void added__free(struct added *a);

#endif
