// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first fork after unshare(CLONE_NEWPID): the child that is held is itself the
 * init of the namespace.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

/*
 * The owner has a user namespace with one pid namespace at most, which a first fork
 * of the owner populates.
 */
struct first {
	struct actor owner;
	struct hold *hold;
	long init;		/* if linked */
	int nsfd, pidfd;
};

static struct first first__make(enum hold_where where)
{
	struct first f = { .owner = actor__spawn("owner", NULL, 0) };
	pid_t child[2];

	/* A userfaultfd needs a capability that the owner gives up. */
	f.hold = hold__begin(&f.owner, where);
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&f.owner, op_unshare, CLONE_NEWUSER, 0));
	check__must(MAX_PID_NS, actor__call(&f.owner, op_limit_pid_ns, 1, 0));
	check__must("unshare(CLONE_NEWPID)",
		    actor__call(&f.owner, op_unshare, CLONE_NEWPID, 0));
	actor__ask(&f.owner, hold__fork, (long)f.hold, 0);
	hold__await(f.hold);
	if (where != HOLD_LINKED)
		return f;
	check__eq("children of the owner", ns__children(f.owner.pid, child, 2),
		  1);
	f.init = child[0];
	f.nsfd = check__must("pid namespace", ns__open(f.init, "pid"));
	f.pidfd = check__must("pidfd", ns__pidfd(f.init, 0));
	return f;
}

/* The owner never leaves the namespace of its children, so another one is used. */
static void check_freed(struct first *f)
{
	struct actor heir = actor__spawn("heir", NULL, 0);
	int user = check__must("user namespace", ns__open(f->owner.pid, "user"));
	long fd = actor__give(&heir, user);

	check__must("setns", actor__call(&heir, op_setns, fd, CLONE_NEWUSER));
	check__must("close", actor__call(&heir, op_close, fd, 0));
	close(user);
	if (waitpid(f->owner.pid, NULL, WNOHANG) == 0)
		target__dismiss(&f->owner);
	check__err("another pid namespace in place of the first",
		   joined__await_room(&heir), 0);
	target__dismiss(&heir);
}

static void init_dies(void)
{
	struct first f = first__make(HOLD_LINKED);

	check__must("kill the init", op_kill(f.init, SIGKILL));
	check__err("the pidfd of an init that never ran",
		   ns__poll(f.pidfd, POLLIN, 0), -ETIMEDOUT);
	hold__release(f.hold);
	target__check_killed(&f.owner, actor__answer(&f.owner));
	hold__end(f.hold);
	check__err("the pidfd", ns__wait_dead(f.pidfd, run__patience()), 0);
	check__err("the next fork", actor__run(&f.owner, op_fork_sleeper),
		   -ENOMEM);
	close(f.nsfd);
	close(f.pidfd);
	check_freed(&f);
}

/* A second process is in the namespace before its init has ever run. */
static void second_user(void)
{
	struct first f = first__make(HOLD_LINKED);
	struct actor user = actor__spawn("second user", NULL, 0);
	long fd = actor__give(&user, f.nsfd), child;

	check__must("setns", actor__call(&user, op_setns, fd, CLONE_NEWPID));
	check__must("close", actor__call(&user, op_close, fd, 0));
	child = actor__run(&user, op_fork_sleeper);
	check__true("the second user's fork", child > 0);
	check__must("kill the init", op_kill(f.init, SIGKILL));
	hold__release(f.hold);
	check__eq("the owner's fork", actor__answer(&f.owner), f.init);
	hold__end(f.hold);
	target__check_killed(&user, child);
	target__check_killed(&f.owner, f.init);
	check__err("the second user's next fork",
		   actor__run(&user, op_fork_sleeper), -ENOMEM);
	target__dismiss(&user);
	close(f.nsfd);
	close(f.pidfd);
	check_freed(&f);
}

/* The fork fails with the death of its caller, or leaves an orphan that is an init. */
static void owner_dies(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct first f = first__make(where);
	struct actor heir = actor__spawn("heir", NULL, 0);
	int user = check__must("user namespace", ns__open(f.owner.pid, "user"));
	long fd = actor__give(&heir, user);

	check__must("setns", actor__call(&heir, op_setns, fd, CLONE_NEWUSER));
	check__must("kill the owner", op_kill(f.owner.pid, SIGKILL));
	target__check_killed(NULL, f.owner.pid);
	hold__end(f.hold);
	if (f.init) {
		check__err("a signal to the init", op_kill(f.init, 0), 0);
		check__must("kill the init", op_kill(f.init, SIGKILL));
		target__check_killed(NULL, f.init);
		close(f.nsfd);
		close(f.pidfd);
	}
	check__err("another pid namespace in place of the first",
		   joined__await_room(&heir), 0);
	close(user);
	target__dismiss(&heir);
}

static const enum hold_where copying = HOLD_UNNUMBERED, numbered = HOLD_NUMBERED,
			     linked = HOLD_LINKED;

static const struct test_case cases[] = {
	ENTRANCE("first fork: the init dies before it runs", init_dies),
	ENTRANCE("first fork: another process forks, and the init dies before it runs",
		 second_user),
	ENTRANCE_WITH("first fork: the caller dies before it has a number",
		      owner_dies, &copying),
	ENTRANCE_WITH("first fork: the caller dies before the init is linked",
		      owner_dies, &numbered),
	ENTRANCE_WITH("first fork: the caller dies before the init runs",
		      owner_dies, &linked),
};

PROGRAM_PART(entrances_first__add, cases)
