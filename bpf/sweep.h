/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Visits each thread of user space, zombies included, by the BPF iterator iter/task.
 *
 * The loader sets the sweep's id and reason, then reads the iterator to its end, one
 * sweep at a time. The kernel calls the program under RCU, once per thread, then once
 * with a NULL task.
 */
#ifndef BPF_SWEEP_H
#define BPF_SWEEP_H

/* The loader sets these before each sweep. */
__u32 sweep_id;
__u32 sweep_reason;

/* Threads visited so far in this sweep; each visit makes a record. */
__u32 sweep_visited;

#define STEPS_MAX 65536
#define INIT_NR 1

struct parents_walk {
	u64 task;
	u32 steps;
	bool root;
};

static long parents__step(u32 i, void *context)
{
	struct parents_walk *walk = context;

	if (!TASK(walk->task, pid)) {
		walk->root = true;
		return 1;
	}
	walk->task = (u64)TASK(walk->task, real_parent);
	walk->steps++;
	return !walk->task;
}

/*
 * Follows real_parent from to->task.task to pid 0, the idle task, and fills the number
 * of steps. Sets WIRE_SWEEP_ROOT if pid 0 was reached.
 */
__noinline int parents__fill(struct wire_sweep_task *to)
{
	struct parents_walk walk = {};

	if (!to)
		return 0;
	walk.task = to->task.task;
	bpf_loop(STEPS_MAX, parents__step, &walk, 0);
	to->steps = walk.steps;
	if (walk.root)
		to->flags |= WIRE_SWEEP_ROOT;
	return 0;
}

/* Fills all other members from to->task. */
__noinline int relative__fill(struct wire_relative *to)
{
	u64 pid, ns;

	if (!to)
		return 0;
	pid = (u64)TASK(to->task, thread_pid);
	ns = pid_ns_of(pid);
	to->start = TASK(to->task, start_boottime);
	to->pid = TASK(to->task, pid);
	to->ns = pidns_inum(ns);
	to->level = ns ? READ(struct pid_namespace, ns, level) : 0;
	to->tgid = TASK(to->task, tgid);
	return 0;
}

/*
 * Adds the flags about to->real_parent, which relative__fill() has filled. exit_state is
 * read after the number, so the number is that of a live process. has_child_subreaper
 * is never cleared and is read last: if it is not set by now, it was not set when the
 * task got this parent.
 */
__noinline int real_parent__fill(struct wire_sweep_task *to)
{
	u64 signal, pid;

	if (!to)
		return 0;
	signal = (u64)TASK(to->real_parent.task, signal);
	pid = (u64)READ(struct signal_struct, signal, pids[PIDTYPE_TGID]);
	if (pid_nr_in(pid, pid_ns_of(pid)) == INIT_NR)
		to->flags |= WIRE_SWEEP_INIT_ABOVE;
	if (!TASK(to->real_parent.task, exit_state))
		to->flags |= WIRE_SWEEP_LIVE_ABOVE;
	if (has_child_subreaper(to->task.signal))
		to->flags |= WIRE_SWEEP_SUBREAPER;
	return 0;
}

/*
 * True if the task is asleep as in wait4() or at the end of zap_pid_ns_processes(). A
 * task that is about to sleep, or is preempted then, is still on a run queue. A task that
 * sleeps for a lock or for memory is in TASK_UNINTERRUPTIBLE alone.
 */
static __always_inline bool is_waiting(u64 task)
{
	u8 on_rq = 0;

	/* The verifier refuses to read a part of an int. */
	bpf_probe_read_kernel(&on_rq, sizeof(on_rq),
			      (void *)TASK_ADDRESS(task, on_rq));
	return !on_rq && TASK(task, __state) & (TASK_INTERRUPTIBLE | TASK_NOLOAD);
}

struct reapers_walk {
	u64 pid;		/* thread_pid of the visited thread */
	u32 level;		/* next level to check */
	u64 reaper;
	u64 ns;
	s32 nr;
};

static __always_inline s32 reaper_nr_in(u64 reaper, u64 ns)
{
	u64 signal;

	if (!reaper)
		return 0;
	signal = (u64)TASK(reaper, signal);
	return pid_nr_in((u64)READ(struct signal_struct, signal,
				   pids[PIDTYPE_TGID]), ns);
}

static long reapers__step(u32 i, void *context)
{
	struct reapers_walk *walk = context;
	u32 level = walk->level;
	u64 ns, reaper;
	s32 nr;

	if (level >= WIRE_MAX_LEVELS)
		return 1;
	ns = (u64)pid_upid(walk->pid, level).ns;
	reaper = (u64)READ(struct pid_namespace, ns, child_reaper);
	nr = reaper_nr_in(reaper, ns);
	if (i == 0 || nr != INIT_NR) {
		walk->ns = ns;
		walk->reaper = reaper;
		walk->nr = nr;
	}
	walk->level--;
	return nr != INIT_NR || !level;
}

/*
 * Fills the reaper_* members from the first namespace, beginning with the innermost,
 * whose child_reaper is NULL or does not have number 1 there; if there is none, from
 * the innermost namespace.
 */
__noinline int reapers__fill(struct wire_sweep_task *to)
{
	struct reapers_walk walk = {};

	if (!to)
		return 0;
	walk.pid = to->task.thread_pid;
	if (walk.pid) {
		walk.level = READ(struct pid, walk.pid, level);
		bpf_loop(WIRE_MAX_LEVELS, reapers__step, &walk, 0);
	}
	to->reaper = walk.reaper;
	to->reaper_ns = pidns_inum(walk.ns);
	to->reaper_level = walk.ns ?
		READ(struct pid_namespace, walk.ns, level) : 0;
	to->reaper_nr = walk.nr;
	return 0;
}

static __always_inline int sweep__mark(struct per_cpu *cpu,
				       enum wire_sweep_phase phase)
{
	struct wire_sweep *r;

	RECORD_OR_RETURN(r, cpu, WIRE_SWEEP);
	r->id = sweep_id;
	r->phase = phase;
	r->reason = sweep_reason;
	r->tasks = sweep_visited;
	SUBMIT(r);
	return 0;
}

static __always_inline int sweep__visit(struct per_cpu *cpu,
					struct task_struct *task)
{
	struct wire_sweep_task *r;
	u32 levels;
	u64 pid;

	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_SWEEP_TASK, 1, levels);
	task__fill(&r->task, task);
	r->task.state |= task__cpu_timers(r->task.task) |
			 task__kill_pending(r->task.task);
	r->real_parent.task = (u64)TASK(task, real_parent);
	relative__fill(&r->real_parent);
	r->parent.task = (u64)TASK(task, parent);
	relative__fill(&r->parent);
	r->id = sweep_id;
	r->flags = r->real_parent.task == (u64)task ? WIRE_SWEEP_SELF_PARENT : 0;
	if (TASK(task, pending.signal.sig[0]) & SIGKILL_BIT)
		r->flags |= WIRE_SWEEP_SIGKILL;
	if (is_waiting(r->task.task))
		r->flags |= WIRE_SWEEP_WAITING;
	real_parent__fill(r);
	parents__fill(r);
	reapers__fill(r);
	r->status = wait_status(r->task.signal, TASK(task, exit_code));
	r->cgroup = task__cgroup(task);
	FILL_PID(r, levels, pid, UPID_FILL_MORE);
	/*
	 * exit_state is read last: a task that is alive now was alive during the
	 * whole visit, and the init of a namespace outlives the other tasks in it.
	 * A visit takes long if the host preempts the virtual CPU: up to 25 ms
	 * were measured.
	 */
	r->exit_state = TASK(task, exit_state);
	SUBMIT(r);
	return 0;
}

SEC("iter/task")
int sweep(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct per_cpu *cpu;

	if (!ready)
		return 0;
	cpu = program__enter(WIRE_SWEEP_TASK);
	if (!cpu)
		return 0;
	if (!ctx->meta->seq_num) {
		sweep_visited = 0;
		sweep__mark(cpu, WIRE_SWEEP_BEGIN);
	}
	if (!task)
		return sweep__mark(cpu, WIRE_SWEEP_END);
	/* a kernel thread has a level 0 pid and nothing else of interest */
	if (TASK(task, flags) & PF_KTHREAD)
		return 0;
	sweep_visited++;
	return sweep__visit(cpu, task);
}

#endif /* BPF_SWEEP_H */
