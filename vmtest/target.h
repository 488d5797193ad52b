/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to boot: the table kernel/targets. */
#ifndef VMTEST_TARGET_H
#define VMTEST_TARGET_H

#include <stdbool.h>
#include <stddef.h>

struct target {
	char *name;
	char *kind;		/* package, series, tree */
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

/* Does its kernel come as a package, so that no tree or image can be it? */
bool target__is_package(const struct target *t);

/*
 * Is it a series for trees of the user's, "join-6.12"? Those with another aim
 * have a longer name, "join-6.12-gcov".
 */
bool target__is_join(const struct target *t);

/*
 * What setns(2) does in a kernel built from the tree: "join" if the sysctl that
 * decides it is among its sources, else "mainline".
 */
const char *target__mode_of_tree(const char *dir);

/* "stock-6.12, seed-6.12, ..."; free it. */
char *targets__names(const struct targets *ts);

#endif
