/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernels that can be booted by name: the table kernel/targets. */
#ifndef VMTEST_IMAGE_TARGET_H
#define VMTEST_IMAGE_TARGET_H

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

/*
 * Returns true if the kernel comes as a package, which no kernel tree can replace.
 */
bool target__is_package(const struct target *t);

/*
 * Returns the target of that mode, "join" or "keep", whose series suits the kernel tree in
 * dir: the newest series that is not for a newer version, "join-6.12" for 6.18; if all
 * series are for newer versions, the oldest. Returns NULL if no target has such a series.
 */
const struct target *targets__series_for(const struct targets *ts,
					 const char *mode, const char *dir);

/*
 * Returns the behaviour of setns(2) in a kernel built from the tree: "join" if
 * the sysctl that decides it is in the sources, "keep" if the sysctl can ask for
 * a join that keeps the struct pid, else "mainline".
 */
const char *target__mode_of_tree(const char *dir);

/* Returns "stock-6.12, seed-6.12, ..."; free it. */
char *targets__names(const struct targets *ts);

#endif /* VMTEST_IMAGE_TARGET_H */
