/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the per-CPU counters of the programs: the only value of the map "counts". The
 * loader's sums are exact once the programs have stopped.
 */
#ifndef BPF_COUNTS_H
#define BPF_COUNTS_H

/* Values of preempt_dynamic_mode in kernel/sched/core.c. */
enum preempt_mode {
	PREEMPT_MODE_UNKNOWN = -2,	/* the kernel lacks the variable */
	PREEMPT_MODE_UNDEFINED,
	PREEMPT_MODE_NONE,
	PREEMPT_MODE_VOLUNTARY,
	PREEMPT_MODE_FULL,
	PREEMPT_MODE_LAZY,
};

struct outcome {
	__u64 hits;		/* runs of the program */
	__u64 tried;		/* attempts to make a record */
	__u64 lost_ring;	/* records lost: the ring buffer was full */
	__u64 lost_map;		/* entries that a map refused */
	__u64 stood_in;		/* another copy ran in place of copy 0 (turn.h) */
	__u64 declined;		/* a copy had no room for its note (turn.h) */
};

/* The calls of attach_pid() or detach_pid() that have no record yet: bpf/links.h. */
struct gathered {
	__u32 n;		/* calls */
	__u16 type;
	__u16 flags;		/* hdr.flags */
	__u64 current_task;
	__u64 current_start;
	__u64 task;
	__u64 start;
	__s32 task_pid;
	__u8 pidtype[WIRE_PIDTYPES];
	__u64 pid[WIRE_PIDTYPES];
};

struct per_cpu {
	__u32 seq;		/* hdr.seq of the next record */
	__u32 reserved;
	struct gathered gathered;
	struct outcome of[WIRE_KERNEL_TYPES];
};

_Static_assert(sizeof(struct outcome) == 48, "outcome");
_Static_assert(sizeof(struct gathered) == 80, "gathered");
_Static_assert(sizeof(struct per_cpu) == 88 + 48 * WIRE_KERNEL_TYPES, "per_cpu");

#endif /* BPF_COUNTS_H */
