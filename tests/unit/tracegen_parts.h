/* SPDX-License-Identifier: GPL-2.0-only */
/* Has the declarations that the files of tracegen share. */
#ifndef TESTS_UNIT_TRACEGEN_PARTS_H
#define TESTS_UNIT_TRACEGEN_PARTS_H

#include "tracegen.h"

#define GEN_HEADS	0x20		/* offset of tasks[] in a struct pid */
#define GEN_NS_BASE	0xffff888200000000ull

/* Inums are reused sooner than addresses. */
static inline uint64_t gen__ns_address(const struct gen *g,
				       const struct gen_ns *ns)
{
	return GEN_NS_BASE + 0x1000 * (1 + (uint64_t)(ns - g->ns));
}

/* The namespace of a task's innermost number. */
static inline struct gen_ns *gen__active_ns(const struct gen_task *t)
{
	return t->thread_pid->ns[t->thread_pid->level];
}

/* Makes g->record an empty record of a type, run by cur, and returns it. */
void *gen__record(struct gen *g, unsigned int type, const struct gen_task *cur);
/* Filters g->record and passes it to the sink. */
void gen__emit(struct gen *g);

void gen__fill_task(struct wire_task *w, const struct gen_task *t);
/* Fills image i of g->record. */
void gen__emit_exit(struct gen *g, struct gen_task *t, int code);
void gen__emit_release(struct gen *g, struct gen_task *cur, const struct gen_task *t);
void gen__fill_lists(struct wire_lists *w, const struct gen_pid *p);
void gen__fill_image(struct gen *g, unsigned int i, const struct gen_pid *p);
uint64_t gen__links_of(const struct gen_task *t);

void gen__fill_relative(struct wire_relative *w, const struct gen_task *t);

/* tracegen_process.c */
/* Returns how many other threads of cur's process run. */
int32_t gen__live(const struct gen *g, const struct gen_task *cur);
/* Returns one of them, or NULL. */
struct gen_task *gen__live_thread(struct gen *g, const struct gen_task *cur);
/* Emits ORPHAN: cur has given its child t to t->parent. */
void gen__orphaned(struct gen *g, struct gen_task *cur, struct gen_task *t);

/* tracegen_life.c: ends of objects, and sweeps */
void gen__pidns(struct gen *g, unsigned int type, const struct gen_task *cur,
		const struct gen_ns *ns);
void gen__gone(struct gen *g, struct gen_task *cur, struct gen_pid *p);
void gen__reparent(struct gen *g, struct gen_task *dead);

#endif /* TESTS_UNIT_TRACEGEN_PARTS_H */
