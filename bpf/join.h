/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs on what a setns commits: the task's new namespaces, its join of the
 * pid namespace, and the flush of its old directories in /proc.
 *
 * Every kernel has the switch and the flush. The other functions come with the join
 * series, and the loader reports them as absent elsewhere.
 */
#ifndef BPF_JOIN_H
#define BPF_JOIN_H

/* switch_task_namespaces(struct task_struct *, struct nsproxy *) */
static __always_inline int on_switch_ns(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[0];
	struct per_cpu *cpu = program__enter(WIRE_SWITCH_NS);
	struct wire_switch_ns *r;

	/* an exiting task drops its nsproxy here; EXIT records the exit */
	if (!cpu || !arg[1])
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_SWITCH_NS);
	r->task = (u64)task;
	r->start = TASK(task, start_boottime);
	r->thread_pid = task__thread_pid(task);
	r->nsproxy = (u64)TASK(task, nsproxy);
	r->new_nsproxy = arg[1];
	r->children_ns = nsproxy__children(r->nsproxy);
	r->new_children_ns = nsproxy__children(arg[1]);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_SWITCH_NS, switch_ns, "switch_task_namespaces")

/*
 * Exists with the join series only. Each setns that commits calls it. A call that
 * does not change thread_pid makes no record: SETNS_EXIT shows that.
 */
static __always_inline int on_commit_join(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_COMMIT_JOIN);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_commit_join *r;
	struct window *w;
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	pid = task__thread_pid(task);
	w = window__find(task);
	if (w && w->old_pid == pid)
		return 0;
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_COMMIT_JOIN, 1, levels);
	task__fill(&r->task, task);
	r->task.state |= task__kill_pending(r->task.task);
	links__fill(&r->links, task);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->reserved = 0;
	lists__fill(&r->lists, pid);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_COMMIT_JOIN, commit_join, "pidns_commit_join", 0)

/* Tracepoint task:pid_rewrite, which exists with the join series only. */
SEC("tp_btf/pid_rewrite")
int PROGRAM_ATOMIC(WIRE_PID_REWRITE, pid_rewrite, struct task_struct *task,
		   struct pid *old, struct pid *new)
{
	struct per_cpu *cpu = program__enter(WIRE_PID_REWRITE);
	struct wire_pid_rewrite *r;
	struct both_levels levels;

	if (!cpu)
		return 0;
	levels = both__levels((u64)old, (u64)new);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_PID_REWRITE, 2, levels.most);
	task__fill(&r->task, task);
	FILL_BOTH(r, levels, (u64)old, (u64)new);
	SUBMIT(r);
	return 0;
}

static __always_inline u64 first_inode(u64 pid)
{
	return (u64)READ(struct pid, pid, inodes.first);
}

/*
 * Inside a setns, the flush finds inodes, is not the first, is for another struct
 * pid or too early, or tasklist_lock is write-held.
 */
static __always_inline bool flush_is_odd(u64 pid, u64 inodes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct window *w = window__find(task);

	return w && (w->flushes++ || inodes || pid != w->old_pid ||
		     pid == task__thread_pid(task) ||
		     (tasklist_flags() & WIRE_F_TASKLIST_WRITE));
}

/* proc_flush_pid(struct pid *) */
static __always_inline int on_flush_pid(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_FLUSH_PID);
	struct wire_flush_pid *r;
	u64 pid = arg[0], inodes;
	u32 count;

	if (!cpu)
		return 0;
	inodes = first_inode(pid);
	if (flush_is_odd(pid, inodes))
		stack__submit(at, cpu, WIRE_FLUSH_PID);
	count = READ(struct pid, pid, count.refs.counter);
	RECORD_OR_RETURN(r, cpu, WIRE_FLUSH_PID);
	r->pid = pid;
	r->inodes = inodes;
	r->count = count;
	r->reserved = 0;
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_FLUSH_PID, flush_pid, "proc_flush_pid")

/* Notes what proc_flush_pid() left, for SETNS_EXIT. */
static __always_inline int on_flush_pid_end(struct place at, const u64 *arg)
{
	u64 pid = arg[0];
	struct window *w;

	if (!ready)
		return 0;
	w = window__find(bpf_get_current_task_btf());
	if (w && pid == w->old_pid)
		w->inodes_left = first_inode(pid);
	return 0;
}

AT_EXIT(WIRE_FLUSH_PID, flush_pid_end, "proc_flush_pid", 1)

#endif /* BPF_JOIN_H */
