/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lines that a series of patches adds to the kernel's C files, numbered as in the
 * files after the last patch.
 */
#ifndef TESTS_COVERAGE_ADDED_H
#define TESTS_COVERAGE_ADDED_H

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
 * Applies the next patch (text from git format-patch). Files below tools/, and files
 * other than .c and .h, are ignored. Returns 0, or -EINVAL with a message that begins
 * with @name.
 */
int added__apply(struct added *a, const char *name, const char *patch);

/* Applies all patches of a directory, by name. Returns 0 or -errno with a message. */
int added__read(struct added *a, const char *dir);

void added__free(struct added *a);

#endif /* TESTS_COVERAGE_ADDED_H */
