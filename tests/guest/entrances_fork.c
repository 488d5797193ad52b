// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forks into a pid namespace from outside while the namespace's init dies: each kind
 * of clone, held at each place.
 *
 * Before tasklist_lock, a clone fails with ENOMEM. A child that is linked by then is
 * killed with the others, even if it has never run.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "lib/array.h"
#include "ns.h"
#include "ops.h"

/* The namespaces that a child in another pid namespace than its parent can have. */
#define OTHERS (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | \
		CLONE_NEWNET | CLONE_NEWCGROUP)

/* A number that no other process of the namespace has. */
#define WANTED 77

enum place {
	IN_COPY = HOLD_UNNUMBERED,
	IN_NUMBERED = HOLD_NUMBERED,
	IN_LINKED = HOLD_LINKED,
	IN_NOTHING,	/* the child may run */
	PLACES
};

static const char *const place_names[PLACES] = {
	[IN_COPY] = "before it has a number",
	[IN_NUMBERED] = "before its child is linked",
	[IN_LINKED] = "before its child runs",
	[IN_NOTHING] = "when its child runs",
};

struct way {
	const char *name;
	uint64_t flags;
	pid_t number;		/* for set_tid; 0: any */
};

static const struct way ways[] = {
	{ .name = "fork" },
	{ .name = "CLONE_VFORK", .flags = CLONE_VFORK },
	{ .name = "CLONE_VM|CLONE_VFORK", .flags = CLONE_VM | CLONE_VFORK },
	{ .name = "CLONE_PARENT", .flags = CLONE_PARENT },
	{ .name = "CLONE_PIDFD", .flags = CLONE_PIDFD },
	{ .name = "CLONE_INTO_CGROUP", .flags = CLONE_INTO_CGROUP },
	{ .name = "set_tid", .number = WANTED },
	{ .name = "CLONE_NEWUSER and others", .flags = OTHERS },
};

#define WAYS (ARRAY_SIZE(ways))

struct entrance {
	const struct way *way;
	enum place place;
};

/* A call, in memory that the caller and the director share. */
struct call {
	const struct way *way;
	struct hold *hold;
	int cgroup;		/* a file of the caller */
	int pidfd;		/* from CLONE_PIDFD, another file of the caller */
};

static int sleeping_child(void *arg __maybe_unused)
{
	hold__sleep();
}

/* clone3() has no wrapper, so a child that shares the stack would spoil it. */
static long clone_sharing(struct call *c)
{
	static char stack[16384] __attribute__((aligned(16)));
	int flags = c->way->flags | SIGCHLD;
	int err = hold__rearm(c->hold);
	pid_t pid;

	if (err)
		return err;
	flags |= c->hold->where == HOLD_NUMBERED ? CLONE_PIDFD :
						   CLONE_PARENT_SETTID;
	pid = clone(sleeping_child, stack + sizeof(stack), flags, NULL,
		    c->hold->word);
	return pid < 0 ? -errno : pid;
}

/* Runs in the caller. */
static long enter(long call, long b __maybe_unused)
{
	struct call *c = (struct call *)call;
	const struct way *w = c->way;
	struct clone_args args = {
		.flags = w->flags,
		.exit_signal = w->flags & CLONE_PARENT ? 0 : SIGCHLD,
		.pidfd = (uintptr_t)&c->pidfd,
		.cgroup = c->cgroup,
		.set_tid = w->number ? (uintptr_t)&w->number : 0,
		.set_tid_size = w->number ? 1 : 0,
	};
	pid_t pid;

	if (w->flags & CLONE_VM)
		return clone_sharing(c);
	pid = hold__clone(c->hold, &args);
	if (!pid)
		hold__sleep();
	return pid;
}

#define CGROUPS "/tmp/entrances-cgroup"
#define CGROUP CGROUPS "/entrances"

/* Returns a new control group, below a mount in a mount namespace of the case. */
static int make_cgroup(void)
{
	int fd;

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(CGROUPS, 0700) && errno != EEXIST) ||
	    mount("none", CGROUPS, "cgroup2", 0, NULL) || mkdir(CGROUP, 0700))
		check__bail("a control group: %s", strerror(errno));
	fd = open(CGROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		check__bail(CGROUP ": %s", strerror(errno));
	return fd;
}

/* Succeeds only if no process is left in the group. */
static void remove_cgroup(void)
{
	check__err("the control group is empty", rmdir(CGROUP) ? -errno : 0, 0);
}

static struct call *ready_call(const struct entrance *e, const struct actor *caller)
{
	struct call *c = shared__alloc(sizeof(*c));
	int cgroup;

	c->way = e->way;
	c->pidfd = -1;
	if (e->way->flags & CLONE_INTO_CGROUP) {
		cgroup = make_cgroup();
		c->cgroup = actor__give(caller, cgroup);
		close(cgroup);
	}
	c->hold = hold__begin(caller, e->place == IN_NOTHING ?
			      HOLD_LINKED : (enum hold_where)e->place);
	return c;
}

/* The pidfd reports the end of a child, which its parent has reaped. */
static void check_pidfd(const struct call *c, const struct actor *caller)
{
	int fd = syscall(SYS_pidfd_getfd, caller->pidfd, c->pidfd, 0);

	if (fd < 0)
		check__bail("pidfd_getfd: %s", strerror(errno));
	check__err("the child's pidfd", ns__wait_dead(fd, run__patience()), 0);
	close(fd);
}

/* The init dies while the call is held, or, later, while the child runs. */
static void strike_held(const struct target *t, const struct entrance *e,
			const struct hold *h)
{
	bool linked = e->place == IN_LINKED || e->place == IN_NOTHING;

	target__check_numbers(t, 1 + linked);
	if (e->way->number)
		check__err("the wanted number in /proc",
			   faccessat(t->proc, "77", F_OK, 0) ? -errno : 0,
			   linked ? 0 : -ENOENT);
	if (e->place == IN_NOTHING)
		hold__release(h);
	target__strike(t);
	if (e->place == IN_COPY) {
		target__check_reaped(t);
	} else if (e->place == IN_NUMBERED || e->place == IN_LINKED) {
		target__await_waiting(t);
		target__check_numbers(t, 1 + linked);
	}
	if (e->place != IN_NOTHING)
		hold__release(h);
}

static void enter_dying(const void *arg)
{
	const struct entrance *e = arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct call *c = ready_call(e, &caller);
	long result;

	target__enter(&t, &caller);
	actor__ask(&caller, enter, (long)c, 0);
	hold__await(c->hold);
	strike_held(&t, e, c->hold);
	result = actor__answer(&caller);
	hold__end(c->hold);
	if (e->place == IN_COPY || e->place == IN_NUMBERED)
		check__err("clone", result, -ENOMEM);
	else
		target__check_killed(e->way->flags & CLONE_PARENT ?
				     NULL : &caller, result);
	if (result > 0 && e->way->flags & CLONE_PIDFD)
		check_pidfd(c, &caller);
	if (e->place != IN_COPY)
		target__check_reaped(&t);
	target__dismiss(&caller);
	target__check_freed(&t);
	if (e->way->flags & CLONE_INTO_CGROUP)
		remove_cgroup();
}

#define NAME_SIZE 96

void entrances_fork__add(struct run_list *l)
{
	static struct test_case cases[WAYS * PLACES];
	static struct entrance entrances[WAYS * PLACES];
	static char names[WAYS * PLACES][NAME_SIZE];
	size_t nr = 0;

	for (size_t i = 0; i < WAYS * PLACES; i++) {
		const struct way *w = &ways[i / PLACES];
		enum place place = i % PLACES;

		/* A clone that shares memory does not copy it. */
		if (w->flags & CLONE_VM && place == IN_COPY)
			continue;
		entrances[nr] = (struct entrance){ w, place };
		snprintf(names[nr], NAME_SIZE, "fork: %s, the init dies %s",
			 w->name, place_names[place]);
		cases[nr] = (struct test_case)
			ENTRANCE_WITH(names[nr], enter_dying, &entrances[nr]);
		nr++;
	}
	run__add(l, cases, nr);
}
