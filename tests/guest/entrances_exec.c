// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inits and members of a pid namespace that have several threads: a leader that has
 * exited, and a thread that executes a program, while the init dies.
 *
 * The exec of a thread waits for all other threads. A tracer outside stops one of
 * them at its exit (PTRACE_EVENT_EXIT), which holds the exec.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"
#include "stress_word.h"

/* A second thread, in memory that its process and the director share. */
struct second {
	_Atomic uint32_t tid;	/* in the namespace of the thread */
	_Atomic uint32_t go;
};

static void *second_thread(void *arg)
{
	struct second *s = arg;

	word__set(&s->tid, gettid());
	if (word__await(&s->go, 1, WORD_LIMIT_MS))
		return NULL;
	/* The end of the actor's socket shows the exec. */
	if (!syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC))
		execl("/proc/self/exe", "entrances", ENTRANCES_SLEEP, NULL);
	return NULL;
}

static long start_thread(long second, long b __maybe_unused)
{
	pthread_t id;

	return -pthread_create(&id, NULL, second_thread, (void *)second);
}

static struct second *add_thread(const struct actor *x)
{
	struct second *s = shared__alloc(sizeof(*s));

	check__must("pthread_create", actor__call(x, start_thread, (long)s, 0));
	if (word__await(&s->tid, 1, run__patience()))
		check__bail("the second thread does not start");
	return s;
}

/* Returns the number of the other thread of @pid, in the director's namespace. */
static pid_t other_thread(pid_t pid)
{
	struct dirent *entry;
	char path[32];
	pid_t found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		check__bail("%s: %s", path, strerror(errno));
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) != pid && atoi(entry->d_name) > 0)
			found = atoi(entry->d_name);
	closedir(dir);
	if (!found)
		check__bail("process %d has no second thread", pid);
	return found;
}

/* Returns when the process has executed the program. */
static void await_exec(const struct actor *x)
{
	/* The actor's socket is closed by an exec. */
	int got = ns__poll(x->sock, POLLRDHUP, run__patience());

	if (got < 0 || !(got & (POLLRDHUP | POLLHUP)))
		check__bail("%s does not execute", x->name);
}

/* The init dies while @caller's fork is held at @where. Ends the hold and the target. */
static void fork_meets_end(struct target *t, struct actor *caller,
			   struct hold *h, enum hold_where where)
{
	long result;

	target__enter(t, caller);
	actor__ask(caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(t);
	target__await_waiting(t);
	hold__release(h);
	result = actor__answer(caller);
	hold__end(h);
	if (where == HOLD_LINKED)
		target__check_killed(caller, result);
	else
		check__err("clone3", result, -ENOMEM);
	target__end(t, caller);
}

/* --- the init's leader has exited ---------------------------------------- */

/* The init is a thread that is not the leader when it ends: two numbers are its own. */
static void leader_has_exited(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h = hold__begin(&caller, where);

	add_thread(&t.init);
	t.last = other_thread(t.init.pid);
	actor__ask(&t.init, target_exit_thread, 0, 0);
	target__await_state(t.init.pid, 'Z');
	fork_meets_end(&t, &caller, h, where);
}

/* --- a thread of the init executes --------------------------------------- */

/* The thread takes over the leader's number, and is the init from then on. */
static void thread_has_executed(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h = hold__begin(&caller, where);
	struct second *s = add_thread(&t.init);

	word__set(&s->go, 1);
	await_exec(&t.init);
	target__check_numbers(&t, 1);
	fork_meets_end(&t, &caller, h, where);
}

/* Makes the exec of @x's second thread wait for its leader, which a tracer stops. */
static struct actor hold_exec(const struct actor *x, struct second *s)
{
	struct actor tracer = tracer__make(x->pid, PTRACE_O_TRACEEXIT);

	word__set(&s->go, 1);
	check__eq("stop of the leader", tracer__next(&tracer, x->pid) >> 8,
		  TRACER_EXIT_STOP);
	return tracer;
}

/*
 * The init is killed while a thread, of the init or of a member, waits in its exec for
 * the leader. SIGKILL ends this wait and the stop of the leader.
 *
 * Which thread of the init ends last is not determined, nor whether the held fork
 * finds the namespace closed: the fork fails, or its child is killed.
 */
static void exec_is_killed(const void *arg)
{
	const bool of_init = *(const bool *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0), tracer;
	struct hold *h = hold__begin(&caller, HOLD_NUMBERED);
	struct actor member = of_init ? t.init :
			      actor__spawn("member", &t.init, 0);
	long result;

	target__enter(&t, &caller);
	tracer = hold_exec(&member, add_thread(&member));
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(&t);
	check__err("the pidfd of an init whose namespace has a number",
		   ns__poll(t.init.pidfd, POLLIN, 0), -ETIMEDOUT);
	hold__release(h);
	result = actor__answer(&caller);
	hold__end(h);
	if (result > 0)
		target__check_killed(&caller, result);
	else
		check__err("clone3", result, -ENOMEM);
	/*
	 * The thread may still take the leader's place before it dies: the tracee
	 * is gone then. A wait for its number alone would not notice.
	 */
	result = actor__call(&tracer, op_waitpid, -1, __WALL);
	if (result != -ECHILD)
		check__eq("the leader's end, for the tracer", result,
			  member.pid);
	if (!of_init)
		close(member.pidfd);
	target__dismiss(&tracer);
	target__end(&t, &caller);
}

static const enum hold_where numbered = HOLD_NUMBERED, linked = HOLD_LINKED;
static const bool of_init = true, of_member = false;

static const struct test_case cases[] = {
	ENTRANCE_WITH("exec: the init's leader has exited, a fork has a number",
		      leader_has_exited, &numbered),
	ENTRANCE_WITH("exec: the init's leader has exited, a child has not run",
		      leader_has_exited, &linked),
	ENTRANCE_WITH("exec: a thread of the init has executed, a fork has a number",
		      thread_has_executed, &numbered),
	ENTRANCE_WITH("exec: a thread of the init has executed, a child has not run",
		      thread_has_executed, &linked),
	ENTRANCE_WITH("exec: a thread of the init waits for its leader",
		      exec_is_killed, &of_init),
	ENTRANCE_WITH("exec: a thread of a member waits for its leader",
		      exec_is_killed, &of_member),
};

PROGRAM_PART(entrances_exec__add, cases)
