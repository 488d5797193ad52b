/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lets several copies of a program share its events, for kernels that preempt programs.
 *
 * The kernel skips a program on a CPU that already runs this program:
 * __bpf_prog_enter_recur() in kernel/bpf/trampoline.c (since 5.11) and
 * __bpf_trace_run() in kernel/trace/bpf_trace.c count prog->active up, per program and
 * CPU. Without preemption, this stops recursion. With preemption, a task may be
 * preempted inside a program, and until the task runs again the kernel skips the
 * program for all other tasks of that CPU.
 *
 * So the loader loads and attaches each program @copies times. An event calls all
 * copies, one after the other. The first copy that is not skipped makes the record, and
 * leaves a note with a bit for each later copy. The key of the note is the address of
 * the arguments: they are on the stack of this call, so no other call has this address
 * meanwhile. Each later copy clears its own bit. A skipped copy cannot, and its bit
 * stays for a later call with the same address: if all copies before it are skipped in
 * that call, this copy leaves the record to the copies after it.
 *
 * bpf_preempt_disable() (since 6.10) does not help: a task whose time slice is over is
 * preempted in bpf_preempt_enable(), which is inside the program as well.
 *
 * Bad at: as many tasks as there are copies, preempted inside the same program on the
 * same CPU. The loader counts the events lost in this way: how often copy 0 was
 * skipped, less how often another copy stood in.
 */
#ifndef BPF_TURN_H
#define BPF_TURN_H

/* Set by the loader: the number of this copy. The kernel calls copy 0 first. */
const volatile __u32 copy;
const volatile __u32 copies = 1;
/* Copies of a program that is not preempted: 1, except with PREEMPT_RT. */
const volatile __u32 copies_atomic = 1;

/* The verifier rejects arithmetic on the arguments' address, but accepts a key. */
struct call {
	void *ctx;
	u64 program;	/* programs of one trampoline have the same ctx */
};

/* Preallocated, because programs delete entries in softirqs and under locks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct call);
	__type(value, u32);
} turns SEC(".maps");

static __always_inline void turn__count(enum wire_type type, bool stands_in)
{
	struct per_cpu *cpu = counts__mine();

	if (cpu)
		__sync_fetch_and_add(stands_in ? &cpu->of[type].stood_in :
						 &cpu->of[type].declined, 1);
}

/* Returns true if this copy, one of @n, has to make the record. */
static __always_inline bool turn__is_mine(void *ctx, enum wire_type type,
					  u32 program, u32 n)
{
	struct call call;
	bool last = copy + 1 == n;
	u32 *note, others;

	if (n == 1)
		return true;
	/* The compiler does not prepare the key before that test. */
	asm volatile("" : : : "memory");
	call = (struct call){ .ctx = ctx, .program = program };
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
	/* Without a note, the next copy would make the record as well. */
	turn__count(type, false);
	return false;
}

/*
 * Like BPF_PROG(), for a program that has @n copies and makes records of @type.
 * @more: other declarations.
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
 * For functions that are called with tasklist_lock held or in softirqs only: their
 * programs are not preempted, except with PREEMPT_RT. The loader looks for the
 * variable.
 */
#define PROGRAM_ATOMIC(type, name, args...)				\
	PROGRAM_OF(copies_atomic, type,					\
		   const volatile bool atomic__##name = true;, name, ##args)

#endif /* BPF_TURN_H */
