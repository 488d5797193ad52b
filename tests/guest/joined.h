/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plain scene in which the caller has joined, with its old and new numbers.
 * Most cases about success start with this scene.
 */
#ifndef TESTS_GUEST_JOINED_H
#define TESTS_GUEST_JOINED_H

#include "scene.h"

struct joined {
	struct scene s;
	struct snap *before, *after;
	pid_t old;	/* the caller's number before the join, for the director */
	pid_t now;	/* and after the join; 0 while unknown. @old where the
			   sysctl is 2 */
	pid_t inner;	/* its number in the target */
};

/*
 * joined__start() builds the scene; the target's init has its own /proc. A case
 * may act between the two calls. joined__finish() joins by nsfd, finds the
 * numbers, and bails if setns fails.
 */
struct joined joined__start(void);
void joined__finish(struct joined *j);

/* Calls joined__start() and joined__finish(). */
struct joined joined__make(void);

/*
 * Finds, among the children of @parent (number for the director), the child
 * with innermost number @inner at @levels levels. Returns its number for the
 * director, or -ESRCH. Reads /proc, so the task's own view does not matter.
 */
pid_t joined__find(pid_t parent, pid_t inner, int levels);

/* Reads a line of PROC/PID/status as numbers, or bails. @proc NULL: "/proc". */
struct ns_numbers joined__numbers(const char *proc, pid_t pid,
				  const char *key);

/*
 * Waits until @owner can make another pid namespace, because others have been freed.
 * Returns 0 or the last -errno.
 */
long joined__await_room(const struct actor *owner);

/* Counts how often the directory @proc lists @pid, by reading it as ls does, or -errno. */
long joined__listed(const char *proc, pid_t pid);

/* Path of the proc mount that @x, in its own mount namespace, sees. */
const char *joined__proc_of(const struct actor *x);

#endif /* TESTS_GUEST_JOINED_H */
