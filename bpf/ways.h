/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the ways to attach a program to a function. Some ways let tasks be preempted
 * inside the program.
 *
 * A program on a trampoline (fentry, fexit) sees every call, and has copies: see
 * turn.h.
 *
 * A program on a kprobe.multi runs with preemption off (fprobe_ftrace_entry() and
 * fprobe_return() in kernel/trace/fprobe.c). No task is preempted inside the program,
 * so one copy is enough; but each run costs more. Programs at the end of a function
 * need fprobes without a limit of concurrent calls (see struct fprobe, since 6.14).
 * Where the kernel refuses kprobe.multi, the same program is attached to a plain
 * kprobe.
 *
 * A program on a tracepoint (tp_btf) has copies, too: 7.3 preempts tasks in it
 * (__DECLARE_TRACE() in include/linux/tracepoint.h), 6.18 did not. perf's side of the
 * same tracepoint (tp) runs its programs with preemption off in every version
 * (perf_trace_NAME() in include/trace/perf.h), but gives them no pointer to a task.
 *
 * A program on the tracepoint of all system calls runs at each system call, to see one
 * of them. This way needs neither ftrace nor kprobes.
 *
 * loader/capture/ways.c lists the ways of each hook; for each hook, the loader takes
 * the first way that the kernel does not refuse.
 *
 * Bad at: a kprobe that fires in an interrupt. Programs on kprobes and on perf's
 * tracepoints share one counter per CPU (bpf_prog_active): while one of them runs, the
 * kernel skips every other. So functions that are called in softirqs, or under locks
 * with interrupts on, have kprobes only where trampolines are not available. A task
 * that is preempted while bpf(2) reads a map keeps the same counter raised
 * (bpf_disable_instrumentation()), so the loader reads its counts rarely. Since 6.7,
 * the kernel counts the skipped runs.
 *
 * Each way passes to on_NAME() the arguments and, at the exit, the return value after
 * them.
 */
#ifndef BPF_WAYS_H
#define BPF_WAYS_H

#include "turn.h"

/* The call of a program, for its stack. */
struct place {
	void *ctx;
	u32 skip;	/* first frames of the stack, which are the program's own */
};

/*
 * The stack of a program on a trampoline begins with the program and the trampoline;
 * the stack of a program on a kprobe with the function or, at its end, with the caller.
 */
#define SKIP_TRAMPOLINE	2
#define SKIP_KPROBE	0

#define ARGS_MAX 4

/* Arguments saved from the entry to the exit: registers do not keep them. */
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
	struct call_args args = {
		{ regs->di, regs->si, regs->dx, regs->cx }
	};
	struct per_cpu *cpu;

	if (!ready)
		return 0;
	if (!bpf_map_update_elem(&calls, &key, &args, BPF_ANY))
		return 0;
	cpu = counts__mine();
	if (cpu)
		__sync_fetch_and_add(&cpu->of[type].lost_map, 1);
	return 0;
}

/* Returns false if the call began before a program was attached at its entry. */
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

/* True if this is the system call @nr, 64-bit or x32. */
static __always_inline bool syscall__is(u64 regs, u32 nr)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return ((u32)READ(struct pt_regs, regs, orig_ax) & ~X32_SYSCALL_BIT) == nr &&
	       !(TASK(task, thread_info.status) & TS_COMPAT);
}

/* @n: the number of copies, "copies" or "copies_atomic". */
#define ON_TRAMPOLINE(type, name, section, body, n)			\
SEC(section)								\
int name(u64 *ctx)							\
{									\
	struct place at = { ctx, SKIP_TRAMPOLINE };			\
									\
	return turn__is_mine(ctx, type, __COUNTER__, n) ?		\
		body(at, ctx) : 0;					\
}

#define ON_KPROBE_ENTRY(name, function, body)				\
SEC("kprobe.multi/" function)						\
int name##_kprobe(struct pt_regs *ctx)					\
{									\
	struct place at = { ctx, SKIP_KPROBE };				\
	u64 arg[ARGS_MAX] = { ctx->di, ctx->si, ctx->dx, ctx->cx };	\
									\
	return body(at, arg);						\
}

/*
 * The type of the record distinguishes the calls that a task is in at the same time.
 * WIRE_PIDNS_INSTALL has programs at the exit of two functions; neither calls the
 * other.
 */
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
	struct place at = { ctx, SKIP_KPROBE };			\
	u64 arg[ARGS_MAX + 1];						\
									\
	if (!calls__take(type, arg, nargs))				\
		return 0;						\
	arg[nargs] = ctx->ax;						\
	return body(at, arg);						\
}

/*
 * For sys_enter(struct pt_regs *, long) or sys_exit(struct pt_regs *, long returned),
 * which pass the same arguments as fentry and fexit of the system call's function.
 */
#define ON_SYSCALL(type, name, tracepoint, nr, body)			\
SEC("tp_btf/" tracepoint)						\
int name##_syscall(u64 *ctx)						\
{									\
	struct place at = { ctx, SKIP_TRAMPOLINE };			\
									\
	return syscall__is(ctx[0], nr) &&				\
		turn__is_mine(ctx, type, __COUNTER__, copies) ?		\
		body(at, ctx) : 0;					\
}

#define AT_TRACEPOINT(type, name, tracepoint)				\
	ON_TRAMPOLINE(type, name, "tp_btf/" tracepoint, on_##name, copies)

#define AT_ENTRY(type, name, function)					\
	ON_TRAMPOLINE(type, name, "fentry/" function, on_##name, copies) \
	ON_KPROBE_ENTRY(name, function, on_##name)

/* For the same functions as PROGRAM_ATOMIC(). */
#define AT_ENTRY_ATOMIC(type, name, function)				\
	const volatile bool atomic__##name = true;			\
	ON_TRAMPOLINE(type, name, "fentry/" function, on_##name,	\
		      copies_atomic)					\
	ON_KPROBE_ENTRY(name, function, on_##name)

/* @nargs: the number of arguments of the function, at most ARGS_MAX. */
#define AT_EXIT(type, name, function, nargs)				\
	ON_TRAMPOLINE(type, name, "fexit/" function, on_##name, copies)	\
	ON_KPROBE_EXIT(type, name, function, nargs, on_##name)

#endif /* BPF_WAYS_H */
