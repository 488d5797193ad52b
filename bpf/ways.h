/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways.h - the two ways to a function that tasks call, and in which they are
 * preempted.
 *
 * A program on a trampoline (fentry, fexit) has copies: see turn.h. One on a
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
#ifndef PIDNS_WAYS_H
#define PIDNS_WAYS_H

#include "turn.h"

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

	if (!ready)
		return 0;
	if (!bpf_map_update_elem(&calls, &key, &args, BPF_ANY))
		return 0;
	me = counts__mine();
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

#endif /* PIDNS_WAYS_H */
