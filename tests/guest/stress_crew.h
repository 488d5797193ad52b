/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run is one operation of one worker; its crew are the tasks it forks, each
 * with a slot in shared memory. The worker lets them get ready, opens the
 * gate, plays its own part, and collects them: it is the parent, and finds
 * out what became of each from what it left behind, alive or not.
 */
#ifndef GUEST_STRESS_CREW_H
#define GUEST_STRESS_CREW_H

#include "stress.h"

struct self;

/* What a crew member does; it may return, then exits with 0. */
typedef void (*crew_fn)(struct self *me, const void *arg);

struct member {
	pid_t pid;	/* as forked, in the worker's namespace */
	pid_t last;	/* as reaped: differs if it was moved */
	int status;	/* as from wait(2), once reaped */
	bool reaped;
	bool killed;	/* by SIGKILL */
	bool may_die;	/* the operation shoots at it */
	bool by_child;	/* its slot tells of a child of its own */
	int moved;	/* levels it was moved, known even of the dead */
	struct slot *slot;
};

/* A child that was reaped by a number nobody reported. */
struct stranger {
	pid_t pid;
	int status;
	int levels;	/* below the worker */
};

struct run {
	struct worker *w;
	unsigned int op;	/* index into ops */
	unsigned int index;	/* of the operation in its worker */
	struct rng rng;
	struct tree brief;	/* namespaces made for this operation */
	bool brief_dead;	/* its root was reaped */
	bool fatal;		/* tasks are left that can not be collected */
	int nr;
	int strangers;
	struct member member[CREW_MAX];
	struct stranger stranger[CREW_MAX];
};

/* Prepares and finishes an operation. run__end() fells the brief tree. */
void run__begin(struct run *run, struct worker *w, unsigned int op,
		unsigned int index);
void run__end(struct run *run);

/* Notes something that is not permitted. */
void run__fail(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Counts how something came out. */
void run__note(struct run *run, enum outcome out);

/*
 * Forks a member that runs fn(self, arg). @arg is the child's copy of the
 * worker's memory. NULL when fork failed, which is noted as a failure.
 */
struct member *crew__add(struct run *run, crew_fn fn, const void *arg);

/* Waits until all members stand at the gate (false: noted), then opens it. */
bool crew__ready(struct run *run);
void crew__gate(struct run *run, enum gate gate);

/* Waits until @m has done its part; false: noted as a failure. */
bool crew__done(struct run *run, struct member *m);

/*
 * Lets all leave, reaps all, adds up what they counted, takes over what they
 * found wrong and notes how their setns came out. Checks that nobody died of
 * anything but the SIGKILL he was to expect, and that reaping named him by a
 * number he had.
 */
void crew__collect(struct run *run);

/* Reaps a tree's root, its crew being gone; false: noted as a failure. */
bool crew__reap_root(struct run *run, struct tree *t);

#endif
