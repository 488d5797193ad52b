/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Describes a process as a visit by a sweep shows it: whether the process is a zombie, is
 * being killed, or waits in zap_pid_ns_processes() as the init of a namespace.
 */
#ifndef LOADER_VIEW_VISIT_H
#define LOADER_VIEW_VISIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/types.h>

#include "bpf/wire.h"
#include "loader/view/roster.h"

struct visit {
	char comm[WIRE_COMM_LEN];
	struct kin parent;	/* without a name */
	struct kin tracer;	/* the same; tgid 0: none but the parent */
	bool zombie;
	bool leaderless;	/* the leader has exited, and other threads have not */
	bool dying;		/* is killed or exits, with "status" */
	bool init;		/* has number 1 in its namespace, which is not the first */
	bool zapping;		/* an init in zap_pid_ns_processes(): for it, "dying" holds */
	unsigned int threads;	/* besides the leader */
	int32_t status;		/* zombie, dying: what wait4() returns for it */
};

/*
 * Returns true if the visit shows a process. The visits of threads that do not lead, and of
 * a task that is being released, do not.
 */
bool visit__is_leader(const struct wire_sweep_task *r);

/* Reads the visit of a leader, or of another thread as far as it shows the same. */
void visit__set(struct visit *v, const struct wire_sweep_task *r);

/* Writes how a process ends: "being killed by SIGKILL", "exiting: exit(3)", "exit(3)". */
void visit__put_end(const struct visit *v, FILE *out);

#endif /* LOADER_VIEW_VISIT_H */
