// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone(2) with each combination of the flags that concern pids and pid
 * namespaces, in each state of the caller. A table has the combinations that
 * must be refused; all others must work, and the child must have the number and
 * the parent that its flags promise.
 */
#include "creation.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "actor.h"
#include "ns.h"
#include "ops.h"

static const struct {
	unsigned long flag;
	const char *name;
} flags[] = {
	{ CLONE_VM, "VM" },
	{ CLONE_SIGHAND, "SIGHAND" },
	{ CLONE_THREAD, "THREAD" },
	{ CLONE_FS, "FS" },
	{ CLONE_PARENT, "PARENT" },
	{ CLONE_VFORK, "VFORK" },
	{ CLONE_NEWPID, "NEWPID" },
	{ CLONE_NEWUSER, "NEWUSER" },
	{ CLONE_NEWNS, "NEWNS" },
};

enum state {
	OWN	= 1 << 0,	/* children are born in the caller's pid ns */
	EMPTY	= 1 << 1,	/* after unshare(CLONE_NEWPID) */
	ENTERED	= 1 << 2,	/* after setns() into a pid ns with an init */
	INIT	= 1 << 3,	/* the caller is an init; otherwise as OWN */
};

#define ANY_STATE	(OWN | EMPTY | ENTERED | INIT)
#define ELSEWHERE	(EMPTY | ENTERED)

/* Refused with EINVAL: calls with all flags of @with and none of @without. */
static const struct refusal {
	unsigned long with, without;
	unsigned int states;
} refusals[] = {
	{ CLONE_NEWNS | CLONE_FS, 0, ANY_STATE },
	{ CLONE_NEWUSER | CLONE_FS, 0, ANY_STATE },
	{ CLONE_THREAD, CLONE_SIGHAND, ANY_STATE },
	{ CLONE_SIGHAND, CLONE_VM, ANY_STATE },
	/* A thread group has one pid namespace and one user namespace. */
	{ CLONE_THREAD | CLONE_NEWUSER, 0, ANY_STATE },
	{ CLONE_THREAD | CLONE_NEWPID, 0, ANY_STATE },
	{ CLONE_THREAD, 0, ELSEWHERE },
	/* The new pid ns would not be a child of the caller's. */
	{ CLONE_NEWPID, 0, ELSEWHERE },
	/* An init has no siblings. */
	{ CLONE_PARENT, 0, INIT },
};

static long expected(unsigned long set, enum state state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *r = &refusals[i];

		if ((set & r->with) == r->with && !(set & r->without) &&
		    state & r->states)
			return -EINVAL;
	}
	return 0;
}

/* Memory that caller, child and director share. */
struct sweep {
	enum state state;
	int own_ns;		/* in the caller: an fd of its own pid ns */
	pid_t last;		/* ENTERED: the last number given there */
	bool fresh;		/* EMPTY: there has been no child */
	pid_t pid, ppid;	/* as the child sees them */
	int alive;		/* the kernel clears it when a thread ends */
};

static char child_stack[16384] __attribute__((aligned(16)));

/*
 * Runs maybe in the caller's memory and thread group, so makes only system
 * calls.
 */
static int report(void *arg)
{
	struct sweep *s = arg;

	s->pid = syscall(SYS_getpid);
	s->ppid = syscall(SYS_getppid);
	syscall(SYS_exit, 0);
	return 0;
}

/*
 * Waits for a child that shares the memory, which the kernel reports at its
 * end.
 */
static void await_sharer(struct sweep *s)
{
	while (__atomic_load_n(&s->alive, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &s->alive, FUTEX_WAIT, 1, NULL, NULL, 0);
}

/* Waits for the end of a sibling, which only the parent can reap. */
static void await_sibling(int pidfd)
{
	check__must("end of the sibling",
		    ns__wait_dead(pidfd, run__patience()));
	close(pidfd);
}

/*
 * An init ignores SIGCHLD at its end, to get rid of its children. So does this
 * process if it shares its handlers with the init: then the kernel reaps the
 * init.
 */
static bool ignores_children(const struct sweep *s, unsigned long set)
{
	return set & CLONE_SIGHAND && (s->state == EMPTY || set & CLONE_NEWPID);
}

static long make(struct sweep *s, unsigned long set)
{
	bool thread = set & CLONE_THREAD,
	     sibling = !thread && set & CLONE_PARENT;
	unsigned long more = CLONE_CHILD_CLEARTID;
	int pidfd = -1;
	pid_t pid;

	if (!thread)
		more |= SIGCHLD;
	if (sibling)
		more |= CLONE_PIDFD;
	s->pid = s->ppid = -1;
	s->alive = 1;
	pid = clone(report, child_stack + sizeof(child_stack), set | more, s,
		    &pidfd, NULL, &s->alive);
	if (pid < 0)
		return -errno;
	if (set & CLONE_VM)
		await_sharer(s);
	if (sibling)
		await_sibling(pidfd);
	if (!thread && !sibling && waitpid(pid, NULL, __WALL) != pid &&
	    !ignores_children(s, set))
		return -ECHILD;
	return pid;
}

static const char *text(unsigned long set)
{
	static char buf[128];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (set & flags[i].flag)
			n += snprintf(buf + n, sizeof(buf) - n, "%s%s",
				      n ? "|" : "", flags[i].name);
	return n ? buf : "no flags";
}

static void check_child(struct sweep *s, unsigned long set, pid_t pid)
{
	bool elsewhere = s->state & ELSEWHERE || set & CLONE_NEWPID;
	char what[192];
	pid_t ppid = set & CLONE_PARENT ? getppid() : getpid();

	snprintf(what, sizeof(what), "getpid() of the child of %s", text(set));
	if (set & CLONE_THREAD)
		check__eq(what, s->pid, getpid());
	else if (s->state == ENTERED)
		check__true(what, s->pid > s->last);
	else
		check__eq(what, s->pid, elsewhere ? 1 : pid);
	s->last = s->pid;

	snprintf(what, sizeof(what), "getppid() of the child of %s", text(set));
	if (set & CLONE_THREAD)
		ppid = getppid();
	else if (elsewhere)
		ppid = 0;
	check__eq(what, s->ppid, ppid);
}

/* The first child of an empty pid ns ended it, so make another. */
static void renew(struct sweep *s)
{
	if (s->state != EMPTY || s->fresh)
		return;
	check__must("setns", ns__set(s->own_ns, CLONE_NEWPID));
	check__must("unshare", unshare(CLONE_NEWPID) ? -errno : 0);
	s->fresh = true;
}

/* A call has a time limit, so each sweeps a part of the combinations. */
#define COMBINATIONS	(1U << ARRAY_SIZE(flags))
#define PART		(COMBINATIONS / 16)

static long sweep_part(long arg, long first)
{
	struct sweep *s = (struct sweep *)arg;

	for (unsigned int bits = first; bits < first + PART; bits++) {
		unsigned long set = 0;
		long got;

		for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
			if (bits & 1U << i)
				set |= flags[i].flag;
		renew(s);
		signal(SIGCHLD, SIG_DFL);
		got = make(s, set);
		check__err(text(set), got < 0 ? got : 0,
			   expected(set, s->state));
		if (got >= 0)
			check_child(s, set, got);
		s->fresh &= got == -EINVAL;
	}
	return 0;
}

static void each_combination(const void *arg)
{
	struct sweep *s = shared__alloc(sizeof(*s));
	struct actor caller, init;
	int fd;

	s->state = *(const enum state *)arg;
	caller = actor__spawn("caller", NULL,
			      s->state == INIT ? CLONE_NEWPID : 0);
	fd = check__must("own pid ns", ns__open(caller.pid, "pid"));
	s->own_ns = actor__give(&caller, fd);
	if (s->state == ENTERED) {
		init = actor__spawn("init", NULL, CLONE_NEWPID);
		fd = check__must("target", ns__open(init.pid, "pid"));
		check__must("setns", actor__call(&caller, op_setns,
						 actor__give(&caller, fd),
						 CLONE_NEWPID));
		s->last = 1;
	}
	for (unsigned int first = 0; first < COMBINATIONS; first += PART) {
		check__must("sweep", actor__call(&caller, sweep_part, (long)s,
						 first));
		/* The siblings of the caller are zombies by now. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static const enum state own = OWN, empty = EMPTY, entered = ENTERED,
			init_state = INIT;

#define SWEEP "flags: each combination of clone(), "

static const struct test_case cases[] = {
	CREATION_WITH(SWEEP "by a plain process", each_combination, &own),
	CREATION_WITH(SWEEP "by an init", each_combination, &init_state),
	CREATION_ENTERS_WITH(SWEEP "after unshare(CLONE_NEWPID)",
			     each_combination, &empty),
	CREATION_ENTERS_WITH(SWEEP "after setns() to a pid ns",
			     each_combination, &entered),
};

PROGRAM_PART(creation_flags__add, cases)
