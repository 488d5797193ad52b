/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a crew member does itself, and how it checks what it sees after it.
 * All of this runs in the member; failures go to its slot.
 */
#ifndef GUEST_STRESS_SELF_H
#define GUEST_STRESS_SELF_H

#include "stress.h"
#include "stress_crew.h"

/* How a namespace is named to setns(). */
enum how {
	HOW_NSFS,		/* nsfs fd, flags 0 */
	HOW_NSFS_FLAG,		/* nsfs fd, CLONE_NEWPID */
	HOW_PIDFD,		/* pidfd of the init, CLONE_NEWPID */
	HOW_PIDFD_MANY,		/* and more namespaces, those after pid too */
	HOW__NR
};

struct self {
	struct run *run;
	struct slot *slot;
	struct rng rng;
	pid_t born;		/* number at birth */
	int level;		/* levels below the worker */
	ino_t ns;		/* inode of the namespace it is to be in, or 0 */
};

/* The first failure of a member is kept. */
void self__fail(struct self *me, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Stands at the gate until it opens. Exits on the limit. */
void self__ready(struct self *me);

/* Says it is done, and waits until it may leave. */
void self__done(struct self *me);

/*
 * Waits to be killed; being alive after the limit is the failure
 * "survived @where".
 */
void self__await_death(struct self *me, const char *where);

/* setsid(), counted. 0 or -errno. */
int self__setsid(struct self *me);

/* The same of a task just forked, which can not fail. */
void self__lead(struct self *me);

/* One call, counted. @pid: a success enters a pid namespace. 0 or -errno. */
int self__setns(struct self *me, int fd, int flags, bool pid);

/* setns() into one node. 0 or -errno. */
int self__enter(struct self *me, const struct tree *t, int node, enum how how);

/*
 * Goes down a path: level by level when setns moves the caller, at once when
 * it moves the children. With @check looks about after each step. Stops at
 * the first error: 0 or -errno, also in slot->rc.
 */
int self__descend(struct self *me, const struct path *p, enum how how,
		  bool check);

/* descend(), anything but 0 being a failure. True when it is there. */
bool self__must_descend(struct self *me, const struct path *p, enum how how,
			bool check);

/*
 * Whether the member is what it must be, here: moved @me->level levels in
 * mode join, unmoved in mainline.
 */
void self__check(struct self *me);

/* self__check(); in mainline also forks a child into the new namespace. */
void self__settle(struct self *me, const struct path *p);

/*
 * fork(), counted; not for members under fire. The child gets 0 and must
 * _exit(). -errno when it failed.
 */
pid_t self__fork(struct self *me);

/* Waits for @pid by number; its exit must be 0 (else failure "@who"). */
void self__wait(struct self *me, pid_t pid, const char *who);

/*
 * In a task just forked, after @levels levels: checks that it was born into
 * the namespace. NULL, or what is wrong (static text).
 */
const char *self__newborn(int levels, bool parent_outside);

/* Execs stress as a probe that makes the same checks. Returns on failure. */
void self__exec(struct self *me);

#endif
