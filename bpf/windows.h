/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the table of the tasks inside setns(2). pidnstrace.bpf.c maintains the map,
 * widen.bpf.c reads the same map.
 *
 * The map is preallocated, because programs that run with irqs off and tasklist_lock
 * held look up entries.
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
	u32 found_known;	/* this and the rest: see struct wire_setns_exit */
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
