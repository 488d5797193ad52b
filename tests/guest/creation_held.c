// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a fork that is under way: signals, stops, the end of the
 * parent's parent, and the passing of time. The fork is held inside the kernel
 * (hold.h).
 */
#include "creation.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"

/*
 * A process in a pid namespace of its own, where nobody else takes numbers. It
 * leads its process group.
 */
struct quiet {
	struct actor init, caller;
};

static struct quiet quiet(void)
{
	struct quiet q;

	q.init = actor__spawn("init", NULL, CLONE_NEWPID);
	q.caller = actor__spawn("caller", &q.init, 0);
	check__must("setpgid", actor__call(&q.caller, op_setpgid, 0, 0));
	return q;
}

/* Waits until the task is in one of the states. */
static char await_state(pid_t pid, const char *states)
{
	const long end = ns__now_ms() + run__patience();
	char state;

	do {
		state = ns__state(pid);
		if (state && strchr(states, state))
			break;
		poll(NULL, 0, 1);
	} while (ns__now_ms() < end);
	return state;
}

/* The director's number of the caller's only child. */
static pid_t only_child(const struct actor *caller)
{
	pid_t child = 0;

	if (ns__children(caller->pid, &child, 1) != 1)
		check__bail("the caller has no child");
	return child;
}

/* --- signals -------------------------------------------------------------- */

/* Memory of the case: made before the actors, which then have the pointer. */
static struct caught {
	pid_t caller;		/* its number in its own pid ns */
	int by_caller, by_child;
} *caught;

static void count(int sig __maybe_unused)
{
	if (getpid() == caught->caller)
		caught->by_caller++;
	else
		caught->by_child++;
}

static long catch(long sig, long b __maybe_unused)
{
	const struct sigaction act = {
		.sa_handler = count, .sa_flags = SA_RESTART,
	};

	caught->caller = getpid();
	return sigaction(sig, &act, NULL) ? -errno : 0;
}

/*
 * A signal during a fork is for the parent alone, or for the group and so for
 * both.
 */
static const struct delivery {
	enum hold_where where;
	bool group;
} deliveries[] = {
	{ HOLD_UNNUMBERED, false },
	{ HOLD_UNNUMBERED, true },
	{ HOLD_NUMBERED, false },
	{ HOLD_NUMBERED, true },
	{ HOLD_LINKED, false },
	{ HOLD_LINKED, true },
};

static struct hold *hold_fork(const struct actor *caller, enum hold_where where)
{
	struct hold *h = hold__begin(caller, where);

	actor__ask(caller, hold__fork, (long)h, 0);
	hold__await(h);
	return h;
}

static void send(const struct actor *caller, const struct delivery *d, int sig)
{
	check__must("kill",
		    op_kill(d->group ? -caller->pid : caller->pid, sig));
}

/* The fork is made once, and nobody misses the signal. */
static void handled_signal(const struct delivery *d, int sig)
{
	struct actor caller;
	struct hold *h;
	long number;

	caught = shared__alloc(sizeof(*caught));
	caller = quiet().caller;
	number = actor__run(&caller, op_getpid);
	check__must("sigaction", actor__call(&caller, catch, sig, 0));
	h = hold_fork(&caller, d->where);
	send(&caller, d, sig);
	hold__release(h);
	check__eq("number of the child", actor__answer(&caller), number + 1);
	/* A child handles what is pending before it sleeps. */
	check__eq("state of the child", await_state(only_child(&caller), "S"),
		  'S');
	check__eq("signals handled by the parent", caught->by_caller, 1);
	check__eq("signals handled by the child", caught->by_child, d->group);
	hold__end(h);
}

static void handled_signals(const void *delivery)
{
	static const int signals[] = { SIGUSR1, SIGTERM, 64 };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		handled_signal(delivery, signals[i]);
}

static void stop(const void *delivery)
{
	static const int signals[] = { SIGSTOP, SIGTSTP };
	const struct delivery *d = delivery;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct actor caller = quiet().caller;
		struct hold *h = hold_fork(&caller, d->where);
		pid_t child;

		send(&caller, d, signals[i]);
		hold__release(h);
		check__eq("state of the parent", await_state(caller.pid, "T"),
			  'T');
		child = only_child(&caller);
		check__eq("state of the child",
			  await_state(child, d->group ? "T" : "S"),
			  d->group ? 'T' : 'S');
		check__must("continue", op_kill(-caller.pid, SIGCONT));
		check__true("clone3 returns a number",
			    actor__answer(&caller) > 0);
		check__eq("state of the child then", await_state(child, "S"),
			  'S');
		hold__end(h);
	}
}

/* A parent that is killed has no child, unless the child was linked before. */
static void killed(const void *delivery)
{
	const struct delivery *d = delivery;
	struct quiet q = quiet();
	struct hold *h = hold_fork(&q.caller, d->where);
	long number = actor__run(&q.init, op_getpid) + 1, expected = 1L << 1;

	send(&q.caller, d, SIGKILL);
	check__eq("the init reaps the parent",
		  actor__call(&q.init, op_waitpid, number, 0), number);
	hold__end(h);
	if (d->where == HOLD_LINKED && d->group)
		check__eq("the init reaps the child",
			  actor__call(&q.init, op_waitpid, -1, 0), number + 1);
	else if (d->where == HOLD_LINKED)
		expected |= 1L << (number + 1);
	check__eq("mask of the numbers then", actor__run(&q.init, op_numbers),
		  expected);
}

/* --- a new thread and a stop ---------------------------------------------- */

static struct thread {
	struct hold *hold;
	long result;		/* clone3() returned it */
	int rounds;		/* counted by the new thread */
	int leave;
} *thread;

#define STACK_SIZE 16384

static char thread_stack[STACK_SIZE] __attribute__((aligned(16)));

/*
 * The new thread shares its maker's thread area, so it makes only system calls.
 */
static _Noreturn void new_thread(void)
{
	while (!__atomic_load_n(&thread->leave, __ATOMIC_ACQUIRE)) {
		__atomic_fetch_add(&thread->rounds, 1, __ATOMIC_RELEASE);
		syscall(SYS_sched_yield);
	}
	syscall(SYS_exit, 0);
	__builtin_unreachable();
}

/*
 * The child returns from syscall() on its own stack, where the return address
 * leads to new_thread(). At a function's entry the stack pointer is 8 below a
 * multiple of 16.
 */
static void *make_thread(void *unused __maybe_unused)
{
	void (**top)(void) = (void *)(thread_stack + STACK_SIZE - 16);
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			 CLONE_THREAD,
		.stack = (uintptr_t)thread_stack,
		.stack_size = (char *)top - thread_stack,
	};

	*top = new_thread;
	thread->result = hold__clone(thread->hold, &args);
	while (!__atomic_load_n(&thread->leave, __ATOMIC_ACQUIRE))
		sched_yield();
	return NULL;
}

static long start_maker(long a __maybe_unused, long b __maybe_unused)
{
	pthread_t t;

	return -pthread_create(&t, NULL, make_thread, NULL);
}

/*
 * Waits until @nr threads of the process are in the state. Returns how many
 * are.
 */
static int await_threads(pid_t pid, char state, int nr)
{
	const long end = ns__now_ms() + run__patience();
	char path[64], text[256], *at;
	int there;

	do {
		there = 0;
		for (pid_t tid = pid; tid < pid + 16; tid++) {
			snprintf(path, sizeof(path), "/proc/%d/task/%d/stat",
				 pid, tid);
			if (file__read(path, text, sizeof(text)) <= 0)
				continue;
			at = strrchr(text, ')');
			there += at && at[2] == state;
		}
	} while (there != nr && ns__now_ms() < end && !poll(NULL, 0, 1));
	return there;
}

/* Waits for the hold, unless the call is refused: until Linux 6.8. */
static void await_thread_hold(const struct hold *h)
{
	const long end = ns__now_ms() + run__patience();

	while (ns__now_ms() < end && ns__poll(h->uffd, POLLIN, 5) < 0)
		if (__atomic_load_n(&thread->result, __ATOMIC_ACQUIRE) ==
		    -EINVAL)
			check__skip("the kernel makes no pidfd of a thread");
	hold__await(h);
}

static void thread_joins_stop(void)
{
	struct actor caller;
	struct hold *h;

	thread = shared__alloc(sizeof(*thread));
	caller = actor__spawn("caller", NULL, 0);
	h = hold__begin(&caller, HOLD_NUMBERED);
	thread->hold = h;
	check__must("pthread_create", actor__run(&caller, start_maker));
	await_thread_hold(h);
	check__must("SIGSTOP", op_kill(caller.pid, SIGSTOP));
	check__eq("state of the first thread", await_state(caller.pid, "T"),
		  'T');
	hold__release(h);
	check__eq("stopped threads", await_threads(caller.pid, 'T', 3), 3);
	check__eq("rounds of the new thread", thread->rounds, 0);
	check__must("SIGCONT", op_kill(caller.pid, SIGCONT));
	check__eq("stopped threads then", await_threads(caller.pid, 'T', 0), 0);
	hold__end(h);
	thread->leave = 1;
}

/* --- the parent's parent -------------------------------------------------- */

/* A process that makes a sibling, and is no actor. */
static struct maker {
	struct hold hold;
	pid_t pid;
	int uffd;		/* in the maker; 0: not yet */
	pid_t sibling;
} *maker;

/* For actors: makes a child, with exit signal SIGUSR1, that makes a sibling. */
static long make_maker(long a __maybe_unused, long b __maybe_unused)
{
	struct clone_args args = { .exit_signal = SIGUSR1 };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid)
		return pid < 0 ? -errno : pid;
	/* A copy of the parent's socket would hide the parent's end. */
	syscall(SYS_close_range, 3, ~0U, 0);
	args = (struct clone_args){ .flags = CLONE_PARENT };
	maker->hold.where = HOLD_NUMBERED;
	__atomic_store_n(&maker->uffd, hold__prepare(&maker->hold),
			 __ATOMIC_RELEASE);
	pid = hold__clone(&maker->hold, &args);
	if (pid)
		__atomic_store_n(&maker->sibling, pid, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static void begin_hold(void)
{
	int pidfd, uffd;

	while (!(uffd = __atomic_load_n(&maker->uffd, __ATOMIC_ACQUIRE)))
		sched_yield();
	if (uffd == -ENOSYS)
		check__skip(
			"the kernel has no userfaultfd (CONFIG_USERFAULTFD)");
	check__must("userfaultfd", uffd);
	pidfd = check__must("pidfd_open", ns__pidfd(maker->pid, 0));
	maker->hold.uffd = syscall(SYS_pidfd_getfd, pidfd, uffd, 0);
	if (maker->hold.uffd < 0)
		check__bail("pidfd_getfd: %s", strerror(errno));
	close(pidfd);
	hold__await(&maker->hold);
}

/* The end of a child sends SIGCHLD to the process that inherited its maker. */
static void maker_inherited(void)
{
	struct actor parent;
	siginfo_t info;

	signal__block(SIGUSR1);
	signal__block(SIGCHLD);
	maker = shared__alloc(sizeof(*maker));
	parent = actor__spawn("parent", NULL, 0);
	maker->pid = check__must("clone3", actor__run(&parent, make_maker));
	begin_hold();
	actor__exit(&parent, 0);
	check__eq("the end of the parent", waitpid(parent.pid, NULL, 0),
		  parent.pid);
	check__eq("a signal for it", signal__await(SIGCHLD, 0, NULL), SIGCHLD);
	hold__release(&maker->hold);
	while (!__atomic_load_n(&maker->sibling, __ATOMIC_ACQUIRE))
		sched_yield();
	check__must("clone3 by the maker", maker->sibling);
	check__must("kill", op_kill(maker->sibling, SIGKILL));
	check__eq("the signal at the sibling's end",
		  signal__await(SIGCHLD, run__patience(), &info), SIGCHLD);
	check__eq("whose", info.si_pid, maker->sibling);
	check__err("waitid() without __WALL",
		   waitid(P_PID, maker->sibling, &info, WEXITED) ? -errno : 0,
		   0);
}

/* --- time, and file descriptors ------------------------------------------- */

#define SOME_TICKS_MS 50

/* A child is not older than what was made while the fork was under way. */
static void start_is_late(void)
{
	struct actor caller = actor__spawn("caller", NULL, 0), meanwhile;
	struct hold *h = hold_fork(&caller, HOLD_NUMBERED);
	long child;

	poll(NULL, 0, SOME_TICKS_MS);
	meanwhile = actor__spawn("meanwhile", NULL, 0);
	hold__release(h);
	child = check__must("clone3", actor__answer(&caller));
	check__true("the child is not older than a process made before",
		    check__must("start time", ns__start_time(child)) >=
		    check__must("start time", ns__start_time(meanwhile.pid)));
	hold__end(h);
}

/* For actors: returns the number that the next file will have. */
static long next_file(long a __maybe_unused, long b __maybe_unused)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* The pidfd appears with the process, not before. */
static void pidfd_is_late(void)
{
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct hold *h = hold__begin(&caller, HOLD_NUMBERED);
	long number = actor__run(&caller, next_file);

	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	check__err("pidfd_getfd of its number",
		   syscall(SYS_pidfd_getfd, caller.pidfd, number, 0) < 0 ?
		   -errno : 0, -EBADF);
	hold__release(h);
	check__must("clone3", actor__answer(&caller));
	check__eq("number of the pidfd", h->pidfd, number);
	check__true("the pidfd is open", syscall(SYS_pidfd_getfd, caller.pidfd,
						 number, 0) >= 0);
	hold__end(h);
}

#define EACH(what, fn) \
	CREATION_WITH("held: " what "to the parent, without a number", fn, \
		      &deliveries[0]), \
	CREATION_WITH("held: " what "to the group, without a number", fn, \
		      &deliveries[1]), \
	CREATION_WITH("held: " what "to the parent, with a number", fn, \
		      &deliveries[2]), \
	CREATION_WITH("held: " what "to the group, with a number", fn, \
		      &deliveries[3]), \
	CREATION_WITH("held: " what "to the parent, linked", fn, \
		      &deliveries[4]), \
	CREATION_WITH("held: " what "to the group, linked", fn, \
		      &deliveries[5])

static const struct test_case cases[] = {
	EACH("a signal ", handled_signals),
	EACH("a stop ", stop),
	EACH("SIGKILL ", killed),
	CREATION("held: a new thread joins the stop of its process",
		 thread_joins_stop),
	CREATION("held: a sibling of a process that has a new parent",
		 maker_inherited),
	CREATION("held: the start time of a child", start_is_late),
	CREATION("held: the pidfd of a child", pidfd_is_late),
};

PROGRAM_PART(creation_held__add, cases)
