/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations, and what they have in common. */
#ifndef GUEST_STRESS_OPS_H
#define GUEST_STRESS_OPS_H

#include <string.h>

#include "stress_crew.h"
#include "stress_self.h"

/* "0", or the name of the error in a -errno. */
static inline const char *rc__name(int rc)
{
	const char *name = rc ? strerrorname_np(-rc) : "0";

	return name ? name : "an unknown error";
}

/* What a crew member is to do, in most operations. */
struct plan {
	struct path path;
	enum how how;
	bool check;	/* looks about after each level */
	bool stay;	/* stays until it may leave, so others can look at it */
	int doomed;	/* lives below a level of the path that is killed, or 0 */
};

/* The tree of the worker, or the one all workers share. */
const struct tree *ops__tree(struct run *run);

/* Draws where to and how, at least @least levels down. */
void ops__plan(struct run *run, int least, struct plan *p);

/* One member that becomes a session leader, stands at the gate, and goes. */
void ops__joiner(struct self *me, const void *plan);

/* stress_ops_join.c: joins that must succeed, whoever looks on. */
void op_join(struct run *run);
void op_crowd(struct run *run);
void op_exit(struct run *run);
void op_levels(struct run *run);
void op_exec(struct run *run);
void op_fork(struct run *run);
void op_threads(struct run *run);

/* stress_ops_race.c: joins against somebody's SIGKILL, wait or change. */
void op_init_death(struct run *run);
void op_kill(struct run *run);
void op_wait(struct run *run);
void op_orphan(struct run *run);
void op_setpgid(struct run *run);
void op_ptrace(struct run *run);

/* stress_ops_watch.c: joins under the eyes of those who hold the old pid. */
void op_proc(struct run *run);
void op_pidfd(struct run *run);
void op_timer(struct run *run);

/* stress_ops_itimer.c: joins while an interval timer expires. */
void op_itimer(struct run *run);

/* stress_ops_old.c: joins while others ask for the old number. */
void op_group(struct run *run);
void op_tracer(struct run *run);

/* stress_ops_refuse.c: joins that must fail, and change nothing. */
void op_refuse(struct run *run);

#endif
