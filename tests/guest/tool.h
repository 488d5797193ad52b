/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A container, and unmodified programs run against it from outside, as by an
 * admin, to try the purposes of the join.
 */
#ifndef TESTS_GUEST_TOOL_H
#define TESTS_GUEST_TOOL_H

#include <stdbool.h>

#include "actor.h"

#define TOOL_SETSID	"/usr/bin/setsid"
#define TOOL_NSENTER	"/usr/bin/nsenter"
#define TOOL_BUSYBOX	"/bin/busybox"

/*
 * Range of numbers in a victim. No task outside has a number in this range, so
 * a task knows from its own number where it is, even if it cannot query
 * anything else.
 */
#define VICTIM_FIRST 20000
#define VICTIM_LAST 20999
static inline bool victim__has(long number)
{
	return number >= VICTIM_FIRST && number <= VICTIM_LAST;
}

/* The container against which the tools are run. */
struct victim {
	struct actor init;
	char target[16];	/* number of the init, as an argument */
};

/*
 * Makes a container with @flags (CLONE_NEW*, besides CLONE_NEWPID). With
 * CLONE_NEWNS the container has its own /proc and /dev/pts.
 */
struct victim victim__make(unsigned long long flags);

/* Returns the path of this program, valid both outside and in a victim. */
const char *tool__self(void);

/*
 * Runs @argv (NULL-terminated) as a child that is not a leader, so that
 * setsid(1) need not fork. Output goes to the notes of the case. Skips the case
 * if the program does not exist. tool__start() returns the child's number.
 * tool__finish() waits for the end of child @which (-1: any), stores the status
 * in *status, and returns the child's current number.
 */
pid_t tool__start(const char *const argv[]);
pid_t tool__finish(pid_t which, int *status);

/*
 * Starts and finishes a tool that must not join. Returns its exit status, or
 * 128 + signal.
 */
int tool__run(const char *const argv[]);

#endif /* TESTS_GUEST_TOOL_H */
