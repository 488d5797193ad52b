/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the bodies of the records of a join that keeps the caller's struct pid: what it
 * reserves, adds and publishes, and what is given back. wire.h defines the other bodies.
 */
#ifndef BPF_WIRE_KEEP_H
#define BPF_WIRE_KEEP_H

#include "wire_parts.h"

/*
 * fexit of pid_reserve_nr(). The caller is current. "found" is what the idr of the
 * namespace has for the number: a struct pid, or 0. pids: none
 */
struct wire_reserve_nr {
	struct wire_hdr hdr;
	wire_addr thread_pid;	/* the caller's */
	wire_addr ns;		/* struct pid_namespace * */
	wire_addr child_reaper;	/* ns->child_reaper */
	wire_addr found;
	__s32 ret;		/* the number, or -errno */
	__u32 inum;
	__u32 level;
	__u32 parent;		/* inum */
	__u32 pid_allocated;	/* raw, after the call */
	__u32 nr_threads;	/* the caller's */
	__u32 state;		/* enum wire_task_state: of the caller */
	__u32 references;	/* to the namespace */
};

/* fentry of pid_unreserve_nr(). pids: none */
struct wire_unreserve_nr {
	struct wire_hdr hdr;
	wire_addr thread_pid;	/* the caller's */
	wire_addr ns;
	__s32 nr;
	__u32 inum;
	__u32 pid_allocated;	/* raw, before the call */
	__u32 level;
};

/*
 * fentry of pid_deepen(), which gives a struct pid one more number. The subject is
 * current. pids: the struct pid, before
 */
struct wire_deepen {
	struct wire_hdr hdr;
	struct wire_task task;
	wire_addr ns;
	wire_addr found;	/* as in wire_reserve_nr */
	__s32 nr;		/* the new number, in ns */
	__u32 inum;
	__u32 level;		/* the level of ns */
	__u32 parent;		/* inum */
};

/* fentry of pid_publish_nr(), after pid_deepen(). pids: the struct pid */
struct wire_publish_nr {
	struct wire_hdr hdr;
	wire_addr thread_pid;	/* current's */
	wire_addr found;	/* as in wire_reserve_nr, for the innermost number */
};

/*
 * tracepoint task:pid_deepen(task, pid). "references" counts those to the innermost
 * namespace of the struct pid, "outer_references" those to the parent of this namespace.
 * pids: pid
 */
struct wire_deepened {
	struct wire_hdr hdr;
	struct wire_task task;
	wire_addr found;	/* as in wire_publish_nr */
	__u32 references;
	__u32 outer_references;
};

/* fexit of a pidns_commit_deepen() that called pid_deepen(). pids: thread_pid */
struct wire_commit_deepen {
	struct wire_hdr hdr;
	struct wire_task task;
	__u32 pid_allocated;	/* the joined namespace's, raw */
	__u32 reserved;
	__u32 references;	/* as in wire_deepened */
	__u32 outer_references;
};

/*
 * fexit of a pid_undeepen() that gave back numbers of a struct pid, whose task was
 * released. pids: the struct pid, with the numbers before
 */
struct wire_undeepen {
	struct wire_hdr hdr;
	__u32 level;		/* after the call */
	__u32 alloc_level;	/* the level at which it was allocated */
};

_Static_assert(sizeof(struct wire_reserve_nr) == 104, "reserve_nr");
_Static_assert(sizeof(struct wire_unreserve_nr) == 72, "unreserve_nr");
_Static_assert(sizeof(struct wire_deepen) == 184, "deepen");
_Static_assert(sizeof(struct wire_publish_nr) == 56, "publish_nr");
_Static_assert(sizeof(struct wire_deepened) == 168, "deepened");
_Static_assert(sizeof(struct wire_commit_deepen) == 168, "commit_deepen");
_Static_assert(sizeof(struct wire_undeepen) == 48, "undeepen");

#endif /* BPF_WIRE_KEEP_H */
