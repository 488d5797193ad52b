/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of refusals: states in which setns() must say no. */
#ifndef GUEST_STRESS_REFUSALS_H
#define GUEST_STRESS_REFUSALS_H

#include "stress_ops.h"

/* What a row needs done before, by the worker. */
enum {
	NEED_DEEP	= 1 << 0,	/* a path of two levels */
	NEED_DEAD	= 1 << 1,	/* a namespace that has died */
	NEED_IDLER	= 1 << 2,	/* another task, doing nothing */
	NEED_CHILDLESS	= 1 << 3,	/* a namespace made, without an init */
	NEED_NO_SETSID	= 1 << 4,	/* a task that leads no session */
};

/* In want[]: not for this mode. Not an errno. */
#define NOT_HERE	1

struct refusal;

/* One run of a row: what was provided for it. */
struct attempt {
	const struct refusal *row;
	struct plan plan;
	pid_t idler;		/* the other task */
	int dead_ns;		/* nsfs fd, pidfd of what died */
	int dead_pid;
	int childless_ns;	/* nsfs fd, or -errno */
};

/* A row: one state the kernel is to refuse. */
struct refusal {
	const char *name;
	unsigned int needs;
	int want[MODE__NR];	/* 0, -errno or NOT_HERE */
	/* Brings the caller into the state, tries; what setns() gave. */
	int (*call)(struct self *me, const struct attempt *a);
	/* Leaves the state: the join must succeed then. NULL: it stays. */
	void (*undo)(struct self *me);
};

extern const struct refusal refusals[];
extern const unsigned int refusals_nr;

#endif
