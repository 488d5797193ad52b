/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the parts of records: the header, the image of a struct pid, and the snapshot
 * of a task. wire.h defines the bodies of records with them.
 */
#ifndef BPF_WIRE_PARTS_H
#define BPF_WIRE_PARTS_H

#define WIRE_COMM_LEN		16
#define WIRE_MAX_LEVELS		33	/* MAX_PID_NS_LEVEL (32) + level 0 */
#define WIRE_STACK_DEPTH	12
#define WIRE_PATH_LEN		256
#define WIRE_ARGS_LEN		256

/* The kernel's enum pid_type: the order of pids[], pid_links[] and tasks[]. */
enum wire_pidtype {
	WIRE_PID,
	WIRE_TGID,
	WIRE_PGID,
	WIRE_SID,
	WIRE_PIDTYPES,
};

/* An address in the kernel, which is shown in hexadecimal. */
typedef __u64 wire_addr;

/* hdr.flags */
enum wire_flag {
	WIRE_F_TASKLIST_WRITE	= 1 << 0, /* tasklist_lock is held for writing */
	WIRE_F_TASKLIST_KNOWN	= 1 << 1, /* the lock's word could be read */
	WIRE_F_KERNEL_TASK	= 1 << 2, /* current has PF_KTHREAD */
	WIRE_F_SIGLOCK_FREE	= 1 << 3, /* CHANGE_PID, of PID and TGID or inside a
					   * setns, and DEEPEN: the siglock is free */
	WIRE_F_OWN_CHILD	= 1 << 4, /* FORK: no CLONE_PARENT, no CLONE_THREAD */
	WIRE_F_PARTIAL		= 1 << 5, /* META_HOOK: may miss events, uncounted */
	WIRE_F_SWITCHED_OFF	= 1 << 6, /* META_STATS: a switch of the kernel stopped
					   * the calls of the program for a while */
	WIRE_F_SUBREAPER	= 1 << 7, /* EXIT: signal->has_child_subreaper */
	WIRE_F_OOM_VICTIM	= 1 << 8, /* EXIT: signal->oom_mm: killed for memory */
	WIRE_F_LINKS		= 1 << 9, /* ATTACH_PID, DETACH_PID: a wire_links_pid */
};

/* Kind of the file that a setns names by its fd. */
enum wire_fdkind {
	WIRE_FD_BAD,		/* the fd is not open */
	WIRE_FD_NSFS,
	WIRE_FD_PIDFD,
	WIRE_FD_OTHER,
};

/*
 * State of kernel.setns_pid_join for current's active pid namespace: the least value
 * there and in the ancestors counts.
 */
enum wire_knob {
	WIRE_KNOB_NONE,		/* this kernel lacks the knob */
	WIRE_KNOB_OFF,		/* 0 there or in an ancestor */
	WIRE_KNOB_ON,		/* 1: a join gives the caller a new struct pid */
	WIRE_KNOB_KEEP,		/* 2: a join keeps the struct pid and deepens it */
};

struct wire_upid {
	__s32 nr;
	__u32 ns;		/* inum of the pid namespace */
	__u32 parent;		/* inum of ns->parent, 0 at level 0 or not read */
	__u32 allocated;	/* ns->pid_allocated, raw (PIDNS_ADDING is 1 << 31);
				 * ALLOC_PID, SWEEP_TASK only, else 0 */
};

/*
 * A struct pid. upid[] has hdr.levels slots, of which level + 1 are filled. An
 * address of 0 records a NULL pointer. An ERR_PTR is stored in address, and nothing
 * else is filled.
 */
struct wire_pid {
	wire_addr address;
	__u32 level;
	__u32 count;			/* refcount_t */
	struct wire_upid upid[];
};

/* The lists of a struct pid: of the tasks that have it as PID, TGID, PGID, SID. */
struct wire_lists {
	wire_addr tasks;		/* &pid->tasks[0]; the stride is 8 */
	wire_addr first[WIRE_PIDTYPES];	/* tasks[t].first */
};

/*
 * Bits of wire_task.state. Those marked with 1 are known only in a CHANGE_PID inside a
 * setns, in RESERVE_NR and DEEPEN, and in a PIDNS_INSTALL that refused; the one marked
 * with 2 also in SETNS_ENTER, EXIT and SWEEP_TASK. The one marked with 3 is known in
 * SETNS_EXIT, COMMIT_JOIN, COMMIT_DEEPEN, EXIT and SWEEP_TASK.
 */
enum wire_task_state {
	WIRE_T_CHILDREN		= 1 << 0, /* 1: children is not empty */
	WIRE_T_TRACEES		= 1 << 1, /* 1: ptraced is not empty */
	WIRE_T_TRACED		= 1 << 2, /* ->ptrace != 0 */
	WIRE_T_TTY		= 1 << 3, /* 1: signal->tty != NULL */
	WIRE_T_POSIX_TIMERS	= 1 << 4, /* 1: signal->posix_timers is not empty */
	WIRE_T_CPU_TIMERS	= 1 << 5, /* 2: any of the six CPU timer queues */
	WIRE_T_GROUP_EXIT	= 1 << 6, /* signal->flags & SIGNAL_GROUP_EXIT */
	WIRE_T_KILL_PENDING	= 1 << 7, /* 3: SIGKILL in pending or in
					   * shared_pending */
	WIRE_T_EXITING		= 1 << 8, /* PF_EXITING */
	WIRE_T_KTHREAD		= 1 << 9,
	WIRE_T_LEADER		= 1 << 10, /* thread_group_leader() */
};

struct wire_task {
	wire_addr task;			/* struct task_struct * */
	__u64 start;			/* start_boottime, ns: with .task, the key */
	wire_addr thread_pid;
	wire_addr pids[WIRE_PIDTYPES];	/* [WIRE_PID]: thread_pid; else signal->pids[] */
	wire_addr nsproxy;
	wire_addr signal;			/* struct signal_struct *: the process */
	__s32 pid;			/* task->pid, task->tgid: level 0 numbers */
	__s32 tgid;
	__u32 active_ns;		/* inum of thread_pid's own namespace, 0: none */
	__u32 children_ns;		/* inum of pid_ns_for_children, 0: no nsproxy */
	__u32 nr_threads;
	__u32 state;			/* enum wire_task_state */
	char comm[WIRE_COMM_LEN];
};

struct wire_hdr {
	__u16 type;		/* enum wire_type */
	__u16 size;		/* bytes, header and images included */
	__u8 npids;		/* images after the body */
	__u8 levels;		/* slots in each image's upid[] */
	__u16 flags;		/* enum wire_flag */
	__u32 cpu;
	__u32 seq;		/* per CPU, +1 per attempted event: a gap is a loss */
	__u64 ts_ns;		/* CLOCK_MONOTONIC: for latency, not for order */
	wire_addr current_task;	/* the task that ran the hook */
	__u64 current_start;
};

/* The begin of a body whose subject is known by its address and start. */
struct wire_named {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
};

/* The four links of a task into its struct pids' lists. */
struct wire_links {
	wire_addr base;		/* &task->pid_links[0]; the stride is 16 */
	wire_addr next[WIRE_PIDTYPES];
	wire_addr pprev[WIRE_PIDTYPES];
};

#define WIRE_PID_SIZE(levels) \
	(sizeof(struct wire_pid) + (levels) * sizeof(struct wire_upid))

_Static_assert(sizeof(struct wire_hdr) == 40, "wire_hdr");
_Static_assert(sizeof(struct wire_upid) == 16, "wire_upid");
_Static_assert(sizeof(struct wire_pid) == 16, "wire_pid");
_Static_assert(sizeof(struct wire_lists) == 40, "wire_lists");
_Static_assert(sizeof(struct wire_task) == 112, "wire_task");
_Static_assert(sizeof(struct wire_links) == 72, "wire_links");

#endif /* BPF_WIRE_PARTS_H */
