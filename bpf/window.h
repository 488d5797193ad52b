/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the tasks that are inside setns(2) now, and the arguments of their calls. Reads
 * kernel.setns_pid_join, and the file that a setns(2) refers to.
 *
 * An entry is removed at the exit of the call, and at the exit of the task, in case an
 * oops kills the task inside the call.
 */
#ifndef BPF_WINDOW_H
#define BPF_WINDOW_H

#include "windows.h"

/* The number of tasks that are inside setns(2); most of the time, there is none. */
__u32 windows_open;

static __always_inline struct window *window__find(struct task_struct *task)
{
	return windows_open ? windows__find((u64)task) : NULL;
}

/* Takes a place for the task; an entry whose end was missed is used again. */
static __always_inline struct window *window__take(struct task_struct *task)
{
	struct window_set *set = windows__set((u64)task);
	struct window *w = window__find(task);

	if (w || !set)
		return w;
	for (u32 way = 0; way < WINDOW_WAYS; way++) {
		w = &set->way[way];
		if (__sync_val_compare_and_swap(&w->task, 0, (u64)task))
			continue;
		__sync_fetch_and_add(&windows_open, 1);
		return w;
	}
	return NULL;
}

/* Returns false if all places for the task are taken. */
static __always_inline bool window__open(struct task_struct *task, int fd,
					 u32 flags)
{
	struct window *w = window__take(task);

	if (!w)
		return false;
	w->old_pid = task__thread_pid(task);
	w->old_nr = task->pid;
	w->fd = fd;
	w->flags = flags;
	w->flushes = 0;
	w->changes = 0;
	w->deepened = 0;
	w->found_known = 0;
	w->found_new = 0;
	w->found_old = 0;
	w->inodes_left = 0;
	return true;
}

static __always_inline void window__close(struct task_struct *task)
{
	struct window *w = window__find(task);

	if (!w)
		return;
	w->task = 0;
	__sync_fetch_and_add(&windows_open, -1);
}

/*
 * Begun and ended writes of kernel.setns_pid_join, in any namespace; 0 on kernels that
 * lack the sysctl ("the knob").
 */
__u32 knob_writes;

struct knob_walk {
	u64 ns;
	u32 least;	/* enum wire_knob */
};

static long knob__step(u32 i, void *context)
{
	struct knob_walk *walk = context;
	int value;

	if (!walk->ns)
		return 1;
	value = READ(struct pid_namespace, walk->ns, setns_pid_join);
	if (!value) {
		walk->least = WIRE_KNOB_OFF;
		return 1;
	}
	if (value == 1)
		walk->least = WIRE_KNOB_ON;
	walk->ns = (u64)READ(struct pid_namespace, walk->ns, parent);
	return 0;
}

/*
 * Returns the effective kernel.setns_pid_join of the task whose thread_pid is @pid: the
 * least value in the pid namespace of @pid and in all ancestors of this namespace.
 */
__noinline int knob__state(u64 pid)
{
	struct knob_walk walk = { .least = WIRE_KNOB_KEEP };

	if (!bpf_core_field_exists(((struct pid_namespace *)0)->setns_pid_join))
		return WIRE_KNOB_NONE;
	walk.ns = pid_ns_of(pid);
	if (!knob__step(0, &walk) && walk.ns)
		bpf_loop(WIRE_MAX_LEVELS, knob__step, &walk, 0);
	return walk.least;
}

static __always_inline u32 ns_common__type(struct ns_common *ns)
{
	if (bpf_core_field_exists(ns->ns_type))
		return READ(struct ns_common, ns, ns_type);
	return READ(struct proc_ns_operations,
		    READ(struct ns_common, ns, ops), type);
}

static __always_inline s32 pid_nr(u64 pid)
{
	return pid ? pid_upid(pid, 0).nr : 0;
}

/*
 * Before 6.9, a pidfd shares the anonymous inode with other kinds of files; only the
 * name of its dentry identifies a pidfd.
 */
static __always_inline bool is_old_pidfd(struct file *file)
{
	const unsigned char *name = BPF_CORE_READ(file, f_path.dentry,
						  d_name.name);
	char got[8] = {};

	bpf_probe_read_kernel(got, sizeof(got), name);
	return !__builtin_memcmp(got, "[pidfd]", sizeof(got));
}

/* Fills the fd_* members from the file descriptor to->fd of the task to->task.task. */
__noinline int fd__describe(struct wire_setns_enter *to)
{
	struct files_struct *files;
	struct fdtable *table;
	struct file *file = NULL;
	struct inode *inode;
	struct ns_common *ns;
	int fd;

	if (!to)
		return 0;
	fd = to->fd;
	files = TASK(to->task.task, files);
	table = READ(struct files_struct, files, fdt);
	to->fd_kind = WIRE_FD_BAD;
	to->fd_ns_type = 0;
	to->fd_ns = 0;
	to->fd_pid = 0;
	if (fd < 0 || (u32)fd >= READ(struct fdtable, table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file),
			      &READ(struct fdtable, table, fd)[fd]);
	if (!file)
		return 0;

	to->fd_kind = WIRE_FD_OTHER;
	inode = READ(struct file, file, f_inode);
	switch (READ(struct super_block, READ(struct inode, inode, i_sb),
		     s_magic)) {
	case NSFS_MAGIC:
		ns = READ(struct inode, inode, i_private);
		to->fd_kind = WIRE_FD_NSFS;
		to->fd_ns_type = ns_common__type(ns);
		to->fd_ns = READ(struct ns_common, ns, inum);
		break;
	case PID_FS_MAGIC:
		to->fd_kind = WIRE_FD_PIDFD;
		to->fd_pid = pid_nr((u64)READ(struct inode, inode, i_private));
		break;
	case ANON_INODE_FS_MAGIC:
		if (!is_old_pidfd(file))
			break;
		to->fd_kind = WIRE_FD_PIDFD;
		to->fd_pid = pid_nr((u64)READ(struct file, file, private_data));
		break;
	}
	return 0;
}

#endif /* BPF_WINDOW_H */
