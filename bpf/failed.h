/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the programs on calls that fail to make a process or a namespace: fork, vfork,
 * clone, clone3, unshare.
 *
 * A call that succeeds costs one test of its result. All facts are read after a call has
 * failed: its arguments from the registers of the system call and from user space, and
 * the state of what limits it. The loader derives the reason.
 *
 * Bad at: a state that changes between the kernel's check and the end of the call. Then
 * the record shows no limit that is reached, and the loader knows no reason.
 */
#ifndef BPF_FAILED_H
#define BPF_FAILED_H

/* Addresses of variables of the kernel, 0: not known. Set by find_symbols(). */
__u64 nr_threads_address;
__u64 max_threads_address;
__u64 pid_max_address;		/* before 6.14: one for all pid namespaces */

#define HAS_NS_PID_MAX							\
	bpf_core_field_exists(((struct pid_namespace *)0)->pid_max)

/* --- limits --- */

struct chain {
	u64 at;		/* the member of the chain to look at next, 0: the end */
	u32 limits;
	u64 pids, max;
};

/* Adds the limits that are reached in the struct ucounts at walk->at. */
static long ucounts__step(u32 i, void *context)
{
	struct chain *walk = context;
	u64 ns, count, max;

	if (!walk->at)
		return 1;
	ns = (u64)READ(struct ucounts, walk->at, ns);
	count = walk->at + bpf_core_field_offset(struct ucounts, ucount);
	max = ns + bpf_core_field_offset(struct user_namespace, ucount_max);
	for (u32 limit = 0; limit < WIRE_LIMITS; limit++) {
		s64 n = 0, most = 0;

		bpf_probe_read_kernel(&n, sizeof(n), (void *)(count + limit * 8));
		bpf_probe_read_kernel(&most, sizeof(most),
				      (void *)(max + limit * 8));
		if (n >= most)
			walk->limits |= 1U << limit;
	}
	walk->at = (u64)READ(struct user_namespace, ns, ucounts);
	return 0;
}

/* Looks at the pids.max of a cgroup; the root of the hierarchy has none. */
static long cgroup__step(u32 i, void *context)
{
	struct chain *walk = context;
	struct pids_cgroup *pids;
	u64 parent;

	if (!walk->at)
		return 1;
	parent = (u64)READ(struct cgroup_subsys_state, walk->at, parent);
	if (!parent)
		return 1;
	pids = CAST(struct pids_cgroup, walk->at -
		    bpf_core_field_offset(struct pids_cgroup, css));
	walk->pids = GET(pids, counter.counter);
	walk->max = GET(pids, limit.counter);
	if (walk->pids >= walk->max)
		return 1;
	walk->pids = 0;
	walk->max = 0;
	walk->at = parent;
	return 0;
}

#define CGROUPS_MAX 64	/* levels to look at */

static __always_inline void failed__cgroup(struct wire_call_failed *to, u64 task)
{
	struct chain walk = {};
	u64 slots;

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)) {
		slots = (u64)TASK(task, cgroups) +
			bpf_core_field_offset(struct css_set, subsys);
		bpf_probe_read_kernel(&walk.at, sizeof(walk.at),
			(void *)(slots + 8 * bpf_core_enum_value(
				enum cgroup_subsys_id, pids_cgrp_id)));
		bpf_loop(CGROUPS_MAX, cgroup__step, &walk, 0);
	}
	to->cgroup_pids = walk.pids;
	to->cgroup_pids_max = walk.max;
}

static __always_inline void failed__threads(struct wire_call_failed *to)
{
	to->threads = 0;
	to->threads_max = 0;
	if (!nr_threads_address || !max_threads_address)
		return;
	bpf_probe_read_kernel(&to->threads, sizeof(to->threads),
			      (void *)nr_threads_address);
	bpf_probe_read_kernel(&to->threads_max, sizeof(to->threads_max),
			      (void *)max_threads_address);
}

/* Fills the members on what limits the caller, from to->task.task. */
__noinline int failed__fill_limits(struct wire_call_failed *to)
{
	struct chain walk = {};
	struct cred *cred;
	u64 ucounts;

	if (!to)
		return 0;
	cred = CAST(struct cred, TASK(to->task.task, real_cred));
	to->uid = GET(cred, uid.val);
	ucounts = (u64)GET(cred, ucounts);
	to->processes = READ(struct ucounts, ucounts, rlimit[0].counter);
	to->processes_max = READ(struct signal_struct, to->task.signal,
				 rlim[RLIMIT_NPROC].rlim_cur);
	cred = CAST(struct cred, TASK(to->task.task, cred));
	to->user_ns = (u64)GET(cred, user_ns);
	to->user_level = READ(struct user_namespace, to->user_ns, level);
	to->caps = GET(cred, cap_effective.val);
	walk.at = ucounts;
	bpf_loop(WIRE_MAX_LEVELS, ucounts__step, &walk, 0);
	to->limits = walk.limits;
	failed__cgroup(to, to->task.task);
	failed__threads(to);
	return 0;
}

/* --- arguments --- */

/* The begin of struct clone_args in user space. */
struct clone_args {
	u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	u64 set_tid, set_tid_size;
};

#define CLONE_ARGS_SIZE_VER0	64
#define CLONE_ARGS_SIZE_VER1	80

static __always_inline u64 asked__fill(struct wire_asked *to, u64 ns)
{
	to->child_reaper = 0;
	to->ns = 0;
	to->pid_max = 0;
	if (!ns)
		return 0;
	to->child_reaper = (u64)READ(struct pid_namespace, ns, child_reaper);
	to->ns = pidns_inum(ns);
	to->user_ns = (u64)READ(struct pid_namespace, ns, user_ns);
	to->user_level = READ(struct user_namespace, to->user_ns, level);
	if (HAS_NS_PID_MAX)
		to->pid_max = READ(struct pid_namespace, ns, pid_max);
	else if (pid_max_address)
		bpf_probe_read_kernel(&to->pid_max, sizeof(to->pid_max),
				      (void *)pid_max_address);
	return (u64)READ(struct pid_namespace, ns, parent);
}

static __always_inline void failed__asked(struct wire_call_failed *to, u64 set_tid)
{
	u64 ns = to->task.nsproxy ? (u64)READ(struct nsproxy, to->task.nsproxy,
					      pid_ns_for_children) : 0;

	for (u32 i = 0; i < WIRE_ASKED; i++) {
		struct wire_asked *asked = &to->asked[i];

		__builtin_memset(asked, 0, sizeof(*asked));
		if (i >= to->set_tid_size)
			continue;
		if (bpf_probe_read_user(&asked->nr, sizeof(asked->nr),
				(void *)(set_tid + i * sizeof(asked->nr))))
			to->facts |= WIRE_FAILED_NO_TIDS;
		/* With CLONE_NEWPID, the first number is for the new namespace. */
		if (!i && to->flags & CLONE_NEWPID)
			continue;
		ns = asked__fill(asked, ns);
	}
}

static __always_inline void failed__clone3(struct wire_call_failed *to, u64 address,
					   u64 size)
{
	struct clone_args args = {};
	long err;

	to->args_size = size;
	if (size >= CLONE_ARGS_SIZE_VER1)
		err = bpf_probe_read_user(&args, CLONE_ARGS_SIZE_VER1,
					  (void *)address);
	else
		err = bpf_probe_read_user(&args, CLONE_ARGS_SIZE_VER0,
					  (void *)address);
	if (err)
		to->facts |= WIRE_FAILED_NO_ARGS;
	to->flags = args.flags;
	to->exit_signal = args.exit_signal;
	to->child_stack = args.stack;
	to->stack_size = args.stack_size;
	to->set_tid_size = args.set_tid_size;
	to->set_tid = args.set_tid;
	failed__asked(to, args.set_tid);
}

/* Fills the members on the arguments, from to->call, to->facts and two registers. */
__noinline int failed__fill_args(struct wire_call_failed *to, u64 first, u64 second)
{
	u32 call;

	if (!to)
		return 0;
	call = to->call;
	if (call == NR_CLONE3) {
		failed__clone3(to, first, second);
	} else if (to->facts & WIRE_FAILED_COMPAT ?
		   call == NR_COMPAT_CLONE : call == NR_CLONE) {
		to->flags = (u32)first & ~CSIGNAL;
		to->exit_signal = first & CSIGNAL;
	} else if (call == NR_UNSHARE) {
		to->flags = first;
	}
	return 0;
}

/* --- programs --- */

__noinline int failed__fill_state(struct wire_call_failed *to)
{
	u64 task, ns;

	if (!to)
		return 0;
	task = to->task.task;
	ns = to->task.nsproxy ? (u64)READ(struct nsproxy, to->task.nsproxy,
					  pid_ns_for_children) : 0;
	to->children_level = READ(struct pid_namespace, ns, level);
	to->children_allocated = READ(struct pid_namespace, ns, pid_allocated);
	if (READ(struct signal_struct, to->task.signal, flags) & SIGNAL_UNKILLABLE)
		to->facts |= WIRE_FAILED_BY_INIT;
	if (READ(struct sighand_struct, TASK(task, sighand),
		 count.refs.counter) > 1)
		to->facts |= WIRE_FAILED_SIGHAND;
	return 0;
}

/* The system call that the current task is in. */
struct system_call {
	u32 nr;
	bool compat;
	u64 first, second;	/* arguments */
};

static __always_inline struct system_call system_call__now(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = CAST(struct pt_regs, bpf_task_pt_regs(task));
	bool compat = TASK(task, thread_info.status) & TS_COMPAT;

	return (struct system_call){
		.nr = (u32)GET(regs, orig_ax) & ~X32_SYSCALL_BIT,
		.compat = compat,
		.first = compat ? GET(regs, bx) : GET(regs, di),
		.second = compat ? GET(regs, cx) : GET(regs, si),
	};
}

/* True for the hook that makes the record of this call: clone3() has its own. */
static __always_inline bool is_call_of(enum wire_type type,
				       const struct system_call *call)
{
	return type != WIRE_CLONE_FAILED || call->compat || call->nr != NR_CLONE3;
}

static __always_inline bool is_restarted(s64 ret)
{
	return ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK;
}

static __always_inline int call_failed(enum wire_type type, s64 ret)
{
	struct per_cpu *cpu = program__enter(type);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_call_failed *r;
	struct system_call call;
	u32 levels;
	u64 pid;

	if (!cpu || ret >= 0 || is_restarted(ret) || TASK(task, flags) & PF_KTHREAD)
		return 0;
	call = system_call__now();
	if (!is_call_of(type, &call))
		return 0;
	pid = task__thread_pid(task);
	levels = pid_levels(pid);
	RECORD_PIDS_OR_RETURN(r, cpu, type, 1, levels);
	task__fill(&r->task, task);
	r->ret = ret;
	r->call = call.nr;
	r->facts = call.compat ? WIRE_FAILED_COMPAT : 0;
	failed__fill_args(r, call.first, call.second);
	failed__fill_state(r);
	failed__fill_limits(r);
	FILL_PID(r, levels, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/*
 * Defines on_NAME() for the end on a trampoline or a system call, whose first argument
 * comes before the result, and on_NAME_kprobe() for the end on a kprobe without saved
 * arguments. kernel_clone() returns a pid_t, and clone3() and unshare() a long.
 */
#define AT_FAILURE(type, name, function, is_mine)			\
static __always_inline int on_##name(struct place at, const u64 *arg)	\
{									\
	return call_failed(type, (s32)arg[1]);				\
}									\
									\
static __always_inline int on_##name##_kprobe(struct place at,		\
					      const u64 *arg)		\
{									\
	return call_failed(type, (s32)arg[0]);				\
}									\
									\
ON_TRAMPOLINE(type, name, "fexit/" function, on_##name, copies)		\
ON_KPROBE_EXIT(type, name, function, 0, on_##name##_kprobe)		\
									\
SEC("tp_btf/sys_exit")							\
int name##_syscall(u64 *ctx)						\
{									\
	struct place at = { ctx, SKIP_TRAMPOLINE };			\
									\
	return (s64)ctx[1] < 0 && is_mine(ctx[0]) &&			\
		turn__is_mine(ctx, type, __COUNTER__, copies) ?		\
		on_##name(at, ctx) : 0;					\
}

static __always_inline bool is_clone(u64 regs)
{
	return syscall__is(regs, NR_CLONE) || syscall__is(regs, NR_FORK) ||
	       syscall__is(regs, NR_VFORK);
}

static __always_inline bool is_clone3(u64 regs)
{
	return syscall__is(regs, NR_CLONE3);
}

static __always_inline bool is_unshare(u64 regs)
{
	return syscall__is(regs, NR_UNSHARE);
}

AT_FAILURE(WIRE_CLONE_FAILED, clone_failed, "kernel_clone", is_clone)
AT_FAILURE(WIRE_CLONE3_FAILED, clone3_failed, "__x64_sys_clone3", is_clone3)
AT_FAILURE(WIRE_UNSHARE_FAILED, unshare_failed, "__x64_sys_unshare", is_unshare)

#endif /* BPF_FAILED_H */
