/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of races: joins against a neighbour that comes in between. Stress
 * draws what meets what; here each race is aimed at, round after round.
 */
#ifndef GUEST_RACES_H
#define GUEST_RACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "actor.h"
#include "run.h"

#define RACE(title, fn) \
	{ .name = title, .modes = MODE_JOIN, .knob = KNOB_ON, .run = fn }

/* The one argument of a race program that is there to be executed. */
#define RACES_LINGER "--linger"

/* races_cases.c, races_proc.c, races_sysctl.c */
void races_cases__add(struct run_list *l);
void races_proc__add(struct run_list *l);
void races_sysctl__add(struct run_list *l);

/* races_round.c: a round, in memory that all three sides share. */
struct round {
	/* What the joiner is to do. */
	int fd, flags;
	void (*prepare)(struct round *r);	/* before it is ready */
	void (*aim)(struct round *r);		/* right before setns */
	void (*after)(struct round *r);		/* once it has joined */
	/* For those three, and the neighbour. */
	long lead_us;
	pid_t victim;
	pid_t number;		/* the number of a thread that executes; 0: none does */
	bool threads;		/* /proc/PID/task is looked in, not /proc */

	_Atomic uint32_t ready, armed, go, done, leave;
	pid_t pid;		/* the joiner's, before; a pidfd on it, ours */
	int pidfd;
	long err;		/* of its setns, once done */
	long took_us;
	/* What the neighbour, or after(), found. */
	long found[2], missed;
};

/* Another actor, on another CPU than ours. */
struct actor round__neighbour(const char *name);

/*
 * The joiner and the neighbour's @fn get ready; then both start. Returns at
 * once: the caller waits for what it needs, and reaps the joiner.
 */
void round__start(struct round *r, const struct actor *neighbour, actor_fn fn);

/*
 * For neighbours: arms, and returns when the joiner has taken its number, or is
 * through.
 */
void round__await_number(struct round *r);

/* Waits until the joiner is back from setns; bails after a time. */
void round__await_done(struct round *r);

/* Lets the joiner leave, takes the neighbour's answer, reaps the joiner. */
long round__end(struct round *r, const struct actor *neighbour);

/* For neighbours: arms, and waits for the start without sleeping. */
void round__arm(struct round *r);

/* For joiners: off to another CPU than the one shared with the director. */
void round__move(bool away);

/* For actors: the same, away. */
long round__move_away(long a, long b, int fd);

/* Microseconds of CLOCK_MONOTONIC. */
long round__now_us(void);

/* Who takes part, in round after round. */
struct race {
	struct round *r;
	struct actor init, neighbour;
};

/* A round, a target, see race__target(), and a neighbour. */
struct race race__make(const char *neighbour, int flags);

/*
 * Makes a target, its init having all that the joiner is to enter, and sends
 * the joiner there. Who enters a mount namespace takes his time: with the last
 * user of the one he leaves it goes, which takes an RCU grace period.
 */
void race__target(struct race *x, int flags);

/* What a case may take, more or less. */
#define RACE_MS 5000

/* Is there time for round @i of a case that is to end at @end? (ns__now_ms()) */
bool race__another(int i, int rounds, long end);

/*
 * races_slow.c: from now on a passage of tracepoint @name ("kmem/mm_page_alloc")
 * takes @times as long: on @cpu, or if that is -1, by this task alone. Lasts as
 * long as the process. 0 or -errno.
 */
int slow__tracepoint(const char *name, int cpu, int times);

#endif
