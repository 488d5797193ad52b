/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the records that pass from the kernel to the loader and the trace file.
 *
 * A record describes one event at a hook: a struct wire_hdr, the body of its type, and
 * hdr.npids images of a struct pid. The BPF side copies facts and decides nothing; the
 * loader adds the WIRE_META_* records, so a stream of records is enough to judge a run,
 * live or from a file.
 *
 * Records are in host byte order: a trace is read on a machine of the same byte order;
 * the file header shows the order (see loader/trace/trace.h).
 *
 * The types of records and the hooks are tables: wire_tables.h. The parts that several
 * records have are in wire_parts.h, the bodies that the loader fills in wire_meta.h.
 *
 * Every body is 8-byte aligned and a multiple of 8 bytes; sizes are asserted below, in
 * both compilations. A change of any size or offset needs a new WIRE_VERSION.
 */
#ifndef BPF_WIRE_H
#define BPF_WIRE_H

#include "wire_keep.h"
#include "wire_links.h"
#include "wire_meta.h"
#include "wire_parts.h"
#include "wire_sweep.h"
#include "wire_tables.h"

#define WIRE_VERSION		7

/*
 * The bodies. "pids:" lists the images that follow, in order.
 * The subject of a record is .task, which need not be current.
 */

/* fentry of the syscall. pids: thread_pid */
struct wire_setns_enter {
	struct wire_hdr hdr;
	struct wire_task task;
	__s32 fd;
	__u32 flags;		/* the syscall's flags argument */
	__u32 fd_kind;		/* enum wire_fdkind */
	__u32 fd_ns_type;	/* NSFS: CLONE_NEW*; else 0 */
	__u32 fd_ns;		/* NSFS: inum */
	__s32 fd_pid;		/* PIDFD: its level 0 number */
	__u32 knob;		/* enum wire_knob */
	__u32 knob_writes;	/* begun and ended writes of any knob so far */
};

/*
 * fexit of the syscall. pids: thread_pid
 *
 * inodes_left is wire_flush_pid.inodes of that struct pid when proc_flush_pid()
 * returned (fexit): at the end of the syscall, the memory no longer belongs to the
 * caller. A value other than 0 proves little: a lookup that found the task by its old
 * number may add an inode that late.
 */
struct wire_setns_exit {
	struct wire_hdr hdr;
	struct wire_task task;
	struct wire_links links;
	__s64 ret;
	__s32 fd;
	__u32 flags;
	/* After a move: bpf_task_from_pid(level 0 number at exit), at entry; 0: none */
	wire_addr found_new;
	wire_addr found_old;
	__u32 found_known;	/* 0: this kernel lacks bpf_task_from_pid() */
	__u32 knob;
	wire_addr inodes_left;
	wire_addr old_pid;	/* thread_pid at entry */
	/*
	 * The lists of thread_pid and of the struct pid at entry, which is stale memory
	 * if its free_pid() was recorded in between. Without a move, only lists.tasks.
	 */
	struct wire_lists lists;
	struct wire_lists old_lists;
};

/* fexit of pidns_install(). The caller is current. pids: none */
struct wire_pidns_install {
	struct wire_hdr hdr;
	wire_addr thread_pid;		/* the caller's */
	wire_addr group;		/* signal->pids[PGID], pids[SID] */
	wire_addr session;
	wire_addr target;		/* struct pid_namespace * */
	wire_addr target_user_ns;
	wire_addr cred_user_ns;	/* the nsset's credentials' */
	wire_addr outer_user_ns;	/* the owner of the pid namespace at level 0 */
	__s32 ret;
	__u32 target_ns;	/* inum */
	__u32 target_parent;	/* inum, 0: none */
	__u32 target_level;
	wire_addr child_reaper;	/* target->child_reaper */
	__u32 knob;
	__u32 knob_writes;
	__u32 nr_threads;
	__u32 state;		/* after a refusal: enum wire_task_state */
};

/* fexit of ns_capable(), inside a setns only. pids: none */
struct wire_ns_capable {
	struct wire_hdr hdr;
	wire_addr user_ns;
	__s32 cap;
	__s32 ret;		/* bool */
};

/*
 * fexit of alloc_pid(). The caller is current; what is marked with 1 is 0 outside of a
 * setns. pids: the result (with parent inums) or an ERR_PTR
 */
struct wire_alloc_pid {
	struct wire_hdr hdr;
	wire_addr thread_pid;	/* 1: the caller's */
	wire_addr group;	/* 1: signal->pids[PGID], pids[SID] */
	wire_addr session;
	wire_addr ns_address;
	wire_addr set_tid;
	__u64 set_tid_size;
	wire_addr child_reaper;	/* ns->child_reaper at exit */
	wire_addr ret;		/* pointer or ERR_PTR */
	__u32 ns;		/* inum */
	__u32 ns_level;
	__u32 pid_allocated;	/* ns->pid_allocated, raw (PIDNS_ADDING is 1 << 31) */
	__u32 children_ns;	/* inum of pid_ns_for_children, 0: no nsproxy */
	__u32 nr_threads;	/* 1 */
	__s32 caller_pid;	/* the caller's task->pid, tgid, comm */
	__s32 caller_tgid;
	__u32 reserved;
	char caller_comm[WIRE_COMM_LEN];
};

/* fentry of free_pid(). pids: the argument */
struct wire_free_pid {
	struct wire_hdr hdr;
	__u32 pid_allocated;	/* the innermost namespace's, before the call */
	__u32 reserved;
	struct wire_lists lists;
};

/* fentry of delayed_put_pid(), after the grace period. pids: none */
struct wire_put_pid {
	struct wire_hdr hdr;
	wire_addr pid;
	__u32 count;
	__u32 reserved;
};

/*
 * fentry of attach_pid(), detach_pid(). pids: none. These two types are the bulk of
 * all records and therefore small.
 */
struct wire_link_pid {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr pid;		/* the struct pid attached to or detached from */
	__s32 task_pid;		/* task->pid */
	__u32 pidtype;
};

/* fentry of change_pid(). pids: the present one for this type; the new one */
struct wire_change_pid {
	struct wire_hdr hdr;
	struct wire_task task;
	__u32 pidtype;
	__u32 sid_singular;	/* inside a setns: the SID list holds only this task */
};

/* fentry of transfer_pid(old, new, type), exchange_tids(left, right). pids: none */
struct wire_two_tasks {
	struct wire_hdr hdr;
	struct wire_task from;
	struct wire_task to;
	__u32 pidtype;
	__u32 reserved;
};

/* fentry of switch_task_namespaces(). pids: none */
struct wire_switch_ns {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr thread_pid;
	wire_addr nsproxy;		/* before */
	wire_addr new_nsproxy;
	__u32 children_ns;	/* inum of pid_ns_for_children, before */
	__u32 new_children_ns;	/* no record for a NULL nsproxy (exit) */
};

/* fexit of pidns_commit_join(). pids: thread_pid */
struct wire_commit_join {
	struct wire_hdr hdr;
	struct wire_task task;
	struct wire_links links;
	__u32 pid_allocated;	/* the joined namespace's, raw */
	__u32 reserved;
	struct wire_lists lists;	/* thread_pid's */
};

/* tracepoint task:pid_rewrite(task, old, new). pids: old; new */
struct wire_pid_rewrite {
	struct wire_hdr hdr;
	struct wire_task task;
};

/* fentry of proc_flush_pid(). pids: none */
struct wire_flush_pid {
	struct wire_hdr hdr;
	wire_addr pid;
	wire_addr inodes;		/* pid->inodes.first: a directory of /proc, 0: none */
	__u32 count;		/* refcount_t, read before the record was ordered */
	__u32 reserved;
};

/* tp_btf task_newtask; current forks. pids: the child's thread_pid */
struct wire_fork {
	struct wire_hdr hdr;
	struct wire_task task;		/* the child */
	wire_addr parent;			/* the task that forks: address, start */
	__u64 parent_start;
	wire_addr real_parent;		/* child->real_parent */
	__u32 parent_active_ns;		/* inum */
	__s32 parent_pid;		/* ->pid */
	__u64 clone_flags;		/* without the signal at the child's exit */
	__u64 cgroup;			/* the child's: id in the unified hierarchy, or 0 */
};

/*
 * tp_btf sched_process_exec. pids: thread_pid
 *
 * The path is the one that execve() was called with, or /dev/fd/N of an execveat(). The
 * arguments are those that the new program finds in its memory: a script is an argument
 * of its interpreter there.
 */
struct wire_exec {
	struct wire_hdr hdr;
	struct wire_task task;
	__s32 old_pid;		/* task->pid before (de_thread) */
	__u32 args_size;	/* bytes of all arguments, NULs included; 0: unreadable */
	__u64 cgroup;		/* as in wire_fork */
	char path[WIRE_PATH_LEN];	/* NUL-terminated; the rest is cut off */
	char args[WIRE_ARGS_LEN];	/* the first ones, each with its NUL */
};

/* tp_btf sched_process_exit. pids: thread_pid */
struct wire_exit {
	struct wire_hdr hdr;
	struct wire_task task;
	__s32 exit_code;	/* task->exit_code */
	__s32 reserved;
	wire_addr real_parent;	/* the task that will reap it */
	__s32 status;		/* what wait4() returns for the process */
	__s32 live;		/* signal->live, threads that still run; 0 if the
				 * process has ended, which several threads may see */
};

/* fentry of release_task(). The EXIT of the task has the rest. pids: none */
struct wire_release {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr thread_pid;
	wire_addr signal;
	wire_addr real_parent;	/* at this moment */
	__s32 pid;		/* task->pid, task->tgid */
	__s32 tgid;
	__s32 nr;		/* number in its own pid namespace, 0: none */
	__u32 leader;		/* thread_group_leader() */
	__s32 exit_code;	/* task->exit_code */
	__s32 status;		/* what wait4() returns for the process */
};

/* tracepoint error_report_end: KASAN, KCSAN, KFENCE, WARN. pids: none */
struct wire_error_report {
	struct wire_hdr hdr;
	__u32 detector;		/* enum error_detector */
	__u32 reserved;
	wire_addr address;
	wire_addr stack[WIRE_STACK_DEPTH];
};

/*
 * The kernel stack of current at the hook of the next record that current makes,
 * which has the given type. Only some records have a stack, because a stack is
 * expensive; its presence is not a verdict:
 *	ALLOC_PID, FREE_PID: inside a setns
 *	DETACH_PID: of the caller, inside a setns
 *	CHANGE_PID: the first one inside a setns; each one, if the session asks for it
 *	FREE_PID (before 6.15), and each link or unlink: no task holds tasklist_lock
 *		for writing
 *	FLUSH_PID: inside a setns, if the flush finds inodes, is not the first, is of
 *		another struct pid than the caller's at entry or of the caller's
 *		present one, or some task holds the lock for writing
 *	WAKE_PARENT: thread_pid has changed, or the woken task is not a parent
 *	WAIT_CHILD: the child has no number in the waiter's namespace
 *	NOTIFY_PIDFD: the task is alive
 *	PID_GONE: with tasks in its lists
 *	TIMER_LOCK: a queued timer without a task; or another task is first in the
 *		struct pid's list
 * pids: none
 */
struct wire_stack {
	struct wire_hdr hdr;
	__u32 type;		/* enum wire_type of the next record */
	__u32 reserved;
	wire_addr stack[WIRE_STACK_DEPTH];
};

/*
 * fentry of the put_pid() that drops the last reference on a struct pid whose
 * alloc_pid() was seen: its memory is freed. pids: none
 */
struct wire_pid_gone {
	struct wire_hdr hdr;
	wire_addr pid;
	__u64 reserved;
	__u32 count;		/* refcount_t, 0 on a correct kernel */
	__u32 hashed;		/* bit t: tasks[t] is not empty, if known */
};

/*
 * NS_NEW: fexit of a copy_pid_ns() with CLONE_NEWPID that returned a new namespace.
 * NS_FREE: fentry of delayed_free_pidns(), at the end of the grace period.
 * ZAP_ENTER, ZAP_EXIT: fentry and fexit of zap_pid_ns_processes(), by the last
 * thread of the namespace's init. pids: none
 */
struct wire_pidns {
	struct wire_hdr hdr;
	wire_addr ns;		/* struct pid_namespace * */
	wire_addr child_reaper;
	__u32 inum;
	__u32 parent;		/* inum, 0: none */
	__u32 level;
	__u32 pid_allocated;	/* raw */
};

/* fentry of __wake_up_parent(current, parent), inside a setns. pids: thread_pid */
struct wire_wake_parent {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr parent;		/* the woken task */
	wire_addr real_parent;	/* expected: task->real_parent, task->parent */
	wire_addr ptrace_parent;
};

/*
 * fentry of wait_consider_task(), when the task has another active pid namespace
 * than current, the waiter. pids: the task's thread_pid
 */
struct wire_wait_child {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	__s32 pid;		/* ->pid */
	__s32 exit_state;
	__u32 ptrace;		/* 1: as a tracee */
	__u32 waiter_ns;	/* current's active pid namespace: inum, level */
	__u32 waiter_level;
	__u32 reserved;
};

/* fentry of do_notify_pidfd(). pids: none */
struct wire_notify_pidfd {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	wire_addr pid;		/* task->thread_pid */
	__s32 exit_state;	/* 0: alive */
	__s32 task_pid;		/* ->pid */
};

/* fexit of timer_lock_sighand(). pids: none */
struct wire_timer_lock {
	struct wire_hdr hdr;
	wire_addr pid;		/* timer->it.cpu.pid */
	wire_addr first;		/* pid->tasks[type].first: a node in its task */
	wire_addr ret;		/* task with its sighand locked; 0: none found */
	wire_addr link;		/* &ret->pid_links[type], 0 without ret */
	wire_addr head;		/* timer->it.cpu.head: not 0 while enqueued */
	__u32 pidtype;
	__u32 reserved;
};

/* Bits of wire_call_failed.facts. */
enum wire_failed_fact {
	WIRE_FAILED_COMPAT	= 1 << 0, /* a 32-bit system call */
	WIRE_FAILED_NO_ARGS	= 1 << 1, /* clone3: the arguments cannot be read */
	WIRE_FAILED_BY_INIT	= 1 << 2, /* SIGNAL_UNKILLABLE: an init's */
	WIRE_FAILED_SIGHAND	= 1 << 3, /* sighand is shared with another task */
	WIRE_FAILED_NO_TIDS	= 1 << 4, /* clone3: set_tid[] cannot be read */
};

/* Bits of wire_call_failed.limits, in the order of enum ucount_type. */
enum wire_limit {
	WIRE_LIMIT_USER, WIRE_LIMIT_PID, WIRE_LIMIT_UTS, WIRE_LIMIT_IPC,
	WIRE_LIMIT_NET, WIRE_LIMIT_MNT, WIRE_LIMIT_CGROUP, WIRE_LIMIT_TIME,
	WIRE_LIMITS,
};

#define WIRE_ASKED		4	/* numbers of clone_args.set_tid that are kept */

/* A number of clone_args.set_tid, and the pid namespace where it is wanted. */
struct wire_asked {
	wire_addr user_ns;	/* owner of the pid namespace, 0: not known */
	wire_addr child_reaper;
	__s32 nr;
	__u32 ns;		/* inum, 0: made by the call itself */
	__u32 user_level;	/* level of user_ns */
	__u32 pid_max;		/* first number that is too large; 0: not known */
};

/*
 * A call that failed to make a process or a namespace. CLONE_FAILED: fexit of
 * kernel_clone(), for fork, vfork and clone; CLONE3_FAILED, UNSHARE_FAILED: fexit of the
 * system calls. A call that the kernel restarts after a signal has no record. The facts
 * are those at the end of the call. pids: thread_pid
 */
struct wire_call_failed {
	struct wire_hdr hdr;
	struct wire_task task;
	__u64 flags;		/* CLONE_*, without the exit signal */
	__u64 exit_signal;	/* CLONE, CLONE3 */
	__u64 args_size;	/* CLONE3: the size argument */
	__u64 set_tid_size;	/* CLONE3: asked[] holds the first */
	wire_addr set_tid;
	wire_addr child_stack;	/* CLONE3: clone_args.stack */
	__u64 stack_size;
	wire_addr user_ns;	/* in the caller's credentials */
	__u64 caps;		/* effective capabilities there */
	__u64 processes;	/* the real user's, as RLIMIT_NPROC counts them */
	__u64 processes_max;	/* RLIMIT_NPROC */
	__u64 cgroup_pids;	/* pids.current, pids.max: of the first cgroup, from */
	__u64 cgroup_pids_max;	/* the caller's upwards, that is full; 0: none */
	struct wire_asked asked[WIRE_ASKED];
	__s32 ret;
	__u32 call;		/* number of the system call */
	__u32 uid;		/* real, in the initial user namespace */
	__u32 user_level;	/* level of user_ns */
	__u32 children_level;	/* level of pid_ns_for_children */
	__u32 children_allocated;	/* its pid_allocated, raw */
	__u32 limits;		/* 1 << enum wire_limit: user.max_*_namespaces is
				 * reached in user_ns or above */
	__u32 threads;		/* nr_threads, max_threads (kernel.threads-max); 0: */
	__u32 threads_max;	/* not known */
	__u32 facts;		/* enum wire_failed_fact */
};

/* The task has got another name, by prctl() or /proc, not by exec. pids: none */
struct wire_rename {
	struct wire_hdr hdr;
	struct wire_task task;
};

/* The pointers that the kernel passes in place of a siginfo; else KILL_INFO. */
enum wire_kill_origin {
	WIRE_KILL_NOINFO,	/* SEND_SIG_NOINFO: by current, as with kill() */
	WIRE_KILL_PRIV,		/* SEND_SIG_PRIV: by the kernel */
	WIRE_KILL_INFO,
};

/*
 * tracepoint signal_generate: a SIGKILL was delivered to the task, and so to its
 * process, which was not dying yet. pids: the PIDTYPE_TGID of current
 */
struct wire_kill {
	struct wire_hdr hdr;
	struct wire_task task;
	__u32 origin;		/* enum wire_kill_origin */
	__s32 code;		/* si_code, with WIRE_KILL_INFO */
	__s32 sender;		/* tgid of current */
	__u32 reserved;
	char sender_comm[WIRE_COMM_LEN];	/* the leader's */
};

/*
 * fentry of kill_orphaned_pgrp(task, parent): current, a parent that exits, has given
 * its child to another process. pids: thread_pid; the PIDTYPE_TGID of the real_parent
 */
struct wire_orphan {
	struct wire_hdr hdr;
	struct wire_task task;
	struct wire_relative real_parent;	/* the new one */
	char parent_comm[WIRE_COMM_LEN];	/* the leader's */
};

/*
 * fentry of cgroup_freezer_migrate_task(): the task was moved to another cgroup
 * of the unified hierarchy, alone or with the other threads of its process.
 * pids: none
 */
struct wire_cgroup_move {
	struct wire_hdr hdr;
	wire_addr task;
	__u64 start;
	__u64 cgroup;		/* the new one, as in wire_fork */
};

_Static_assert(sizeof(struct wire_setns_enter) == 184, "setns_enter");
_Static_assert(sizeof(struct wire_setns_exit) == 360, "setns_exit");
_Static_assert(sizeof(struct wire_pidns_install) == 136, "pidns_install");
_Static_assert(sizeof(struct wire_ns_capable) == 56, "ns_capable");
_Static_assert(sizeof(struct wire_alloc_pid) == 152, "alloc_pid");
_Static_assert(sizeof(struct wire_free_pid) == 88, "free_pid");
_Static_assert(sizeof(struct wire_put_pid) == 56, "put_pid");
_Static_assert(sizeof(struct wire_link_pid) == 72, "link_pid");
_Static_assert(sizeof(struct wire_change_pid) == 160, "change_pid");
_Static_assert(sizeof(struct wire_two_tasks) == 272, "two_tasks");
_Static_assert(sizeof(struct wire_switch_ns) == 88, "switch_ns");
_Static_assert(sizeof(struct wire_commit_join) == 272, "commit_join");
_Static_assert(sizeof(struct wire_pid_rewrite) == 152, "pid_rewrite");
_Static_assert(sizeof(struct wire_flush_pid) == 64, "flush_pid");
_Static_assert(sizeof(struct wire_fork) == 200, "fork");
_Static_assert(sizeof(struct wire_exec) == 680, "exec");
_Static_assert(sizeof(struct wire_exit) == 176, "exit");
_Static_assert(sizeof(struct wire_release) == 104, "release");
_Static_assert(sizeof(struct wire_error_report) == 152, "error_report");
_Static_assert(sizeof(struct wire_stack) == 144, "stack");
_Static_assert(sizeof(struct wire_pid_gone) == 64, "pid_gone");
_Static_assert(sizeof(struct wire_pidns) == 72, "pidns");
_Static_assert(sizeof(struct wire_wake_parent) == 80, "wake_parent");
_Static_assert(sizeof(struct wire_wait_child) == 80, "wait_child");
_Static_assert(sizeof(struct wire_notify_pidfd) == 72, "notify_pidfd");
_Static_assert(sizeof(struct wire_timer_lock) == 88, "timer_lock");
_Static_assert(sizeof(struct wire_asked) == 32, "asked");
_Static_assert(sizeof(struct wire_call_failed) == 424, "call_failed");
_Static_assert(sizeof(struct wire_rename) == 152, "rename");
_Static_assert(sizeof(struct wire_kill) == 184, "kill");
_Static_assert(sizeof(struct wire_orphan) == 200, "orphan");
_Static_assert(sizeof(struct wire_cgroup_move) == 64, "cgroup_move");

#endif /* BPF_WIRE_H */
