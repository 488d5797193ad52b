/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares the map of the tasks that are inside setns(2). The programs of
 * pidnstrace.bpf.c add and delete entries (window.h); those of widen.bpf.c only look
 * up tasks.
 *
 * A hash table of the kernel would take a hundred instructions for each look. Here, a
 * task has one of the WINDOW_WAYS places of a set, which depends on its address. Only the
 * task itself takes, reads and frees its place.
 */
#ifndef BPF_WINDOWS_H
#define BPF_WINDOWS_H

#define WINDOW_SETS	1024
#define WINDOW_WAYS	4

struct window {
	u64 task;		/* struct task_struct *, 0: a free place */
	u64 old_pid;		/* thread_pid at entry */
	s32 old_nr;		/* task->pid at entry */
	s32 fd;
	u32 flags;
	u32 flushes;		/* proc_flush_pid() calls so far */
	u32 changes;		/* change_pid() calls so far */
	u32 deepened;		/* pid_deepen() calls so far */
	u32 found_known;	/* struct wire_setns_exit describes this and the rest */
	u64 found_new, found_old;
	u64 inodes_left;
};

/*
 * Returns a number with random lowest bits. The verifier allows no arithmetic on a
 * pointer, but a copy of its lower half.
 */
static __always_inline u32 address__hash(u64 address)
{
	u32 low;

	asm volatile("%0 = %1" : "=w"(low) : "w"((u32)address));
	return low * 2654435761U >> 16;
}

struct window_set {
	struct window way[WINDOW_WAYS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WINDOW_SETS);
	__type(key, u32);
	__type(value, struct window_set);
} windows SEC(".maps");

static __always_inline struct window_set *windows__set(u64 task)
{
	u32 set = address__hash(task) & (WINDOW_SETS - 1);

	return bpf_map_lookup_elem(&windows, &set);
}

/* Returns the place of the task, or NULL if it is not inside a setns. */
static __always_inline struct window *windows__find(u64 task)
{
	struct window_set *set = windows__set(task);

	if (!set)
		return NULL;
	for (u32 way = 0; way < WINDOW_WAYS; way++)
		if (set->way[way].task == task)
			return &set->way[way];
	return NULL;
}

#endif /* BPF_WINDOWS_H */
