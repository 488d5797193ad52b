/* SPDX-License-Identifier: GPL-2.0-only */
/* A task's identity as seen by the task, through system calls and /proc. */
#ifndef TESTS_GUEST_STRESS_VIEW_H
#define TESTS_GUEST_STRESS_VIEW_H

#include <sys/types.h>

#include "ns.h"

enum view_id {
	VIEW_TGID,
	VIEW_PID,
	VIEW_PGID,
	VIEW_SID,
	VIEW__NR
};

struct view {
	pid_t pid, tid, ppid, pgid, sid;	/* system calls */
	struct ns_numbers id[VIEW__NR];		/* /proc/self/status */
	long ns, ns_children;			/* /proc/self/ns/pid... */
};

/* Reads the system calls only (a task moved by the seed has no /proc/self). */
void view__calls(struct view *v);

/* Reads everything. Returns 0, or -errno of the first unreadable file. */
int view__take(struct view *v);

/* Reads the numbers in /proc/@who/status. Returns 0 or -errno. */
int view__status(const char *who, struct ns_numbers id[VIEW__NR]);

/* Returns the part of @a that differs from @b, or NULL. */
const char *view__differs(const struct view *a, const struct view *b);

/*
 * Checks @v of a task that leads its group and session, has one thread, and has
 * @levels numbers. Returns an error as text, or NULL.
 */
const char *view__of_leader(const struct view *v, int levels);

#endif /* TESTS_GUEST_STRESS_VIEW_H */
