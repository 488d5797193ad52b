/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs at the begin and end of setns(2), and on the checks inside it: which
 * pid namespace is installed, by which capability, and with which state of the knob.
 *
 * The begin opens a window, which other programs look up to know that they are called
 * inside a setns. The end closes it, and looks up the task by its old and new numbers.
 */
#ifndef BPF_SETNS_H
#define BPF_SETNS_H

extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;

/* setns(fd, flags). The only argument points to the registers of the system call. */
static __always_inline int on_setns_enter(struct place at, const u64 *arg)
{
	struct pt_regs *regs = CAST(struct pt_regs, arg[0]);
	struct per_cpu *cpu = program__enter(WIRE_SETNS_ENTER);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_setns_enter *r;
	int fd = GET(regs, di);
	u32 flags = GET(regs, si);
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	if (!window__open(task, fd, flags))
		__sync_fetch_and_add(&cpu->of[WIRE_SETNS_ENTER].lost_map, 1);

	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_SETNS_ENTER, 1, levels);
	task__fill_current(&r->task);
	r->task.state |= task__cpu_timers(r->task.task);
	r->fd = fd;
	r->flags = flags;
	fd__describe(r);
	r->knob_writes = knob_writes;
	r->knob = knob__state(r->task.thread_pid);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_SETNS_ENTER, setns_enter, "__x64_sys_setns")
ON_SYSCALL(WIRE_SETNS_ENTER, setns_enter, "sys_enter", NR_SETNS, on_setns_enter)

/* Returns the address of the task with this level 0 number, without a reference. */
static __always_inline u64 task_of_number(s32 nr)
{
	struct task_struct *task;
	u64 address;

	if (!has_task_from_pid)
		return 0;
	task = bpf_task_from_pid(nr);
	if (!task)
		return 0;
	address = (u64)task;
	bpf_task_release(task);
	return address;
}

/*
 * Looks up the task by its level 0 number now and by the one at entry. Most setns move
 * nobody, and then nothing is looked up.
 */
static __always_inline void look_up(struct task_struct *task)
{
	struct window *w = window__find(task);
	s32 nr = task->pid;

	if (!w)
		return;
	w->found_known = has_task_from_pid;
	if (nr == w->old_nr && task__thread_pid(task) == w->old_pid)
		return;
	w->found_new = task_of_number(nr);
	w->found_old = w->old_nr == nr ? w->found_new : task_of_number(w->old_nr);
}

static __always_inline int on_setns_exit(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_SETNS_EXIT);
	struct task_struct *task = bpf_get_current_task_btf();
	struct window *found, w;
	struct wire_setns_exit *r;
	u32 levels;
	u64 pid;

	if (!cpu)
		return 0;
	found = window__find(task);
	if (!found)
		return 0;	/* this setns began before the tracer */
	w = *found;
	window__close(task);

	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_SETNS_EXIT, 1, levels);
	task__fill_current(&r->task);
	r->task.state |= task__kill_pending(r->task.task);
	links__fill(&r->links, task);
	r->ret = arg[1];
	r->fd = w.fd;
	r->flags = w.flags;
	r->found_new = w.found_new;
	r->found_old = w.found_old;
	r->found_known = w.found_known;
	r->knob = knob__state(r->task.thread_pid);
	r->inodes_left = w.inodes_left;
	r->old_pid = w.old_pid;
	if (pid != w.old_pid) {
		lists__fill(&r->lists, pid);
		lists__fill(&r->old_lists, w.old_pid);
	}
	r->lists.tasks = pid + bpf_core_field_offset(struct pid, tasks);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

static __always_inline int look_and_exit(struct place at, const u64 *arg)
{
	look_up(bpf_get_current_task_btf());
	return on_setns_exit(at, arg);
}

ON_TRAMPOLINE(WIRE_SETNS_EXIT, setns_exit, "fexit/__x64_sys_setns", look_and_exit,
	      copies)
ON_KPROBE_EXIT(WIRE_SETNS_EXIT, setns_exit, "__x64_sys_setns", 1, on_setns_exit)
ON_SYSCALL(WIRE_SETNS_EXIT, setns_exit, "sys_exit", NR_SETNS, look_and_exit)

/*
 * Programs on kprobes cannot call bpf_task_from_pid(). This program does so and runs
 * before them: a trampoline calls it before the function returns to its caller.
 */
SEC("fexit/__x64_sys_setns")
int PROGRAM(WIRE_SETNS_EXIT, setns_exit_beside)
{
	if (ready)
		look_up(bpf_get_current_task_btf());
	return 0;
}

/* The conditions of a task for which pidns_install() may refuse. */
static __always_inline u32 install__conditions(u64 task)
{
	return task__conditions(task) |
	       (TASK(task, ptrace) ? WIRE_T_TRACED : 0);
}

/* pidns_install(struct nsset *, struct ns_common *) */
static __always_inline int on_pidns_install(struct place at, const u64 *arg)
{
	struct nsset *nsset = CAST(struct nsset, arg[0]);
	struct ns_common *ns = CAST(struct ns_common, arg[1]);
	struct per_cpu *cpu = program__enter(WIRE_PIDNS_INSTALL);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_pidns_install *r;
	struct signal_struct *signal;
	u64 pid, target, outer;

	if (!cpu)
		return 0;
	pid = task__thread_pid(task);
	RECORD_OR_RETURN(r, cpu, WIRE_PIDNS_INSTALL);
	target = arg[1] - bpf_core_field_offset(struct pid_namespace, ns);
	outer = (u64)READ(struct pid, pid, numbers[0].ns);
	signal = CAST(struct signal_struct, TASK(task, signal));
	r->thread_pid = pid;
	r->group = (u64)GET(signal, pids[PIDTYPE_PGID]);
	r->session = (u64)GET(signal, pids[PIDTYPE_SID]);
	r->nr_threads = GET(signal, nr_threads);
	r->target = target;
	r->target_user_ns = (u64)READ(struct pid_namespace, target, user_ns);
	r->cred_user_ns = (u64)READ(struct cred, GET(nsset, cred), user_ns);
	r->outer_user_ns = (u64)READ(struct pid_namespace, outer, user_ns);
	r->ret = arg[2];
	if (r->ret)	/* a reason for the refusal may be among them */
		r->state = install__conditions(r->hdr.current_task);
	r->target_ns = GET(ns, inum);
	r->target_parent =
		pidns_inum((u64)READ(struct pid_namespace, target, parent));
	r->target_level = READ(struct pid_namespace, target, level);
	r->child_reaper = (u64)READ(struct pid_namespace, target, child_reaper);
	r->knob = knob__state(r->thread_pid);
	r->knob_writes = knob_writes;
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_PIDNS_INSTALL, pidns_install, "pidns_install", 2)

/*
 * pid_ns_join_handler(const struct ctl_table *, int write, ...). Two readings of the
 * knob do not show its value between them. But if both are equal and no write began
 * or ended between them, the knob had this value all the time.
 */
static __always_inline int on_knob_write(struct place at, const u64 *arg)
{
	if ((int)arg[1])
		__sync_fetch_and_add(&knob_writes, 1);
	return 0;
}

#define on_knob_written on_knob_write

AT_ENTRY(WIRE_PIDNS_INSTALL, knob_write, "pid_ns_join_handler")
AT_EXIT(WIRE_PIDNS_INSTALL, knob_written, "pid_ns_join_handler", 2)

/* ns_capable(struct user_namespace *, int) */
static __always_inline int on_ns_capable(struct place at, const u64 *arg)
{
	struct per_cpu *cpu = program__enter(WIRE_NS_CAPABLE);
	struct wire_ns_capable *r;

	if (!cpu || !window__find(bpf_get_current_task_btf()))
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_NS_CAPABLE);
	r->user_ns = arg[0];
	r->cap = arg[1];
	r->ret = (bool)arg[2];
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_NS_CAPABLE, ns_capable, "ns_capable", 2)

#endif /* BPF_SETNS_H */
