// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message of each PTRACE_EVENT: numbers are those of the tracer's pid namespace,
 * whether the tracee lives there or below.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define ALL_EVENTS (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
		    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | \
		    PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | \
		    PTRACE_O_TRACESECCOMP)

/* Where the tracer and the tracee live. */
enum place { SAME, SAME_INNER, OUTER, INJECTED, PLACES };

static const char *const places[] = {
	[SAME] = "both in the director's pid ns",
	[SAME_INNER] = "both in a new pid ns",
	[OUTER] = "the tracee in a new pid ns",
	[INJECTED] = "the tracee with a parent outside",
};

/* --- what the tracer does ------------------------------------------------ */

static long seize(long pid, long options)
{
	return ptrace(PTRACE_SEIZE, pid, 0, options) ? -errno : 0;
}

static long go_on(long pid, long sig)
{
	return ptrace(PTRACE_CONT, pid, 0, sig) ? -errno : 0;
}

/* Returns the event (or stop) of a tracee, or -errno; 0 if it does not stop. */
static long next_event(long pid, long b __maybe_unused)
{
	int status;
	long got = await_child(pid, __WALL, &status);

	return got <= 0 ? got : WIFSTOPPED(status) ? status >> 16 : -ECHILD;
}

static long message(long pid, long b __maybe_unused)
{
	unsigned long msg = 0;

	return ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg) ? -errno : (long)msg;
}

/* --- what the tracee does ------------------------------------------------ */

static long make_child(long flags, long b __maybe_unused)
{
	long child = flags & CLONE_VFORK ? vfork() : ns__clone(0, NULL);

	if (!child)
		_exit(0);
	return child;
}

static void *do_nothing(void *arg)
{
	return arg;
}

static long make_thread(long a __maybe_unused, long b __maybe_unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, do_nothing, NULL);

	if (!err)
		pthread_join(thread, NULL);
	return -err;
}

static long leave(long status, long b __maybe_unused)
{
	_exit(status);
}

#define FILTER_DATA 0x1234

static long hit_filter(long a __maybe_unused, long b __maybe_unused)
{
	long err = op_filter_call(SYS_getpgid, SECCOMP_RET_TRACE | FILTER_DATA);

	return err ?: syscall(SYS_getpgid, 0) < 0 ? -errno : 0;
}

/* --- the case ------------------------------------------------------------ */

struct pair {
	struct actor tracer, tracee;
	long number;		/* the tracee's, for the tracer */
};

static void set_up(struct pair *p, enum place place)
{
	struct actor init, outer;
	struct ns_numbers n;

	check__note("%s", places[place]);
	if (place == SAME) {
		p->tracer = actor__spawn("tracer", NULL, 0);
		p->tracee = actor__spawn("tracee", NULL, 0);
	} else {
		init = actor__spawn("init", NULL, CLONE_NEWPID);
		p->tracer = actor__spawn("tracer", place == OUTER ? NULL : &init, 0);
		outer = actor__spawn("parent outside", NULL, 0);
		p->tracee = place == INJECTED ? spawn_into(&init, &outer, "tracee") :
						actor__spawn("tracee", &init, 0);
	}
	check__must("NSpid", ns__numbers("/proc", p->tracee.pid, "NSpid", &n));
	p->number = n.number[place == OUTER ? 0 : n.nr - 1];
	/* A tracee stops for each signal that it does not block. */
	check__must("block", actor__call(&p->tracee, op_block, SIGCHLD, 0));
	check__must("PTRACE_SEIZE", actor__call(&p->tracer, seize, p->number,
						ALL_EVENTS));
}

/* Checks the next event of the tracee, lets the tracee go on; returns the message. */
static long follow(const struct pair *p, int event)
{
	long msg;

	check__eq("the event", actor__call(&p->tracer, next_event, p->number, 0),
		  event);
	msg = actor__call(&p->tracer, message, p->number, 0);
	check__err("PTRACE_CONT", actor__call(&p->tracer, go_on, p->number, 0), 0);
	return msg;
}

/* Checks that the message of a birth names a tracee, which is traced from its birth. */
static void check_newborn(const struct pair *p, long number)
{
	check__eq("the newborn stops at first",
		  actor__call(&p->tracer, next_event, number, 0), PTRACE_EVENT_STOP);
	check__err("it goes on", actor__call(&p->tracer, go_on, number, 0), 0);
}

/* Checks that a newborn exits, and lets the tracer reap it. */
static void check_gone(const struct pair *p, long number)
{
	check__eq("the newborn exits", actor__call(&p->tracer, next_event, number, 0),
		  PTRACE_EVENT_EXIT);
	check__err("it goes on", actor__call(&p->tracer, go_on, number, 0), 0);
	check__err("the tracer reaps it",
		   actor__call(&p->tracer, next_event, number, 0), -ECHILD);
}

static void forks(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;
		long msg;

		set_up(&p, place);
		actor__ask(&p.tracee, make_child, 0, 0);
		msg = follow(&p, PTRACE_EVENT_FORK);
		check_newborn(&p, msg);
		check_gone(&p, msg);
		check__true("the tracee goes on", actor__answer(&p.tracee) > 0);
	}
}

static void vforks(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;
		long msg;

		set_up(&p, place);
		actor__ask(&p.tracee, make_child, CLONE_VFORK, 0);
		msg = follow(&p, PTRACE_EVENT_VFORK);
		check_newborn(&p, msg);
		check_gone(&p, msg);
		check__eq("VFORK_DONE names the same",
			  follow(&p, PTRACE_EVENT_VFORK_DONE), msg);
		check__true("the tracee goes on", actor__answer(&p.tracee) > 0);
	}
}

static void clones(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;
		long msg;

		set_up(&p, place);
		actor__ask(&p.tracee, make_thread, 0, 0);
		msg = follow(&p, PTRACE_EVENT_CLONE);
		check_newborn(&p, msg);
		check_gone(&p, msg);
		check__err("the tracee goes on", actor__answer(&p.tracee), 0);
	}
}

static void execs(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;

		set_up(&p, place);
		actor__ask(&p.tracee, actor__exec, 0, 0);
		check__eq("the former number", follow(&p, PTRACE_EVENT_EXEC), p.number);
		check__err("the tracee goes on", actor__answer(&p.tracee), 0);
	}
}

/* A thread executes a program: the message is the number that it had as a thread. */
static void thread_execs(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;
		long tid;

		set_up(&p, place);
		actor__ask(&p.tracee, actor__move, 1, 0);
		tid = follow(&p, PTRACE_EVENT_CLONE);
		check_newborn(&p, tid);
		check__err("the tracee goes on", actor__answer(&p.tracee), 0);
		actor__ask(&p.tracee, actor__exec, 0, 0);
		follow(&p, PTRACE_EVENT_EXIT);	/* the leader's */
		check__eq("the former number", follow(&p, PTRACE_EVENT_EXEC), tid);
		check__err("the tracee goes on", actor__answer(&p.tracee), 0);
	}
}

static void exits(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;

		set_up(&p, place);
		actor__ask(&p.tracee, leave, 6, 0);
		check__eq("the status", follow(&p, PTRACE_EVENT_EXIT), 6 << 8);
	}
}

static void filters(void)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct pair p;

		set_up(&p, place);
		actor__ask(&p.tracee, hit_filter, 0, 0);
		check__eq("the data of the filter", follow(&p, PTRACE_EVENT_SECCOMP),
			  FILTER_DATA);
		check__err("the tracee goes on", actor__answer(&p.tracee), 0);
	}
}

#define EVENT(name, fn) PROCESS("event: the message of " name, fn)

static const struct test_case cases[] = {
	EVENT("FORK names the child", forks),
	EVENT("VFORK and VFORK_DONE name the child", vforks),
	EVENT("CLONE names the thread", clones),
	EVENT("EXEC is the number before it", execs),
	EVENT("EXEC by a thread is its number before it", thread_execs),
	EVENT("EXIT is the status", exits),
	EVENT("SECCOMP is the data of the filter", filters),
};

PROGRAM_PART(event__add, cases)
