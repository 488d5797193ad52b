/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs for those who follow a task by its struct pid: a parent that waits,
 * a holder of a pidfd, a timer on the task's CPU time.
 */
#ifndef BPF_WATCHERS_H
#define BPF_WATCHERS_H

/* __wake_up_parent(struct task_struct *, struct task_struct *parent) */
static __always_inline int on_wake_parent(struct place at, const u64 *arg)
{
	u64 task = arg[0], parent = arg[1], pid, real_parent, ptrace_parent;
	struct wire_wake_parent *r;
	struct window *w = NULL;
	struct per_cpu *cpu;
	u32 levels;

	if (ready && task == (u64)bpf_get_current_task_btf())
		w = window__find((void *)task);
	if (!w)
		return 0;
	cpu = program__enter(WIRE_WAKE_PARENT);
	if (!cpu)
		return 0;
	pid = task__thread_pid((void *)task);
	real_parent = (u64)TASK(task, real_parent);
	ptrace_parent = (u64)TASK(task, parent);
	if (pid != w->old_pid ||
	    (parent != real_parent && parent != ptrace_parent))
		stack__submit(at, cpu, WIRE_WAKE_PARENT);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_WAKE_PARENT, 1, levels);
	r->task = task;
	r->start = TASK(task, start_boottime);
	r->parent = parent;
	r->real_parent = real_parent;
	r->ptrace_parent = ptrace_parent;
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_WAKE_PARENT, wake_parent, "__wake_up_parent")

/*
 * wait_consider_task(struct wait_opts *, int ptrace, struct task_struct *). Each wait
 * calls it for each child. Most children are in the waiter's namespace: not recorded.
 */
static __always_inline int on_wait_child(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[2];
	struct wire_wait_child *r;
	struct per_cpu *cpu;
	u64 pid, ns;
	u32 levels;

	if (!ready)
		return 0;
	ns = pid_ns_of(task__thread_pid(bpf_get_current_task_btf()));
	pid = task__thread_pid(task);
	if (pid_ns_of(pid) == ns)
		return 0;
	cpu = program__enter(WIRE_WAIT_CHILD);
	if (!cpu)
		return 0;
	if (!pid_nr_in(pid, ns))
		stack__submit(at, cpu, WIRE_WAIT_CHILD);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_WAIT_CHILD, 1, levels);
	r->task = (u64)task;
	r->start = TASK(task, start_boottime);
	r->pid = TASK(task, pid);
	r->exit_state = TASK(task, exit_state);
	r->ptrace = arg[1];
	r->waiter_ns = pidns_inum(ns);
	r->waiter_level = ns ? READ(struct pid_namespace, ns, level) : 0;
	r->reserved = 0;
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_WAIT_CHILD, wait_child, "wait_consider_task")

/* do_notify_pidfd(struct task_struct *) */
static __always_inline int on_notify_pidfd(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[0];
	struct per_cpu *cpu = program__enter(WIRE_NOTIFY_PIDFD);
	struct wire_notify_pidfd *r;
	s32 exit_state;

	if (!cpu)
		return 0;
	exit_state = TASK(task, exit_state);
	if (!exit_state)
		stack__submit(at, cpu, WIRE_NOTIFY_PIDFD);
	RECORD_OR_RETURN(r, cpu, WIRE_NOTIFY_PIDFD);
	r->task = (u64)task;
	r->start = TASK(task, start_boottime);
	r->pid = task__thread_pid(task);
	r->exit_state = exit_state;
	r->task_pid = TASK(task, pid);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_NOTIFY_PIDFD, notify_pidfd, "do_notify_pidfd")

/* timer_lock_sighand(struct k_itimer *, unsigned long *flags) */
static __always_inline int on_timer_lock(struct place at, const u64 *arg)
{
	u64 timer = arg[0], ret = arg[2];
	struct per_cpu *cpu = program__enter(WIRE_TIMER_LOCK);
	u64 pid, first = 0, link, head;
	struct wire_timer_lock *r;
	u32 type;

	if (!cpu)
		return 0;
	type = READ(struct k_itimer, timer, it_clock) & CPUCLOCK_PERTHREAD_MASK ?
		PIDTYPE_PID : PIDTYPE_TGID;
	pid = (u64)READ(struct k_itimer, timer, it.cpu.pid);
	bpf_probe_read_kernel(&first, sizeof(first),
			      &((struct pid *)pid)->tasks[type]);
	link = ret ? TASK_ADDRESS(ret, pid_links[0]) +
		type * sizeof(struct hlist_node) : 0;
	head = (u64)READ(struct k_itimer, timer, it.cpu.head);
	/* a queued timer without a task, or a task that is not first in the pid's list */
	if (ret ? first != link : head != 0)
		stack__submit(at, cpu, WIRE_TIMER_LOCK);
	RECORD_OR_RETURN(r, cpu, WIRE_TIMER_LOCK);
	r->pid = pid;
	r->first = first;
	r->ret = ret;
	r->link = link;
	r->head = head;
	r->pidtype = type;
	r->reserved = 0;
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_TIMER_LOCK, timer_lock, "timer_lock_sighand", 2)

#endif /* BPF_WATCHERS_H */
