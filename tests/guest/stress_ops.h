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
void ops__plan(struct trial *run, int least, struct plan *p);

/* Member: becomes a session leader, waits at the gate, and joins. */
void ops__joiner(struct self *me, const void *plan);

/* stress_ops_join.c: joins that must succeed, whatever others watch. */
void op_join(struct trial *run);
void op_crowd(struct trial *run);
void op_exit(struct trial *run);
void op_levels(struct trial *run);
void op_exec(struct trial *run);
void op_fork(struct trial *run);
void op_threads(struct trial *run);

/* stress_ops_race.c: joins that race with a SIGKILL, a wait or a change. */
void op_init_death(struct trial *run);
void op_kill(struct trial *run);
void op_wait(struct trial *run);
void op_orphan(struct trial *run);
void op_setpgid(struct trial *run);
void op_ptrace(struct trial *run);

/* stress_ops_watch.c: joins watched by holders of the old pid. */
void op_proc(struct trial *run);
void op_pidfd(struct trial *run);
void op_timer(struct trial *run);

/* stress_ops_itimer.c: joins while an interval timer expires. */
void op_itimer(struct trial *run);

/* stress_ops_old.c: joins while others look up the old number. */
void op_group(struct trial *run);
void op_tracer(struct trial *run);

/* stress_ops_refuse.c: joins that must fail and change nothing. */
void op_refuse(struct trial *run);

#endif /* TESTS_GUEST_STRESS_OPS_H */
