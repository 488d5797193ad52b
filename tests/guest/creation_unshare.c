// SPDX-License-Identifier: GPL-2.0-only
/*
 * unshare(2) with each pair of flags, in each state of the caller: what is
 * refused, what works, and whether the caller still shares its working
 * directory afterwards.
 */
#include "creation.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "creation_call.h"
#include "ns.h"

static const struct {
	int flag;
	const char *name;
} flags[] = {
	{ CLONE_NEWPID, "NEWPID" },
	{ CLONE_NEWUSER, "NEWUSER" },
	{ CLONE_NEWNS, "NEWNS" },
	{ CLONE_NEWUTS, "NEWUTS" },
	{ CLONE_NEWIPC, "NEWIPC" },
	{ CLONE_NEWCGROUP, "NEWCGROUP" },
	{ CLONE_FS, "FS" },
	{ CLONE_FILES, "FILES" },
	{ CLONE_SYSVSEM, "SYSVSEM" },
	{ CLONE_THREAD, "THREAD" },
	{ CLONE_SIGHAND, "SIGHAND" },
	{ CLONE_VM, "VM" },
};

enum state {
	PLAIN	= 1 << 0,
	THREADS	= 1 << 1,	/* the caller has another thread */
	UNSHARED = 1 << 2,	/* after unshare(CLONE_NEWPID) */
};

/* Refused with EINVAL: calls with one of the flags. */
static const struct {
	int any;
	unsigned int states;
} refusals[] = {
	{ CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, THREADS },
	/* The new pid ns would not be a child of the caller's. */
	{ CLONE_NEWPID, UNSHARED },
};

/* These give the caller a working directory of its own. */
#define OWN_FS (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER)

struct attempt {
	enum state state;
	int set;
};

static long expected(const struct attempt *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (a->set & refusals[i].any && a->state & refusals[i].states)
			return -EINVAL;
	return 0;
}

static void *idle(void *arg __maybe_unused)
{
	for (;;)
		pause();
	return NULL;
}

static long attempt(const void *arg)
{
	const struct attempt *a = arg;
	pthread_t t;

	if (a->state == THREADS && pthread_create(&t, NULL, idle, NULL))
		return -EIO;
	if (a->state == UNSHARED && unshare(CLONE_NEWPID))
		return -EIO;
	return unshare(a->set) ? -errno : 0;
}

static const char *text(int set)
{
	static char buf[64];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (set & flags[i].flag)
			n += snprintf(buf + n, sizeof(buf) - n, "%s%s",
				      n ? "|" : "", flags[i].name);
	return buf;
}

/* Calls @fn with each pair of flags, and with each flag alone. */
static void each_pair(void (*fn)(int set, enum state state), enum state state)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		for (size_t j = i; j < ARRAY_SIZE(flags); j++)
			fn(flags[i].flag | flags[j].flag, state);
}

static void try_refusal(int set, enum state state)
{
	const struct attempt a = { .state = state, .set = set };

	check__err(text(set), call__apart(attempt, &a), expected(&a));
}

static void refusals_of(const void *state)
{
	each_pair(try_refusal, *(const enum state *)state);
}

/*
 * Returns 1 if a chdir() moves a process that shared its directory until
 * unshare().
 */
static long shares_directory(const void *arg)
{
	int set = *(const int *)arg, status;
	char cwd[16] = "";
	pid_t pid;

	if (chdir("/"))
		return -errno;
	pid = ns__clone(CLONE_FS, NULL);
	if (!pid)
		_exit(unshare(set) || chdir("/proc"));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return -EIO;
	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	return cwd[1] != '\0';
}

static void try_directory(int set, enum state state __maybe_unused)
{
	check__eq(text(set), call__apart(shares_directory, &set),
		  !(set & OWN_FS));
}

static void directory(void)
{
	each_pair(try_directory, PLAIN);
}

static const enum state plain = PLAIN, threads = THREADS, unshared = UNSHARED;

#define PAIRS "unshare: each pair of flags, "

static const struct test_case cases[] = {
	CREATION_WITH(PAIRS "by a plain process", refusals_of, &plain),
	CREATION_WITH(PAIRS "by a process with threads", refusals_of, &threads),
	CREATION_WITH(PAIRS "after unshare(CLONE_NEWPID)", refusals_of,
		      &unshared),
	CREATION("unshare: which flags give the caller its own directory",
		 directory),
};

PROGRAM_PART(creation_unshare__add, cases)
