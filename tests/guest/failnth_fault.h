/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes one allocation fail: in a setns(2) of an actor, or in any call of the caller. */
#ifndef TESTS_GUEST_FAILNTH_FAULT_H
#define TESTS_GUEST_FAILNTH_FAULT_H

#include <stdbool.h>

#include "actor.h"

/* The result of one call. */
struct fault {
	long err;	/* from setns */
	pid_t tid;	/* the caller's number in its own view afterwards */
	pid_t number;	/* the caller's number for the director */
	long left;	/* rest of fail-nth; 0: an allocation failed */
};

/*
 * Makes failslab and fail_page_alloc fail GFP_KERNEL allocations, without
 * printing stacks. Bails the case if the kernel lacks these features.
 */
void fault__prepare(void);

/*
 * For a call of the own process: fault__open() opens the count, and bails on errors.
 * fault__set() makes the @nth allocation from now on fail (0: none), and bails.
 * fault__left() returns the rest of the count and clears it. Neither allocates memory.
 *
 * After a preemption the kernel writes the number of the CPU to the memory of a task
 * (rseq(2)), and after a fork this needs a new page. A failure of that allocation is
 * SIGSEGV, see kernel/rseq.c. fault__leave_rseq() ends this for the caller, and bails.
 */
int fault__open(void);
void fault__set(int fd, int nth);
long fault__left(int fd);
void fault__leave_rseq(void);

/* The number of the allocation to fail in a row of calls. Starts as { .nth = 1 }. */
struct fault_walk {
	int nth;
	int twice;	/* the last number that came twice */
	int survived;	/* calls that worked although an allocation failed */
};

/*
 * Goes on to the next number, @step further, after a call; @survived calls worked so far. A
 * call survives the failure of an allocation that only fills a cache, such as a sheaf
 * (mm/slub.c), and the next call does not make it: then the same number belongs to another
 * allocation. So a number that was survived comes twice.
 */
void fault_walk__next(struct fault_walk *w, int step, int survived);

/*
 * Makes @who call setns(@number, @flags) with its @nth allocation failing.
 * @joins: a success moves the caller.
 */
void fault__setns(const struct actor *who, long number, int flags, int nth,
		  bool joins, struct fault *out);

#endif /* TESTS_GUEST_FAILNTH_FAULT_H */
