/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists the steps by which `pidnstrace probe' makes each hook fire.
 * workload_step__run() runs one entry of workload_steps.
 */
#ifndef LOADER_CAPTURE_WORKLOAD_H
#define LOADER_CAPTURE_WORKLOAD_H

/* With this argv[1] the program ends at once: the target of the workload's execve(). */
#define WORKLOAD_EXEC "--exec-target"

struct workload_step {
	const char *name;	/* "fork, execve, exit" */
	int (*run)(void);	/* runs in a child; returns 0 or -errno */
};

/* The last entry has no name. */
extern const struct workload_step workload_steps[];

/*
 * Runs a step in a child and waits for the child. Returns 0, or the negative errno of
 * the operation that failed.
 */
int workload_step__run(const struct workload_step *step);

#endif /* LOADER_CAPTURE_WORKLOAD_H */
