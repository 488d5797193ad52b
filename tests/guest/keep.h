/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scene in which the caller joins and keeps its struct pid (sysctl
 * kernel.setns_pid_join = 2), and the parts of the semantics program about that,
 * which the files keep_*.c describe.
 */
#ifndef TESTS_GUEST_KEEP_H
#define TESTS_GUEST_KEEP_H

#include "ns.h"
#include "program.h"
#include "scene.h"

struct kept {
	struct scene s;
	struct snap *before, *after;
	struct ns_numbers was;	/* the caller's numbers before the join */
	pid_t pid;		/* its number for the director, which stays */
	pid_t inner;		/* its number in the target */
};

/*
 * kept__start() builds the scene of @spec (NULL: the plain one); the target's init has
 * its own /proc. A case may act between the two calls. kept__finish() joins by nsfd
 * and checks kept__check_numbers(). It bails if setns() fails.
 */
struct kept kept__start(const struct scene_spec *spec);
void kept__finish(struct kept *k);

/* Calls both for the plain scene. */
struct kept kept__make(void);

/*
 * Checks that all old numbers of process @pid are those of @was, and that there is
 * exactly one new number. Returns this one.
 */
pid_t kept__check_numbers(pid_t pid, const struct ns_numbers *was);

/* A case where the caller keeps its struct pid. */
#define KEEP(name, fn) CASE(WHERE_KEEP, "keep: " name, fn)
#define KEEP_WITH(name, fn, arg) CASE_WITH(WHERE_KEEP, "keep: " name, fn, arg)

program_add_fn keep_gate__add, keep_refusal__add, keep_view__add, keep_pidfd__add,
	       keep_life__add, keep_wait__add, keep_tracer__add, keep_timer__add,
	       keep_signal__add, keep_group__add, keep_terminal__add,
	       keep_object__add, keep_security__add, keep_unprivileged__add,
	       keep_trace__add, keep_end__add;

#endif /* TESTS_GUEST_KEEP_H */
