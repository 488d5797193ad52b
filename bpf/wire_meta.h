/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the bodies of the records that the loader makes: which hooks there are, which
 * command is traced, and what was counted.
 */
#ifndef BPF_WIRE_META_H
#define BPF_WIRE_META_H

#include "wire_parts.h"

struct wire_meta_hook {
	struct wire_hdr hdr;
	__u32 hook;		/* enum wire_hook */
	__s32 error;		/* 0: attached; else -errno of the attempt */
};

struct wire_meta_command {
	struct wire_hdr hdr;
	__s32 pid;		/* the command's, as seen in ns */
	__u32 ns;		/* inum of the pid namespace of the loader */
};

struct wire_meta_sym {
	struct wire_hdr hdr;
	wire_addr address;
	char name[64];		/* "function+0xoffset", NUL-terminated */
};

/* Counters of a record type. tried = records sent + lost_ring. */
struct wire_meta_stats {
	struct wire_hdr hdr;
	__u32 type;
	__u32 reserved;
	__u64 hits;		/* runs of the hook's program */
	__u64 tried;		/* attempts to make a record */
	__u64 lost_ring;	/* ring buffer reservations that failed */
	__u64 lost_map;		/* entries that a map refused */
	__u64 missed;		/* events for which no copy ran (recursion_misses) */
};

struct wire_meta_end {
	struct wire_hdr hdr;
	__u64 records;		/* kernel records in this trace */
};

/* The traced machine, and its clocks, read one after the other at the start. */
struct wire_meta_machine {
	struct wire_hdr hdr;
	__u64 monotonic_ns;	/* CLOCK_MONOTONIC: the clock of hdr.ts_ns */
	__u64 realtime_ns;	/* CLOCK_REALTIME */
	__u64 boottime_ns;	/* CLOCK_BOOTTIME: the clock of wire_task.start */
	char node[64];		/* uname -n, NUL-terminated as the others */
	char release[64];	/* uname -r */
	char boot_id[40];	/* a new one with each boot; "": not known */
};

/* A cgroup, before the first record that has its id. */
struct wire_meta_cgroup {
	struct wire_hdr hdr;
	__u64 id;
	char path[512];		/* from the root of the hierarchy; "": not found */
};

_Static_assert(sizeof(struct wire_meta_hook) == 48, "meta_hook");
_Static_assert(sizeof(struct wire_meta_command) == 48, "meta_command");
_Static_assert(sizeof(struct wire_meta_sym) == 112, "meta_sym");
_Static_assert(sizeof(struct wire_meta_stats) == 88, "meta_stats");
_Static_assert(sizeof(struct wire_meta_end) == 48, "meta_end");
_Static_assert(sizeof(struct wire_meta_machine) == 232, "meta_machine");
_Static_assert(sizeof(struct wire_meta_cgroup) == 560, "meta_cgroup");

#endif /* BPF_WIRE_META_H */
