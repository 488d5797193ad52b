/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs on a join that keeps the caller's struct pid: the reservation of a
 * number in the target, the commit that adds the number to the struct pid, and the return
 * of a number that was not used, or whose task is gone.
 *
 * The functions come with the series keep, and the loader reports them as absent
 * elsewhere. The programs also look up what the idr of the target has for the number.
 * Such a lookup needs no lock, like find_pid_ns(): nodes of the tree are freed by RCU, and
 * programs run inside an RCU read-side critical section.
 */
#ifndef BPF_DEEPEN_H
#define BPF_DEEPEN_H

/* The tree of 31 bits has six levels of nodes with 64 slots, or eight with 16. */
#define IDR_NODES	8

/* Entries of the tree that are nodes have 2 in the lowest bits (xa_is_node()). */
#define IS_NODE(entry)	(((entry) & 3) == 2 && (entry) > 4096)

#define IDR_SLOTS (bpf_core_field_size(((struct xa_node *)0)->slots) / sizeof(u64))

struct idr_walk {
	u64 entry;
	u32 nr;
	u32 found;	/* the walk has ended at a slot of the last node */
};

static long idr__step(u32 i, void *context)
{
	struct idr_walk *walk = context;
	u64 node = walk->entry - 2;
	u32 slot, shift;

	if (!IS_NODE(walk->entry))
		return 1;
	shift = READ(struct xa_node, node, shift) & 31;
	slot = walk->nr >> shift;
	/* Only the first node can be too small for the number. */
	if (!i && slot >= IDR_SLOTS)
		return 1;
	slot &= IDR_SLOTS - 1;
	/* A limit stands for any word: the verifier allows arithmetic on it. */
	walk->entry = READ(struct rlimit,
			   node + bpf_core_field_offset(struct xa_node, slots) +
				   slot * sizeof(u64), rlim_cur);
	walk->found = !shift;
	return walk->found;
}

/* Returns the struct pid that find_pid_ns() finds in the namespace at @ns, or 0. */
static __always_inline u64 idr__find(u64 ns, s32 nr)
{
	struct idr_walk walk = { .nr = nr };

	if (nr <= 0)
		return 0;
	walk.entry = (u64)READ(struct pid_namespace, ns, idr.idr_rt.xa_head);
	bpf_loop(IDR_NODES, idr__step, &walk, 0);
	return walk.found ? walk.entry : 0;
}

/* The same, for the innermost number of a struct pid. */
static __always_inline u64 idr__find_own(u64 pid)
{
	return idr__find(pid_ns_of(pid), pid_own_nr(pid));
}

/* Returns the number of references to the pid namespace at @ns, or 0 for NULL. */
static __always_inline u32 pidns__references(u64 ns)
{
	struct pid_namespace *p = CAST(struct pid_namespace, ns);

	if (!ns)
		return 0;
	if (bpf_core_field_exists(p->ns.__ns_ref))
		return GET(p, ns.__ns_ref.refs.counter);
	if (bpf_core_field_exists(p->ns.count))
		return GET(p, ns.count.refs.counter);
	return 0;
}

static __always_inline u32 task__threads(u64 task)
{
	struct signal_struct *s = CAST(struct signal_struct, TASK(task, signal));

	return GET(s, nr_threads);
}

/* pid_reserve_nr(struct pid_namespace *) */
static __always_inline int on_reserve_nr(struct place at, const u64 *arg)
{
	struct pid_namespace *ns = CAST(struct pid_namespace, arg[0]);
	struct per_cpu *cpu = program__enter(WIRE_RESERVE_NR);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_reserve_nr *r;
	u64 found;

	if (!cpu)
		return 0;
	found = idr__find(arg[0], arg[1]);
	RECORD_OR_RETURN(r, cpu, WIRE_RESERVE_NR);
	r->thread_pid = task__thread_pid(task);
	r->ns = arg[0];
	r->child_reaper = (u64)GET(ns, child_reaper);
	r->found = found;
	r->ret = arg[1];
	r->inum = GET(ns, ns.inum);
	r->level = GET(ns, level);
	r->parent = pidns_inum((u64)GET(ns, parent));
	r->pid_allocated = GET(ns, pid_allocated);
	r->nr_threads = task__threads(r->hdr.current_task);
	r->state = task__conditions(r->hdr.current_task);
	r->references = pidns__references(arg[0]);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_RESERVE_NR, reserve_nr, "pid_reserve_nr", 1)

/* pid_unreserve_nr(struct pid_namespace *, int) */
static __always_inline int on_unreserve_nr(struct place at, const u64 *arg)
{
	struct pid_namespace *ns = CAST(struct pid_namespace, arg[0]);
	struct per_cpu *cpu = program__enter(WIRE_UNRESERVE_NR);
	struct wire_unreserve_nr *r;

	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_UNRESERVE_NR);
	r->thread_pid = task__thread_pid(bpf_get_current_task_btf());
	r->ns = arg[0];
	r->nr = arg[1];
	r->inum = GET(ns, ns.inum);
	r->pid_allocated = GET(ns, pid_allocated);
	r->level = GET(ns, level);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_UNRESERVE_NR, unreserve_nr, "pid_unreserve_nr")

/* pid_deepen(struct pid *, struct pid_namespace *, int), by current */
static __always_inline int on_deepen(struct place at, const u64 *arg)
{
	struct pid_namespace *ns = CAST(struct pid_namespace, arg[1]);
	struct per_cpu *cpu = program__enter(WIRE_DEEPEN);
	struct task_struct *task = bpf_get_current_task_btf();
	u64 pid = arg[0], found;
	struct wire_deepen *r;
	struct window *w;
	u32 levels;

	if (!cpu)
		return 0;
	w = window__find(task);
	if (w)
		w->deepened++;
	found = idr__find(arg[1], arg[2]);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_DEEPEN, 1, levels);
	task__fill_current(&r->task);
	r->task.state |= task__conditions(r->task.task);
	if (siglock_is_free(task))
		r->hdr.flags |= WIRE_F_SIGLOCK_FREE;
	r->ns = arg[1];
	r->found = found;
	r->nr = arg[2];
	r->inum = GET(ns, ns.inum);
	r->level = GET(ns, level);
	r->parent = pidns_inum((u64)GET(ns, parent));
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_DEEPEN, deepen, "pid_deepen")

/* pid_publish_nr(struct pid *) */
static __always_inline int on_publish_nr(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_PUBLISH_NR);
	struct wire_publish_nr *r;
	u64 pid = arg[0], found;
	u32 levels;

	if (!cpu)
		return 0;
	found = idr__find_own(pid);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_PUBLISH_NR, 1, levels);
	r->thread_pid = task__thread_pid(bpf_get_current_task_btf());
	r->found = found;
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_PUBLISH_NR, publish_nr, "pid_publish_nr")

static __always_inline u64 outer_ns_of(u64 pid)
{
	u64 ns = pid_ns_of(pid);

	return ns ? (u64)READ(struct pid_namespace, ns, parent) : 0;
}

/* Tracepoint task:pid_deepen. */
SEC("tp_btf/pid_deepen")
int PROGRAM_ATOMIC(WIRE_DEEPENED, deepened, struct task_struct *task,
		   struct pid *pid)
{
	struct per_cpu *cpu = program__enter(WIRE_DEEPENED);
	struct wire_deepened *r;
	u64 found;
	u32 levels;

	if (!cpu)
		return 0;
	found = idr__find_own((u64)pid);
	levels = pid_levels((u64)pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_DEEPENED, 1, levels);
	task__fill(&r->task, task);
	r->found = found;
	r->references = pidns__references(pid_ns_of((u64)pid));
	r->outer_references = pidns__references(outer_ns_of((u64)pid));
	FILL_PID(r, levels, (u64)pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/* Each setns that commits calls the function. */
static __always_inline int on_commit_deepen(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_COMMIT_DEEPEN);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_commit_deepen *r;
	struct window *w;
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	w = window__find(task);
	if (!w || !w->deepened)
		return 0;
	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_COMMIT_DEEPEN, 1, levels);
	task__fill_current(&r->task);
	r->task.state |= task__kill_pending(r->task.task);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->references = pidns__references(pid_ns_of(pid));
	r->outer_references = pidns__references(outer_ns_of(pid));
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_COMMIT_DEEPEN, commit_deepen, "pidns_commit_deepen", 0)

/*
 * pid_undeepen(struct pid *), called for each task that is released. The numbers that the
 * struct pid no longer has are still in its memory, up to the level of the namespace that
 * it holds, and so are their namespaces.
 */
static __always_inline int on_undeepen(struct place at, const u64 *arg)
{
	struct pid *p = CAST(struct pid, arg[0]);
	u32 level = GET(p, level), most = GET(p, ref_level), levels;
	struct wire_undeepen *r;
	struct per_cpu *cpu;
	u64 pid = arg[0];

	cpu = program__enter(WIRE_UNDEEPEN);
	if (!cpu || level >= most)
		return 0;
	levels = most < WIRE_MAX_LEVELS ? most + 1 : WIRE_MAX_LEVELS;
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_UNDEEPEN, 1, levels);
	r->level = level;
	r->alloc_level = GET(p, alloc_level);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_UNDEEPEN, undeepen, "pid_undeepen", 1)

#endif /* BPF_DEEPEN_H */
