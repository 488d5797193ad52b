// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctl kernel.setns_pid_join: its default, its permissions, its
 * inheritance, and that setns moves its caller only if the value is 1 in the
 * caller's pid namespace and in all above. cases_mainline.c and cases_refusal.c
 * test setns with the sysctl at 0.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "lib/array.h"
#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

static struct actor container(const char *name, const struct actor *parent)
{
	return actor__spawn(name, parent, CLONE_NEWPID);
}

static long knob_of(const struct actor *x)
{
	return actor__run(x, op_knob_get);
}

static long set_knob_of(const struct actor *x, int value)
{
	return actor__call(x, op_knob_set, value, 0);
}

/* KNOB_LEAVE: the value from boot, or the administrator's. */
static void is_off_by_default(void)
{
	check__eq("the knob, as found", ns__knob_get(), 0);
}

static void is_absent(void)
{
	int value = ns__knob_get();

	if (value == -ENOENT)
		check__err(NS_KNOB, value, -ENOENT);
	else	/* A join kernel in mode mainline: the value has to be 0. */
		check__eq("the knob", value, 0);
}

static void takes_its_values(void)
{
	static const char * const bad[] = { "-1\n", "x\n", "1x\n" };
	const int most = run__keeps() ? 2 : 1;

	for (int value = 0; value <= most; value++) {
		check__err("write", ns__knob_set(value), 0);
		check__eq("value", ns__knob_get(), value);
	}
	for (int value = most + 1; value <= 3; value++)
		check__err("a value too high", ns__knob_set(value), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check__err(bad[i], file__write(NS_KNOB, bad[i]), -EINVAL);
	check__eq("value after them", ns__knob_get(), most);
}

static void is_inherited_raw(void)
{
	struct actor a, b, deep;

	a = container("container made at 1", NULL);
	check__eq("made at 1", knob_of(&a), 1);
	check__must("knob 0", ns__knob_set(0));
	b = container("container made at 0", NULL);
	check__eq("made at 0", knob_of(&b), 0);
	check__eq("the older one keeps its value", knob_of(&a), 1);
	deep = container("container in a container", &a);
	check__eq("raw value, although it is off above", knob_of(&deep), 1);
	check__must("knob 1", ns__knob_set(1));
	check__eq("the one made at 0 keeps its value", knob_of(&b), 0);
}

static void is_ones_own(void)
{
	struct actor a, b, plain;

	a = container("a", NULL);
	b = container("b", NULL);
	plain = actor__spawn("task in a", &a, 0);
	check__err("a's init writes 0", set_knob_of(&a, 0), 0);
	check__eq("a", knob_of(&a), 0);
	check__eq("a, seen by another task in it", knob_of(&plain), 0);
	check__eq("b", knob_of(&b), 1);
	check__eq("here", ns__knob_get(), 1);
}

static void needs_admin(void)
{
	struct actor a, weak, foreign;

	a = container("a", NULL);

	weak = actor__spawn("task without CAP_SYS_ADMIN", &a, 0);
	check__must("drop", actor__run(&weak, op_drop_admin));
	check__err("written without CAP_SYS_ADMIN", set_knob_of(&weak, 0),
		   -EPERM);

	foreign = actor__spawn("root of a user ns below", &a, CLONE_NEWUSER);
	check__err("written with caps in a user ns below only",
		   set_knob_of(&foreign, 0), -EPERM);
	check__eq("value after both", knob_of(&a), 1);
	check__eq("read without caps", knob_of(&weak), 1);
	check__err("written by root", set_knob_of(&a, 0), 0);
	check__eq("value after", knob_of(&a), 0);
}

/* Root of a user ns may write the value of a pid ns that the user ns owns. */
static void owner_may_write(void)
{
	struct actor init, user;

	init = actor__spawn("init with an own user ns", NULL,
			    CLONE_NEWUSER | CLONE_NEWPID);
	check__eq("value", knob_of(&init), 1);
	check__err("written by its root", set_knob_of(&init, 0), 0);
	check__eq("value after", knob_of(&init), 0);
	check__eq("here", ns__knob_get(), 1);

	user = actor__spawn("plain user", NULL, 0);
	check__must("become", actor__call(&user, op_become, 1000, 0));
	/*
	 * Already open() fails: a privileged program could be made to write to
	 * an open file.
	 */
	check__err("opened by a plain user", set_knob_of(&user, 0), -EACCES);
	check__eq("value after", ns__knob_get(), 1);
}

/*
 * Tests a caller at level 2 with all values of the sysctl at the levels 0, 1
 * and 2. The target's own value is always the opposite, and must not matter.
 */
static void effective_is_and(void)
{
	struct actor a, b, target, caller;
	struct snap *before;
	char what[64];
	long number;
	int nsfd;

	a = container("a", NULL);
	b = container("b in a", &a);
	target = container("target in b", &b);
	nsfd = check__must("target", ns__open(target.pid, "pid"));
	for (int mask = 0; mask < 8; mask++) {
		bool all = mask == 7;

		check__must("knob", ns__knob_set(mask & 1));
		check__must("knob", set_knob_of(&a, mask >> 1 & 1));
		check__must("knob", set_knob_of(&b, mask >> 2 & 1));
		check__must("knob", set_knob_of(&target, !all));
		caller = actor__spawn("caller", &b, 0);
		check__must("setsid", actor__run(&caller, op_setsid));
		snap__arm(&caller);
		number = actor__give(&caller, nsfd);
		before = snap__take(&caller, &target);
		snprintf(what, sizeof(what), "setns, knob %d at the root, %d, %d",
			 mask & 1, mask >> 1 & 1, mask >> 2 & 1);
		check__err(what,
			   actor__call(&caller, op_setns, number, CLONE_NEWPID),
			   0);
		if (all)
			check__eq(what, ns__id(joined__find(b.pid,
				  actor__run(&caller, op_getpid), 4), "pid"),
				  ns__id(target.pid, "pid"));
		else
			snap__same(what, before, snap__take(&caller, &target),
				   "ns/pid_for_children");
	}
}

/* The value in the caller's namespace at the time of the call decides. */
static void is_read_at_the_call(void)
{
	static const struct scene_spec plain;
	struct snap *before;
	struct scene s;

	check__must("knob 0", ns__knob_set(0));
	s = scene__build(&plain);
	before = scene__snap(&s);
	check__err("setns at 0", scene__setns(&s, s.caller_nsfd, 0), 0);
	snap__same("setns at 0", before, scene__snap(&s),
		   "ns/pid_for_children");
	check__must("knob 1", ns__knob_set(1));
	check__err("setns at 1", scene__setns(&s, s.caller_nsfd, 0), 0);
	check__ne("getpid() then", actor__run(&s.caller, op_getpid),
		  s.caller.pid);
}

static void joined_task_has_the_targets(void)
{
	struct joined j = joined__start();

	check__must("knob 0 in the target", set_knob_of(&j.s.init, 0));
	joined__finish(&j);
	check__eq("the joined task reads its new namespace's",
		  knob_of(&j.s.caller), 0);
}

/* The file is that of the namespace in which the process is, not of its children's. */
static void check_own_file(const struct actor *x)
{
	for (int value = 0; value < 2; value++) {
		check__must("knob", ns__knob_set(value));
		check__eq("value read", knob_of(x), value);
		check__err("write", set_knob_of(x, !value), 0);
		check__eq("value after it, here", ns__knob_get(), !value);
	}
}

static void is_not_that_of_children(void)
{
	struct actor x = actor__spawn("task with unshare", NULL, 0);
	struct actor y = actor__spawn("task with setns", NULL, 0);
	struct actor a, b;
	int nsfd;

	a = container("container made at 0", NULL);
	check__must("unshare", actor__call(&x, op_unshare, CLONE_NEWPID, 0));
	nsfd = check__must("container", ns__open(a.pid, "pid"));
	check__must("setns at 0", scene__enter(&y, nsfd, CLONE_NEWPID));
	for (int value = 0; value < 2; value++) {
		check__must("knob", set_knob_of(&a, value));
		check_own_file(&x);
		check_own_file(&y);
		check__eq("value of the container", knob_of(&a), value);
	}
	b = actor__spawn("the first child in the unshared ns", &x, 0);
	check__eq("its value is that of the unshare", knob_of(&b), 0);
}

#define GATE(name_, knob_, fn) { \
	.name = "gate: " name_, .modes = MODE_JOIN, .knob = knob_, .run = fn, \
}

static const struct test_case cases[] = {
	{ .name = "gate: no knob, or a knob at 0", .modes = MODE_MAINLINE,
	  .knob = KNOB_LEAVE, .run = is_absent },
	GATE("off by default", KNOB_LEAVE, is_off_by_default),
	GATE("takes its values and nothing else", KNOB_OFF,
	     takes_its_values),
	GATE("a new pid ns copies its parent's raw value", KNOB_ON,
	     is_inherited_raw),
	GATE("each pid ns has its own", KNOB_ON, is_ones_own),
	GATE("the file is that of the own pid ns, not of the children's", KNOB_OFF,
	     is_not_that_of_children),
	GATE("writing needs CAP_SYS_ADMIN over the pid ns: EPERM", KNOB_ON,
	     needs_admin),
	GATE("written by the root of the user ns that owns the pid ns", KNOB_ON,
	     owner_may_write),
	GATE("effective value is the AND of all levels", KNOB_ON,
	     effective_is_and),
	GATE("the value at the call counts", KNOB_ON, is_read_at_the_call),
	GATE("a joined task sees the target's value", KNOB_ON,
	     joined_task_has_the_targets),
};

PROGRAM_PART(cases_gate__add, cases)
