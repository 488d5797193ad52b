/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot of all that a refused setns must leave alone: the caller's
 * numbers, credentials, namespaces, directories, files and its view of /proc,
 * as it sees them itself; its numbers as the director sees them; and what
 * exists in the target.
 *
 * It is text, a fact a line, so that a difference explains itself.
 */
#ifndef GUEST_SNAP_H
#define GUEST_SNAP_H

#include <stdbool.h>

#include "actor.h"

#define SNAP_SIZE 8192

struct snap {
	char text[SNAP_SIZE];
};

/*
 * Makes @who open what a snapshot tests for liveness: a pidfd on itself and
 * the directory /proc/self. Once, before the first snapshot.
 */
void snap__arm(const struct actor *who);

/*
 * Takes one of @who; @inside is the target's init, or NULL if there is none
 * that could look. From shared memory, lives as long as the case.
 */
struct snap *snap__take(const struct actor *who, const struct actor *inside);

/*
 * Expects @after to equal @before, but for lines that begin with @except
 * (NULL: none). Says which lines came and went.
 */
bool snap__same(const char *when, const struct snap *before,
		const struct snap *after, const char *except);

/* The same for nothing but the lines that begin with @prefix. */
bool snap__same_part(const char *prefix, const struct snap *before,
		     const struct snap *after);

/* Is there a line @line? */
bool snap__has(const struct snap *s, const char *line);

/* An actor_fn for code that is its own caller: @snap is a struct snap *. */
long snap__self(long snap, long b, int fd);
long snap__arm_self(long a, long b, int fd);

#endif
