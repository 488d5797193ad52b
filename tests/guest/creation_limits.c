// SPDX-License-Identifier: GPL-2.0-only
/*
 * RLIMIT_NPROC: how many processes a user may have, which user counts, which
 * ways of creating a process are limited, and that a process that changes its
 * user executes no program beyond the limit.
 */
#include "creation.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "actor.h"
#include "creation_call.h"
#include "ns.h"
#include "ops.h"

/* Users that have no other processes. */
enum { USER = 4001, OTHER = 4002 };

#define LIMIT 4

static long limit(long most, long b __maybe_unused)
{
	const struct rlimit r = { .rlim_cur = most, .rlim_max = LIMIT * 2 };

	return setrlimit(RLIMIT_NPROC, &r) ? -errno : 0;
}

/* (real uid, other uids): without a change of the groups. */
static long become(long real, long other)
{
	if (syscall(SYS_setresuid, real, other, other))
		return -errno;
	return 0;
}

/* --- ways to create a process --------------------------------------------- */

static char stack[16384] __attribute__((aligned(16)));
static int alive;

static int end(void *unused __maybe_unused)
{
	syscall(SYS_exit, 0);
	return 0;
}

static long with_flags(unsigned long flags)
{
	const struct clone_args args = {
		.flags = flags, .exit_signal = SIGCHLD,
	};
	pid_t pid = call__clone3(&args, sizeof(args), NULL);

	return pid < 0 ? pid : 0;
}

static long by_fork(void)
{
	return with_flags(0);
}

static long by_vfork(void)
{
	pid_t pid = clone(end, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	if (pid < 0)
		return -errno;
	return waitpid(pid, NULL, 0) == pid ? 0 : -errno;
}

static long by_user_ns(void)
{
	return with_flags(CLONE_NEWUSER);
}

static long by_both_ns(void)
{
	return with_flags(CLONE_NEWUSER | CLONE_NEWPID);
}

/* A thread frees its place some time after it has left the memory. */
static long by_thread(void)
{
	pid_t pid;
	char path[64];

	pid = clone(end, stack + sizeof(stack),
		    CLONE_VM | CLONE_SIGHAND | CLONE_THREAD |
			    CLONE_CHILD_CLEARTID,
		    NULL, NULL, NULL, &alive);
	if (pid < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/task/%d", pid);
	while (!access(path, F_OK))
		sched_yield();
	return 0;
}

static const struct way {
	const char *name;
	long (*create)(void);
} ways[] = {
	{ "fork", by_fork },
	{ "vfork", by_vfork },
	{ "a thread", by_thread },
	{ "clone(CLONE_NEWUSER)", by_user_ns },
	{ "clone(CLONE_NEWUSER | CLONE_NEWPID)", by_both_ns },
};

static long create(long way, long b __maybe_unused)
{
	return ways[way].create();
}

/* Tries each way, at the limit or below. */
static void check_ways(const struct actor *x, const char *when, long expected)
{
	char what[96];

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		snprintf(what, sizeof(what), "%s, %s", ways[i].name, when);
		check__err(what, actor__call(x, create, i, 0), expected);
	}
}

/* Makes a process of @real that sleeps. */
static struct actor sleeper(long real, long other)
{
	struct actor x = actor__spawn("sleeper", NULL, 0);

	check__must("setresuid", actor__call(&x, become, real, other));
	return x;
}

static void end_sleeper(struct actor *x)
{
	actor__exit(x, 0);
	check__eq("the end of a sleeper", waitpid(x->pid, NULL, 0), x->pid);
	close(x->pidfd);
	close(x->sock);
}

static struct actor limited(const char *name, long real, long other)
{
	struct actor x = actor__spawn(name, NULL, 0);

	check__must("limit", actor__call(&x, limit, LIMIT, 0));
	check__must("setresuid", actor__call(&x, become, real, other));
	return x;
}

static void each_way(void)
{
	struct actor x = limited("process of the user", USER, USER);
	struct actor others[LIMIT - 1];

	for (int i = 0; i < LIMIT - 1; i++) {
		check_ways(&x, "below the limit", 0);
		others[i] = sleeper(USER, USER);
	}
	check_ways(&x, "at the limit", -EAGAIN);
	end_sleeper(&others[0]);
	check_ways(&x, "below the limit again", 0);
	others[0] = sleeper(USER, USER);
	check_ways(&x, "at the limit again", -EAGAIN);
	check__must("limit", actor__call(&x, limit, LIMIT + 1, 0));
	check_ways(&x, "below a higher limit", 0);
}

/* The real user's processes count, whatever their effective user is. */
static void real_user_counts(void)
{
	struct actor x = limited("process of the user", USER, USER);
	struct actor y = limited("process of the other user", OTHER, OTHER);

	for (int i = 0; i < LIMIT - 1; i++)
		sleeper(USER, OTHER);
	check__err("fork by the user, at the limit",
		   actor__call(&x, create, 0, 0), -EAGAIN);
	check__err("fork by the other user", actor__call(&y, create, 0, 0), 0);
}

static void root_may(void)
{
	struct actor x = actor__spawn("root", NULL, 0);
	struct actor y = limited("capable process of the user", USER, 0);

	for (int i = 0; i < LIMIT; i++)
		sleeper(USER, USER);
	check__must("limit", actor__call(&x, limit, 1, 0));
	check__err("fork by root", actor__call(&x, create, 0, 0), 0);
	check__err("fork with CAP_SYS_ADMIN", actor__call(&y, create, 0, 0), 0);
}

/* --- exec after a change of the user -------------------------------------- */

static int set_uid(void)
{
	return syscall(SYS_setuid, USER);
}

static int set_reuid(void)
{
	return syscall(SYS_setreuid, USER, USER);
}

static int set_resuid(void)
{
	return syscall(SYS_setresuid, USER, USER, USER);
}

static const struct change {
	const char *name;
	long from;		/* the real user before */
	int (*set)(void);
} changes[] = {
	{ "setuid() by root", 0, set_uid },
	{ "setreuid() by root", 0, set_reuid },
	{ "setresuid() by root", 0, set_resuid },
	{ "setuid() by another user's process", OTHER, set_uid },
	{ "setreuid() by another user's process", OTHER, set_reuid },
	{ "setresuid() by another user's process", OTHER, set_resuid },
};

static long execute(void)
{
	char *argv[] = { "creation", CREATION_EXIT, NULL }, *envp[] = { NULL };

	execve("/proc/self/exe", argv, envp);
	return -errno;
}

/* Returns 0 if a new program runs and ends, or the -errno of execve(). */
static long change_and_execute(const struct change *c)
{
	long *err = shared__alloc(sizeof(*err));
	int status = -1;
	pid_t pid;

	pid = ns__clone(0, NULL);
	if (!pid) {
		check__must("limit", limit(LIMIT, 0));
		check__must("setresuid", become(c->from, 0));
		check__must(c->name, c->set() ? -errno : 0);
		*err = execute();
		_exit(1);
	}
	check__must("fork", pid);
	waitpid(pid, &status, 0);
	if (status && !*err)
		check__fail("%s: status %#x", c->name, status);
	return *err;
}

static void check_changes(const char *when, long expected)
{
	char what[96];

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		snprintf(what, sizeof(what), "execve() after %s, %s",
			 changes[i].name, when);
		check__err(what, change_and_execute(&changes[i]), expected);
	}
}

/* The kernel does not count the process itself when it changes its user. */
static void exec_by_new_user(void)
{
	struct actor last[2];

	for (int i = 0; i < LIMIT - 1; i++)
		sleeper(USER, USER);
	check_changes("within the limit", 0);
	last[0] = sleeper(USER, USER);
	last[1] = sleeper(USER, USER);
	check_changes("beyond the limit", -EAGAIN);
	end_sleeper(&last[0]);
	end_sleeper(&last[1]);
	check_changes("within the limit again", 0);
}

static const struct test_case cases[] = {
	CREATION("limits: RLIMIT_NPROC limits each way to create a process",
		 each_way),
	CREATION("limits: the processes of the real user count",
		 real_user_counts),
	CREATION("limits: root and capable processes have no limit", root_may),
	CREATION("limits: no exec by a new user beyond the limit",
		 exec_by_new_user),
};

PROGRAM_PART(creation_limits__add, cases)
