/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of entrances: each way into a pid namespace but the join, against the
 * death of the namespace's init.
 */
#ifndef TESTS_GUEST_ENTRANCES_H
#define TESTS_GUEST_ENTRANCES_H

#include <signal.h>
#include <sys/ptrace.h>

#include "actor.h"
#include "program.h"

/* An entrance leaves its caller where it is, so the sysctl of a join is off. */
#define ENTRANCE(title, fn) \
	CASE(.modes = MODE_MAINLINE | MODE_JOIN, title, fn)
#define ENTRANCE_WITH(title, fn, arg) \
	CASE_WITH(.modes = MODE_MAINLINE | MODE_JOIN, title, fn, arg)

/* The arguments of entrances programs that only exit with 0, or sleep until killed. */
#define ENTRANCES_EXIT "--exit"
#define ENTRANCES_SLEEP "--sleep"

/* The files of the same names. */
program_add_fn entrances_fork__add, entrances_callers__add, entrances_first__add,
	       entrances_ptrace__add, entrances_exec__add, entrances_reaper__add,
	       entrances_rounds__add;

/*
 * entrances_target.c: a pid namespace that will die. The owner, a child of the
 * director, has a user namespace in which one pid namespace may exist at a time.
 */
struct target {
	struct actor owner;
	struct actor init;	/* a child of the owner */
	pid_t last;		/* the thread of the init that ends last */
	int nsfd;
	int proc;		/* the directory of a proc mount of the namespace */
};

struct target target__make(void);

/* Makes @x's future children members of the namespace. */
void target__enter(const struct target *t, const struct actor *x);

/* Sends SIGKILL to the init. */
void target__strike(const struct target *t);

/*
 * Returns when the dying init has forbidden new members, has killed the old ones,
 * and waits until all of them are gone. Bails if the init does not get there.
 */
void target__await_waiting(const struct target *t);

/* Checks that the namespace's proc mount shows that many processes. */
void target__check_numbers(const struct target *t, int expected);

/* Checks that the init is gone: its pidfd reports the end, and the owner reaps it. */
void target__check_reaped(const struct target *t);

/*
 * Checks that the namespace is freed, and so all its numbers are: another one can be
 * made. All other processes must have given up their references before.
 */
void target__check_freed(struct target *t);

/*
 * Checks that SIGKILL killed a child of @parent (of the director if NULL), which reaps
 * the child. @child: the result of the fork.
 */
void target__check_killed(const struct actor *parent, long child);

/* Checks both, and dismisses the caller in between. */
void target__end(struct target *t, struct actor *caller);

/* Makes the actor, a child of the director, exit, and reaps it. */
void target__dismiss(struct actor *x);

/* For actors: ends the calling thread alone. Never answers. */
actor_fn target_exit_thread;

/* Returns when the state of a task, such as 'Z', is that in /proc/PID/stat, and checks it. */
void target__await_state(pid_t pid, char state);

/* entrances_tracer.c: a process outside that traces others. */
struct actor tracer__make(pid_t pid, long options);

/* Waits, as the tracer, for the next stop or end of @pid. Returns the status. */
int tracer__next(const struct actor *tracer, pid_t pid);

/* The status of PTRACE_EVENT_EXIT, without the lowest 8 bits. */
#define TRACER_EXIT_STOP (SIGTRAP | PTRACE_EVENT_EXIT << 8)

/* For actors that trace: (pid). */
actor_fn tracer_interrupt, tracer_resume, tracer_detach;

#endif /* TESTS_GUEST_ENTRANCES_H */
