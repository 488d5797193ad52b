/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plain scene in which the caller has joined, and the numbers it had and
 * has. What most cases about success begin with.
 */
#ifndef GUEST_JOINED_H
#define GUEST_JOINED_H

#include "scene.h"

struct joined {
	struct scene s;
	struct snap *before, *after;
	pid_t old;	/* the caller's number, before, for the director */
	pid_t now;	/* and after; 0 while unknown */
	pid_t inner;	/* its number in the target */
};

/*
 * Builds the scene (the target's init with an own /proc), to have joins
 * between. joined__finish() joins by nsfd and finds the numbers; it bails if
 * setns fails.
 */
void joined__start(struct joined *j);
void joined__finish(struct joined *j);

/* Both. */
void joined__make(struct joined *j);

/*
 * Among the children of @parent (number for the director) the one whose
 * innermost number is @inner, at @levels levels; its number for the director,
 * or -ESRCH. Asks /proc, so that it works whatever the task itself believes.
 */
pid_t joined__find(pid_t parent, pid_t inner, int levels);

/* A line of PROC/PID/status as numbers; bails. @proc NULL: "/proc". */
struct ns_numbers joined__numbers(const char *proc, pid_t pid,
				  const char *key);

/* Path of the proc mount that @x, in a mount namespace of its own, sees. */
const char *joined__proc_of(const struct actor *x);

#endif
