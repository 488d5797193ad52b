/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the map of the tasks that are inside setns(2). The programs of
 * pidnstrace.bpf.c add and delete entries (window.h); those of widen.bpf.c only look
 * up tasks.
 *
 * The map is preallocated, which is the default, so no program allocates memory.
 */
#ifndef BPF_WINDOWS_H
#define BPF_WINDOWS_H

struct window {
	u64 old_pid;		/* thread_pid at entry */
	s32 old_nr;		/* task->pid at entry */
	s32 fd;
	u32 flags;
	u32 flushes;		/* proc_flush_pid() calls so far */
	u32 changes;		/* change_pid() calls so far */
	u32 found_known;	/* struct wire_setns_exit describes this and the rest */
	u64 found_new, found_old;
	u64 inodes_left;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);	/* struct task_struct * */
	__type(value, struct window);
} windows SEC(".maps");

#endif /* BPF_WINDOWS_H */
