/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps of a crew member, and its checks of its own view. All of this runs
 * in the member; failures are recorded in its slot.
 */
#ifndef TESTS_GUEST_STRESS_SELF_H
#define TESTS_GUEST_STRESS_SELF_H

#include "stress.h"
#include "stress_crew.h"
#include "stress_view.h"

/* Ways to name a namespace to setns(). */
enum how {
	HOW_NSFS,		/* nsfs fd, flags 0 */
	HOW_NSFS_FLAG,		/* nsfs fd, CLONE_NEWPID */
	HOW_PIDFD,		/* pidfd of the init, CLONE_NEWPID */
	HOW_PIDFD_MANY,		/* pidfd, several namespaces, also after pid */
	HOW__NR
};

struct self {
	struct trial *run;
	struct slot *slot;
	struct rng rng;
	pid_t born;		/* number at birth */
	int level;		/* levels below the worker */
	/* Only in mode keep, for comparison: */
	struct ns_numbers base[VIEW__NR];	/* numbers before the joins */
	bool regrouped;		/* its process group changes after that */
};

/* Records a failure; only the first of a member is kept. */
void self__fail(struct self *me, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Waits at the gate until it opens. Exits at the limit. */
void self__ready(struct self *me);

/* Reports that the part is done, and waits for GATE_LEAVE. */
void self__done(struct self *me);

/* Waits to be killed; survival beyond the limit is the failure "survived @where". */
void self__await_death(struct self *me, const char *where);

/* Calls setsid() and counts it. Returns 0 or -errno. */
int self__setsid(void);

/* Like self__setsid(), for a task just forked, where it cannot fail. */
void self__lead(struct self *me);

/*
 * Calls setns() and counts it. @pid: success enters a pid namespace. Returns 0
 * or -errno.
 */
int self__setns(struct self *me, int fd, int flags, bool pid);

/* Enters one node by setns(). Returns 0 or -errno. */
int self__enter(struct self *me, const struct tree *t, int node, enum how how);

/*
 * Returns whether @rc is what a setns() in mode keep may give after the first join:
 * how many numbers a struct pid has room for depends on the kernel.
 */
bool self__lacks_room(const struct self *me, int rc);

/*
 * Goes down a path: level by level if setns() moves the caller, at once if it
 * moves the children. With @check, checks the member's view after each step.
 * Stops at the first error. Returns 0 or -errno, also in slot->rc. In mode keep, the
 * path may end early with 0: a struct pid has room for one join, and perhaps for more.
 */
int self__descend(struct self *me, const struct path *p, enum how how,
		  bool check);

/* Like self__descend(), but any error is a failure. Returns true on success. */
bool self__must_descend(struct self *me, const struct path *p, enum how how,
			bool check);

/*
 * Checks the member's view: moved @me->level levels in the modes join and keep, unmoved
 * in mainline.
 */
void self__check(struct self *me);

/* Calls self__check(); in mainline also forks a child into the new namespace. */
void self__settle(struct self *me, const struct path *p);

/*
 * Calls fork() and counts it; not for members under fire. The child gets 0 and
 * must _exit(). Returns -errno on failure.
 */
pid_t self__fork(void);

/* Waits for @pid by number; any exit status but 0 is a failure of "@who". */
void self__wait(struct self *me, pid_t pid, const char *who);

/*
 * Checks, in a task just forked, that it was born into the namespace at @levels
 * levels. Returns NULL, or the error as static text.
 */
const char *self__newborn(int levels, bool parent_outside);

/* Execs stress as a probe that repeats the checks. Returns only on failure. */
void self__exec(struct self *me);

#endif /* TESTS_GUEST_STRESS_SELF_H */
