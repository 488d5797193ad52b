// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctl kernel.setns_pid_join and its value 2: the least value over the caller's
 * pid namespace and all above decides how setns() moves its caller. cases_gate.c tests
 * the values that every join kernel has.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "lib/array.h"
#include "ops.h"

/* The levels whose values count for a caller in the innermost of them. */
#define LEVELS 3
#define VALUES 3

struct nest {
	struct actor init[LEVELS];	/* [0] is unused: the director's namespace */
	struct actor target;
	int nsfd;
};

static struct nest make_nest(void)
{
	struct nest n;

	for (int i = 1; i < LEVELS; i++)
		n.init[i] = actor__spawn("init on the way",
					 i > 1 ? &n.init[i - 1] : NULL,
					 CLONE_NEWPID);
	n.target = actor__spawn("init of the target", &n.init[LEVELS - 1],
				CLONE_NEWPID);
	n.nsfd = check__must("target", ns__open(n.target.pid, "pid"));
	return n;
}

/* Sets the values of all levels to the digits of @code, and returns the least. */
static int set_values(const struct nest *n, int code)
{
	int least = VALUES;

	for (int i = 0; i < LEVELS; i++, code /= VALUES) {
		int value = code % VALUES;

		check__must("knob", i ? actor__call(&n->init[i], op_knob_set,
						    value, 0) :
					ns__knob_set(value));
		least = value < least ? value : least;
	}
	/* The target's own value must not matter. */
	check__must("knob of the target",
		    actor__call(&n->target, op_knob_set, least ? 0 : 2, 0));
	return least;
}

static void check_mode(const struct nest *n, const struct actor *x, int mode)
{
	const bool dead = ns__poll(x->pidfd, POLLIN, 0) > 0;
	struct ns_numbers now;

	check__eq("a pidfd from before reports an exit", dead, mode == 1);
	if (mode == 1) {
		check__true("the old number is gone",
			    ns__numbers("/proc", x->pid, "NSpid", &now) < 0);
		return;
	}
	check__eq("pid_for_children", ns__id(x->pid, "pid_for_children"),
		  ns__id(n->target.pid, "pid"));
	check__must("NSpid", ns__numbers("/proc", x->pid, "NSpid", &now));
	check__eq("levels", now.nr, LEVELS + (mode == 2));
	check__eq("getpid()", actor__run(x, op_getpid), now.number[now.nr - 1]);
}

static void least_value_counts(void)
{
	struct nest n = make_nest();

	for (int code = 0; code < VALUES * VALUES * VALUES; code++) {
		int mode = set_values(&n, code);
		struct actor x = actor__spawn("caller", &n.init[LEVELS - 1], 0);

		check__note("knob %d at the root, %d, %d", code % VALUES,
			    code / VALUES % VALUES, code / VALUES / VALUES);
		check__must("setsid", actor__run(&x, op_setsid));
		check__err("setns", scene__enter(&x, n.nsfd, CLONE_NEWPID), 0);
		check_mode(&n, &x, mode);
		actor__exit(&x, 0);
		close(x.pidfd);
		close(x.sock);
	}
}

static void is_inherited(void)
{
	struct actor a, b;

	a = actor__spawn("container made at 2", NULL, CLONE_NEWPID);
	check__eq("made at 2", actor__run(&a, op_knob_get), 2);
	check__must("knob 1", ns__knob_set(1));
	check__eq("the older one keeps its value", actor__run(&a, op_knob_get),
		  2);
	b = actor__spawn("container in a container", &a, CLONE_NEWPID);
	check__eq("raw value, although it is less above",
		  actor__run(&b, op_knob_get), 2);
}

static void needs_admin(void)
{
	struct actor a = actor__spawn("container", NULL, CLONE_NEWPID);
	struct actor weak, foreign, user;

	weak = actor__spawn("task without CAP_SYS_ADMIN", &a, 0);
	foreign = actor__spawn("root of a user ns below", &a, CLONE_NEWUSER);
	user = actor__spawn("plain user", NULL, 0);
	check__must("knob 0", actor__call(&a, op_knob_set, 0, 0));
	check__must("drop", actor__run(&weak, op_drop_admin));
	check__must("become", actor__call(&user, op_become, 1000, 0));
	check__err("2 written without CAP_SYS_ADMIN",
		   actor__call(&weak, op_knob_set, 2, 0), -EPERM);
	check__err("2 written with caps in a user ns below only",
		   actor__call(&foreign, op_knob_set, 2, 0), -EPERM);
	check__err("2 written by a plain user",
		   actor__call(&user, op_knob_set, 2, 0), -EACCES);
	check__eq("value after them", actor__run(&a, op_knob_get), 0);
	check__err("2 written by root", actor__call(&a, op_knob_set, 2, 0), 0);
	check__eq("value after it", actor__run(&a, op_knob_get), 2);
}

/* Root of a user namespace sets 2 in its own pid ns, and the value above decides. */
static void owner_cannot_exceed(void)
{
	struct actor home, init, x;
	int nsfd;

	check__must("knob 0", ns__knob_set(0));
	home = actor__spawn("init of a user's container", NULL,
			    CLONE_NEWUSER | CLONE_NEWPID);
	check__err("2 written by its root",
		   actor__call(&home, op_knob_set, 2, 0), 0);
	init = actor__spawn("init of the target", &home, CLONE_NEWPID);
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	x = actor__spawn("caller", &home, 0);
	check__err("setns at 0 above", scene__enter(&x, nsfd, CLONE_NEWPID), 0);
	check__eq("the caller has not moved", ns__id(x.pid, "pid"),
		  ns__id(home.pid, "pid"));
}

/* The value in the caller's namespace at the time of the call decides. */
static void is_read_at_the_call(void)
{
	struct kept k;

	check__must("knob 0", ns__knob_set(0));
	k = kept__start(NULL);
	check__err("setns at 0", scene__setns(&k.s, k.s.caller_nsfd, 0), 0);
	snap__same("setns at 0", k.before, scene__snap(&k.s),
		   "ns/pid_for_children");
	check__must("knob 2", ns__knob_set(2));
	kept__finish(&k);
}

static const struct test_case cases[] = {
	KEEP("the least value of all levels counts: 0, 1 or 2",
	     least_value_counts),
	KEEP("a new pid ns copies its parent's raw value 2", is_inherited),
	KEEP("writing 2 needs CAP_SYS_ADMIN over the pid ns", needs_admin),
	KEEP("root of a user ns cannot have more than the value above",
	     owner_cannot_exceed),
	KEEP("the value at the call counts", is_read_at_the_call),
};

PROGRAM_PART(keep_gate__add, cases)
