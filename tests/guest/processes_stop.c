// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracees and threads: whom a tracer may wait for, who reaps a tracee how often, stops
 * of a whole process, before and after a tracer attaches, and signals to a process of
 * which one thread is traced.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

static void go_on(pid_t pid, int sig)
{
	check__err("PTRACE_CONT", ptrace(PTRACE_CONT, pid, 0, sig) ? -errno : 0, 0);
}

/* --- waiting for a tracee without __WALL --------------------------------- */

/* Where the tracer and its tracee live. */
enum place { SAME, INNER, INIT };

static const enum place same = SAME, inner = INNER, init = INIT;

/*
 * Seizes thread @tid, interrupts it, and waits for it with no option. Returns the
 * stop's event, or the error of the wait.
 */
static long interrupt_and_wait(long tid, long b __maybe_unused)
{
	int status;
	long got;

	if (ptrace(PTRACE_SEIZE, tid, 0, 0) || ptrace(PTRACE_INTERRUPT, tid, 0, 0))
		return -errno;
	got = await_child(tid, 0, &status);
	if (got == tid)
		return ptrace(PTRACE_CONT, tid, 0, 0) ? -errno : status >> 16;
	return got;
}

/* A tracer needs no __WALL for a thread, or for one that is not its child. */
static void needs_no_option(const void *arg)
{
	const enum place *place = arg;
	struct actor top = actor__spawn("init", NULL,
					*place == SAME ? 0 : CLONE_NEWPID);
	struct actor tracer = *place == INIT ? top :
					       actor__spawn("tracer", &top, 0);
	struct actor tracee = actor__spawn("tracee", &top, 0);
	struct ns_numbers n;
	char tasks[32];
	long tid;

	check__must("thread", actor__run(&tracee, op_add_thread));
	snprintf(tasks, sizeof(tasks), "/proc/%d/task", tracee.pid);
	for (int i = 0; i < 2; i++) {
		tid = check__must("tid", actor__call(&tracee, op_thread, i, 0));
		check__must("NSpid", ns__numbers(tasks, tid, "NSpid", &n));
		check__note("thread %d", i);
		check__err("waitpid() without an option",
			   actor__call(&tracer, interrupt_and_wait, n.number[n.nr - 1],
				       0), PTRACE_EVENT_STOP);
	}
}

/* --- a child that another thread of its parent traces -------------------- */

struct attachment {
	pid_t child;
	int err;
	pthread_barrier_t attached, reaped;
};

static void *attach_and_stay(void *arg)
{
	struct attachment *a = arg;

	a->err = ptrace(PTRACE_SEIZE, a->child, 0, 0) ? -errno : 0;
	pthread_barrier_wait(&a->attached);
	/* The end of the thread would end the tracing. */
	pthread_barrier_wait(&a->reaped);
	return NULL;
}

/*
 * A second thread traces a child of the process. Kills the child and waits for it
 * twice. Returns the error of the second wait, or what went wrong before.
 */
static long reap_twice(long exit_only, long b __maybe_unused)
{
	struct attachment a;
	pthread_t thread;
	int status;
	long err;

	a.child = ns__clone(0, NULL);
	while (!a.child)
		pause();
	pthread_barrier_init(&a.attached, NULL, 2);
	pthread_barrier_init(&a.reaped, NULL, 2);
	err = -pthread_create(&thread, NULL, attach_and_stay, &a);
	if (err)
		return err;
	pthread_barrier_wait(&a.attached);
	if (!a.err)
		kill(a.child, SIGKILL);
	if (await_child(a.child, 0, &status) != a.child || !WIFSIGNALED(status))
		err = -EIO;
	else
		err = exit_only ? await_child(-1, 0, &status) :
				  await_child(a.child, 0, &status);
	pthread_barrier_wait(&a.reaped);
	pthread_join(thread, NULL);
	return a.err ? a.err : err;
}

static void is_reaped_once(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor top = actor__spawn("init", NULL, CLONE_NEWPID);

	check__err("the second waitpid(child)", actor__call(&father, reap_twice, 0, 0),
		   -ECHILD);
	check__err("the second waitpid(-1)", actor__call(&father, reap_twice, 1, 0),
		   -ECHILD);
	check__err("the same in an init", actor__call(&top, reap_twice, 0, 0), -ECHILD);
}

/* The tracer of a child reaps it first, then the parent. */
static void is_reaped_by_both(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor child = actor__spawn("child", &father, 0);

	check__must("PTRACE_SEIZE", op_seize(child.pid, 0));
	actor__exit(&child, 4);
	await_state(child.pid, 'Z');
	check__eq("not yet by the father",
		  actor__call(&father, op_waitpid, child.pid, WNOHANG), 0);
	check_end("the tracer", child.pid, 0, 4);
	check__err("the tracer again", op_waitpid(child.pid, WNOHANG), -ECHILD);
	check__eq("the father", actor__call(&father, op_waitpid, child.pid, 0),
		  child.pid);
	check__err("the father again", actor__call(&father, op_waitpid, child.pid, 0),
		   -ECHILD);
}

/* --- stops of a whole process -------------------------------------------- */

static void *sleep_on(void *arg)
{
	while (pause())
		;
	return arg;
}

static long add_thread(long a __maybe_unused, long b __maybe_unused)
{
	pthread_t thread;

	return -pthread_create(&thread, NULL, sleep_on, NULL);
}

/*
 * A process is stopped when its leader is seized, and stays so when the tracer lets the
 * leader go on. A thread that the leader makes then stops with the process.
 */
static void new_thread_joins_stop(void)
{
	struct actor x = actor__spawn("tracee", NULL, 0);
	unsigned long tid = 0;
	int status = 0;

	check__must("SIGSTOP", op_kill(x.pid, SIGSTOP));
	check__eq("it stops", await_child(x.pid, WUNTRACED, &status), x.pid);
	check__must("PTRACE_SEIZE",
		    ptrace(PTRACE_SEIZE, x.pid, 0, PTRACE_O_TRACECLONE) ? -errno : 0);
	check__eq("the tracer sees the stop", await_child(x.pid, 0, &status), x.pid);
	check__eq("as that of the process", status >> 8,
		  SIGSTOP | PTRACE_EVENT_STOP << 8);
	go_on(x.pid, 0);
	actor__ask(&x, add_thread, 0, 0);
	check_event("it makes a thread", x.pid, PTRACE_EVENT_CLONE);
	check__must("PTRACE_GETEVENTMSG",
		    ptrace(PTRACE_GETEVENTMSG, x.pid, 0, &tid) ? -errno : 0);
	check__eq("the thread stops", await_child(tid, __WALL, &status), tid);
	check__eq("with the process", status >> 8, SIGSTOP | PTRACE_EVENT_STOP << 8);
	go_on(x.pid, 0);
	check__err("the leader goes on", actor__answer(&x), 0);
}

/* How a tracer attaches to a stopped process. */
struct meeting {
	bool seize;		/* PTRACE_SEIZE, not PTRACE_ATTACH */
	bool threads;		/* the process has two, and the tracer attaches to both */
	bool foreign;		/* the tracer is not the parent */
	bool reported;		/* the parent has waited for the stop before */
};

/* Returns false if the tracer cannot see the stop. */
static bool meet(const struct meeting *m, pid_t tid)
{
	int status = 0;

	check__must("attach", ptrace(m->seize ? PTRACE_SEIZE : PTRACE_ATTACH, tid, 0, 0) ?
		    -errno : 0);
	if (!check__eq("the tracer sees the stop", await_child(tid, __WALL, &status),
		       tid))
		return false;
	check__eq("by the signal", status >> 8,
		  SIGSTOP | (m->seize ? PTRACE_EVENT_STOP << 8 : 0));
	/* On PREEMPT_RT a task that waits for a lock shows the state of the wait. */
	await_state(tid, 't');
	check__eq("no second report", waitpid(tid, &status, __WALL | WNOHANG), 0);
	check__err("PTRACE_DETACH", ptrace(PTRACE_DETACH, tid, 0, 0) ? -errno : 0, 0);
	/* The stop of the process goes on without the tracer. */
	await_state(tid, 'T');
	return true;
}

static void sees_earlier_stop(const void *arg)
{
	const struct meeting *m = arg;
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor x = actor__spawn("tracee", m->foreign ? &father : NULL, 0);
	pid_t tids[2] = { x.pid };
	const int nr = m->threads ? 2 : 1;
	int status;

	if (m->threads) {
		check__must("thread", actor__run(&x, op_add_thread));
		tids[1] = check__must("tid", actor__call(&x, op_thread, 1, 0));
	}
	check__must("SIGSTOP", op_kill(x.pid, SIGSTOP));
	for (int i = 0; i < nr; i++)
		await_state(tids[i], 'T');
	if (m->reported)
		check__eq("the parent sees the stop",
			  await_child(x.pid, WUNTRACED, &status), x.pid);
	for (int i = 0; i < nr; i++) {
		if (!meet(m, tids[i]))
			return;
	}
	check__must("SIGCONT", op_kill(x.pid, SIGCONT));
	check__true("the process goes on", actor__run(&x, op_getpid) == x.pid);
}

/* --- signals to a process of which one thread is traced ------------------ */

static long take(long sig, long b __maybe_unused)
{
	return signal__await(sig, run__patience(), NULL);
}

static void set_mask(pid_t tid, uint64_t mask)
{
	check__must("PTRACE_SETSIGMASK",
		    ptrace(PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) ? -errno : 0);
}

/*
 * The traced leader is about to take a signal to the process when the tracer blocks it
 * there. The signal waits again, for the process: another thread may take it.
 */
static void requeued(const void *arg)
{
	const bool *to_thread = arg;
	struct actor x = actor__spawn("tracee", NULL, 0);

	check__must("block", actor__call(&x, op_block, SIGUSR1, 0));
	/* The thread that serves from now on has it blocked, the leader has not. */
	check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	/* Until the leader sleeps, libc may set the mask of the leader. */
	await_state(x.pid, 'S');
	check__must("PTRACE_SEIZE", op_seize(x.pid, 0));
	check__must("PTRACE_INTERRUPT",
		    ptrace(PTRACE_INTERRUPT, x.pid, 0, 0) ? -errno : 0);
	check_event("the leader stops", x.pid, PTRACE_EVENT_STOP);
	set_mask(x.pid, 0);
	go_on(x.pid, 0);
	check__must("signal", *to_thread ? tgkill(x.pid, x.pid, SIGUSR1) :
					   kill(x.pid, SIGUSR1));
	if (!check_signal_stop("the leader", x.pid, SIGUSR1))
		return;
	set_mask(x.pid, 1UL << (SIGUSR1 - 1));
	go_on(x.pid, SIGUSR1);
	if (*to_thread)
		check__eq("the other thread does not see it",
			  actor__call(&x, op_pending, SIGUSR1, 0), 0);
	else
		check__eq("the other thread takes it",
			  actor__call(&x, take, SIGUSR1, 0), SIGUSR1);
}

static const bool to_process, to_thread = true;

#define STOP(name, fn) PROCESS("stop: " name, fn)
#define STOP_WITH(name, fn, arg) PROCESS_WITH("stop: " name, fn, &arg)
#define MEETING(name, ...) \
	PROCESS_WITH("stop: " name, sees_earlier_stop, \
		     (&(const struct meeting){ __VA_ARGS__ }))

static const struct test_case cases[] = {
	STOP_WITH("a tracer waits for threads without __WALL", needs_no_option, same),
	STOP_WITH("in a new pid ns, a tracer waits without __WALL", needs_no_option,
		  inner),
	STOP_WITH("an init as a tracer waits without __WALL", needs_no_option, init),
	STOP("a child that its parent's other thread traces is reaped once",
	     is_reaped_once),
	STOP("a tracee is reaped by its tracer, then by its parent", is_reaped_by_both),
	STOP("a new thread of a stopped process stops", new_thread_joins_stop),
	MEETING("PTRACE_ATTACH to a stopped process is reported", .seize = false),
	MEETING("PTRACE_ATTACH is reported if the parent has seen the stop",
		.reported = true),
	MEETING("PTRACE_ATTACH to a stopped child of another is reported",
		.foreign = true),
	MEETING("PTRACE_ATTACH to each thread of a stopped process is reported",
		.threads = true),
	MEETING("PTRACE_SEIZE of a stopped process is reported", .seize = true),
	MEETING("PTRACE_SEIZE of each thread of a stopped process is reported",
		.seize = true, .threads = true),
	STOP_WITH("a signal to a process waits for all its threads again", requeued,
		  to_process),
	STOP_WITH("a signal to a thread waits for this thread again", requeued,
		  to_thread),
};

PROGRAM_PART(stop__add, cases)
