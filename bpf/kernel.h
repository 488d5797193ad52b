/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the kernel's types, reduced to the members that the programs read.
 *
 * libbpf moves every access to where the running kernel keeps that member (CO-RE). So
 * the build needs no vmlinux.h of any one kernel, and this page lists all that the
 * programs depend on.
 *
 * Members that some kernels lack, or have with another type, are marked. The programs
 * call bpf_core_field_exists() or _size() before using them, and the verifier drops the
 * dead branch.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#define __core __attribute__((preserve_access_index))

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;

#define PF_EXITING		0x00000004
#define PF_KTHREAD		0x00200000
#define SIGNAL_GROUP_EXIT	0x00000004
#define SIGNAL_UNKILLABLE	0x00000040
#define SIGKILL			9
#define MAX_ERRNO		4095

#define NSFS_MAGIC		0x6e736673
#define PID_FS_MAGIC		0x50494446	/* pidfds since 6.9 (cb12fd8e0dab) */
#define ANON_INODE_FS_MAGIC	0x09041934	/* pidfds before 6.9 */

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};

/*
 * These types have the same layout in every kernel and are not relocated: for
 * each relocated type libbpf searches the kernel's BTF, some 5 ms under TCG.
 */
struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct rb_node;

struct rb_root {
	struct rb_node *rb_node;
} __core;

struct rb_root_cached {
	struct rb_root rb_root;
} __core;

struct timerqueue_head {
	struct rb_root_cached rb_root;
} __core;

struct posix_cputimer_base {
	struct timerqueue_head tqhead;
} __core;

struct posix_cputimers {
	struct posix_cputimer_base bases[3];
} __core;

typedef struct {
	u64 sig[1];
} sigset_t;

struct sigpending {
	sigset_t signal;
} __core;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	atomic_t refs;
} refcount_t;

/* The lowest byte while a writer holds the lock; the other bytes count readers. */
#define QRWLOCK_WRITER	0xff

struct qrwlock {
	atomic_t cnts;
} __core;

/* The whole word while a writer holds the lock. */
#define RWBASE_WRITER	(1U << 30)

struct rwbase_rt {
	atomic_t readers;
} __core;

/* The first member is a struct qrwlock, or with PREEMPT_RT a struct rwbase_rt. */
typedef struct {
	struct qrwlock raw_lock;
} __core rwlock_t;

#define RWLOCK_IS_RT() (!bpf_core_field_exists(((rwlock_t *)0)->raw_lock))

struct ucounts;

typedef struct {
	s64 counter;
} atomic64_t;

/* Both arrays have an element for each enum ucount_type. */
struct user_namespace {
	struct user_namespace *parent;
	int level;
	struct ucounts *ucounts;
	long ucount_max[1];
} __core;

struct ucounts {
	struct user_namespace *ns;
	atomic64_t ucount[1];
	atomic64_t rlimit[1];	/* UCOUNT_RLIMIT_NPROC is the first */
} __core;

struct kmem_cache;

struct callback_head {
	struct callback_head *next;
} __core;

struct proc_ns_operations {
	int type;
} __core;

struct ns_common {
	const struct proc_ns_operations *ops;
	unsigned int inum;
	u32 ns_type;		/* since 6.18; before, ops->type */
	refcount_t count;	/* before 6.18 */
	refcount_t __ns_ref;	/* since then */
} __core;

struct xarray {
	void *xa_head;
} __core;

/* The length of slots[] is the kernel's, see idr__find(). */
struct xa_node {
	u8 shift;
	void *slots[64];
} __core;

struct idr {
	struct xarray idr_rt;
} __core;

struct pid_namespace {
	struct idr idr;
	struct callback_head rcu;
	unsigned int pid_allocated;
	struct task_struct *child_reaper;
	unsigned int level;
	struct pid_namespace *parent;
	struct user_namespace *user_ns;
	struct ns_common ns;
	int pid_max;		/* since 6.14 */
	int setns_pid_join;	/* with the join series only */
} __core;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	refcount_t count;
	unsigned int level;
	unsigned short alloc_level;	/* with the series keep only, as the next */
	unsigned short ref_level;
	struct hlist_head tasks[PIDTYPE_MAX];
	struct hlist_head inodes;	/* directories of /proc, since 5.7 */
	struct callback_head rcu;
	struct upid numbers[];
} __core;

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
} __core;

/* An array of two u32 before 6.3. */
typedef struct {
	u64 val;
} kernel_cap_t;

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
	struct ucounts *ucounts;
} __core;

/* The controllers of a task's cgroups; not with every configuration. */
enum cgroup_subsys_id {
	pids_cgrp_id = 1,
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
} __core;

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;	/* in the unified hierarchy */
} __core;

struct pids_cgroup {
	struct cgroup_subsys_state css;
	atomic64_t counter;
	atomic64_t limit;
} __core;

struct nsset {
	const struct cred *cred;
} __core;

struct tty_struct;

/* The first word of a spinlock, 0 while the lock is free; not with PREEMPT_RT. */
struct spinlock {
	u32 word;
};

struct rlimit {
	unsigned long rlim_cur;
	unsigned long rlim_max;
};

#define RLIMIT_NPROC		6

struct sighand_struct {
	struct spinlock siglock;
	refcount_t count;
} __core;

struct mm_struct;

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	unsigned int has_child_subreaper : 1;
	struct sigpending shared_pending;
	unsigned int flags;
	struct hlist_head posix_timers;	/* before 6.12: a struct list_head */
	struct posix_cputimers posix_cputimers;
	struct pid *pids[PIDTYPE_MAX];
	struct tty_struct *tty;
	struct mm_struct *oom_mm;
	struct rlimit rlim[16];
} __core;

struct kernel_siginfo {
	int si_code;
} __core;

struct file;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} __core;

struct files_struct {
	struct fdtable *fdt;
} __core;

struct qstr {
	const unsigned char *name;
} __core;

struct dentry {
	struct qstr d_name;
} __core;

struct path {
	struct dentry *dentry;
} __core;

struct super_block {
	unsigned long s_magic;
} __core;

struct inode {
	struct super_block *i_sb;
	void *i_private;
} __core;

struct file {
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
} __core;

struct thread_info {
	u32 status;
} __core;

#define TS_COMPAT		0x0002	/* in a 32-bit system call */

/* Bits of task_struct.__state, one of which is set while a task waits for an event. */
#define TASK_INTERRUPTIBLE	0x0001
#define TASK_NOLOAD		0x0400	/* set in TASK_IDLE */

/* The strings of execve(), each with its NUL, from arg_start to arg_end. */
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
} __core;

struct kernfs_node {
	u64 id;
} __core;

struct cgroup {
	struct kernfs_node *kn;
} __core;

struct linux_binprm {
	const char *filename;
} __core;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	unsigned int ptrace;
	u8 on_rq;	/* 0 to 2; before 7.0 an int, of which this is the lowest byte */
	struct mm_struct *mm;
	int exit_state;
	int exit_code;
	s32 pid;
	s32 tgid;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct list_head children;
	struct task_struct *group_leader;
	struct list_head ptraced;
	struct pid *thread_pid;
	struct hlist_node pid_links[PIDTYPE_MAX];
	u64 start_boottime;
	struct posix_cputimers posix_cputimers;
	char comm[16];
	struct files_struct *files;
	struct css_set *cgroups;	/* with CONFIG_CGROUPS only */
	struct nsproxy *nsproxy;
	const struct cred *cred;
	const struct cred *real_cred;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	struct sigpending pending;
} __core;

/* x86-64, the only architecture whose system call entry the programs know */
struct pt_regs {
	unsigned long bx;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long ax;
	unsigned long orig_ax;
} __core;

#define X32_SYSCALL_BIT		0x40000000
#define NR_CLONE		56
#define NR_FORK			57
#define NR_VFORK		58
#define NR_UNSHARE		272
#define NR_SETNS		308
#define NR_CLONE3		435

/* clone() among the 32-bit system calls. */
#define NR_COMPAT_CLONE		120

/* The kernel restarts a call with such a result, or replaces the result by EINTR. */
#define ERESTARTSYS		512
#define ERESTART_RESTARTBLOCK	516

/* The kernel's description of a link. CO-RE ignores the ___6_7 in the name. */
struct bpf_link_info___6_7 {
	struct {
		u64 missed;
	} kprobe_multi;
} __core;

/* Before 6.14, a pool of return addresses (two per CPU) was in place of hlist_array. */
struct fprobe {
	struct fprobe_hlist *hlist_array;
} __core;

struct ctl_table;
struct wait_opts;

#define CSIGNAL			0x000000ff
#define CLONE_PARENT		0x00008000
#define CLONE_THREAD		0x00010000
#define CLONE_NEWPID		0x20000000
#define CPUCLOCK_PERTHREAD_MASK	4

struct cpu_timer {
	struct timerqueue_head *head;
	struct pid *pid;
} __core;

union k_itimer_it {
	struct cpu_timer cpu;
} __core;

struct k_itimer {
	int it_clock;
	union k_itimer_it it;
} __core;

/* Perf's side of the tracepoint passes this to its programs, see bpf/ways.h. */
struct trace_event_raw_sched_process_exec {
	u32 __data_loc_filename;	/* low half: offset from the struct's start */
	s32 old_pid;
} __core;

/* Context of a task iterator. The layout is made for BPF programs, hence stable. */
struct bpf_iter_meta {
	void *seq;
	u64 session_id;
	u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#endif /* BPF_KERNEL_H */
