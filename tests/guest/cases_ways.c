// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways into a pid namespace: nsfs fd or pidfd, alone or with further
 * namespaces; a later namespace that refuses; joins over several levels.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

/* Other namespaces that a pidfd names along with the pid namespace. */
static const struct other {
	const char *name;
	int flag;
} others[] = {
	{ "user", CLONE_NEWUSER },
	{ "mnt", CLONE_NEWNS },
	{ "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "net", CLONE_NEWNET },
};

struct way {
	bool pidfd;
	int flags;	/* for setns */
	int has;	/* further namespaces in which the target's init has
			 * its own */
	bool joins;
	int err;
};

static const struct way ways[] = {
	{ .flags = 0, .joins = true },
	{ .flags = CLONE_NEWPID, .joins = true },
	{ .pidfd = true, .flags = CLONE_NEWPID, .joins = true,
	  .has = CLONE_NEWUTS },
	{ .pidfd = true, .joins = true,
	  .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
		   CLONE_NEWCGROUP | CLONE_NEWNET,
	  .has = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
		 CLONE_NEWCGROUP | CLONE_NEWNET },
	{ .pidfd = true, .joins = true,
	  .flags = CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS,
	  .has = CLONE_NEWUSER | CLONE_NEWUTS },
	{ .pidfd = true, .flags = CLONE_NEWUTS | CLONE_NEWIPC,
	  .has = CLONE_NEWUTS | CLONE_NEWIPC },
	{ .flags = CLONE_NEWUTS, .err = -EINVAL },
	{ .pidfd = true, .flags = CLONE_NEWPID | CLONE_FILES, .err = -EINVAL },
	{ .pidfd = true, .flags = 0, .err = -EINVAL },
	/*
	 * The capabilities in three user namespaces count, and here two of the
	 * three differ.
	 */
	{ .flags = CLONE_NEWPID, .joins = true, .has = CLONE_NEWUSER },
};

static void check_others(const struct way *w, const struct actor *init,
			 pid_t pid, const long *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		bool moved = !w->err && w->pidfd && w->flags & others[i].flag;

		check__eq(others[i].name, ns__id(pid, others[i].name),
			  moved ? ns__id(init->pid, others[i].name) :
			  before[i]);
	}
}

static void way(const void *arg)
{
	long number, inner, before[ARRAY_SIZE(others)];
	const struct way *w = arg;
	struct actor init, caller;
	struct snap *s1, *s2;
	pid_t now;
	int nsfd;

	init = actor__spawn("init of the target", NULL,
			    CLONE_NEWPID | w->has);
	caller = actor__spawn("caller", NULL, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	number = actor__give(&caller, w->pidfd ? init.pidfd : nsfd);
	snap__arm(&caller);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		before[i] = ns__id(caller.pid, others[i].name);
	s1 = snap__take(&caller, &init);
	check__err("setns", actor__call(&caller, op_setns, number, w->flags),
		   w->err);
	if (w->joins) {
		inner = actor__run(&caller, op_gettid);
		now = joined__find(getpid(), inner, 2);
		check__true("it has a number in the target", now > 0);
		check__eq("getpid()", actor__run(&caller, op_getpid), inner);
		check__eq("whether it keeps its number", now == caller.pid,
			  ns__knob_get() == 2);
	} else {
		s2 = snap__take(&caller, &init);
		now = caller.pid;
		if (w->err)
			snap__same("after the refusal", s1, s2, NULL);
		else
			for (const char * const *p = (const char * const []){
			     "get", "NS", "outside", "inside", "fd/",
			     "ns/pid", NULL }; *p; p++)
				snap__same_part(*p, s1, s2);
	}
	check_others(w, &init, now, before);
}

/* --- a later namespace refuses ------------------------------------------- */

struct late {
	struct snap *before, *after;
	long err;
	pid_t self;
};

/*
 * A time namespace, which comes after the pid namespace in setns' order, only
 * admits a task that does not share its memory. A vfork child shares its
 * parent's memory, has no children and leads its own session.
 */
static long late_refusal(long late, long pidfd)
{
	struct late *l = (struct late *)late;
	pid_t pid;
	int status;

	pid = vfork();
	if (!pid) {
		setsid();
		snap__arm_self(0, 0);
		l->self = getpid();
		snap__self((long)l->before, 0);
		l->err = ns__set(pidfd, CLONE_NEWPID | CLONE_NEWTIME);
		snap__self((long)l->after, 0);
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status;
}

static long set_last_pid(long number, long b __maybe_unused)
{
	return file__set(LAST_PID, number);
}

/* Number 2, which the refused call had, is free, and does not keep the init alive. */
static void check_given_back(const struct actor *init)
{
	if (actor__call(init, set_last_pid, 1, 0) != -ENOENT)
		check__eq("the next number in the target",
			  actor__run(init, op_fork_sleeper), 2);
	check__must("kill the init", op_kill(init->pid, SIGKILL));
	check__err("the init ends", ns__wait_dead(init->pidfd, run__patience()),
		   0);
}

static void late(void)
{
	struct late *l = shared__alloc(sizeof(*l));
	struct actor init, parent;
	long number, mask;

	l->before = shared__alloc(sizeof(*l->before));
	l->after = shared__alloc(sizeof(*l->after));
	init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	parent = actor__spawn("parent", NULL, 0);
	number = actor__give(&parent, init.pidfd);
	mask = actor__run(&init, op_numbers);
	check__eq("the child is reaped by its old number",
		  actor__call(&parent, late_refusal, (long)l, number), 0);
	check__err("setns(pidfd, CLONE_NEWPID | CLONE_NEWTIME)", l->err,
		   -EUSERS);
	snap__same("after the refusal", l->before, l->after, NULL);
	check__eq("numbers in the target (mask)", actor__run(&init, op_numbers),
		  mask);
	check_given_back(&init);
}

/*
 * A parent in vfork() does not wait by number, so the join does not keep it
 * asleep.
 */
static long vfork_joins(long seen, long nsfd)
{
	long *result = (long *)seen;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		setsid();
		result[0] = ns__set(nsfd, CLONE_NEWPID);
		result[1] = getpid();
		_exit(7);
	}
	return pid < 0 ? -errno : pid;
}

static void vforked(void)
{
	long *seen = shared__alloc(2 * sizeof(*seen));
	struct actor init, parent;
	long number, old, now;
	int nsfd;

	init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	parent = actor__spawn("parent", NULL, 0);
	number = actor__give(&parent, nsfd);
	old = actor__call(&parent, vfork_joins, (long)seen, number);
	check__true("vfork() returns the old number", old > 0);
	check__err("setns by the child", seen[0], 0);
	check__eq("getpid() of the child, in the target", seen[1], 2);
	check__err("waitpid(old)", actor__call(&parent, op_waitpid, old, 0),
		   -ECHILD);
	now = actor__call(&parent, op_waitpid, -1, 0);
	check__true("waitpid(-1) returns another", now > 0 && now != old);
	check__eq("exit status",
		  WEXITSTATUS(actor__run(&parent, op_wait_status)), 7);
}

/* --- several levels ------------------------------------------------------ */

#define NESTED 3

struct chain {
	struct actor init[NESTED + 1];	/* [0] is unused: the case's own namespace */
	int nsfd[NESTED + 1];
};

static void chain__make(struct chain *c)
{
	for (int i = 1; i <= NESTED; i++) {
		c->init[i] = actor__spawn("init of a nested pid ns",
					  i > 1 ? &c->init[i - 1] : NULL,
					  CLONE_NEWPID);
		check__must("own /proc", actor__run(&c->init[i], op_own_proc));
		c->nsfd[i] = check__must("nested pid ns",
					 ns__open(c->init[i].pid, "pid"));
	}
}

/* All levels agree on the numbers of the task, which is @level deep now. */
static void check_levels(const struct chain *c, pid_t now, int level)
{
	struct ns_numbers all = joined__numbers(NULL, now, "NSpid"), seen;

	check__eq("levels", all.nr, level + 1);
	for (int i = 1; i <= NESTED; i++) {
		if (i > level) {
			check__eq("numbers deeper down (mask)",
				  actor__run(&c->init[i], op_numbers) &
					  ~(1L << 1 | 1L << 2 | 1L << 3),
				  0);
			continue;
		}
		check__err("kill() by the init of a level",
			   actor__call(&c->init[i], op_kill, all.number[i], 0),
			   0);
		seen = joined__numbers(joined__proc_of(&c->init[i]),
				       all.number[i], "NSpid");
		check__eq("levels in that level's /proc", seen.nr,
			  level - i + 1);
		for (int k = 0; k < seen.nr; k++)
			check__eq("number there", seen.number[k],
				  all.number[i + k]);
	}
}

static long join_level(const struct chain *c, const struct actor *caller,
		       int level)
{
	return scene__enter(caller, c->nsfd[level], CLONE_NEWPID);
}

static const int starts[] = { 0, 1, 2 };

/* Joins from level *arg down to the last level, one level at a time. */
static void nested(const void *arg)
{
	const int start = *(const int *)arg;
	const struct actor *home;
	struct actor caller;
	struct chain c;
	pid_t now, parent;
	int status;

	chain__make(&c);
	home = start ? &c.init[start] : NULL;
	parent = start ? home->pid : getpid();
	caller = actor__spawn("caller", home, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	now = caller.pid;
	for (int level = start + 1; level <= NESTED; level++) {
		if (level < NESTED)
			check__err("skipping a level",
				   join_level(&c, &caller, level + 1), -EPERM);
		check__err("setns to the next level",
			   join_level(&c, &caller, level), 0);
		now = joined__find(parent, actor__run(&caller, op_gettid),
				   level + 1);
		if (now <= 0)
			check__bail("level %d: no such child", level);
		check__eq("getpid()", actor__run(&caller, op_getpid),
			  actor__run(&caller, op_gettid));
		check_levels(&c, now, level);
		check__err("the same again", join_level(&c, &caller, level),
			   -EPERM);
		if (level > 1)
			check__err("back to a level above",
				   join_level(&c, &caller, level - 1), -EPERM);
	}
	actor__exit(&caller, 8);
	if (start) {
		pid_t seen = actor__call(home, op_waitpid, -1, 0);

		check__true("its parent, a container's init, reaps it",
			    seen > 1);
		status = actor__run(home, op_wait_status);
	} else {
		check__eq("its parent reaps it", waitpid(now, &status, 0),
			  now);
	}
	check__eq("exit status", WEXITSTATUS(status), 8);
}

#define WAY(name, i) \
	CASE_WITH(WHERE_MOVES, "way: " name, way, &ways[i]), \
	CASE_WITH(WHERE_KEEP, "keep: way: " name, way, &ways[i])
#define NEST(name, i) \
	CASE_WITH(WHERE_MOVES, "nested: " name, nested, &starts[i])

static const struct test_case cases[] = {
	WAY("setns(nsfd, 0) joins", 0),
	WAY("setns(nsfd, CLONE_NEWPID) joins", 1),
	WAY("setns(pidfd, CLONE_NEWPID) joins and takes nothing else", 2),
	WAY("setns(pidfd, pid + mnt + uts + ipc + cgroup + net) joins all", 3),
	WAY("setns(pidfd, pid + user + uts) joins with new credentials", 4),
	WAY("setns(pidfd, uts + ipc) leaves the pid alone", 5),
	WAY("setns(pid nsfd, CLONE_NEWUTS): EINVAL", 6),
	WAY("setns(pidfd, a flag that is no namespace): EINVAL", 7),
	WAY("setns(pidfd, 0): EINVAL", 8),
	WAY("setns(nsfd) of a pid ns that a user ns below owns joins", 9),
	{ .name = "way: setns(pidfd, pid + time) refused late: EUSERS",
	  .modes = MODE_MAINLINE | MODE_JOIN | MODE_SEED, .knob = KNOB_ON,
	  .run = late },
	CASE(WHERE_KEEP, "keep: setns(pidfd, pid + time) refused late: EUSERS",
	     late),
	CASE(WHERE_MOVES, "way: a vfork child joins and its parent wakes",
	     vforked),
	NEST("from the root, three levels, step by step", 0),
	NEST("from level 1, two levels, step by step", 1),
	NEST("from level 2, one level", 2),
};

PROGRAM_PART(cases_ways__add, cases)
