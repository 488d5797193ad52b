/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of failnth: setns(2) with one allocation of its failing, the
 * first, the second, and so on, until there are no more.
 */
#ifndef GUEST_FAILNTH_H
#define GUEST_FAILNTH_H

#include <stdbool.h>

#include "actor.h"
#include "run.h"

/* failnth_cases.c: the ways to call setns, each as a case of its own. */
void failnth__add(struct run_list *l);

/* failnth_fault.c: one call with one fault. */

/* What came of it. */
struct fault {
	long err;	/* of setns */
	pid_t tid;	/* what the caller then takes its number for */
	pid_t number;	/* what the director finds it under */
	long left;	/* of fail-nth; 0: an allocation was failed */
};

/*
 * Makes failslab and fail_page_alloc fail what GFP_KERNEL asks for, and not
 * print a stack each time. Bails the case if this kernel cannot.
 */
void fault__prepare(void);

/*
 * @who calls setns(@number, @flags), the @nth allocation of it fails. @joins
 * says whether a success moves the caller.
 */
void fault__setns(const struct actor *who, long number, int flags, int nth,
		  bool joins, struct fault *out);

#endif
