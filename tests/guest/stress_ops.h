/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations, and the helpers they share. */
#ifndef TESTS_GUEST_STRESS_OPS_H
#define TESTS_GUEST_STRESS_OPS_H

#include <string.h>

#include "stress_crew.h"
#include "stress_self.h"

/* Returns "0", or the name of the error in a -errno. */
static inline const char *rc__name(int rc)
{
	const char *name = rc ? strerrorname_np(-rc) : "0";

	return name ? name : "an unknown error";
}

/* Plan of a crew member, in most operations. */
struct plan {
	struct path path;
	enum how how;
	bool check;	/* check its own view after each level */
	bool stay;	/* stay until GATE_LEAVE, so that others can look at it */
	int doomed;	/* level of the path that is killed, or 0 */
};

/* Returns the worker's own tree or the common one, at random. */
const struct tree *ops__tree(struct trial *run);

/* Draws a path of at least @least levels, and how to enter it. */
struct plan ops__plan(struct trial *run, int least);

/* Member: becomes a session leader, waits at the gate, and joins. */
void ops__joiner(struct self *me, const void *plan);

/* stress_ops_join.c: joins that must succeed, whatever others watch. */
op_fn op_join, op_crowd, op_exit, op_levels, op_exec, op_fork, op_threads;

/* stress_ops_race.c: joins that race with a SIGKILL, a wait or a change. */
op_fn op_init_death, op_kill, op_wait, op_orphan, op_setpgid, op_ptrace;

/* stress_ops_watch.c: joins watched by holders of the old pid. */
op_fn op_proc, op_pidfd, op_timer;

/* stress_ops_itimer.c: joins while an interval timer expires. */
op_fn op_itimer;

/* stress_ops_old.c: joins while others look up the old number. */
op_fn op_group, op_tracer;

/* stress_ops_refuse.c: joins that must fail and change nothing. */
op_fn op_refuse;

#endif /* TESTS_GUEST_STRESS_OPS_H */
