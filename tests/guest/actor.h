/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An actor is a process of a test case that executes one function at a time on
 * request: a parent, the caller of setns, a container's init, a bystander. An
 * actor is a forked copy of this program, so the request is a function's
 * address.
 *
 * The case's first process ("the director") controls all actors. Only the
 * director may use the functions of this file. All functions bail the case if
 * an actor cannot be made or does not answer in time; the caller judges what a
 * call returned.
 */
#ifndef TESTS_GUEST_ACTOR_H
#define TESTS_GUEST_ACTOR_H

#include <sys/types.h>

struct actor {
	const char *name;	/* for messages */
	pid_t pid;		/* at birth, in the director's namespace */
	int pidfd;		/* on that number */
	int sock;		/* requests and answers; the director's end */
};

/* A function for an actor. Returns a value or a negative errno. */
typedef long actor_fn(long a, long b);

/*
 * Makes an actor: a child of @parent (of the director if NULL), cloned with
 * @flags (CLONE_NEW*; CLONE_PARENT).
 */
struct actor actor__spawn(const char *name, const struct actor *parent,
			  unsigned long long flags);

/* Asks and waits for the answer; actor__run() is for functions without parameters. */
long actor__call(const struct actor *x, actor_fn *fn, long a, long b);
long actor__run(const struct actor *x, actor_fn *fn);

/*
 * actor__move() lets a new thread of the actor execute all further requests. The old
 * thread, which was the leader, sleeps (@a true) or exits (@a false).
 *
 * actor__exec() executes a copy of this program in the thread that executes requests:
 * /proc/self/exe, or the file at path @a. The new program executes further requests;
 * it knows nothing of the case, so the functions must neither check nor use shared
 * memory. Its main() has to call actor__resume() if the only argument is ACTOR_RESUME.
 */
actor_fn actor__move, actor__exec;

#define ACTOR_RESUME "--resume-actor"
int actor__resume(void);

/* Gives the actor a copy of @fd. Returns the number of the copy in the actor. */
long actor__give(const struct actor *x, int fd);

/*
 * actor__call() in two steps, for calls that block. actor__pending() is true if
 * no answer arrived within @ms.
 */
void actor__ask(const struct actor *x, actor_fn *fn, long a, long b);
long actor__answer(const struct actor *x);
int actor__pending(const struct actor *x, int ms);

/*
 * Returns when the actor sleeps in the requested call: the actor has read the
 * request and is not running.
 */
void actor__wait_asleep(const struct actor *x);

/*
 * Returns the actor's current number in the director's namespace, as the kernel
 * stamps it on a message of the actor (SCM_CREDENTIALS).
 */
pid_t actor__number(const struct actor *x);

/*
 * Makes the actor exit with @status. Returns after the actor has closed its
 * files. The actor becomes a zombie right afterwards, and its parent has to
 * reap it.
 */
void actor__exit(const struct actor *x, int status);

#endif /* TESTS_GUEST_ACTOR_H */
