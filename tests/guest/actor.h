/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An actor is a process of a case that does what it is asked, one call at a
 * time: the parent, the caller of setns, a container's init, a bystander. It
 * is a forked copy of this program, so "what to do" is a function's address.
 *
 * Everything is steered from one process, the case's first ("the director"):
 * only that one may use the functions of this file. All of them bail the case
 * when an actor cannot be made or does not answer in time; what a call
 * returns is the caller's to judge.
 */
#ifndef GUEST_ACTOR_H
#define GUEST_ACTOR_H

#include <sys/types.h>

struct actor {
	const char *name;	/* for messages */
	pid_t pid;		/* at birth, in the director's namespace */
	int pidfd;		/* on that number */
	int sock;		/* requests and answers; the director's end */
};

/*
 * Something to do. Two values and one fd (or -1; the function owns it and has
 * to close it unless it shall stay). Returns a value, or a negative errno.
 */
typedef long (*actor_fn)(long a, long b, int fd);

/*
 * Makes an actor: a child of @parent (of the director if NULL) cloned with
 * @flags (CLONE_NEW*; CLONE_PARENT).
 */
struct actor actor__spawn(const char *name, const struct actor *parent,
			  unsigned long long flags);

/* Asks and waits for the answer. @fd (or -1) is passed on as a copy. */
long actor__call(const struct actor *x, actor_fn fn, long a, long b, int fd);

/*
 * The same in two steps, for calls that block. actor__pending() is true as
 * long as no answer came within @ms.
 */
void actor__ask(const struct actor *x, actor_fn fn, long a, long b, int fd);
long actor__answer(const struct actor *x);
int actor__pending(const struct actor *x, int ms);

/*
 * Returns when the actor sleeps in what it was asked for: it has taken the
 * request and is not running.
 */
void actor__wait_asleep(const struct actor *x);

/*
 * The actor's number in the director's namespace as of now, as the kernel
 * stamps it on a message of the actor (SCM_CREDENTIALS).
 */
pid_t actor__number(const struct actor *x);

/*
 * The actor is told to exit with @status. Returns when it has closed its
 * files; it becomes a zombie right after, and its parent has to reap it.
 */
void actor__exit(const struct actor *x, int status);

#endif
