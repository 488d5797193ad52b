/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the processes program, which the files processes_*.c describe, and
 * what several of them need.
 */
#ifndef TESTS_GUEST_PROCESSES_H
#define TESTS_GUEST_PROCESSES_H

#include <sys/ptrace.h>

#include "actor.h"
#include "program.h"

program_add_fn parent__add, init__add, end__add, wait__add, info__add, chld__add,
	       event__add, exec__add, trace__add, stop__add, jobs__add, reach__add,
	       timer__add;

/* These cases are about mainline: setns() moves only the children of its caller. */
#define PROCESS(name, fn) CASE(WHERE_STAYS, name, fn)
#define PROCESS_WITH(name, fn, arg) CASE_WITH(WHERE_STAYS, name, fn, arg)

/*
 * Waits for an event of a child or tracee, as waitpid() does, but at most
 * run__patience(). Returns the number, 0 if there is no event, or -errno.
 */
long await_child(pid_t pid, int options, int *status);

/* Checks that the next event of @pid is its end, by @sig or (@sig 0) with @code. */
void check_end(const char *what, pid_t pid, int sig, int code);

/* Checks that the next event of tracee @pid is the PTRACE_EVENT_* @event. */
bool check_event(const char *what, pid_t pid, int event);

/* Checks that tracee @pid stops because of the signal @sig. */
bool check_signal_stop(const char *what, pid_t pid, int sig);

/* Waits until the leader of a process is in @state, as in /proc/PID/stat. */
void await_state(pid_t pid, char state);

/*
 * Reaps the child @x of the actor @parent (NULL: of the director), once it is dead.
 * Returns what waitpid() returned.
 */
long reap_by(const struct actor *parent, const struct actor *x);

/* Makes the leader of an actor exit; a second thread goes on. */
void lose_leader(const struct actor *x);

/* Makes @path a copy of this program that root owns, with the permissions @mode. */
void copy_program(const char *path, mode_t mode);

/* Spawns an actor into the pid namespace of @init; its parent @outer stays outside. */
struct actor spawn_into(const struct actor *init, const struct actor *outer,
			const char *name);

/*
 * The nursery is the init of a pid namespace that no subreaper is above, unlike the
 * director of a case. nursery__create() has to be called once before the first case.
 * The nursery ends with the program, which holds the other end of its socket.
 */
void nursery__create(void);
const struct actor *nursery(void);

/* (inside, outside): maps one uid and one gid of the parent user namespace. */
actor_fn op_map_user;

/* (sig): unblocks a signal. */
actor_fn op_unblock;

/*
 * (n): returns the tid of the nth thread of the actor, 0 being the leader, as the proc
 * mount on /proc numbers it.
 */
actor_fn op_thread;

#endif /* TESTS_GUEST_PROCESSES_H */
