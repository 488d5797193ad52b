// SPDX-License-Identifier: GPL-2.0-only
/*
 * The begin and the end of a pid namespace, and who gets its orphans, without any
 * setns(): mainline promises all of this, whatever a series changes.
 *
 * The keeper is outside of the namespace and makes its tasks by fork(), after
 * unshare(CLONE_NEWPID). The first is the init; the others, its guests, have a parent
 * outside.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "ns.h"
#include "ops.h"

struct container {
	struct actor keeper, init;
};

static struct actor make_keeper(void)
{
	struct actor keeper = actor__spawn("keeper", NULL, 0);

	check__must("unshare(CLONE_NEWPID)",
		    actor__call(&keeper, op_unshare, CLONE_NEWPID, 0));
	return keeper;
}

static struct container make_container(void)
{
	struct container c = { .keeper = make_keeper() };

	c.init = actor__spawn("init", &c.keeper, 0);
	return c;
}

static void wait_dead(const char *what, const struct actor *a)
{
	check__err(what, ns__wait_dead(a->pidfd, run__patience()), 0);
}

/* Waits for the init to sleep at the end of zap_pid_ns_processes(). */
static void wait_idle(const struct actor *init)
{
	const struct timespec pause = ns__timespec(10);
	long end = ns__now_ms() + run__patience();

	while (!ns__init_waits(init->pid) && ns__now_ms() < end)
		nanosleep(&pause, NULL);
	check__true("the init waits for the rest", ns__init_waits(init->pid));
}

static void end_init(const struct container *c)
{
	check__must("kill the init", op_kill(c->init.pid, SIGKILL));
}

/* --- the end --- */

static void own_zombie_is_reaped(void)
{
	struct container c = make_container();

	check__must("zombie", actor__run(&c.init, op_fork_zombie));
	end_init(&c);
	wait_dead("the init ends", &c.init);
}

static void guest_holds_it_up(void)
{
	struct container c = make_container();
	struct actor guest = actor__spawn("guest", &c.keeper, 0);

	end_init(&c);
	wait_dead("the guest is killed", &guest);
	wait_idle(&c.init);
	check__eq("the keeper reaps the guest",
		  actor__call(&c.keeper, op_waitpid, guest.pid, 0), guest.pid);
	wait_dead("then the init ends", &c.init);
}

/* The zombie becomes a child of the init when the guest dies, after the last wait4(). */
static void zombie_of_a_guest(void)
{
	struct container c = make_container();
	struct actor guest = actor__spawn("guest", &c.keeper, 0);

	check__must("zombie", actor__run(&guest, op_fork_zombie));
	end_init(&c);
	wait_dead("the guest is killed", &guest);
	check__eq("the keeper reaps the guest",
		  actor__call(&c.keeper, op_waitpid, guest.pid, 0), guest.pid);
	wait_dead("then the init ends", &c.init);
}

static void *sleep_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static long op_leave_thread(long a __maybe_unused, long b __maybe_unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, sleep_for_ever, NULL);

	if (!err)
		syscall(SYS_exit, 0);
	return -err;
}

/* The leader stays a zombie until the last thread is gone, and has a number. */
static void leader_ended_before(void)
{
	const struct timespec pause = ns__timespec(10);
	struct container c = make_container();
	long end = ns__now_ms() + run__patience();

	actor__ask(&c.init, op_leave_thread, 0, 0);
	while (ns__state(c.init.pid) != 'Z' && ns__now_ms() < end)
		nanosleep(&pause, NULL);
	check__eq("the leader is a zombie", ns__state(c.init.pid), 'Z');
	end_init(&c);
	wait_dead("the init ends", &c.init);
}

static void nobody_enters(void)
{
	struct container c = make_container();
	struct actor guest = actor__spawn("guest", &c.keeper, 0);

	end_init(&c);
	wait_dead("the guest is killed", &guest);
	wait_idle(&c.init);
	check__err("fork while the init waits",
		   actor__run(&c.keeper, op_fork_sleeper), -ENOMEM);
	check__err("once more", actor__run(&c.keeper, op_fork_sleeper), -ENOMEM);
	check__eq("the keeper reaps the guest",
		  actor__call(&c.keeper, op_waitpid, guest.pid, 0), guest.pid);
	wait_dead("the init ends", &c.init);
	check__err("fork after its end", actor__run(&c.keeper, op_fork_sleeper),
		   -ENOMEM);
}

/* --- the begin --- */

/* The kernel finds that there is no room for a pidfd when the number is allocated. */
static long op_fork_without_fds(long a __maybe_unused, long b __maybe_unused)
{
	struct rlimit limit, none;
	int pidfd;
	long ret;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	none = limit;
	none.rlim_cur = 0;
	if (setrlimit(RLIMIT_NOFILE, &none))
		return -errno;
	ret = ns__clone(0, &pidfd);
	if (!ret)
		_exit(0);
	setrlimit(RLIMIT_NOFILE, &limit);
	return ret;
}

/* Kernels differ in whether the namespace is of any use after that. */
static void first_fork_fails(void)
{
	struct actor keeper = make_keeper();
	struct ns_numbers n;
	long pid;

	check__err("a fork that fails", actor__run(&keeper, op_fork_without_fds),
		   -EMFILE);
	pid = actor__run(&keeper, op_fork_sleeper);
	if (pid < 0) {
		check__err("the next fork is refused", pid, -ENOMEM);
		return;
	}
	check__must("NSpid", ns__numbers("/proc", pid, "NSpid", &n));
	check__eq("levels of the next one", n.nr, 2);
	check__eq("its number in the namespace", n.number[1], 1);
}

/* --- orphans --- */

static void orphan_goes_to_init(void)
{
	struct container c = make_container();
	struct actor parent = actor__spawn("parent", &c.init, 0);
	struct actor child = actor__spawn("child", &parent, 0);
	struct actor orphan = actor__spawn("orphan", &child, 0);

	check__must("kill its parent", op_kill(child.pid, SIGKILL));
	wait_dead("the parent dies", &child);
	check__eq("getppid() of the orphan", actor__run(&orphan, op_getppid), 1);
	actor__exit(&orphan, 7);
	check__true("the init reaps it",
		    actor__call(&c.init, op_waitpid, -1, 0) > 1);
	check__eq("its status",
		  WEXITSTATUS(actor__run(&c.init, op_wait_status)), 7);
}

#define WHERE_EVER \
	.modes = MODE_MAINLINE | MODE_JOIN | MODE_SEED, .knob = KNOB_LEAVE
#define ENDING(name, fn) CASE(WHERE_EVER, "ending: " name, fn)

static const struct test_case cases[] = {
	ENDING("an init reaps its zombies and ends", own_zombie_is_reaped),
	ENDING("an init ends when the last guest is reaped", guest_holds_it_up),
	ENDING("the zombie of a guest does not hold up the init",
	       zombie_of_a_guest),
	ENDING("an init ends whose first thread has ended before",
	       leader_ended_before),
	ENDING("nobody is born into a namespace that ends", nobody_enters),
	ENDING("after a fork that failed the first number is 1, or there is none",
	       first_fork_fails),
	ENDING("an orphan goes to the init, not to its grandparent",
	       orphan_goes_to_init),
};

PROGRAM_PART(cases_ending__add, cases)
