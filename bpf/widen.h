/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists the places where race windows are widened, with the reason for each.
 *
 * A bug that shows only in a race needs another task at the right place within some
 * hundred nanoseconds. A BPF program that spins at a hook makes that time longer, for
 * some of the visits, by a length drawn from a seed. Each hook is between two steps of
 * the kernel that other tasks can come between anyway, so a correct kernel stays
 * correct.
 *
 * No hook is inside a lock where a spin would only slow down other tasks, and the
 * programs check tasklist_lock before each spin. A correct kernel reaches three of the
 * hooks with that lock held only: these three delay only a kernel that forgot the lock.
 */
#ifndef BPF_WIDEN_H
#define BPF_WIDEN_H

/* The tasks whose visits are made longer. */
enum widen_who {
	WIDEN_WINDOW,	/* tasks inside setns */
	WIDEN_USER,	/* all tasks of user space */
};

/* The state of tasklist_lock in which a hook does not spin. */
enum widen_lock {
	WIDEN_HELD,	/* held by any task */
	WIDEN_WRITTEN,	/* held for writing, as a correct kernel does there */
};

/*
 * X(enum, section, who, lock, one visit in N spins, longest spin in us, the steps that
 * the spin separates)
 *
 * The loader leaves out hooks that the kernel does not have.
 */
#define WIDEN_HOOKS(X)							\
	X(CAPABLE, "fexit/ns_capable", WINDOW, HELD, 8, 500,		\
	  "the checks of a join from each other, and from alloc_pid()")	\
	X(ALLOC, "fexit/alloc_pid", WINDOW, HELD, 2, 2000,		\
	  "a new struct pid that can be looked up from its first task")	\
	X(FORK, "fexit/alloc_pid", USER, HELD, 8, 500,			\
	  "the same for fork(): its namespace may end in between")	\
	X(INSTALL, "fexit/pidns_install", WINDOW, HELD, 2, 2000,	\
	  "the checks from the commit")					\
	X(SWITCH, "fentry/switch_task_namespaces", WINDOW, HELD, 2, 1000, \
	  "creation of the nsproxy from its use")			\
	X(COMMIT, "fentry/pidns_commit_join", WINDOW, HELD, 2, 2000,	\
	  "the switch of the children's namespace from the rewrite")	\
	X(UNLOCKED, "fentry/change_pid", WINDOW, WRITTEN, 2, 2000,	\
	  "rewrites that another list operation must not come between")	\
	X(ATTACH, "fentry/attach_pid", USER, WRITTEN, 2, 500,		\
	  "the same for links; without tasklist_lock only")		\
	X(DETACH, "fentry/detach_pid", USER, WRITTEN, 2, 500,		\
	  "the same for unlinks; without tasklist_lock only")		\
	X(REWRITTEN, "tp_btf/pid_rewrite", WINDOW, HELD, 2, 1000,	\
	  "the rewrite from the flush of /proc")			\
	X(FLUSH, "fentry/proc_flush_pid", USER, HELD, 4, 1000,		\
	  "the end of a pid from the end of its files in /proc")	\
	X(FREE, "fentry/free_pid", WINDOW, HELD, 2, 1000,		\
	  "the undoing of a join from that of its struct pid")		\
	X(ZAP, "fentry/zap_pid_ns_processes", USER, HELD, 2, 2000,	\
	  "the death of an init from the end of allocation")		\
	X(NO_ALLOC, "fexit/disable_pid_allocation", USER, HELD, 2, 2000, \
	  "the end of allocation from the killing")			\
	X(EXIT, "fentry/do_exit", USER, HELD, 8, 500,			\
	  "the decision to die from what it does")			\
	X(RELEASE, "fentry/release_task", USER, HELD, 8, 500,		\
	  "a zombie's being reaped from its being unhashed")		\
	X(WAIT, "fexit/__do_wait", USER, HELD, 8, 500,			\
	  "a look at the children from the sleep that follows")		\
	X(FOUND, "fexit/find_get_task_by_vpid", USER, HELD, 4, 500,	\
	  "finding a task by its number from attaching to it and such")	\
	X(KILL, "fentry/do_send_sig_info", USER, HELD, 8, 300,		\
	  "finding a task by its pid from sending it the signal")	\
	X(PIDFD, "fentry/pidfd_prepare", USER, HELD, 4, 500,		\
	  "finding a struct pid from making its pidfd")			\
	X(PROC, "fentry/proc_pid_make_inode", USER, HELD, 8, 300,	\
	  "finding a task in /proc from noting the inode in its pid")	\
	X(TIMER, "fentry/it_real_fn", USER, HELD, 4, 100,		\
	  "the end of a timer from finding whom to signal")		\
	X(CPU_TIMER, "fentry/posix_cpu_timer_set", USER, HELD, 2, 500,	\
	  "finding a CPU timer from finding its task")			\
	X(EXEC, "fentry/begin_new_exec", USER, HELD, 4, 500,		\
	  "the exec's opening of its file from the end of its threads")

enum widen_hook {
#define X(e, section, who, lock, one_in, us, why) WIDEN_##e,
	WIDEN_HOOKS(X)
#undef X
	WIDEN_NHOOKS,
};

/* Counters of a hook: the values of the map "spins". */
struct widen_count {
	__u64 visits;		/* by the chosen tasks, when the lock allows a spin */
	__u64 spins;
	__u64 ns;		/* sum of all spins */
	__u64 reserved;
};

/* A CPU may spend at most 1 / WIDEN_SHARE of its time spinning. */
#define WIDEN_SHARE 4

#endif /* BPF_WIDEN_H */
