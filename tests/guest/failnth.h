/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of failnth: setns(2) with one failing allocation, first the first,
 * then the second, and so on, until all have failed once.
 */
#ifndef TESTS_GUEST_FAILNTH_H
#define TESTS_GUEST_FAILNTH_H

#include <stdbool.h>

#include "actor.h"
#include "run.h"

/* failnth_cases.c: the ways to call setns, each as a separate case. */
void failnth__add(struct run_list *l);

/* failnth_fault.c: one call with one fault. */

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
 * Makes @who call setns(@number, @flags) with its @nth allocation failing.
 * @joins: a success moves the caller.
 */
void fault__setns(const struct actor *who, long number, int flags, int nth,
		  bool joins, struct fault *out);

#endif /* TESTS_GUEST_FAILNTH_H */
