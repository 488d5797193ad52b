/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holds a clone3(2) inside the kernel until another process releases the call. The
 * hold is deterministic: the caller sleeps in the kernel at the given place.
 *
 * The means is a userfaultfd. clone3() writes to user memory at known places, and a
 * write to a page that a userfaultfd watches sleeps until the page is filled in.
 *
 *	struct hold *h = hold__begin(&caller, HOLD_NUMBERED);
 *
 *	actor__ask(&caller, hold__fork, (long)h, flags);
 *	hold__await(h);
 *	...				(the call is held)
 *	hold__release(h);
 *	result = actor__answer(&caller);
 *	hold__end(h);
 *
 * The functions for actors bail the case on errors. Processes that are not actors
 * use hold__prepare() and hold__clone(), and hand the userfaultfd over themselves.
 *
 * Limits: a fatal signal to the caller ends the hold, and the write fails with
 * EFAULT. Another signal that is not blocked makes the caller spin instead of sleep.
 * hold__prepare() needs CAP_SYS_PTRACE in the initial user namespace, so a caller
 * that leaves this user namespace has to prepare the hold first.
 */
#ifndef TESTS_GUEST_HOLD_H
#define TESTS_GUEST_HOLD_H

#include <linux/sched.h>
#include <sys/types.h>

#include "actor.h"

enum hold_where {
	/*
	 * In copy_mm(): before copy_namespaces() and alloc_pid(). Not with
	 * CLONE_VM, which copies no memory.
	 */
	HOLD_UNNUMBERED,
	/*
	 * Between alloc_pid() and tasklist_lock: the number is taken, and nothing can
	 * find a task by it. Uses CLONE_PIDFD.
	 */
	HOLD_NUMBERED,
	/*
	 * Between tasklist_lock and wake_up_new_task(): the child can be found, and
	 * has never run. Uses CLONE_PARENT_SETTID.
	 */
	HOLD_LINKED,
};

/* A hold, in memory that the caller and the releaser share. */
struct hold {
	enum hold_where where;
	int *word;	/* in the caller: the word to which clone3() writes */
	int uffd;	/* in the releaser: the userfaultfd */
	int pidfd;	/* in the caller: a pidfd of the child, or -1 */
};

/*
 * In the process that will be held: makes the userfaultfd. Returns its number, for
 * handing it over (the releaser sets h->uffd), or -errno. The caller should close
 * its own copy. @h->where is set before.
 */
int hold__prepare(struct hold *h);

/*
 * In the same process: calls clone3() and returns its result, or -errno. The
 * function sets the member of @args that takes the word, and h->pidfd. The hold
 * works for each call again.
 */
pid_t hold__clone(struct hold *h, struct clone_args *args);

/*
 * In the same process, before a call other than hold__clone() that writes to
 * *h->word: makes this write a hold. Returns 0 or -errno.
 */
int hold__rearm(struct hold *h);

/* For children: closes all files but stdio, and sleeps until killed. */
void hold__sleep(void) __attribute__((noreturn));

/* For directors: prepares a hold of @x. */
struct hold *hold__begin(const struct actor *x, enum hold_where where);

/*
 * (hold, flags): for actors: clones with @flags, and SIGCHLD at exit. The child
 * sleeps until killed. Returns the child's number or -errno.
 */
actor_fn hold__fork;

/* For the releaser: returns when the call is held. */
void hold__await(const struct hold *h);

/* For the releaser: lets the call continue. */
void hold__release(const struct hold *h);

/* Closes the userfaultfd. Calls that are still held continue, later ones do not stop. */
void hold__end(struct hold *h);

#endif /* TESTS_GUEST_HOLD_H */
