/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps a map of the struct pids that alloc_pid() returned and whose memory has not
 * been freed. The programs on pid namespaces are here, too.
 *
 * put_pid() frees the memory when it drops the last reference, that is, when it finds a
 * count of 1: no other task can take a reference meanwhile. Two calls that drop the
 * last two references at once both find 2. Then the count after the call shows the end
 * or, if the memory is already reused, the next alloc_pid() of that address. The slab's
 * own hooks would be exact, but would slow down each kmem_cache_free() of the system.
 */
#ifndef BPF_MEMORY_H
#define BPF_MEMORY_H

/* Content of freed memory where the slab is debugged (POISON_FREE). */
#define POISON 0x6b6b6b6bU

/*
 * The known struct pids, by address. Each is in one of the places of one bucket. A place
 * is taken and freed by one atomic instruction, so a softirq may come in between, and
 * no other program reports the same end.
 */
#define BUCKETS		32768
#define BUCKET_PLACES	8

struct bucket {
	u64 place[BUCKET_PLACES];	/* struct pid *, 0: free */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BUCKETS);
	__type(key, u32);
	__type(value, struct bucket);
} live_pids SEC(".maps");

static __always_inline struct bucket *bucket__of(u64 pid)
{
	u32 bucket = address__hash(pid) & (BUCKETS - 1);

	return bpf_map_lookup_elem(&live_pids, &bucket);
}

/* Replaces the content of a place of the pid's bucket. Returns false if none has it. */
static __always_inline bool bucket__replace(u64 pid, u64 content, u64 by)
{
	struct bucket *b = bucket__of(pid);

	if (!b)
		return false;
	for (u32 i = 0; i < BUCKET_PLACES; i++)
		if (b->place[i] == content &&
		    __sync_val_compare_and_swap(&b->place[i], content, by) ==
			    content)
			return true;
	return false;
}

/* Returns true if the struct pid is known and its end was not reported yet. */
static __always_inline bool memory__take(u64 pid)
{
	return bucket__replace(pid, pid, 0);
}

static __always_inline u32 hashed_in(u64 address)
{
	struct pid *p = CAST(struct pid, address);
	u32 hashed = 0;

	if (GET(p, tasks[PIDTYPE_PID].first))
		hashed |= 1U << PIDTYPE_PID;
	if (GET(p, tasks[PIDTYPE_TGID].first))
		hashed |= 1U << PIDTYPE_TGID;
	if (GET(p, tasks[PIDTYPE_PGID].first))
		hashed |= 1U << PIDTYPE_PGID;
	if (GET(p, tasks[PIDTYPE_SID].first))
		hashed |= 1U << PIDTYPE_SID;
	return hashed;
}

/* @has_lists: the memory still holds a struct pid, whose lists can be read. */
static __always_inline int memory__freed(struct place at, u64 address, bool has_lists)
{
	struct wire_pid_gone *r;
	struct per_cpu *cpu;
	u32 hashed;

	if (!memory__take(address))
		return 0;
	cpu = program__enter(WIRE_PID_GONE);
	if (!cpu)
		return 0;
	hashed = has_lists ? hashed_in(address) : 0;
	if (hashed)
		stack__submit(at, cpu, WIRE_PID_GONE);
	RECORD_OR_RETURN(r, cpu, WIRE_PID_GONE);
	r->pid = address;
	r->reserved = 0;
	r->count = 0;
	r->hashed = hashed;
	SUBMIT(r);
	return 0;
}

/* Returns false if the bucket has no free place. */
static __always_inline bool memory__note_alloc(struct place at, u64 pid)
{
	memory__freed(at, pid, true);	/* in case the last end was missed */
	return bucket__replace(pid, 0, pid);
}

/*
 * put_pid(struct pid *). The kernel skips a program that would interrupt itself, and
 * delayed_put_pid() calls put_pid() in a softirq. So delayed_put_pid() has a program
 * of its own, on_put_pid(), which runs first.
 */
static __always_inline int on_pid_gone(struct place at, const u64 *arg)
{
	u64 pid = arg[0];

	if (ready && pid && READ(struct pid, pid, count.refs.counter) == 1)
		memory__freed(at, pid, true);
	return 0;
}

AT_ENTRY(WIRE_PID_GONE, pid_gone, "put_pid")

/*
 * Two calls that drop the last two references at once. By now the slab has the memory
 * and keeps its own pointer where one of the lists was, so the lists say nothing about
 * tasks. A kprobe cannot do this: calls of a task and of a softirq that interrupts it
 * have the same key in "calls".
 */
static __always_inline int on_pid_gone_at_once(struct place at, const u64 *arg)
{
	u64 pid = arg[0];
	u32 count;

	if (!ready || !pid)
		return 0;
	count = READ(struct pid, pid, count.refs.counter);
	if (!count || count == POISON)
		memory__freed(at, pid, false);
	return 0;
}

ON_TRAMPOLINE(WIRE_PID_GONE, pid_gone_at_once, "fexit/put_pid", on_pid_gone_at_once,
	      copies)

/* --- pid namespaces --- */

static __always_inline int pidns(enum wire_type type, u64 ns)
{
	struct per_cpu *cpu = program__enter(type);
	struct pid_namespace *n;
	struct wire_pidns *r;

	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, type);
	n = CAST(struct pid_namespace, ns);
	r->ns = ns;
	r->child_reaper = (u64)GET(n, child_reaper);
	r->inum = GET(n, ns.inum);
	r->parent = pidns_inum((u64)GET(n, parent));
	r->level = GET(n, level);
	r->pid_allocated = GET(n, pid_allocated);
	SUBMIT(r);
	return 0;
}

/* copy_pid_ns(flags, struct user_namespace *, struct pid_namespace *old) */
static __always_inline int on_ns_new(struct place at, const u64 *arg)
{
	u64 old = arg[2], new = arg[3];

	if (!(arg[0] & CLONE_NEWPID) || is_error(new) || new == old)
		return 0;
	return pidns(WIRE_NS_NEW, new);
}

AT_EXIT(WIRE_NS_NEW, ns_new, "copy_pid_ns", 3)

/* delayed_free_pidns(struct callback_head *) */
static __always_inline int on_ns_free(struct place at, const u64 *arg)
{
	return pidns(WIRE_NS_FREE,
		     arg[0] - bpf_core_field_offset(struct pid_namespace, rcu));
}

AT_ENTRY_ATOMIC(WIRE_NS_FREE, ns_free, "delayed_free_pidns")

/* zap_pid_ns_processes(struct pid_namespace *) */
static __always_inline int on_zap_enter(struct place at, const u64 *arg)
{
	return pidns(WIRE_ZAP_ENTER, arg[0]);
}

AT_ENTRY(WIRE_ZAP_ENTER, zap_enter, "zap_pid_ns_processes")

static __always_inline int on_zap_exit(struct place at, const u64 *arg)
{
	return pidns(WIRE_ZAP_EXIT, arg[0]);
}

AT_EXIT(WIRE_ZAP_EXIT, zap_exit, "zap_pid_ns_processes", 1)

#endif /* BPF_MEMORY_H */
