// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts one joiner and one neighbour together, and collects their results. A
 * joiner runs on the director's CPU, a neighbour on another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "races.h"
#include "stress_word.h"

/* A slow machine does fewer rounds, but at least this number. */
#define LEAST_ROUNDS 3

/* sched_setaffinity() ignores CPUs that do not exist. */
#define CPUS 64

/* The runner pins a case to one CPU; returns that CPU. */
static int home_cpu(void)
{
	static int cpu = -1;

	if (cpu < 0)
		cpu = sched_getcpu();
	return cpu;
}

void round__move(bool away)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < CPUS; cpu++)
		if ((cpu == home_cpu()) != away)
			CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		check__bail("no CPU %s CPU %d: %s", away ? "but" : "like",
			    home_cpu(), strerror(errno));
}

long round__now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

long round__move_away(long a __maybe_unused, long b __maybe_unused)
{
	round__move(true);
	return 0;
}

struct actor round__neighbour(const char *name)
{
	struct actor x;

	home_cpu();
	x = actor__spawn(name, NULL, 0);
	actor__run(&x, round__move_away);
	return x;
}

static _Noreturn void joiner(struct round *r)
{
	long before;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	r->pid = getpid();
	if (r->prepare)
		r->prepare(r);
	word__set(&r->ready, 1);
	if (word__await(&r->go, 1, WORD_LIMIT_MS))
		_exit(1);
	if (r->aim)
		r->aim(r);
	before = round__now_us();
	r->err = ns__set(r->fd, r->flags);
	r->took_us = round__now_us() - before;
	word__set(&r->done, 1);
	if (r->after && !r->err)
		r->after(r);
	if (!r->err)
		word__await(&r->leave, 1, WORD_LIMIT_MS);
	_exit(0);
}

void round__go(struct round *r, const struct actor *neighbour, actor_fn *fn)
{
	actor__ask(neighbour, fn, (long)r, 0);
	if (word__await(&r->armed, 1, run__patience()))
		check__bail("the neighbour does not get ready");
	word__set(&r->go, 1);
}

void round__start(struct round *r, const struct actor *neighbour, actor_fn *fn)
{
	pid_t pid;

	r->ready = r->armed = r->go = r->done = r->leave = 0;
	r->err = r->found[0] = r->found[1] = 0;
	pid = ns__clone(0, NULL);
	if (!pid)
		joiner(r);
	if (pid < 0)
		check__bail("no joiner: %s", strerror(-pid));
	if (word__await(&r->ready, 1, run__patience()))
		check__bail("the joiner does not get ready");
	r->pidfd = check__must("pidfd", ns__pidfd(pid, 0));
	round__go(r, neighbour, fn);
}

void round__arm(struct round *r)
{
	word__set(&r->armed, 1);
	while (!atomic_load(&r->go))
		;
}

void round__await_done(struct round *r)
{
	if (word__await(&r->done, 1, run__patience()))
		check__bail("the joiner does not come back from setns");
}

/* waitpid(-1), because the joiner's number has changed; no other child ends. */
long round__end(struct round *r, const struct actor *neighbour)
{
	long answer;
	int status;

	word__set(&r->leave, 1);
	answer = actor__answer(neighbour);
	if (waitpid(-1, &status, __WALL) <= 0)
		check__bail("no joiner to reap: %s", strerror(errno));
	check__eq("exit status of the joiner", status, 0);
	close(r->pidfd);
	return answer;
}

void round__await_number(struct round *r)
{
	char first[16] = "", now[16] = "";
	int fd = open(LAST_PID, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, first, sizeof(first), 0) < 1)
		check__bail(LAST_PID ": %s", strerror(errno));
	round__arm(r);
	do {
		if (pread(fd, now, sizeof(now), 0) < 1)
			break;
	} while (!memcmp(first, now, sizeof(now)) && !atomic_load(&r->done));
	close(fd);
}

static void own_mounts(struct round *r __maybe_unused)
{
	if (unshare(CLONE_NEWNS))
		check__bail("unshare(CLONE_NEWNS): %s", strerror(errno));
}

void race__target(struct race *x, int flags)
{
	x->init = actor__spawn("init of the target", NULL, flags);
	x->r->fd = x->init.pidfd;
	x->r->flags = flags;
	x->r->victim = x->init.pid;
	x->r->prepare = flags & CLONE_NEWNS ? own_mounts : NULL;
}

struct race race__make(const char *neighbour, int flags)
{
	struct race x = { .r = shared__alloc(sizeof(*x.r)) };

	race__target(&x, flags);
	x.neighbour = round__neighbour(neighbour);
	return x;
}

bool race__another(int i, int rounds, long end)
{
	return i < LEAST_ROUNDS || (i < rounds && beat__now_ms() < end);
}
