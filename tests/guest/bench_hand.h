/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hand is a process that does one kind of work on request, optionally in its
 * own namespace.
 *
 * The benchmark tolerates no error: every process of it checks every step with
 * must().
 */
#ifndef TESTS_GUEST_BENCH_HAND_H
#define TESTS_GUEST_BENCH_HAND_H

#include <stdbool.h>
#include <sys/types.h>

struct hand {
	pid_t pid;	/* in the namespace of its creator */
	int pidfd;
	int sock;	/* requests and answers */
	int nsfd;	/* its pid namespace */
};

/*
 * Returns @value unless @value is a negative errno. Otherwise prints @what on
 * stderr and exits with status 1, and so does each process that waits for this
 * one.
 */
long must(const char *what, long value);

/* The same for a condition that has to be true. */
void must_be(const char *what, bool is);

/* Returns -errno if @value is -1, else @value. */
long or_errno(long value);

/* Waits for child @pid (-1: any). Ends the process unless the child exits with 0. */
void must_end_well(const char *what, pid_t pid);

/*
 * Starts a child, cloned with @flags (CLONE_NEW*), that calls @work(n) for each
 * hand__ask(h, n).
 */
void hand__start(struct hand *h, unsigned long long flags, int (*work)(int));

/* Returns the result of the work. */
int hand__ask(const struct hand *h, int n);

/* Returns a copy of the hand's file descriptor @fd. */
int hand__take(const struct hand *h, int fd);

/* Kills the hand, and with it the namespace of which the hand is the init. */
void hand__end(struct hand *h);

#endif /* TESTS_GUEST_BENCH_HAND_H */
