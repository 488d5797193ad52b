/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A container and unmodified programs run at it from outside, as an admin
 * would: what the purposes of the join are tried with.
 */
#ifndef GUEST_TOOL_H
#define GUEST_TOOL_H

#include "actor.h"

#define TOOL_SETSID	"/usr/bin/setsid"
#define TOOL_NSENTER	"/usr/bin/nsenter"
#define TOOL_BUSYBOX	"/bin/busybox"

/*
 * Numbers in a victim begin here. No task outside has one of them, so a task
 * knows by its own number where it is, even if it can ask nobody else.
 */
#define VICTIM_FIRST 20000
#define VICTIM_LAST 20999

/* The container at which the tools are run. */
struct victim {
	struct actor init;
	char target[16];	/* the init's number, as an argument */
};

/*
 * Makes a container with @flags (CLONE_NEW*, besides CLONE_NEWPID). With
 * CLONE_NEWNS it has its own /proc and /dev/pts.
 */
struct victim victim__make(unsigned long long flags);

/* Path of this program, as it is both outside and in a victim. */
const char *tool__self(void);

/*
 * Runs @argv (NULL-terminated) as a child that leads nothing, so that
 * setsid(1) need not fork. Output goes to the notes of the case. Skips the
 * case if the program is not there. tool__start() returns the child's number,
 * tool__finish() waits for child @which (-1: for any) to end: its number now,
 * and in *status how it ended.
 */
pid_t tool__start(const char *const argv[]);
pid_t tool__finish(pid_t which, int *status);

/* Both, if no join is expected: the exit status, or 128 + signal. */
int tool__run(const char *const argv[]);

#endif
