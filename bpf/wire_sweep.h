/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the bodies of the records of a sweep: its begin and end, and each task that it
 * visits. wire.h defines the other bodies.
 */
#ifndef BPF_WIRE_SWEEP_H
#define BPF_WIRE_SWEEP_H

#include "wire_parts.h"

/*
 * A sweep visits each thread of user space by iter/task, from time to time and after
 * the command has ended. A sweep is not a snapshot: tasks are created, exit and change
 * between its SWEEP records of phase BEGIN and END. One visit reads all of a task's
 * record, and tasks are visited in the order of their level 0 numbers.
 */
enum wire_sweep_phase {
	WIRE_SWEEP_BEGIN,
	WIRE_SWEEP_END,
};

enum wire_sweep_reason {
	WIRE_SWEEP_START,	/* before the command */
	WIRE_SWEEP_PERIOD,	/* during the command */
	WIRE_SWEEP_FINAL,	/* after the command; repeated until nothing changes */
};

/* pids: none */
struct wire_sweep {
	struct wire_hdr hdr;
	__u32 id;		/* 1, 2, ... */
	__u32 phase;		/* enum wire_sweep_phase */
	__u32 reason;		/* enum wire_sweep_reason */
	__u32 tasks;		/* END: threads visited */
};

enum wire_sweep_flag {
	WIRE_SWEEP_ROOT		= 1 << 0, /* the real_parents lead to pid 0 */
	WIRE_SWEEP_SELF_PARENT	= 1 << 1, /* real_parent == task */
	WIRE_SWEEP_SIGKILL	= 1 << 2, /* fatal signal pending for this thread */
	WIRE_SWEEP_WAITING	= 1 << 3, /* sleeps, TASK_INTERRUPTIBLE or TASK_IDLE */
	WIRE_SWEEP_INIT_ABOVE	= 1 << 4, /* real_parent's process has number 1 in
					   * its active namespace */
	WIRE_SWEEP_LIVE_ABOVE	= 1 << 5, /* real_parent->exit_state is 0, read
					   * after the facts about real_parent */
	WIRE_SWEEP_SUBREAPER	= 1 << 6, /* signal->has_child_subreaper, read
					   * after real_parent */
};

/* A parent of the task, by ->real_parent or ->parent. */
struct wire_relative {
	wire_addr task;
	__u64 start;
	__s32 pid;		/* ->pid */
	__u32 ns;		/* inum of its active pid namespace, 0: gone */
	__u32 level;
	__s32 tgid;		/* ->tgid */
};

/* A visit of a task. pids: thread_pid, with parents and pid_allocated */
struct wire_sweep_task {
	struct wire_hdr hdr;
	struct wire_task task;
	struct wire_relative real_parent;
	struct wire_relative parent;
	__u32 id;		/* the sweep's id */
	__s32 exit_state;	/* read last: 0 if alive during the whole visit */
	__u32 flags;		/* enum wire_sweep_flag */
	__u32 steps;		/* by real_parent, to pid 0 or until given up */
	/*
	 * A visit checks the child_reaper of each of the task's namespaces, from the
	 * innermost. These members are of the first one that is NULL or does not
	 * have number 1 there, else of the innermost.
	 */
	wire_addr reaper;		/* struct task_struct *, 0: NULL */
	__u32 reaper_ns;	/* inum of the reaper's namespace */
	__u32 reaper_level;
	__s32 reaper_nr;	/* number of its signal->pids[TGID] there, 0: none */
	/*
	 * The status that wait4() returns for the task, final for a zombie and for a
	 * process that exits or is killed (WIRE_T_GROUP_EXIT).
	 */
	__s32 status;
	__u64 cgroup;		/* as in wire_fork */
};

_Static_assert(sizeof(struct wire_sweep) == 56, "sweep");
_Static_assert(sizeof(struct wire_relative) == 32, "relative");
_Static_assert(sizeof(struct wire_sweep_task) == 264, "sweep_task");

#endif /* BPF_WIRE_SWEEP_H */
