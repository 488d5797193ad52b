// SPDX-License-Identifier: GPL-2.0-only
/*
 * The numbers of new processes: which numbers can be requested, what a fork
 * without a free number returns, the first number of a pid namespace, the end
 * of the namespace, and how deep namespaces nest.
 */
#include "creation.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "creation_call.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

/* The kernel gives numbers below this one only once. */
#define RESERVED_PIDS 300

static int own_number(void)
{
	return getpid();
}

static long levels(void)
{
	struct ns_numbers n;
	char text[4096];

	check__must("status",
		    file__read("/proc/self/status", text, sizeof(text)));
	check__must("NSpid", ns__parse(text, "NSpid", &n));
	return n.nr;
}

/* --- requested numbers ---------------------------------------------------- */

/* Numbers that a row cannot name, because they depend on the guest. */
enum { USED = -100, FREE, PID_MAX_VALUE };

/* The state of the pid namespace in which the child is to be born. */
enum home {
	HOME_OWN,	/* the caller's, which has an init */
	HOME_EMPTY,	/* has no process yet */
	HOME_DEAD,	/* its init has ended */
};

static const struct request {
	const char *name;
	enum home home;
	bool capable;
	int nr;
	pid_t tid[4];
	long err;
} requests[] = {
	{ "a used number", HOME_OWN, true, 1, { USED }, -EEXIST },
	{ "a free number", HOME_OWN, true, 1, { FREE }, 0 },
	{ "number 0", HOME_OWN, true, 1, { 0 }, -EINVAL },
	{ "number -1", HOME_OWN, true, 1, { -1 }, -EINVAL },
	{ "a number beyond pid_max", HOME_OWN, true, 1, { PID_MAX_VALUE },
	  -EINVAL },
	{ "a free number, without capabilities", HOME_OWN, false, 1, { FREE },
	  -EPERM },
	{ "a used number, without capabilities", HOME_OWN, false, 1, { USED },
	  -EPERM },
	{ "number 0, without capabilities", HOME_OWN, false, 1, { 0 },
	  -EINVAL },
	{ "more numbers than levels", HOME_OWN, true, 2, { FREE, FREE },
	  -EINVAL },
	{ "number 1 in an empty namespace", HOME_EMPTY, true, 1, { 1 }, 0 },
	{ "number 1, and a free one above", HOME_EMPTY, true, 2, { 1, FREE },
	  0 },
	{ "number 1, and a used one above", HOME_EMPTY, true, 2, { 1, USED },
	  -EEXIST },
	{ "number 1, and 0 above", HOME_EMPTY, true, 2, { 1, 0 }, -EINVAL },
	{ "number 2 in an empty namespace", HOME_EMPTY, true, 1, { 2 },
	  -EINVAL },
	{ "one level too many", HOME_EMPTY, true, 3, { 1, FREE, FREE },
	  -EINVAL },
	{ "number 1, without capabilities", HOME_EMPTY, false, 1, { 1 },
	  -EPERM },
	{ "any number of a dead namespace", HOME_DEAD, true, 0, { 0 },
	  -ENOMEM },
	{ "number 5 of a dead namespace", HOME_DEAD, true, 1, { 5 }, -ENOMEM },
	{ "number 5, and a free one above", HOME_DEAD, true, 2, { 5, FREE },
	  -ENOMEM },
	{ "number 5, and a used one above", HOME_DEAD, true, 2, { 5, USED },
	  -EEXIST },
	{ "number 5, without capabilities", HOME_DEAD, false, 1, { 5 },
	  -EPERM },
};

static pid_t number(pid_t n)
{
	switch (n) {
	case USED:
		return getppid();
	case FREE:
		return file__get(PID_MAX) - 2;
	case PID_MAX_VALUE:
		return file__get(PID_MAX);
	default:
		return n;
	}
}

static void go_to(enum home home)
{
	if (home == HOME_OWN)
		return;
	check__must("unshare", unshare(CLONE_NEWPID) ? -errno : 0);
	if (home == HOME_DEAD)
		check__must("the only process", call__fork(NULL));
}

static long request(const void *arg)
{
	const struct request *r = arg;
	pid_t tid[ARRAY_SIZE(r->tid)];
	long pid;

	for (size_t i = 0; i < ARRAY_SIZE(tid); i++)
		tid[i] = number(r->tid[i]);
	go_to(r->home);
	if (!r->capable)
		check__must("capabilities", op_become(1000, 0));
	pid = call__set_tid(r->nr ? tid : NULL, r->nr, own_number);
	if (pid > 0 && r->home == HOME_OWN)
		check__eq("the number", pid, tid[0]);
	if (pid > 0 && r->home == HOME_EMPTY) {
		check__eq("the inner number", call__status(), 1);
		if (r->nr > 1)
			check__eq("the number above", pid, tid[1]);
	}
	return pid < 0 ? pid : 0;
}

static void requested_numbers(void)
{
	/* Levels above the guest's own would add a meaning to some rows. */
	if (levels() > 1)
		check__skip("the guest's processes are in a pid namespace");
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		check__err(requests[i].name, call__apart(request, &requests[i]),
			   requests[i].err);
}

/* --- no number left ------------------------------------------------------- */

/*
 * Lets pid_max leave room for one number at most, and takes it. pid_max is
 * restored by the runner.
 */
static void take_all_numbers(void)
{
	check__must(LAST_PID, file__set(LAST_PID, RESERVED_PIDS + 100));
	check__must(PID_MAX, file__set(PID_MAX, RESERVED_PIDS + 1));
	for (int i = 0; i < 2 && op_fork_sleeper(0, 0) > 0; i++)
		;
}

/* For actors: forks, and returns the child's innermost number. */
static long inner_number(long a __maybe_unused, long b __maybe_unused)
{
	pid_t pid = call__fork(own_number);

	return pid < 0 ? pid : call__status();
}

static void no_number_left(void)
{
	struct actor x =
		actor__spawn("process with an empty namespace", NULL, 0);
	long max = file__get(PID_MAX);

	check__must("unshare", actor__call(&x, op_unshare, CLONE_NEWPID, 0));
	take_all_numbers();
	check__err("fork", call__fork(NULL), -EAGAIN);
	check__err("fork into a pid namespace", actor__run(&x, inner_number),
		   -EAGAIN);
	check__err("the same again", actor__run(&x, inner_number), -EAGAIN);
	check__must(PID_MAX, file__set(PID_MAX, max));
	check__true("fork with numbers left", call__fork(NULL) > 0);
	check__eq("first number of the namespace, with numbers left",
		  actor__run(&x, inner_number), 1);
}

/* --- forks that fail ------------------------------------------------------ */

static long fail_to_request(void)
{
	const pid_t tid[] = { 2 };

	return call__set_tid(tid, ARRAY_SIZE(tid), NULL);
}

/* The namespace above belongs to another user namespace. */
static long fail_above(void)
{
	const pid_t tid[] = { 1, getppid() };

	return call__set_tid(tid, ARRAY_SIZE(tid), NULL);
}

/* Fails when the number has been taken: the pidfd cannot be written. */
static long fail_late(void)
{
	const struct clone_args args = {
		.flags = CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = 8,
	};

	return call__clone3(&args, sizeof(args), NULL);
}

static long fail_as_dead(void)
{
	return call__fork(NULL);
}

static const struct failure {
	const char *name;
	long (*fork)(void);
	long err;
	enum home home;
	/*
	 * The result of the next fork may be 1, or: a process that never ran
	 * was the namespace's init, so the namespace is dead.
	 */
	long also;
} failures[] = {
	{ "number 2 is requested first", fail_to_request, -EINVAL, HOME_EMPTY,
	  1 },
	{ "number above is forbidden", fail_above, -EPERM, HOME_EMPTY, 1 },
	{ "pidfd cannot be written", fail_late, -EFAULT, HOME_EMPTY, -ENOMEM },
	{ "namespace is dead", fail_as_dead, -ENOMEM, HOME_DEAD, -ENOMEM },
};

/* For actors: fails some forks, in a new pid namespace. */
static long fail(long arg, long b __maybe_unused)
{
	const struct failure *f = &failures[arg];
	long got;

	go_to(f->home);
	for (int i = 0; i < 3; i++) {
		got = f->fork();
		/*
		 * A namespace that died of the first failure takes no process.
		 */
		check__err(f->name, got,
			   i && got == f->also ? f->also : f->err);
	}
	got = inner_number(0, 0);
	if (f->home == HOME_DEAD || got != 1)
		check__err("the next fork", got, f->also);
	else
		check__eq("the next fork's number", got, 1);
	return 0;
}

/* After the failures, the namespace has to go, and its place in the ucounts. */
static void failing_forks(const void *which)
{
	const struct failure *f = which;
	struct actor owner, x;

	owner = actor__spawn("owner", NULL, 0);
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&owner, op_unshare, CLONE_NEWUSER, 0));
	check__must(MAX_PID_NS, actor__call(&owner, op_limit_pid_ns, 1, 0));
	x = actor__spawn("process whose forks fail", &owner, 0);
	actor__call(&x, fail, f - failures, 0);
	check__err("a second pid namespace", actor__run(&owner, op_try_pid_ns),
		   -ENOSPC);
	actor__exit(&x, 0);
	check__eq("the end", actor__call(&owner, op_waitpid, x.pid, 0), x.pid);
	check__err("a pid namespace in place of the one before",
		   joined__await_room(&owner), 0);
}

/* --- the depth of namespaces ---------------------------------------------- */

static struct {
	int made;
	long clone, unshare;	/* results in the deepest one */
} *deepest;

static int descend_further(void);

/* Makes a pid namespace in the pid namespace, and so on. */
static int descend(void)
{
	const struct clone_args args = {
		.flags = CLONE_NEWPID, .exit_signal = SIGCHLD,
	};
	long pid = call__clone3(&args, sizeof(args), descend_further);

	if (pid < 0) {
		deepest->clone = pid;
		deepest->unshare = unshare(CLONE_NEWPID) ? -errno : 0;
	}
	return 0;
}

static int descend_further(void)
{
	deepest->made++;
	return descend();
}

static void depth(void)
{
	deepest = shared__alloc(sizeof(*deepest));
	descend();
	check__eq("levels", levels() + deepest->made, NS_MAX_LEVELS);
	check__err("clone() of one more", deepest->clone, -ENOSPC);
	check__err("unshare() of one more", deepest->unshare, -ENOSPC);
}

#define FAILURE(what, i) \
	CREATION_WITH("numbers: forks fail in a pid ns: " what, failing_forks, \
		      &failures[i])

static const struct test_case cases[] = {
	CREATION("numbers: each request for a number", requested_numbers),
	CREATION("numbers: no number is left: EAGAIN", no_number_left),
	FAILURE("number 2 is requested first", 0),
	FAILURE("the number above is forbidden", 1),
	FAILURE("the pidfd cannot be written", 2),
	FAILURE("the init has ended", 3),
	CREATION("numbers: pid namespaces nest 32 deep", depth),
};

PROGRAM_PART(creation_numbers__add, cases)
