/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single calls of fork's kind, whose child exits at once, for the cases of
 * creation.
 */
#ifndef TESTS_GUEST_CREATION_CALL_H
#define TESTS_GUEST_CREATION_CALL_H

#include <linux/sched.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * clone3(2) without CLONE_VM. The child exits at once, with the status of
 * @child, if not NULL. The caller reaps the child, except for one made with
 * CLONE_PARENT. Returns the child's number, or -errno.
 */
pid_t call__clone3(const struct clone_args *args, size_t size,
		   int (*child)(void));

/* The same for a fork with @nr requested numbers, the innermost first. */
pid_t call__set_tid(const pid_t tid[], size_t nr, int (*child)(void));

/* fork(), in the same way. */
pid_t call__fork(int (*child)(void));

/*
 * The exit status of the last child that was reaped; -1: a signal ended the
 * child.
 */
int call__status(void);

/*
 * Runs @fn in a child, and returns its result. So the caller stays as it is,
 * whatever @fn does to its process.
 */
long call__apart(long (*fn)(const void *arg), const void *arg);

#endif /* TESTS_GUEST_CREATION_CALL_H */
