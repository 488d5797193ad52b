/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs on the life of a task: fork, exec, exit, release.
 *
 * The loader keeps its picture of tasks by these records, inside a setns or not. The
 * exit also closes the window of a task that dies inside setns(2).
 */
#ifndef BPF_LIFE_H
#define BPF_LIFE_H

/*
 * Arguments of task_newtask() and of uprobe_copy_process(), which copy_process()
 * calls right after it: struct task_struct *, u64 clone_flags
 */
static __always_inline int on_task_fork(struct place at, const u64 *arg)
{
	struct task_struct *child = CAST(struct task_struct, arg[0]);
	struct task_struct *parent = bpf_get_current_task_btf();
	u64 clone_flags = arg[1];
	struct per_cpu *cpu = program__enter(WIRE_FORK);
	struct wire_fork *r;
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	pid = task__thread_pid(child);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_FORK, 1, levels);
	task__fill(&r->task, child);
	r->parent = (u64)parent;
	r->parent_start = parent->start_boottime;
	r->real_parent = (u64)READ(struct task_struct, child, real_parent);
	r->parent_active_ns = pidns_inum(pid_ns_of(task__thread_pid(parent)));
	r->parent_pid = parent->pid;
	r->clone_flags = clone_flags;
	r->cgroup = task__cgroup(child);
	if (!(clone_flags & (CLONE_PARENT | CLONE_THREAD)))
		r->hdr.flags |= WIRE_F_OWN_CHILD;
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/* The tracepoint sched_process_fork does not pass the clone flags, so is not used. */
AT_TRACEPOINT(WIRE_FORK, task_fork, "task_newtask")
ON_KPROBE_ENTRY(task_fork, "uprobe_copy_process", on_task_fork)

/*
 * Fills what is known at the end of a thread. do_exit() has counted the thread down in
 * signal->live before the tracepoint is reached, in all versions: of threads that end at
 * the same time, several may see 0 there.
 */
static __always_inline void exit__fill_end(struct wire_exit *r)
{
	struct signal_struct *s = CAST(struct signal_struct, r->task.signal);

	r->live = GET(s, live.counter);
	/* The kernel never clears the bit: see real_parent__fill(). */
	if (has_child_subreaper(r->task.signal))
		r->hdr.flags |= WIRE_F_SUBREAPER;
	if (r->status == SIGKILL && GET(s, oom_mm))
		r->hdr.flags |= WIRE_F_OOM_VICTIM;
}

/*
 * The kernel has just copied the arguments to the new stack, so their pages are present:
 * a program may not wait for a page.
 */
static __always_inline void exec__fill_args(struct wire_exec *to, u64 mm)
{
	u64 start = READ(struct mm_struct, mm, arg_start);
	u64 size = READ(struct mm_struct, mm, arg_end) - start;
	u64 n = size < WIRE_ARGS_LEN ? size : WIRE_ARGS_LEN;

	to->args_size = size;
	if (bpf_probe_read_user(to->args, n, (void *)start))
		to->args_size = 0;
}

/* @path: the address of a string in the kernel's memory */
static __always_inline int on_task_exec(s32 old_pid, const void *path)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct per_cpu *cpu = program__enter(WIRE_EXEC);
	struct wire_exec *r;
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_EXEC, 1, levels);
	task__fill_current(&r->task);
	r->old_pid = old_pid;
	r->cgroup = task__cgroup(task);
	bpf_probe_read_kernel_str(r->path, sizeof(r->path), path);
	exec__fill_args(r, (u64)TASK(task, mm));
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

static __always_inline int on_task_exit(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct per_cpu *cpu = program__enter(WIRE_EXIT);
	struct wire_exit *r;
	u32 levels;
	u64 pid;

	window__close(task);
	if (!cpu)
		return 0;
	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_EXIT, 1, levels);
	task__fill_current(&r->task);
	r->task.state |= task__cpu_timers(r->task.task) |
			 task__kill_pending(r->task.task);
	r->exit_code = task->exit_code;
	r->real_parent = (u64)TASK(task, real_parent);
	r->status = wait_status(r->task.signal, r->exit_code);
	exit__fill_end(r);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int PROGRAM(WIRE_EXEC, task_exec, struct task_struct *task, s32 old_pid,
	    struct linux_binprm *bprm)
{
	return on_task_exec(old_pid, READ(struct linux_binprm, bprm, filename));
}

SEC("tp/sched/sched_process_exec")
int task_exec_perf(struct trace_event_raw_sched_process_exec *event)
{
	return on_task_exec(event->old_pid, (void *)event +
			    (event->__data_loc_filename & 0xffff));
}

SEC("tp_btf/sched_process_exit")
int PROGRAM(WIRE_EXIT, task_exit)
{
	return on_task_exit();
}

SEC("tp/sched/sched_process_exit")
int task_exit_perf(void *event)
{
	return on_task_exit();
}

/* release_task(struct task_struct *) */
static __always_inline int on_task_release(struct place at, const u64 *arg)
{
	struct task_struct *t = CAST(struct task_struct, arg[0]);
	struct per_cpu *cpu = program__enter(WIRE_RELEASE);
	struct wire_release *r;

	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_RELEASE);
	r->task = arg[0];
	r->start = GET(t, start_boottime);
	r->thread_pid = (u64)GET(t, thread_pid);
	r->signal = (u64)GET(t, signal);
	r->real_parent = (u64)GET(t, real_parent);
	r->pid = GET(t, pid);
	r->tgid = GET(t, tgid);
	r->nr = pid_own_nr(r->thread_pid);
	r->leader = (u64)GET(t, group_leader) == arg[0];
	r->exit_code = GET(t, exit_code);
	r->status = wait_status(r->signal, r->exit_code);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_RELEASE, task_release, "release_task")

#endif /* BPF_LIFE_H */
