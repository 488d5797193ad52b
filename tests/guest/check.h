/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner's side of the checks in run.h: the report of one case, in memory
 * that the whole tree of the case shares.
 */
#ifndef TESTS_GUEST_CHECK_H
#define TESTS_GUEST_CHECK_H

#include <stdbool.h>

struct ktap;

/* Maps the shared memory. Once, before the first case. Returns 0 or -errno. */
int report__create(void);

/* Clears the report of the last case. */
void report__reset(void);

/* Does the report hold a reason for a bad exit (a failure, a skip)? */
bool report__explained(void);

/* Writes the result and, unless ok, the whole record. */
void report__write(struct ktap *k, const char *name);

#endif /* TESTS_GUEST_CHECK_H */
