/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of refusals: states in which setns() must fail. */
#ifndef TESTS_GUEST_STRESS_REFUSALS_H
#define TESTS_GUEST_STRESS_REFUSALS_H

#include "stress_ops.h"

/* Preparations that the worker makes for a row. */
enum {
	NEED_DEEP	= 1 << 0,	/* a path of two levels */
	NEED_DEAD	= 1 << 1,	/* a dead namespace */
	NEED_IDLER	= 1 << 2,	/* another, idle, task */
	NEED_CHILDLESS	= 1 << 3,	/* a new namespace without an init */
	NEED_NO_SETSID	= 1 << 4,	/* a task that is not a session leader */
};

/* A value of want[], not an errno: the row is not for this mode. */
#define NOT_HERE	1

struct refusal;

/* A run of a row, with its preparations. */
struct attempt {
	const struct refusal *row;
	struct plan plan;
	pid_t idler;		/* the other task */
	int dead_ns;		/* nsfs fd, pidfd of the dead init */
	int dead_pid;
	int childless_ns;	/* nsfs fd, or -errno */
};

/* A row: one state that the kernel must refuse. */
struct refusal {
	const char *name;
	unsigned int needs;
	int want[MODE__NR];	/* 0, -errno or NOT_HERE */
	/* Enters the state and calls setns(); returns its result. */
	int (*call)(struct self *me, const struct attempt *a);
	/* Leaves the state; a join must then succeed. NULL: the state stays. */
	void (*undo)(struct self *me);
};

extern const struct refusal refusals[];
extern const unsigned int refusals_nr;

#endif /* TESTS_GUEST_STRESS_REFUSALS_H */
