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
/* The copies of a program that nothing preempts: one, but for PREEMPT_RT. */
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
	struct per_cpu *me = counts__mine();

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

#endif /* PIDNS_TURN_H */
