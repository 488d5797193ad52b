// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who forks into a pid namespace from outside while its init dies: two callers, a
 * caller that dies itself, a thread of a process with more of them, and whoever
 * holds an fd on the namespace or a pidfd on the init.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"
#include "stress_word.h"

/* Makes a caller whose fork into the namespace is held. */
static struct hold *held_caller(const struct target *t, struct actor *caller,
				enum hold_where where)
{
	struct hold *h;

	*caller = actor__spawn("caller", NULL, 0);
	target__enter(t, caller);
	h = hold__begin(caller, where);
	actor__ask(caller, hold__fork, (long)h, 0);
	hold__await(h);
	return h;
}

static long only_child(pid_t parent)
{
	pid_t child[2];

	check__eq("children of the caller", ns__children(parent, child, 2), 1);
	return child[0];
}

/* Returns when the actor is dead, and reaps it. Returns its status. */
static int reap(struct actor *x)
{
	int status = -1;

	check__err(x->name, ns__wait_dead(x->pidfd, run__patience()), 0);
	check__eq(x->name, waitpid(x->pid, &status, __WALL), x->pid);
	close(x->pidfd);
	close(x->sock);
	return status;
}

/* --- two callers --------------------------------------------------------- */

/* arg: where the second caller is held; the first has a number. */
static void two_callers(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor first, second;
	struct hold *one = held_caller(&t, &first, HOLD_NUMBERED);
	struct hold *two = held_caller(&t, &second, where);

	target__strike(&t);
	target__await_waiting(&t);
	hold__release(one);
	check__err("the first clone3", actor__answer(&first), -ENOMEM);
	hold__end(one);
	/* The second one's number keeps the init. */
	target__await_waiting(&t);
	hold__release(two);
	if (where == HOLD_LINKED)
		target__check_killed(&second, actor__answer(&second));
	else
		check__err("the second clone3", actor__answer(&second), -ENOMEM);
	hold__end(two);
	target__check_reaped(&t);
	target__dismiss(&first);
	target__dismiss(&second);
	target__check_freed(&t);
}

/* --- the caller dies, too ------------------------------------------------ */

/* The namespace has its init alone, or the orphan of the caller besides. */
static void caller_dies(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller;
	struct hold *h = held_caller(&t, &caller, where);
	long child = where == HOLD_LINKED ? only_child(caller.pid) : 0;

	check__must("kill the caller", op_kill(caller.pid, SIGKILL));
	check__eq("what killed the caller", reap(&caller), SIGKILL);
	hold__end(h);
	target__check_numbers(&t, 1 + !!child);
	check__eq("getpid() of the init", actor__run(&t.init, op_getpid), 1);
	target__strike(&t);
	if (child)
		target__check_killed(NULL, child);
	target__check_reaped(&t);
	target__check_freed(&t);
}

/* The init waits, and the end of the caller is what it waits for. */
static void both_die(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller;
	struct hold *h = held_caller(&t, &caller, where);
	long child = where == HOLD_LINKED ? only_child(caller.pid) : 0;

	target__strike(&t);
	target__await_waiting(&t);
	check__must("kill the caller", op_kill(caller.pid, SIGKILL));
	check__eq("what killed the caller", reap(&caller), SIGKILL);
	hold__end(h);
	if (child)
		target__check_killed(NULL, child);
	target__check_reaped(&t);
	target__check_freed(&t);
}

/* --- a thread calls ------------------------------------------------------ */

/* A thread that forks, in memory that its process and the director share. */
struct thread {
	struct hold *hold;
	int nsfd;
	pid_t tid;
	long result;		/* from clone3() */
	int status;		/* the status of the child */
	_Atomic uint32_t done;
};

static void *fork_in_thread(void *arg)
{
	struct thread *x = arg;
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid;

	x->tid = gettid();
	/* The namespace of the future children belongs to the thread. */
	check__must("setns", ns__set(x->nsfd, CLONE_NEWPID));
	close(x->nsfd);
	pid = hold__clone(x->hold, &args);
	if (!pid)
		hold__sleep();
	if (pid > 0 && waitpid(pid, &x->status, 0) != pid)
		pid = -errno;
	x->result = pid;
	word__set(&x->done, 1);
	return NULL;
}

static long start_thread(long thread, long b __maybe_unused)
{
	pthread_t id;

	return -pthread_create(&id, NULL, fork_in_thread, (void *)thread);
}

static struct thread *held_thread(const struct target *t, struct actor *process,
				  enum hold_where where)
{
	struct thread *x = shared__alloc(sizeof(*x));

	*process = actor__spawn("process", NULL, 0);
	x->hold = hold__begin(process, where);
	x->nsfd = actor__give(process, t->nsfd);
	check__must("pthread_create",
		    actor__call(process, start_thread, (long)x, 0));
	hold__await(x->hold);
	return x;
}

/* The thread is alone when its clone3() continues. */
static void leader_exits(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor process;
	struct thread *x = held_thread(&t, &process, where);

	actor__ask(&process, target_exit_thread, 0, 0);
	target__await_state(process.pid, 'Z');
	target__strike(&t);
	target__await_waiting(&t);
	hold__release(x->hold);
	if (word__await(&x->done, 1, run__patience()))
		check__bail("no end of the thread's clone3");
	hold__end(x->hold);
	if (where == HOLD_LINKED) {
		check__true("clone3 returned a number", x->result > 0);
		check__eq("status of the child", x->status, SIGKILL);
	} else {
		check__err("clone3", x->result, -ENOMEM);
	}
	check__eq("status of the process", reap(&process), 0);
	target__check_reaped(&t);
	target__check_freed(&t);
}

static long execute(long a __maybe_unused, long b __maybe_unused)
{
	execl("/proc/self/exe", "entrances", ENTRANCES_EXIT, NULL);
	return -errno;
}

/* The exec kills the thread, and ends the hold. */
static void leader_executes(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor process;
	struct thread *x = held_thread(&t, &process, where);
	long child = where == HOLD_LINKED ? only_child(x->tid) : 0;

	target__strike(&t);
	target__await_waiting(&t);
	actor__ask(&process, execute, 0, 0);
	check__eq("status after the exec", reap(&process), 0);
	hold__end(x->hold);
	if (child)
		target__check_killed(NULL, child);
	target__check_reaped(&t);
	target__check_freed(&t);
}

/* --- an fd on the namespace, a pidfd on the init ------------------------- */

/* An fd on a namespace is still valid when the namespace is dead. */
static void enter_dead(const struct target *t)
{
	struct actor late = actor__spawn("late caller", NULL, 0);
	long pidfd = actor__give(&late, t->init.pidfd);

	check__err("setns by the pidfd",
		   actor__call(&late, op_setns, pidfd, CLONE_NEWPID), -ESRCH);
	target__enter(t, &late);
	check__err("fork", actor__run(&late, op_fork_sleeper), -ENOMEM);
	target__dismiss(&late);
}

static void late_callers(void)
{
	struct target t = target__make();
	struct actor caller;
	struct hold *h = held_caller(&t, &caller, HOLD_NUMBERED);

	target__strike(&t);
	target__await_waiting(&t);
	enter_dead(&t);
	target__await_waiting(&t);
	hold__release(h);
	check__err("clone3", actor__answer(&caller), -ENOMEM);
	hold__end(h);
	check__err("the end of the init",
		   ns__wait_dead(t.init.pidfd, run__patience()), 0);
	enter_dead(&t);
	target__check_reaped(&t);
	enter_dead(&t);
	check__err("a signal by the pidfd",
		   op_pidfd_signal(t.init.pidfd, 0), -ESRCH);
	check__err("fork", actor__run(&caller, op_fork_sleeper), -ENOMEM);
	target__dismiss(&caller);
	target__check_freed(&t);
}

static const enum hold_where copying = HOLD_UNNUMBERED, numbered = HOLD_NUMBERED,
			     linked = HOLD_LINKED;

static const struct test_case cases[] = {
	ENTRANCE_WITH("two callers with a number each", two_callers, &numbered),
	ENTRANCE_WITH("two callers, of whom one has a child", two_callers, &linked),
	ENTRANCE_WITH("the caller dies before it has a number, then the init",
		      caller_dies, &copying),
	ENTRANCE_WITH("the caller dies before its child is linked, then the init",
		      caller_dies, &numbered),
	ENTRANCE_WITH("the caller dies before its child runs, then the init",
		      caller_dies, &linked),
	ENTRANCE_WITH("the init dies, then the caller before its child is linked",
		      both_die, &numbered),
	ENTRANCE_WITH("the init dies, then the caller before its child runs",
		      both_die, &linked),
	ENTRANCE_WITH("a thread forks, and its leader exits before the child is linked",
		      leader_exits, &numbered),
	ENTRANCE_WITH("a thread forks, and its leader exits before the child runs",
		      leader_exits, &linked),
	ENTRANCE_WITH("an exec ends a thread before its child is linked",
		      leader_executes, &numbered),
	ENTRANCE_WITH("an exec ends a thread before its child runs",
		      leader_executes, &linked),
	ENTRANCE("callers that come when the init is dying, dead and reaped",
		 late_callers),
};

PROGRAM_PART(entrances_callers__add, cases)
