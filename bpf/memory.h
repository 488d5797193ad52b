/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.h - the struct pids that alloc_pid() gave out and whose memory has
 * not been given back.
 *
 * kmem_cache_free() is one of the hottest places of a kernel, and struct pids
 * are few of what goes through it. One bit test turns nearly all others away:
 * a hash of the slab cache's address among those seen at alloc_pid(). What is
 * left is decided by the address alone, as caches may be merged.
 */
#ifndef PIDNS_MEMORY_H
#define PIDNS_MEMORY_H

/* One bit a hash value of the slab caches that struct pids come from. */
__u64 pid_caches;

struct live_pid {
	u32 alive;		/* 1 until its PID_GONE was made */
	u32 reserved;
};

/* Preallocated: entries go in softirqs and under locks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u64);	/* struct pid * */
	__type(value, struct live_pid);
} live_pids SEC(".maps");

static __always_inline u64 cache_bit(u64 cache)
{
	return 1ULL << ((cache >> 6 ^ cache >> 12) & 63);
}

/* Of a struct pid that @ns gave out. false: there was no room for it. */
static __always_inline bool memory__note_alloc(u64 pid, struct pid_namespace *ns)
{
	u64 bit = cache_bit((u64)READ(struct pid_namespace, ns, pid_cachep));
	struct live_pid live = { .alive = 1 };

	if (!(pid_caches & bit))
		__sync_fetch_and_or(&pid_caches, bit);
	return !bpf_map_update_elem(&live_pids, &pid, &live, BPF_ANY);
}

/*
 * Was this a struct pid we know, and are we the first to say so? Deleting may
 * fail where a deletion was interrupted by us (before 6.2), so it is the mark
 * that counts; the next alloc_pid() of that address takes the entry over.
 */
static __always_inline bool memory__take(u64 address, u64 cache)
{
	struct live_pid *live;

	if (!(pid_caches & cache_bit(cache)))
		return false;
	live = bpf_map_lookup_elem(&live_pids, &address);
	if (!live || !__sync_lock_test_and_set(&live->alive, 0))
		return false;
	bpf_map_delete_elem(&live_pids, &address);
	return true;
}

static __always_inline int memory__freed(u64 caller, u64 address, u64 cache)
{
	struct wire_pid_gone *r;
	struct hlist_head heads[WIRE_PIDTYPES];
	struct per_cpu *me;

	if (!ready || !memory__take(address, cache))
		return 0;
	me = program__enter(WIRE_PID_GONE);
	if (!me)
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_PID_GONE);
	r->pid = address;
	r->caller = caller;
	r->count = READ(struct pid, address, count.refs.counter);
	r->hashed = 0;
	bpf_probe_read_kernel(heads, sizeof(heads),
			      &((struct pid *)address)->tasks);
	for (int t = 0; t < WIRE_PIDTYPES; t++)
		if (heads[t].first)
			r->hashed |= 1U << t;
	SUBMIT(r);
	return 0;
}

/*
 * Two programs at one place. A program does not run in an interrupt of itself,
 * and here it would be interrupted often: RCU's callbacks, of which
 * delayed_put_pid() is one, run in softirqs and free memory all the time. But
 * of two that run one after the other, an interrupt finds one idle; and struct
 * pids are freed by tasks and in softirqs only, which is a nesting of two.
 *
 * raw_tp, not tp_btf: the verifier lets nobody read an argument that is a
 * const void *.
 */
SEC("raw_tp/kmem_cache_free")
int pid_gone(u64 *ctx)
{
	return memory__freed(ctx[0], ctx[1], ctx[2]);
}

SEC("raw_tp/kmem_cache_free")
int pid_gone_nested(u64 *ctx)
{
	return memory__freed(ctx[0], ctx[1], ctx[2]);
}

/* --- pid namespaces --- */

static __always_inline int pidns(enum wire_type type, u64 ns)
{
	struct per_cpu *me = program__enter(type);
	struct wire_pidns *r;

	if (!me)
		return 0;
	RECORD_OR_RETURN(r, me, type);
	r->ns = ns;
	r->child_reaper = (u64)READ(struct pid_namespace, ns, child_reaper);
	r->inum = pidns_inum(ns);
	r->parent = pidns_inum((u64)READ(struct pid_namespace, ns, parent));
	r->level = READ(struct pid_namespace, ns, level);
	r->pid_allocated = READ(struct pid_namespace, ns, pid_allocated);
	SUBMIT(r);
	return 0;
}

SEC("fexit/copy_pid_ns")
int BPF_PROG(ns_new, u64 flags, struct user_namespace *user_ns, u64 old, u64 ret)
{
	if (!(flags & CLONE_NEWPID) || is_error(ret) || ret == old)
		return 0;
	return pidns(WIRE_NS_NEW, ret);
}

SEC("fentry/delayed_free_pidns")
int BPF_PROG(ns_free, u64 rcu)
{
	return pidns(WIRE_NS_FREE,
		     rcu - bpf_core_field_offset(struct pid_namespace, rcu));
}

SEC("fentry/zap_pid_ns_processes")
int BPF_PROG(zap_enter, u64 ns)
{
	return pidns(WIRE_ZAP_ENTER, ns);
}

SEC("fexit/zap_pid_ns_processes")
int BPF_PROG(zap_exit, u64 ns)
{
	return pidns(WIRE_ZAP_EXIT, ns);
}

#endif /* PIDNS_MEMORY_H */
