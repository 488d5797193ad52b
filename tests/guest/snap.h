/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot of all state that a refused setns() must leave alone: the caller's
 * numbers, credentials, namespaces, directories, files and view of /proc, as
 * seen by the caller; its numbers as seen by the director; and the numbers that
 * exist in the target.
 *
 * A snapshot is text with one fact per line, so a difference explains itself.
 */
#ifndef TESTS_GUEST_SNAP_H
#define TESTS_GUEST_SNAP_H

#include <stdbool.h>

#include "actor.h"

#define SNAP_SIZE 8192

struct snap {
	char text[SNAP_SIZE];
};

/*
 * Makes @who open the files whose liveness a snapshot tests: a pidfd of itself
 * and the directory /proc/self. Call once, before the first snapshot.
 */
void snap__arm(const struct actor *who);

/*
 * Takes a snapshot of @who. @inside is the target's init, or NULL if no task
 * inside can look. The snapshot is in shared memory and lives as long as the
 * case.
 */
struct snap *snap__take(const struct actor *who, const struct actor *inside);

/*
 * Expects @after to equal @before, except for lines that begin with @except
 * (NULL: none). Reports the lines that were added or removed.
 */
bool snap__same(const char *when, const struct snap *before,
		const struct snap *after, const char *except);

/* Like snap__same(), for only the lines that begin with @prefix. */
bool snap__same_part(const char *prefix, const struct snap *before,
		     const struct snap *after);

/* Returns true if @s has the line @line. */
bool snap__has(const struct snap *s, const char *line);

/* Actor functions, for code that is its own caller: @snap is a struct snap *. */
long snap__self(long snap, long b);
long snap__arm_self(long a, long b);

#endif /* TESTS_GUEST_SNAP_H */
