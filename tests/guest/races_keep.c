// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins that keep the caller's struct pid, against tasks that look at it, trace
 * it, kill it, or end its target meanwhile.
 *
 * Such a join takes a number in the target and in no other namespace, so the
 * target's init detects that the join is past its checks. The joiner leaves time
 * for this as in races_cases.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"

#include "beat.h"
#include "ns.h"
#include "races.h"
#include "stress_word.h"

/* --- readers that take no lock ------------------------------------------------ */

/* No kernel has room for more joins by the struct pid of a task born at level 0. */
#define LEVELS_MAX 4

static struct actor chain[LEVELS_MAX];
static int levels;	/* what this kernel has room for */

/* Joins until there is no room. The exit status is the number of joins. */
static void count_levels(void)
{
	int i = 0;

	while (i < LEVELS_MAX && !ns__set(chain[i].pidfd, CLONE_NEWPID))
		i++;
	_exit(i);
}

static void make_chain(void)
{
	int status;
	pid_t pid;

	for (int i = 0; i < LEVELS_MAX; i++)
		chain[i] = actor__spawn("init in a chain",
					i ? &chain[i - 1] : NULL, CLONE_NEWPID);
	pid = check__must("fork", fork());
	if (!pid)
		count_levels();
	check__must("waitpid", waitpid(pid, &status, 0));
	levels = WEXITSTATUS(status);
	check__true("a struct pid has room for a join", levels > 0);
}

/* All levels but the last, which the round itself joins. */
static void go_down(struct round *r __maybe_unused)
{
	for (int i = 0; i < levels - 1; i++) {
		long err = ns__set(chain[i].pidfd, CLONE_NEWPID);

		if (err)
			check__bail("setns into level %d: %ld", i + 1, err);
	}
}

/* Errors that a reader may find: indices into wrongs. */
enum {
	READ_RIGHT,
	READ_NOTHING,
	READ_OLD,
	READ_COLUMNS,
	READ_ZERO,
	READ_FDINFO,
	READ_GROUP,
};

static const char *const wrongs[] = {
	[READ_RIGHT]	= "nothing",
	[READ_NOTHING]	= "the process could not be read",
	[READ_OLD]	= "an old number in status was another one",
	[READ_COLUMNS]	= "the lines of status had different numbers of columns",
	[READ_ZERO]	= "a new number in status was 0 or negative",
	[READ_FDINFO]	= "fdinfo of a pidfd had wrong numbers",
	[READ_GROUP]	= "kill(), getpgid() or getsid() gave another number",
};

static int read_status(pid_t pid)
{
	static const char *const keys[] = { "NStgid", "NSpid", "NSpgid", "NSsid" };
	struct ns_numbers id[ARRAY_SIZE(keys)];
	char path[64], text[4096];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (file__read(path, text, sizeof(text)) < 0)
		return READ_NOTHING;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (ns__parse(text, keys[i], &id[i]))
			return READ_NOTHING;
		if (id[i].number[0] != pid)
			return READ_OLD;
		if (id[i].nr != id[0].nr)
			return READ_COLUMNS;
		for (int l = 0; l < id[i].nr; l++)
			if (id[i].number[l] <= 0)
				return READ_ZERO;
	}
	return READ_RIGHT;
}

/* Opens and closes a pidfd, which takes and drops a reference, in each call. */
static int read_fdinfo(pid_t pid)
{
	int pidfd = ns__pidfd(pid, 0), err;
	struct ns_numbers id;
	char path[64], text[1024];

	if (pidfd < 0)
		return READ_NOTHING;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	err = file__read(path, text, sizeof(text)) < 0 ||
	      ns__parse(text, "NSpid", &id) || id.number[0] != pid;
	for (int l = 0; !err && l < id.nr; l++)
		err = id.number[l] <= 0;
	close(pidfd);
	return err ? READ_FDINFO : READ_RIGHT;
}

static int read_calls(pid_t pid)
{
	return kill(pid, 0) || getpgid(pid) != pid || getsid(pid) != pid ?
	       READ_GROUP : READ_RIGHT;
}

/* found: the number of readings, and what was wrong. */
static long read_on(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;

	round__arm(r);
	while (!atomic_load(&r->done) && !r->found[1]) {
		r->found[1] = read_status(r->pid);
		if (!r->found[1])
			r->found[1] = read_fdinfo(r->pid);
		if (!r->found[1])
			r->found[1] = read_calls(r->pid);
		r->found[0]++;
	}
	return 0;
}

static void readers(void)
{
	enum { ROUNDS = 300 };
	const long end = beat__now_ms() + RACE_MS;
	struct race x = { .r = shared__alloc(sizeof(*x.r)) };
	struct round *r = x.r;
	long readings = 0;

	make_chain();
	x.neighbour = round__neighbour("reader");
	r->fd = chain[levels - 1].pidfd;
	r->flags = CLONE_NEWPID;
	r->aim = go_down;
	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		round__start(r, &x.neighbour, read_on);
		round__await_done(r);
		check__err("setns", r->err, 0);
		readings += r->found[0];
		round__end(r, &x.neighbour);
		if (!check__str("what a reader found wrong",
				wrongs[r->found[1]], wrongs[READ_RIGHT]))
			break;
	}
	check__true("there were readings", readings > 0);
}

/* --- between the checks and the move -------------------------------------- */

/* For inits: returns when the join has taken a number in this namespace. */
static long await_taken(struct round *r)
{
	round__await_number(r);
	r->number = file__get(LAST_PID);
	word__set(&r->taken, 1);
	return 0;
}

/*
 * found: the result of kill() by the new number at once, and of getpgid() when
 * the number can be used.
 */
static long use_number(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	bool through;
	pid_t group;

	await_taken(r);
	r->found[0] = kill(r->number, 0) ? -errno : 0;
	do {
		/* Another look follows after the joiner has finished. */
		through = atomic_load(&r->done);
		group = getpgid(r->number);
	} while (group < 0 && !through);
	r->found[1] = group < 0 ? -errno : group;
	return 0;
}

static struct race make_slow_race(const char *neighbour)
{
	struct race x = race__make(neighbour, CLONE_NEWPID | CLONE_NEWNS);

	/* The init acts while the joiner is busy, so use another CPU. */
	actor__run(&x.init, round__move_away);
	return x;
}

static void number_in_use(void)
{
	enum { ROUNDS = 100 };
	const long end = beat__now_ms() + RACE_MS;
	struct race x = make_slow_race("nobody");
	struct round *r = x.r;
	int between = 0;

	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		round__start(r, &x.init, use_number);
		round__await_done(r);
		check__err("setns", r->err, 0);
		round__end(r, &x.init);
		between += r->found[0] == -ESRCH;
		if (!check__eq("group of the joiner, a leader, inside",
			       r->found[1], r->number))
			break;
	}
	check__true("the number was taken, and not yet in use", between > 0);
}

static long tell_taken(long round, long b __maybe_unused)
{
	return await_taken((struct round *)round);
}

/* Starts a round whose neighbour waits for the init to report the number. */
static void start_told(struct race *x, actor_fn *fn)
{
	atomic_store(&x->r->taken, 0);
	actor__ask(&x->neighbour, fn, (long)x->r, 0);
	round__start(x->r, &x->init, tell_taken);
}

/* found: the results of PTRACE_SEIZE and of a wait for the joiner's exit. */
static long seize_and_wait(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	int status;

	word__await(&r->taken, 1, WORD_LIMIT_MS);
	r->found[0] = ptrace(PTRACE_SEIZE, r->pid, 0, 0) ? -errno : 0;
	r->missed = atomic_load(&r->done);
	if (r->found[0])
		return 0;
	r->found[1] = waitpid(r->pid, &status, __WALL);
	return WIFEXITED(status) ? 0 : -EIO;
}

static void tracer(void)
{
	enum { ROUNDS = 40, WANTED = 3 };
	struct race x = make_slow_race("tracer");
	struct round *r = x.r;
	int between = 0;

	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		start_told(&x, seize_and_wait);
		round__await_done(r);
		check__err("setns", r->err, 0);
		check__err("the init's answer", actor__answer(&x.init), 0);
		check__err("the tracer's end", round__end(r, &x.neighbour), 0);
		check__err("PTRACE_SEIZE", r->found[0], 0);
		check__eq("waitpid() by the tracer", r->found[1], r->pid);
		between += !r->missed;
	}
	check__true("a tracer came in between", between > 0);
}

static long kill_joiner(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;

	word__await(&r->taken, 1, WORD_LIMIT_MS);
	return kill(r->pid, SIGKILL) ? -errno : 0;
}

static int reap(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, __WALL) != pid)
		check__bail("waitpid(%d): %s", pid, strerror(errno));
	return status;
}

static void await_zombie(pid_t pid)
{
	siginfo_t si;

	if (waitid(P_PID, pid, &si, WEXITED | WNOWAIT))
		check__bail("waitid(%d): %s", pid, strerror(errno));
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void check_end_of(const struct actor *init)
{
	check__err("the init ends: no number is left in its namespace",
		   ns__wait_dead(init->pidfd, run__patience()), 0);
	reap(init->pid);
}

static void killed(void)
{
	enum { ROUNDS = 40, WANTED = 5 };
	struct race x = make_slow_race("killer");
	struct round *r = x.r;
	int between = 0;

	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		start_told(&x, kill_joiner);
		check__err("kill", actor__answer(&x.neighbour), 0);
		actor__answer(&x.init);
		check__true("the joiner is killed, by its old number",
			    is_killed(reap(r->pid)));
		close(r->pidfd);
		/* a hit if killed before setns returned */
		between += !atomic_load(&r->done);
	}
	check__true("it was killed in between", between > 0);
	actor__exit(&x.init, 0);
	check_end_of(&x.init);
}

/* --- the target's init dies ------------------------------------------------- */

static long die(long round, long b __maybe_unused)
{
	round__await_number((struct round *)round);
	_exit(0);
}

static void death_of_init(void)
{
	enum { ROUNDS = 200, WANTED = 3 };
	struct race x = make_slow_race("nobody");
	struct round *r = x.r;
	int between = 0, status;

	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		if (i) {
			race__target(&x, r->flags);
			actor__run(&x.init, round__move_away);
		}
		round__start(r, &x.init, die);
		await_zombie(r->pid);
		/* The init waits for the joiner's number, which a zombie has, too. */
		if (!atomic_load(&r->done))
			check__err("the init ends before the joiner is reaped",
				   ns__wait_dead(x.init.pidfd, 0), -ETIMEDOUT);
		status = reap(r->pid);
		check_end_of(&x.init);
		close(r->pidfd);
		close(x.init.pidfd);
		close(x.init.sock);
		if (is_killed(status))
			/* a hit if killed before setns returned */
			between += !atomic_load(&r->done);
		else
			check__err("setns, too late", r->err, -ENOMEM);
	}
	check__true("the init died in between", between > 0);
}

/* --- setns fails after it has taken a number ----------------------------------- */

#define SHARER_STACK (64 * 1024)

/*
 * A task that shares the joiner's memory, so that a time namespace refuses the
 * joiner: time is installed after the pid namespace. The task is a child of the
 * director, as a joiner must not have children. The joiner's errno is in that memory,
 * so the task makes no call that can fail.
 */
static int share_memory(void *arg)
{
	struct round *r = arg;

	while (!atomic_load(&r->leave))
		poll(NULL, 0, 1);
	return 0;
}

static void add_sharer(struct round *r)
{
	char *stack = mmap(NULL, SHARER_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		check__bail("mmap: %s", strerror(errno));
	r->sharer = clone(share_memory, stack + SHARER_STACK,
			  CLONE_VM | CLONE_PARENT | SIGCHLD, r);
	if (r->sharer < 0)
		check__bail("clone: %s", strerror(errno));
}

/* Fails over and over until the target is dead. found[0]: failures with EUSERS. */
static void fail_often(struct round *r)
{
	long err;

	while ((err = ns__set(r->fd, r->flags)) == -EUSERS)
		r->found[0]++;
	/* The last of these calls is the round's own. */
	if (err != -ENOMEM && err != -ESRCH)
		check__fail("setns gave %ld", err);
}

/* Dies after a number of calls that depends on the round. */
static long die_later(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	long wanted = r->lead_us;

	round__arm(r);
	while (r->found[0] < wanted && !atomic_load(&r->done))
		;
	_exit(0);
}

static void failing_late(void)
{
	enum { ROUNDS = 60 };
	const long end = beat__now_ms() + RACE_MS;
	struct race x = race__make("nobody", CLONE_NEWPID | CLONE_NEWTIME);
	struct round *r = x.r;
	long failures = 0;

	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		if (i)
			race__target(&x, r->flags);
		actor__run(&x.init, round__move_away);
		r->prepare = add_sharer;
		r->aim = fail_often;
		r->lead_us = 1 + i % 7;
		round__start(r, &x.init, die_later);
		check_end_of(&x.init);
		close(x.init.pidfd);
		close(x.init.sock);
		round__await_done(r);
		check__true("setns of a dead target fails", r->err < 0);
		word__set(&r->leave, 1);
		check__eq("exit status of the joiner", reap(r->pid), 0);
		reap(r->sharer);
		close(r->pidfd);
		failures += r->found[0];
	}
	check__true("a later namespace refused", failures > 0);
}

#define KEEP_RACE(title, fn) CASE(WHERE_KEEP, "keep: " title, fn)

static const struct test_case cases[] = {
	KEEP_RACE("readers without a lock see the old numbers, or more", readers),
	KEEP_RACE("the new number is of no use before the move", number_in_use),
	KEEP_RACE("a tracer attaches after the checks", tracer),
	KEEP_RACE("SIGKILL comes after the checks", killed),
	KEEP_RACE("the target's init dies after the checks", death_of_init),
	KEEP_RACE("the target's init dies while setns fails late", failing_late),
};

PROGRAM_PART(races_keep__add, cases)
