/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records the kernel stack of current at a hook.
 *
 * A stack costs more than the record it belongs to. So busy hooks record a stack only
 * inside a setns, or if a cheap check finds something unusual. A recorded stack is only
 * a hint: the loader judges.
 */
#ifndef BPF_STACK_H
#define BPF_STACK_H

static __always_inline void stack__fill(u64 *to, struct place at)
{
	__builtin_memset(to, 0, WIRE_STACK_DEPTH * sizeof(*to));
	bpf_get_stack(at.ctx, to, WIRE_STACK_DEPTH * sizeof(*to), at.skip);
}

/* Submits the stack of current, for the record of @type that the program makes next. */
static __always_inline int stack__submit(struct place at, struct per_cpu *cpu,
				       enum wire_type type)
{
	struct wire_stack *r;

	RECORD_OR_RETURN(r, cpu, WIRE_STACK);
	r->type = type;
	r->reserved = 0;
	stack__fill(r->stack, at);
	SUBMIT(r);
	return 0;
}

#endif /* BPF_STACK_H */
