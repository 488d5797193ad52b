/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stack.h - the kernel stack current has at a hook.
 *
 * A stack costs more than the record it is for. Where the hook is a busy one it
 * is told inside a setns only, or for what looks wrong at a glance: that is a
 * hint, what it looks like is the loader's to judge.
 */
#ifndef PIDNS_STACK_H
#define PIDNS_STACK_H

static __always_inline void stack__fill(u64 *to, struct place at)
{
	__builtin_memset(to, 0, WIRE_STACK_DEPTH * sizeof(*to));
	bpf_get_stack(at.ctx, to, WIRE_STACK_DEPTH * sizeof(*to), at.skip);
}

/* Tells the stack of current, and what it is the stack of. */
static __always_inline int stack__tell(struct place at, struct per_cpu *me,
				       enum wire_type type)
{
	struct wire_stack *r;

	RECORD_OR_RETURN(r, me, WIRE_STACK);
	r->type = type;
	r->reserved = 0;
	stack__fill(r->stack, at);
	SUBMIT(r);
	return 0;
}

#endif /* PIDNS_STACK_H */
