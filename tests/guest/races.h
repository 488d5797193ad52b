/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of races: joins against a neighbour that acts in between. Stress
 * meets races at random; here each case provokes one race, round after round.
 */
#ifndef TESTS_GUEST_RACES_H
#define TESTS_GUEST_RACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "actor.h"
#include "program.h"

#define RACE(title, fn) CASE(WHERE_JOIN, title, fn)
#define RACE_WITH(title, fn, arg) CASE_WITH(WHERE_JOIN, title, fn, arg)

/* The argument of a races program that only runs until its input ends. */
#define RACES_LINGER "--linger"

/* races_cases.c, races_proc.c, races_sysctl.c, races_keep.c */
program_add_fn races_cases__add, races_proc__add, races_sysctl__add,
	races_keep__add;

/* races_round.c: a round, in memory that director, joiner and neighbour share. */
struct round {
	/* Input of the joiner. */
	int fd, flags;
	void (*prepare)(struct round *r);	/* before the joiner is ready */
	void (*aim)(struct round *r);		/* right before setns */
	void (*after)(struct round *r);		/* after a successful setns */
	/* Input of these three functions and of the neighbour. */
	long lead_us;
	pid_t victim;
	pid_t number;		/* the number of a thread that executes; 0:
				 * no thread does; or the number that a join took */
	pid_t sharer;		/* a task that shares the joiner's memory */
	bool threads;		/* look in /proc/PID/task, not in /proc */
	bool keep;		/* the sysctl is switched to 2, not to 1 */

	_Atomic uint32_t ready, armed, go, done, leave, taken;
	pid_t pid;		/* the joiner's number before; the director's
				 * pidfd on that number */
	int pidfd;
	long err;		/* result of the joiner's setns, once done */
	long took_us;
	/* Results of the neighbour or of after(). */
	long found[2], missed;
};

/* Makes an actor on another CPU than the director's. */
struct actor round__neighbour(const char *name);

/*
 * Prepares the joiner and the neighbour's @fn, then starts both. Returns at
 * once: the caller waits for the results it needs, and reaps the joiner.
 */
void round__start(struct round *r, const struct actor *neighbour, actor_fn *fn);

/* The part of it after the preparation of the joiner. */
void round__go(struct round *r, const struct actor *neighbour, actor_fn *fn);

/*
 * For neighbours: arms, and returns when the joiner has taken its number or has
 * finished.
 */
void round__await_number(struct round *r);

/* Waits until the joiner has returned from setns; bails after a timeout. */
void round__await_done(struct round *r);

/* Lets the joiner leave, gets the neighbour's answer, reaps the joiner. */
long round__end(struct round *r, const struct actor *neighbour);

/* For neighbours: arms, and waits for the start without sleeping. */
void round__arm(struct round *r);

/* For joiners: moves to another CPU (@away), or back to the director's. */
void round__move(bool away);

/* For actors: moves to another CPU. */
long round__move_away(long a, long b);

/* Microseconds of CLOCK_MONOTONIC. */
long round__now_us(void);

/* The participants of all rounds. */
struct race {
	struct round *r;
	struct actor init, neighbour;
};

/* Makes a round, a target (see race__target()), and a neighbour. */
struct race race__make(const char *neighbour, int flags);

/*
 * Makes a target, whose init has all the namespaces that the joiner is to
 * enter, and sets it as the joiner's target. With CLONE_NEWNS the joiner is
 * slow: it is the last user of its old mount namespace, and freeing that
 * namespace takes an RCU grace period.
 */
void race__target(struct race *x, int flags);

/* The approximate time limit of a case. */
#define RACE_MS 5000

/* Is there time for round @i of a case that shall end at @end (ns__now_ms())? */
bool race__another(int i, int rounds, long end);

/*
 * races_slow.c: makes each execution of tracepoint @name ("kmem/mm_page_alloc")
 * @times as slow from now on: on @cpu, or, if -1, by this task alone. Lasts as
 * long as the process. Returns 0 or -errno.
 */
int slow__tracepoint(const char *name, int cpu, int times);

#endif /* TESTS_GUEST_RACES_H */
