/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to boot: the table kernel/targets. */
#ifndef VMTEST_TARGET_H
#define VMTEST_TARGET_H

#include <stddef.h>

struct target {
	char *name;
	char *kind;		/* package, series */
	char *what;		/* package name, series name */
	char *mode;		/* mainline, join, seed: which rules hold */
};

struct targets {
	struct target *t;
	size_t n;
};

/* Reads the table. Returns 0 or -errno, with a message. */
int targets__read(struct targets *ts, const char *path);
void targets__free(struct targets *ts);

const struct target *targets__find(const struct targets *ts, const char *name);

/* "stock-6.12, seed-6.12, ..."; free it. */
char *targets__names(const struct targets *ts);

#endif
