/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workload.h - what probe does to make each hook fire.
 */
#ifndef PIDNS_WORKLOAD_H
#define PIDNS_WORKLOAD_H

/* argv[1] with which this program ends at once: the workload's execve(). */
#define WORKLOAD_EXEC "--exec-target"

struct workload_step {
	const char *name;	/* "fork, exec, exit" */
	int (*run)(void);	/* in a child of its own; 0 or -errno */
};

/* Ended by an entry without a name. */
extern const struct workload_step workload_steps[];

/*
 * Runs a step in a child, and waits until nothing is left of it. Returns 0, or
 * the negative errno of what could not be done.
 */
int workload_step__run(const struct workload_step *step);

#endif /* PIDNS_WORKLOAD_H */
