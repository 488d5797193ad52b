/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the record of several links of a task into the lists of its struct pids. The
 * struct is not the body of a type, so the tables of types do not have it.
 */
#ifndef BPF_WIRE_LINKS_H
#define BPF_WIRE_LINKS_H

#include "wire_parts.h"

/*
 * The calls of attach_pid() of a fork, or of detach_pid() of an exit, in one record with
 * WIRE_F_LINKS. The calls have the same task, current task and flags, and no other record
 * of the CPU is between them. hdr.seq is the number of the first call; the others have the
 * numbers after it. loader/trace/links.h makes a wire_link_pid of each call.
 */
struct wire_links_pid {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr pid[WIRE_PIDTYPES];	/* in the order of the calls */
	__s32 task_pid;
	__u8 pidtype[WIRE_PIDTYPES];
	__u32 n;			/* calls, 1 to WIRE_PIDTYPES */
	__u32 reserved;
};

_Static_assert(sizeof(struct wire_links_pid) == 104, "links_pid");

#endif /* BPF_WIRE_LINKS_H */
