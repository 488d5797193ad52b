/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs on the life of a struct pid, and on its links to tasks: which task
 * has it, as which type, and what replaces it.
 *
 * The programs on attach_pid(), change_pid(), detach_pid(), transfer_pid() and
 * exchange_tids() run with tasklist_lock held and irqs off, and so does the program on
 * free_pid() before 6.15: they reserve, copy and submit.
 */
#ifndef BPF_PIDS_H
#define BPF_PIDS_H

static __always_inline void alloc__fill_caller(struct wire_alloc_pid *r,
					       struct task_struct *task)
{
	struct signal_struct *s = CAST(struct signal_struct, TASK(task, signal));

	r->thread_pid = task__thread_pid(task);
	r->group = (u64)GET(s, pids[PIDTYPE_PGID]);
	r->session = (u64)GET(s, pids[PIDTYPE_SID]);
	r->nr_threads = GET(s, nr_threads);
}

/* alloc_pid(struct pid_namespace *, pid_t *set_tid, size_t set_tid_size) */
static __always_inline int on_alloc_pid(struct place at, const u64 *arg)
{
	struct pid_namespace *ns = CAST(struct pid_namespace, arg[0]);
	struct per_cpu *cpu = program__enter(WIRE_ALLOC_PID);
	struct wire_alloc_pid *r;
	struct task_struct *task = bpf_get_current_task_btf();
	u64 pid = arg[3];
	u32 levels;
	bool inside;

	if (!cpu || (only_failed_allocs && !is_error(pid)))
		return 0;
	if (pid && !is_error(pid) && !memory__note_alloc(at, pid))
		__sync_fetch_and_add(&cpu->of[WIRE_PID_GONE].lost_map, 1);
	inside = window__find(task);
	if (inside)
		stack__submit(at, cpu, WIRE_ALLOC_PID);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_ALLOC_PID, 1, levels);
	if (inside)
		alloc__fill_caller(r, task);
	r->children_ns = nsproxy__children((u64)TASK(task, nsproxy));
	r->caller_pid = task->pid;
	r->caller_tgid = task->tgid;
	comm__fill_current(r->caller_comm);
	r->ns_address = arg[0];
	r->set_tid = arg[1];
	r->set_tid_size = arg[2];
	r->child_reaper = (u64)GET(ns, child_reaper);
	r->ret = pid;
	r->ns = GET(ns, ns.inum);
	r->ns_level = GET(ns, level);
	r->pid_allocated = GET(ns, pid_allocated);
	FILL_PID(r, levels, pid, UPID_FILL_MORE);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_ALLOC_PID, alloc_pid, "alloc_pid", 3)

/* free_pid(struct pid *) */
static __always_inline int on_free_pid(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_FREE_PID);
	struct wire_free_pid *r;
	u64 pid = arg[0];
	u32 levels;

	if (!cpu)
		return 0;
	/* Since 6.15, the kernel calls free_pid() without tasklist_lock. */
	if ((!change_pid_has_pids && tasklist_is_unlocked()) ||
	    window__find(bpf_get_current_task_btf()))
		stack__submit(at, cpu, WIRE_FREE_PID);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_FREE_PID, 1, levels);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->reserved = 0;
	lists__fill(&r->lists, pid);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_FREE_PID, free_pid, "free_pid")

/* delayed_put_pid(struct callback_head *) */
static __always_inline int on_put_pid(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_PUT_PID);
	struct wire_put_pid *r;
	u32 count;
	u64 pid;

	if (!cpu)
		return 0;
	pid = arg[0] - bpf_core_field_offset(struct pid, rcu);
	count = READ(struct pid, pid, count.refs.counter);
	RECORD_OR_RETURN(r, cpu, WIRE_PUT_PID);
	r->pid = pid;
	r->count = count;
	r->reserved = 0;
	SUBMIT(r);
	return count == 1 ? memory__freed(at, pid, true) : 0;
}

AT_ENTRY_ATOMIC(WIRE_PUT_PID, put_pid, "delayed_put_pid")

/* True if setns detaches its caller, which a join never does: it calls change_pid(). */
static __always_inline bool leaves_inside(enum wire_type type,
					  struct task_struct *task)
{
	return type == WIRE_DETACH_PID &&
	       task == bpf_get_current_task_btf() && window__find(task);
}

static __always_inline int link_pid(struct place at, enum wire_type type,
				    struct task_struct *task, u32 pidtype)
{
	struct per_cpu *cpu = program__begin();
	struct wire_link_pid *r;
	bool leaves;
	u16 flags;

	if (!cpu)
		return 0;
	flags = tasklist_flags();
	leaves = leaves_inside(type, task);
	if (!leaves && links__gather(cpu, type, task, pidtype, flags))
		return 0;
	__sync_fetch_and_add(&cpu->of[type].hits, 1);
	if (flags_are_unlocked(flags) || leaves)
		stack__submit(at, cpu, type);
	RECORD_FLAGS_OR_RETURN(r, cpu, type, flags);
	r->task = (u64)task;
	r->start = TASK(task, start_boottime);
	r->pid = task__pid(task, pidtype);
	r->task_pid = TASK(task, pid);
	r->pidtype = pidtype;
	SUBMIT(r);
	return 0;
}

/* attach_pid(struct task_struct *, enum pid_type) */
static __always_inline int on_attach_pid(struct place at, const u64 *arg)
{
	return link_pid(at, WIRE_ATTACH_PID, (void *)arg[0], arg[1]);
}

AT_ENTRY_ATOMIC(WIRE_ATTACH_PID, attach_pid, "attach_pid")

/* True if the task is alone in its session, like hlist_is_singular_node(). */
static __always_inline bool sid_is_singular(struct task_struct *task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	u64 pid = task__pid(task, PIDTYPE_SID);

	return !GET(t, pid_links[PIDTYPE_SID].next) &&
	       (u64)GET(t, pid_links[PIDTYPE_SID].pprev) ==
		       (u64)&((struct pid *)pid)->tasks[PIDTYPE_SID];
}

/* False with PREEMPT_RT, whose spinlock_t has no such word. */
static __always_inline bool siglock_is_free(struct task_struct *task)
{
	u64 sighand = (u64)TASK(task, sighand);
	u64 lock = sighand + bpf_core_field_offset(struct sighand_struct, siglock);

	/* The counter of a qrwlock stands for any word of 32 bits. */
	return !RWLOCK_IS_RT() && sighand &&
	       !READ(struct qrwlock, lock, cnts.counter);
}

/* In a setns, only the first change has a stack: the others come from there, too. */
static __always_inline bool stack_is_due(struct window *w, u16 flags)
{
	return wants_stacks || (w && !w->changes++) || flags_are_unlocked(flags);
}

/* A task that changes its own struct pid is the most frequent one. */
static __always_inline void changed__fill(struct wire_change_pid *r,
					  struct task_struct *task, bool inside)
{
	if (task == bpf_get_current_task_btf())
		task__fill_current(&r->task);
	else
		task__fill(&r->task, task);
	if (!inside)
		return;
	r->task.state |= task__conditions(r->task.task) |
			 task__cpu_timers(r->task.task);
	r->sid_singular = sid_is_singular(task);
}

static __always_inline int rewrite_pid(struct place at,
				       struct task_struct *task,
				       u32 pidtype, u64 new)
{
	struct per_cpu *cpu = program__enter(WIRE_CHANGE_PID);
	struct wire_change_pid *r;
	struct both_levels levels;
	struct window *w;
	u16 flags;
	u64 old;

	if (!cpu)
		return 0;
	flags = tasklist_flags();
	w = window__find(bpf_get_current_task_btf());
	if (stack_is_due(w, flags))
		stack__submit(at, cpu, WIRE_CHANGE_PID);
	old = task__pid(task, pidtype);
	levels = both__levels(old, new);
	RECORD_PIDS_FLAGS_OR_RETURN(r, cpu, WIRE_CHANGE_PID, 2, levels.most, flags);
	changed__fill(r, task, w);
	r->pidtype = pidtype;
	/* setpgid() and setsid() change the other two without it. */
	if ((w || pidtype == PIDTYPE_PID || pidtype == PIDTYPE_TGID) &&
	    siglock_is_free(task))
		r->hdr.flags |= WIRE_F_SIGLOCK_FREE;
	FILL_BOTH(r, levels, old, new);
	SUBMIT(r);
	return 0;
}

/*
 * change_pid(struct task_struct *, enum pid_type, struct pid *). Since 6.15,
 * change_pid() and detach_pid() have one more argument, in front: struct pid **pids.
 */
static __always_inline int on_change_pid(struct place at, const u64 *arg)
{
	if (change_pid_has_pids)
		return rewrite_pid(at, (void *)arg[1], arg[2], arg[3]);
	return rewrite_pid(at, (void *)arg[0], arg[1], arg[2]);
}

AT_ENTRY_ATOMIC(WIRE_CHANGE_PID, change_pid, "change_pid")

/* detach_pid(struct task_struct *, enum pid_type) */
static __always_inline int on_detach_pid(struct place at, const u64 *arg)
{
	if (change_pid_has_pids)
		return link_pid(at, WIRE_DETACH_PID, (void *)arg[1], arg[2]);
	return link_pid(at, WIRE_DETACH_PID, (void *)arg[0], arg[1]);
}

AT_ENTRY_ATOMIC(WIRE_DETACH_PID, detach_pid, "detach_pid")

static __always_inline int two_tasks(struct place at, enum wire_type type,
				     struct task_struct *from,
				     struct task_struct *to, u32 pidtype)
{
	struct per_cpu *cpu = program__enter(type);
	struct wire_two_tasks *r;

	if (!cpu)
		return 0;
	if (tasklist_is_unlocked())
		stack__submit(at, cpu, type);
	RECORD_OR_RETURN(r, cpu, type);
	task__fill(&r->from, from);
	task__fill(&r->to, to);
	r->pidtype = pidtype;
	r->reserved = 0;
	SUBMIT(r);
	return 0;
}

/* transfer_pid(struct task_struct *old, struct task_struct *new, enum pid_type) */
static __always_inline int on_transfer_pid(struct place at, const u64 *arg)
{
	return two_tasks(at, WIRE_TRANSFER_PID, (void *)arg[0], (void *)arg[1],
			 arg[2]);
}

AT_ENTRY_ATOMIC(WIRE_TRANSFER_PID, transfer_pid, "transfer_pid")

/* exchange_tids(struct task_struct *left, struct task_struct *right) */
static __always_inline int on_exchange_tids(struct place at, const u64 *arg)
{
	return two_tasks(at, WIRE_EXCHANGE_TIDS, (void *)arg[0], (void *)arg[1],
			 PIDTYPE_PID);
}

AT_ENTRY_ATOMIC(WIRE_EXCHANGE_TIDS, exchange_tids, "exchange_tids")

#endif /* BPF_PIDS_H */
