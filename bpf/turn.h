/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * turn.h - copies of each program, for kernels that preempt programs.
 *
 * The kernel skips a program on a CPU where that program is already at work:
 * prog->active is counted up by __bpf_prog_enter_recur() in
 * kernel/bpf/trampoline.c (since 5.11) and by __bpf_trace_run() in
 * kernel/trace/bpf_trace.c, per program and CPU. Without preemption this stops
 * recursion. With it, a task may be preempted inside of a program, and until it
 * runs again the program is skipped for all other tasks of that CPU.
 *
 * So the loader loads and attaches each program @copies times. An event calls
 * all of them, one after the other. The first that is not skipped makes the
 * record, and leaves a note with a bit for each of those after it. The note is
 * named after the address of the arguments: they are on the stack of this call, so
 * no other call has this address as long as it lasts. Each copy takes back its own
 * bit. One that is skipped cannot, and its bit is there in a later call with the
 * same address: should all copies before it be skipped in that one, it would leave
 * the record to those after it.
 *
 * bpf_preempt_disable() (since 6.10) is no help: a task whose time is up is
 * preempted in bpf_preempt_enable(), which is inside of the program as well.
 *
 * Bad at: as many tasks as there are copies, preempted inside of the same program
 * on the same CPU. The loader counts the events that were lost so: the times that
 * copy 0 was skipped, less those that another stood in.
 */
#ifndef PIDNS_TURN_H
#define PIDNS_TURN_H

/* Set by the loader: the number of this object, of which 0 is called first. */
const volatile __u32 copy;
const volatile __u32 copies = 1;
/* Of programs that are never preempted: but for PREEMPT_RT, 1. */
const volatile __u32 copies_atomic = 1;

/* The verifier computes with no address of arguments, but takes one as a key. */
struct call {
	void *ctx;
	u64 program;	/* a trampoline has several, with the same arguments */
};

/* Entries go in softirqs and under locks, so they are preallocated. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct call);
	__type(value, u32);
} turns SEC(".maps");

static __always_inline void turn__count(enum wire_type type, bool stands_in)
{
	struct per_cpu *me;
	u32 zero = 0;

	me = bpf_map_lookup_elem(&counts, &zero);
	if (me)
		__sync_fetch_and_add(stands_in ? &me->of[type].stood_in :
						 &me->of[type].declined, 1);
}

/* Is it up to this copy, of @n? */
static __always_inline bool turn__is_mine(void *ctx, enum wire_type type,
					  u32 program, u32 n)
{
	struct call call = { .ctx = ctx, .program = program };
	bool last = copy + 1 == n;
	u32 *note, others;

	if (n == 1)
		return true;
	note = copy ? bpf_map_lookup_elem(&turns, &call) : NULL;
	if (note && *note & 1U << copy) {
		if (last)
			bpf_map_delete_elem(&turns, &call);
		else
			__sync_fetch_and_and(note, ~(1U << copy));
		return false;
	}
	if (copy)
		turn__count(type, true);
	others = (1U << n) - (2U << copy);
	if (last || !bpf_map_update_elem(&turns, &call, &others, BPF_ANY))
		return true;
	/* Without a note the next copy would make the record, too. */
	turn__count(type, false);
	return false;
}

/*
 * Like BPF_PROG(), for a program that has copies; its records are of @type. @more
 * are other declarations.
 */
#define PROGRAM_OF(n, type, more, name, args...)			\
name(unsigned long long *ctx);						\
more									\
static __always_inline int						\
____##name(unsigned long long *ctx, ##args);				\
int name(unsigned long long *ctx)					\
{									\
	_Pragma("GCC diagnostic push")					\
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")		\
	if (turn__is_mine(ctx, type, __COUNTER__, n))			\
		____##name(___bpf_ctx_cast(args));			\
	_Pragma("GCC diagnostic pop")					\
	return 0;							\
}									\
static __always_inline int						\
____##name(unsigned long long *ctx, ##args)

#define PROGRAM(type, name, args...)					\
	PROGRAM_OF(copies, type, , name, ##args)

/*
 * On a function that is called with tasklist_lock held or in softirqs only: but for
 * PREEMPT_RT, nothing preempts it. The loader looks for the variable.
 */
#define PROGRAM_ATOMIC(type, name, args...)				\
	PROGRAM_OF(copies_atomic, type,					\
		   const volatile bool atomic__##name = true;, name, ##args)

/*
 * Programs on functions that are called by tasks, and so preempted. There are two
 * ways. A program on a trampoline (fentry, fexit) has copies, as above. One on a
 * kprobe.multi runs with preemption off (fprobe_ftrace_entry() and fprobe_return()
 * in kernel/trace/fprobe.c), so no task is in the way of another, and it needs no
 * copies; but it costs more, and what ends a function can only be had so where
 * fprobes have no limit of calls under way (see struct fprobe, since 6.14). The
 * loader decides which of the two it loads.
 *
 * Bad at: a kprobe that fires in an interrupt. There is one counter for all such
 * programs of a CPU (bpf_prog_active), so it would be skipped. What is called in
 * softirqs has programs on trampolines only.
 *
 * Either way on_NAME() gets the arguments and, at the exit, behind them the value
 * returned.
 */
#define ARGS_MAX 3

/* Arguments, from the entry to the exit: registers do not keep them. */
struct call_args {
	u64 arg[ARGS_MAX];
};

struct caller {
	u64 task;
	u64 type;	/* enum wire_type */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct caller);
	__type(value, struct call_args);
} calls SEC(".maps");

static __always_inline int calls__note(enum wire_type type,
				       const struct pt_regs *regs)
{
	struct caller key = {
		.task = (u64)bpf_get_current_task_btf(),
		.type = type,
	};
	struct call_args args = { { regs->di, regs->si, regs->dx } };
	struct per_cpu *me;
	u32 zero = 0;

	if (!ready)
		return 0;
	if (!bpf_map_update_elem(&calls, &key, &args, BPF_ANY))
		return 0;
	me = bpf_map_lookup_elem(&counts, &zero);
	if (me)
		__sync_fetch_and_add(&me->of[type].lost_map, 1);
	return 0;
}

/* false: the call began before there was a program at its entry */
static __always_inline bool calls__take(enum wire_type type, u64 *arg, u32 nargs)
{
	struct caller key = {
		.task = (u64)bpf_get_current_task_btf(),
		.type = type,
	};
	struct call_args *args;

	if (!nargs)
		return true;
	args = bpf_map_lookup_elem(&calls, &key);
	if (!args)
		return false;
	for (u32 i = 0; i < ARGS_MAX && i < nargs; i++)
		arg[i] = args->arg[i];
	bpf_map_delete_elem(&calls, &key);
	return true;
}

#define ON_TRAMPOLINE(type, name, section, body)			\
SEC(section)								\
int name(u64 *ctx)							\
{									\
	return turn__is_mine(ctx, type, __COUNTER__, copies) ?		\
		body(ctx, ctx) : 0;					\
}

#define ON_KPROBE_ENTRY(name, function, body)				\
SEC("kprobe.multi/" function)						\
int name##_kprobe(struct pt_regs *ctx)					\
{									\
	u64 arg[ARGS_MAX] = { ctx->di, ctx->si, ctx->dx };		\
									\
	return body(ctx, arg);						\
}

/* A type of record has one program at an exit, and so the type tells them apart. */
#define ON_KPROBE_EXIT(type, name, function, nargs, body)		\
SEC("kprobe.multi/" function)						\
int name##_args(struct pt_regs *ctx)					\
{									\
	return nargs ? calls__note(type, ctx) : 0;			\
}									\
									\
SEC("kretprobe.multi/" function)					\
int name##_kprobe(struct pt_regs *ctx)					\
{									\
	u64 arg[ARGS_MAX + 1];						\
									\
	if (!calls__take(type, arg, nargs))				\
		return 0;						\
	arg[nargs] = ctx->ax;						\
	return body(ctx, arg);						\
}

#define AT_ENTRY(type, name, function)					\
	ON_TRAMPOLINE(type, name, "fentry/" function, on_##name)	\
	ON_KPROBE_ENTRY(name, function, on_##name)

/* @nargs: how many arguments the function has, at most ARGS_MAX. */
#define AT_EXIT(type, name, function, nargs)				\
	ON_TRAMPOLINE(type, name, "fexit/" function, on_##name)		\
	ON_KPROBE_EXIT(type, name, function, nargs, on_##name)

#endif /* PIDNS_TURN_H */
