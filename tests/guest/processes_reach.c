// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that address many processes: kill(-1), kill() of a group, and setpriority() and
 * getpriority() of a group or a user reach those in the caller's pid namespace and
 * below, and nobody outside.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define UID 1000

/* The caller, and others of the same user and of the same group where possible. */
struct crowd {
	struct actor outside, init, caller, sibling, lower_init, lower;
};

static struct actor spawn_user(const char *name, const struct actor *parent, int flags)
{
	struct actor x = actor__spawn(name, parent, flags);

	check__must("block", actor__call(&x, op_block, SIGURG, 0));
	check__must("become a plain user", actor__call(&x, op_become, UID, 0));
	return x;
}

static struct crowd gather(void)
{
	struct crowd c;
	struct actor root_below;

	c.outside = spawn_user("outside", NULL, 0);
	c.init = actor__spawn("init", NULL, CLONE_NEWPID);
	check__must("block", actor__call(&c.init, op_block, SIGURG, 0));
	c.sibling = spawn_user("sibling", &c.init, 0);
	root_below = actor__spawn("root", &c.init, 0);
	c.lower_init = spawn_user("init of a pid ns below", &root_below, CLONE_NEWPID);
	c.lower = spawn_user("process in a pid ns below", &c.lower_init, 0);
	c.caller = spawn_user("caller", &c.init, 0);
	return c;
}

static bool has_signal(const struct actor *x)
{
	return actor__call(x, op_pending, SIGURG, 0);
}

static void kills_all(void)
{
	struct crowd c = gather();

	check__err("kill(-1)", actor__call(&c.caller, op_kill, -1, SIGURG), 0);
	check__true("a sibling gets the signal", has_signal(&c.sibling));
	check__true("the init of a pid ns below gets it", has_signal(&c.lower_init));
	check__true("a process in a pid ns below gets it", has_signal(&c.lower));
	check__true("the caller does not", !has_signal(&c.caller));
	check__true("the own init does not", !has_signal(&c.init));
	check__true("a process outside does not", !has_signal(&c.outside));
}

static void kills_group(void)
{
	struct crowd c = gather();
	long group = actor__run(&c.sibling, op_getpid);

	check__must("setpgid", actor__run(&c.sibling, op_setpgid));
	check__must("setpgid", actor__run(&c.outside, op_setpgid));
	check__err("kill(-group)", actor__call(&c.caller, op_kill, -group, SIGURG), 0);
	check__true("its member gets the signal", has_signal(&c.sibling));
	check__err("kill(-group outside)",
		   actor__call(&c.caller, op_kill, -c.outside.pid, SIGURG), -ESRCH);
	check__true("a process outside does not get it", !has_signal(&c.outside));
}

static long set_priority(long which_who, long nice)
{
	return setpriority(which_who & 3, which_who >> 2, nice) ? -errno : 0;
}

/* Returns the priority plus 100, or a negative errno. */
static long get_priority(long which, long who)
{
	int nice;

	errno = 0;
	nice = getpriority(which, who);
	return errno ? -errno : nice + 100;
}

static long own_priority(long a __maybe_unused, long b __maybe_unused)
{
	return get_priority(PRIO_PROCESS, 0);
}

static void check_nice(const char *what, const struct actor *x, int nice)
{
	check__eq(what, actor__run(x, own_priority), nice + 100);
}

/* *arg: the user as the argument of the call; 0: the caller's own. */
static void sets_user(const void *arg)
{
	const int *who = arg;
	struct crowd c = gather();

	check__err("setpriority()", actor__call(&c.caller, set_priority,
						*who << 2 | PRIO_USER, 5), 0);
	check_nice("the caller", &c.caller, 5);
	check_nice("a sibling", &c.sibling, 5);
	check_nice("the init of a pid ns below", &c.lower_init, 5);
	check_nice("a process in a pid ns below", &c.lower, 5);
	check_nice("the own init, of another user", &c.init, 0);
	check_nice("a process outside", &c.outside, 0);
	check__err("setpriority() outside", set_priority(UID << 2 | PRIO_USER, 7), 0);
	check_nice("the caller", &c.caller, 7);
	check_nice("a process outside", &c.outside, 7);
}

static void gets_user(const void *arg)
{
	const int *who = arg;
	struct crowd c = gather();

	check__must("setpriority()", setpriority(PRIO_PROCESS, c.outside.pid, -9) ?
		    -errno : 0);
	check__must("setpriority()", setpriority(PRIO_PROCESS, c.lower.pid, -3) ?
		    -errno : 0);
	check__eq("the least inside", actor__call(&c.caller, get_priority, PRIO_USER,
						  *who), -3 + 100);
	check__eq("the least of all", get_priority(PRIO_USER, UID), -9 + 100);
	check__err("a process outside, by its number",
		   actor__call(&c.caller, get_priority, PRIO_PROCESS, c.outside.pid),
		   -ESRCH);
}

static const int own_user, named_user = UID;

#define REACH(name, fn) PROCESS("reach: " name, fn)
#define REACH_WITH(name, fn, arg) PROCESS_WITH("reach: " name, fn, &arg)

static const struct test_case cases[] = {
	REACH("kill(-1) spares the init and everybody outside", kills_all),
	REACH("kill() of a group spares everybody outside", kills_group),
	REACH_WITH("setpriority() of the own user spares everybody outside", sets_user,
		   own_user),
	REACH_WITH("setpriority() of a user spares everybody outside", sets_user,
		   named_user),
	REACH_WITH("getpriority() of the own user leaves out everybody outside",
		   gets_user, own_user),
	REACH_WITH("getpriority() of a user leaves out everybody outside", gets_user,
		   named_user),
};

PROGRAM_PART(reach__add, cases)
