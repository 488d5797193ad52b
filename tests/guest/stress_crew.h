/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run is one operation of one worker; its crew are the tasks that it forks,
 * each with a slot in shared memory. The worker lets them get ready, opens the
 * gate, plays its own part, and collects them. As their parent, the worker
 * finds out from their slots and their exits what became of each, alive or
 * dead.
 */
#ifndef TESTS_GUEST_STRESS_CREW_H
#define TESTS_GUEST_STRESS_CREW_H

#include "stress.h"

struct self;

/* Function of a crew member; a member whose function returns exits with 0. */
typedef void (*crew_fn)(struct self *me, const void *arg);

struct member {
	pid_t pid;	/* number at fork, in the worker's namespace */
	pid_t last;	/* number when reaped; different after a move */
	int status;	/* status from wait(2), once reaped */
	bool reaped;
	bool killed;	/* by SIGKILL */
	bool may_die;	/* the operation sends it SIGKILL */
	bool by_child;	/* a child of the member reports in its slot */
	int moved;	/* levels it was moved, known even after its death */
	struct slot *slot;
};

/* A child that was reaped by an unreported number. */
struct stranger {
	pid_t pid;
	int status;
	int levels;	/* below the worker */
};

struct trial {
	struct worker *w;
	unsigned int op;	/* index into ops */
	unsigned int index;	/* number of the operation in its worker */
	struct rng rng;
	struct tree brief;	/* namespaces made for this operation */
	bool brief_dead;	/* its root was reaped */
	bool fatal;		/* some tasks cannot be collected */
	int nr;
	int strangers;
	struct member member[CREW_MAX];
	struct stranger stranger[CREW_MAX];
};

/* Prepares and finishes an operation. run__end() fells the brief tree. */
void run__begin(struct trial *run, struct worker *w, unsigned int op,
		unsigned int index);
void run__end(struct trial *run);

/* Records a result that is not permitted. */
void run__fail(struct trial *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Counts an outcome. */
void run__note(struct trial *run, enum outcome out);

/*
 * Forks a member that runs fn(self, arg). @arg points into the child's copy of
 * the worker's memory. Returns NULL, and records a failure, if fork() failed.
 */
struct member *crew__add(struct trial *run, crew_fn fn, const void *arg);

/* Waits until all members are at the gate, then opens it; false: recorded failure. */
bool crew__ready(struct trial *run);
void crew__gate(struct trial *run, enum gate gate);

/* Waits until @m has done its part; false: recorded failure. */
bool crew__done(struct trial *run, struct member *m);

/*
 * Lets all members leave, reaps them, adds up their counts, and records their
 * failures and the outcomes of their setns(). Checks that no member died of
 * anything but an expected SIGKILL, and that each was reaped by one of its own
 * numbers.
 */
void crew__collect(struct trial *run);

/* Reaps a tree's root after its crew is gone; false: recorded failure. */
bool crew__reap_root(struct trial *run, struct tree *t);

#endif /* TESTS_GUEST_STRESS_CREW_H */
