/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts.h - what the programs count, per CPU: the only value of the map
 * "counts". Read by the loader when the programs have stopped.
 */
#ifndef PIDNS_COUNTS_H
#define PIDNS_COUNTS_H

/* enum of kernel/sched/core.c, beside preempt_dynamic_mode */
enum preempt_mode {
	PREEMPT_MODE_UNKNOWN = -2,	/* the variable is not there */
	PREEMPT_MODE_UNDEFINED,
	PREEMPT_MODE_NONE,
	PREEMPT_MODE_VOLUNTARY,
	PREEMPT_MODE_FULL,
	PREEMPT_MODE_LAZY,
};

struct outcome {
	__u64 hits;		/* the program ran */
	__u64 tried;		/* ... and wanted a record */
	__u64 lost_ring;	/* no room in the ring buffer */
	__u64 lost_map;		/* a map took no entry */
	__u64 stood_in;		/* another copy ran, as copy 0 was skipped (turn.h) */
	__u64 declined;		/* a copy had no room to leave a note (turn.h) */
};

struct per_cpu {
	__u32 seq;		/* hdr.seq of the next record */
	__u32 reserved;
	struct outcome of[WIRE_KERNEL_TYPES];
};

_Static_assert(sizeof(struct outcome) == 48, "outcome");
_Static_assert(sizeof(struct per_cpu) == 8 + 48 * WIRE_KERNEL_TYPES, "per_cpu");

#endif /* PIDNS_COUNTS_H */
