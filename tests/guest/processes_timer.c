// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: which notifications timer_create() accepts, and what becomes of timers when
 * their owner, or the process whose CPU time they measure, executes a program; and the
 * limit of CPU time.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

/* --- timer_create() ------------------------------------------------------ */

/* Threads of SIGEV_THREAD_ID. */
enum { OWN_THREAD = -1, STRANGER = -2 };

static const struct event {
	const char *what;
	int notify, signo, thread, err;
} events[] = {
	{ "SIGEV_SIGNAL", SIGEV_SIGNAL, SIGUSR1, 0, 0 },
	{ "SIGEV_NONE", SIGEV_NONE, 0, 0, 0 },
	{ "SIGEV_THREAD", SIGEV_THREAD, SIGUSR1, 0, 0 },
	{ "the last signal", SIGEV_SIGNAL, 64, 0, 0 },
	{ "the own thread", SIGEV_THREAD_ID, SIGUSR1, OWN_THREAD, 0 },
	{ "signal 0", SIGEV_SIGNAL, 0, 0, -EINVAL },
	{ "signal 65", SIGEV_SIGNAL, 65, 0, -EINVAL },
	{ "signal -1", SIGEV_SIGNAL, -1, 0, -EINVAL },
	{ "thread 0", SIGEV_THREAD_ID, SIGUSR1, 0, -EINVAL },
	{ "a thread of another process", SIGEV_THREAD_ID, SIGUSR1, STRANGER, -EINVAL },
	{ "notification 3", 3, SIGUSR1, 0, -EINVAL },
	{ "notification 5", 5, SIGUSR1, OWN_THREAD, -EINVAL },
	{ "notification 6", 6, SIGUSR1, OWN_THREAD, -EINVAL },
	{ "notification 7", 7, SIGUSR1, OWN_THREAD, -EINVAL },
	{ "notification 8", 8, SIGUSR1, 0, -EINVAL },
	{ "notification -1", -1, SIGUSR1, 0, -EINVAL },
};

static int create_timer(clockid_t clock, int notify, int signo, int thread)
{
	struct sigevent ev;
	int id;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = notify;
	ev.sigev_signo = signo;
	ev._sigev_un._tid = thread == OWN_THREAD ? gettid() :
			    thread == STRANGER ? getppid() : thread;
	return syscall(SYS_timer_create, clock, &ev, &id) ? -errno : id;
}

static void notifications(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const struct event *e = &events[i];
		int id = create_timer(CLOCK_MONOTONIC, e->notify, e->signo, e->thread);

		check__note("timer_create() with %s", e->what);
		check__err(e->what, id < 0 ? id : 0, e->err);
		if (id >= 0)
			check__err("timer_delete()", op_end_timer(id, 0), 0);
	}
}

/* --- CPU time of another process ----------------------------------------- */

/* The measured process does this before it uses its CPU time. */
static const struct deed {
	bool thread;		/* a second thread goes on */
	bool exec;
	bool leader_dies;
} nothing, execs = { .exec = true }, thread_execs = { .thread = true, .exec = true },
	leader_dies = { .leader_dies = true };

/* The process needs less than this for what it does before it burns. */
#define CPU_MS ns__limit_ms(200)

static bool burns_until_signal(const struct actor *x, const struct actor *watcher,
			       int sig)
{
	/* The kernel checks expiry at ticks: rare ones in a guest on a busy host. */
	for (int i = 0; i < ns__limit_ms(150); i++) {
		actor__call(x, op_burn, 20, 0);
		if (actor__call(watcher, op_pending, sig, 0) == 1)
			return true;
	}
	return false;
}

static void foreign_timer(const void *arg)
{
	const struct deed *d = arg;
	struct actor watcher = actor__spawn("watcher", NULL, 0);
	struct actor x = actor__spawn("measured process", NULL, 0);

	check__must("timer", actor__call(&watcher, op_add_cpu_timer, x.pid, CPU_MS));
	if (d->thread)
		check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	if (d->leader_dies)
		lose_leader(&x);
	if (d->exec)
		check__err("exec", actor__run(&x, actor__exec), 0);
	check__true("the timer fires", burns_until_signal(&x, &watcher, SIGUSR1));
}

/* --- RLIMIT_CPU ---------------------------------------------------------- */

static long limit_cpu(long seconds, long b __maybe_unused)
{
	const struct rlimit limit = { .rlim_cur = seconds, .rlim_max = RLIM_INFINITY };

	return setrlimit(RLIMIT_CPU, &limit) ? -errno : 0;
}

/* The child uses a second of CPU time, the least that the limit can be. */
static void cpu_limit_is_inherited(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor child;

	check__must("block", actor__call(&father, op_block, SIGXCPU, 0));
	check__must("RLIMIT_CPU", actor__call(&father, limit_cpu, 1, 0));
	child = actor__spawn("child", &father, 0);
	check__eq("SIGXCPU at the start", actor__call(&child, op_pending, SIGXCPU, 0),
		  0);
	check__true("the child gets SIGXCPU",
		    burns_until_signal(&child, &child, SIGXCPU));
	check__eq("SIGXCPU of the father, who has slept",
		  actor__call(&father, op_pending, SIGXCPU, 0), 0);
}

/* --- the own timers, and an exec ----------------------------------------- */

/* Arms a timer: (clock, ms); its signal is SIGRTMIN. */
static long arm(long clock, long ms)
{
	int id = create_timer(clock, SIGEV_SIGNAL, SIGRTMIN, 0);
	long err = id < 0 ? id : op_rearm_timer(id, ms);

	return err < 0 ? err : id;
}

static const clockid_t clocks[] = {
	CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID,
};

/* No timer is left after an exec, nor is one in a queue of the kernel. */
static void timers_end(const void *arg)
{
	const struct deed *d = arg;
	struct actor x = actor__spawn("process", NULL, 0);
	long id = -1;

	if (d->thread)
		check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		id = check__must("timer", actor__call(&x, arm, clocks[i], 100000));
	check__err("exec", actor__run(&x, actor__exec), 0);
	check__err("timer_delete()", actor__call(&x, op_end_timer, id, 0), -EINVAL);
	actor__call(&x, op_burn, 20, 0);
	actor__exit(&x, 0);
	check_end("it ends", x.pid, 0, 0);
}

static long await_pending(long sig, long b __maybe_unused)
{
	const long end = ns__now_ms() + run__patience();

	while (!op_pending(sig, 0) && ns__now_ms() < end)
		usleep(1000);
	return op_pending(sig, 0);
}

/* Takes a pending signal; returns 0 if there is none. */
static long take(long sig, long b __maybe_unused)
{
	int got = signal__await(sig, 0, NULL);

	return got < 0 ? 0 : got;
}

static long queue_self(long sig, long b __maybe_unused)
{
	const union sigval value = { .sival_int = 1 };

	return sigqueue(getpid(), sig, value) ? -errno : 0;
}

/* A signal of a timer that waits ends with the timer; one that was sent does not. */
static void timer_signal_ends(const void *arg)
{
	const struct deed *d = arg;
	struct actor x = actor__spawn("process", NULL, 0);

	check__must("block", actor__call(&x, op_block, SIGRTMIN, 0));
	check__must("block", actor__call(&x, op_block, SIGRTMIN + 1, 0));
	if (d->thread)
		check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	check__must("timer", actor__call(&x, arm, CLOCK_MONOTONIC, 1));
	check__must("signal", actor__call(&x, queue_self, SIGRTMIN + 1, 0));
	check__eq("the timer's signal waits",
		  actor__call(&x, await_pending, SIGRTMIN, 0), 1);
	if (d->exec)
		check__err("exec", actor__run(&x, actor__exec), 0);
	check__eq("the timer's signal", actor__call(&x, take, SIGRTMIN, 0),
		  d->exec ? 0 : SIGRTMIN);
	check__eq("the signal that was sent", actor__call(&x, take, SIGRTMIN + 1, 0),
		  SIGRTMIN + 1);
}

#define TIMER(name, fn, deed) PROCESS_WITH("timer: " name, fn, &deed)

static const struct test_case cases[] = {
	PROCESS("timer: the notifications of timer_create()", notifications),
	PROCESS("timer: RLIMIT_CPU from before a fork is enforced in the child",
		cpu_limit_is_inherited),
	TIMER("on another's CPU time", foreign_timer, nothing),
	TIMER("on another's CPU time, which execs", foreign_timer, execs),
	TIMER("on another's CPU time, whose second thread execs", foreign_timer,
	      thread_execs),
	TIMER("on another's CPU time, whose leader exits", foreign_timer, leader_dies),
	TIMER("all end at an exec", timers_end, execs),
	TIMER("all end at an exec by a second thread", timers_end, thread_execs),
	TIMER("a signal that waits is taken", timer_signal_ends, nothing),
	TIMER("a signal that waits ends at an exec", timer_signal_ends, execs),
	TIMER("a signal that waits ends at an exec by a second thread",
	      timer_signal_ends, thread_execs),
};

PROGRAM_PART(timer__add, cases)
