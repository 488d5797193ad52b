// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fork into a pid namespace from outside, held at each place inside clone3(),
 * while the namespace's init dies.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"

static void numbered(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h;

	target__enter(&t, &caller);
	h = hold__begin(&caller, HOLD_NUMBERED);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(&t);
	target__await_waiting(&t);
	target__check_numbers(&t, 1);
	hold__release(h);
	check__err("clone3", actor__answer(&caller), -ENOMEM);
	hold__end(h);
	target__check_reaped(&t);
	target__dismiss(&caller);
	target__check_freed(&t);
}

static void unnumbered(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h;

	target__enter(&t, &caller);
	h = hold__begin(&caller, HOLD_UNNUMBERED);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(&t);
	target__check_reaped(&t);
	hold__release(h);
	check__err("clone3", actor__answer(&caller), -ENOMEM);
	hold__end(h);
	target__dismiss(&caller);
	target__check_freed(&t);
}

static void linked(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h;
	long child;

	target__enter(&t, &caller);
	h = hold__begin(&caller, HOLD_LINKED);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(&t);
	target__await_waiting(&t);
	hold__release(h);
	child = actor__answer(&caller);
	check__true("clone3 returns a number", child > 0);
	hold__end(h);
	check__eq("waitpid", actor__call(&caller, op_waitpid, child, 0), child);
	check__eq("status", actor__run(&caller, op_wait_status), SIGKILL);
	target__check_reaped(&t);
	target__dismiss(&caller);
	target__check_freed(&t);
}

static const struct test_case cases[] = {
	ENTRANCE("a fork without a number", unnumbered),
	ENTRANCE("a fork with a number", numbered),
	ENTRANCE("a fork whose child is linked", linked),
};

PROGRAM_PART(entrances_fork__add, cases)
