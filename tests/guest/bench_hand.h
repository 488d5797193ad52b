/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hand: a process that does one kind of work, when asked, in a namespace of
 * its own if need be.
 *
 * In the benchmark nothing may go wrong: must() is how every step is taken, in
 * every process of it.
 */
#ifndef GUEST_BENCH_HAND_H
#define GUEST_BENCH_HAND_H

#include <stdbool.h>
#include <sys/types.h>

struct hand {
	pid_t pid;	/* in the namespace of the one that started it */
	int pidfd;
	int sock;	/* requests and answers */
	int nsfd;	/* its pid namespace */
};

/*
 * Returns @value unless it is a negative errno: then it names @what on stderr
 * and ends the process with status 1, as does each that waits for it.
 */
long must(const char *what, long value);

/* The same for what has to be true. */
void must_be(const char *what, bool is);

/* What the last call left in errno, if it returned -1. */
long or_errno(long value);

/* Waits for child @pid (-1: any). Ends the process unless it exits with 0. */
void must_end_well(const char *what, pid_t pid);

/*
 * A child, cloned with @flags (CLONE_NEW*), that calls @work(n) for each
 * hand__ask(h, n).
 */
void hand__start(struct hand *h, unsigned long long flags, int (*work)(int));

/* Returns what the work returned. */
int hand__ask(const struct hand *h, int n);

/* A copy of the hand's file descriptor @fd. */
int hand__take(const struct hand *h, int fd);

/* Kills it, and with it its namespace if it is the init of one. */
void hand__end(struct hand *h);

#endif
