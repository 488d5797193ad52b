/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts.h - what the programs count, per CPU: the only value of the map
 * "counts". Read by the loader when the programs have stopped.
 */
#ifndef PIDNS_COUNTS_H
#define PIDNS_COUNTS_H

struct outcome {
	__u64 hits;		/* the program ran */
	__u64 tried;		/* ... and wanted a record */
	__u64 lost_ring;	/* no room in the ring buffer */
	__u64 lost_map;		/* a map took no entry */
};

struct per_cpu {
	__u32 seq;		/* hdr.seq of the next record */
	__u32 reserved;
	struct outcome of[WIRE_KERNEL_TYPES];
};

_Static_assert(sizeof(struct outcome) == 32, "outcome");
_Static_assert(sizeof(struct per_cpu) == 8 + 32 * WIRE_KERNEL_TYPES, "per_cpu");

#endif /* PIDNS_COUNTS_H */
