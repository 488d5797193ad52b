// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose child a new process is, and which wait finds it: siblings, exit
 * signals, and children of a time namespace.
 */
#include "creation.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "creation_call.h"
#include "ns.h"

/* --- exit signals --------------------------------------------------------- */

static const int exit_signals[] = { 0, SIGCHLD, SIGUSR1, SIGURG, 64 };

static const struct {
	const char *name;
	int options;
	bool ordinary;		/* finds children with exit signal SIGCHLD */
	bool others;		/* finds those with another one */
} waits[] = {
	{ "waitpid()", 0, .ordinary = true },
	{ "waitpid(__WCLONE)", __WCLONE, .others = true },
	{ "waitpid(__WALL)", __WALL, .others = true, .ordinary = true },
};

/* Checks which waits find @pid, a zombie, and reaps it. */
static void check_waits(const char *whose, pid_t pid, int sig)
{
	siginfo_t info;
	char what[96];

	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		bool finds =
			sig == SIGCHLD ? waits[i].ordinary : waits[i].others;
		long err;

		snprintf(what, sizeof(what), "%s of %s, exit signal %d",
			 waits[i].name, whose, sig);
		err = waitid(P_PID, pid, &info, WEXITED | WNOWAIT |
			     waits[i].options) ? -errno : 0;
		check__err(what, err, finds ? 0 : -ECHILD);
	}
	waitpid(pid, NULL, __WALL);
}

/* Checks that exactly the expected signal is pending, and takes it. */
static void check_signal(const char *whose, int sig)
{
	const struct timespec now = { 0 };
	sigset_t all;
	char what[96];
	int got;

	sigfillset(&all);
	snprintf(what, sizeof(what), "signal at the end of %s", whose);
	do {
		got = sigtimedwait(&all, NULL, &now);
	} while (got < 0 && errno == EINTR);
	check__eq(what, got, sig ? sig : -1);
	if (got > 0)
		check__eq("another signal", sigtimedwait(&all, NULL, &now), -1);
}

static void block_all(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static pid_t clone_with(int sig, unsigned long flags)
{
	const struct clone_args args = { .flags = flags, .exit_signal = sig };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	return pid < 0 ? -errno : pid;
}

/* Waits for the end of a child of the director, and checks what shows it. */
static void check_end(const char *whose, pid_t pid, int sig)
{
	int pidfd = check__must("pidfd_open", ns__pidfd(pid, 0));
	siginfo_t info;

	check__must("the end", ns__wait_dead(pidfd, run__patience()));
	close(pidfd);
	/* exit_notify() wakes pidfds before it sends the signal, all under tasklist_lock. */
	check__must("waitid", waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL) ?
		    -errno : 0);
	check_signal(whose, sig);
	check_waits(whose, pid, sig);
}

/*
 * Returns a child that has made a process @pid with clone flags @flags and with
 * exit signal @sig, and sleeps.
 */
static pid_t make_maker(int own_sig, int sig, unsigned long flags, pid_t *pid)
{
	pid_t *made = shared__alloc(sizeof(*made)), maker;

	maker = clone_with(own_sig, 0);
	if (!maker) {
		pid_t got = clone_with(sig, flags);

		if (got)
			*made = got;
		for (;;)
			pause();
	}
	check__must("clone3", maker);
	while (!__atomic_load_n(made, __ATOMIC_ACQUIRE))
		sched_yield();
	*pid = check__must("clone3 by the maker", *made);
	return maker;
}

static void child_signals(void)
{
	block_all();
	for (size_t i = 0; i < ARRAY_SIZE(exit_signals); i++) {
		int sig = exit_signals[i];
		pid_t pid = clone_with(sig, 0);

		if (!pid)
			_exit(0);
		check_end("a child", check__must("clone3", pid), sig);
	}
}

/* A sibling's end sends the signal that the end of its maker sends. */
static void sibling_signals(void)
{
	block_all();
	for (size_t i = 0; i < ARRAY_SIZE(exit_signals); i++) {
		pid_t sibling, maker;

		maker = make_maker(exit_signals[i], 0, CLONE_PARENT, &sibling);
		kill(sibling, SIGKILL);
		check_end("a sibling", sibling, exit_signals[i]);
		kill(maker, SIGKILL);
		check_end("its maker", maker, exit_signals[i]);
	}
}

/* Whatever its parent asked for, the end of an orphan sends SIGCHLD. */
static void orphan_signals(void)
{
	block_all();
	for (size_t i = 0; i < ARRAY_SIZE(exit_signals); i++) {
		pid_t orphan, maker;

		maker = make_maker(SIGCHLD, exit_signals[i], 0, &orphan);
		kill(maker, SIGKILL);
		check_end("the parent", maker, SIGCHLD);
		kill(orphan, SIGKILL);
		check_end("its orphan", orphan, SIGCHLD);
	}
}

/* --- children of another time namespace ----------------------------------- */

/* The identities of time namespaces, from different points of view. */
struct clocks {
	long own, of_children, of_fork;
	long of_exec;		/* in a program that a process executes */
	long of_spawn;		/* the same, made as vfork() does */
	long vfork;		/* result of vfork(): 0 or -errno */
};

static char *const print_argv[] = { "creation", CREATION_TIME, NULL };
static char *const no_env[] = { NULL };

static long read_number(int fd)
{
	char text[32] = "";

	if (read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	return atol(text);
}

static long exec_reports(void)
{
	int out[2];
	long id;
	pid_t pid;

	check__must("pipe", pipe2(out, O_CLOEXEC) ? -errno : 0);
	pid = check__must("fork", ns__clone(0, NULL));
	if (!pid) {
		check__must("unshare", unshare(CLONE_NEWTIME) ? -errno : 0);
		dup2(out[1], STDOUT_FILENO);
		execve("/proc/self/exe", print_argv, no_env);
		_exit(1);
	}
	close(out[1]);
	id = read_number(out[0]);
	close(out[0]);
	waitpid(pid, NULL, 0);
	return id;
}

static long spawn_reports(void)
{
	posix_spawn_file_actions_t actions;
	int out[2], err;
	pid_t pid;
	long id;

	check__must("pipe", pipe2(out, O_CLOEXEC) ? -errno : 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	err = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, print_argv,
			  no_env);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	id = err ? -err : read_number(out[0]);
	close(out[0]);
	if (!err)
		waitpid(pid, NULL, 0);
	return id;
}

static long look_at_clocks(const void *arg)
{
	struct clocks *c = *(struct clocks *const *)arg;
	pid_t pid;

	c->own = ns__id(0, "time");
	c->of_exec = exec_reports();
	check__must("unshare", unshare(CLONE_NEWTIME) ? -errno : 0);
	c->of_children = ns__id(0, "time_for_children");
	pid = ns__clone(0, NULL);
	if (!pid) {
		c->of_fork = ns__id(0, "time");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	pid = vfork();
	if (!pid)
		_exit(0);
	c->vfork = pid < 0 ? -errno : 0;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	c->of_spawn = spawn_reports();
	return 0;
}

static void time_namespaces(void)
{
	struct clocks *c = shared__alloc(sizeof(*c));

	if (ns__id(0, "time") == -ENOENT)
		check__skip("the kernel has no time namespaces");
	check__err("the caller", call__apart(look_at_clocks, &c), 0);
	check__ne("time namespace of the children", c->of_children, c->own);
	check__eq("time namespace of a child", c->of_fork, c->of_children);
	/*
	 * Before Linux 6.3 an exec kept the time namespace, and a child that
	 * shares the memory was refused. One of both without the other is a
	 * fault.
	 */
	if (c->of_exec == c->own && c->vfork == -EINVAL) {
		check__err("posix_spawn", c->of_spawn, -EINVAL);
		return;
	}
	check__ne("time namespace after unshare and exec", c->of_exec, c->own);
	check__err("vfork", c->vfork, 0);
	check__eq("time namespace of a program", c->of_spawn, c->of_children);
}

static const struct test_case cases[] = {
	CREATION("family: which waits find a child, by its exit signal",
		 child_signals),
	CREATION("family: a sibling has the exit signal of its maker",
		 sibling_signals),
	CREATION("family: an orphan has the exit signal SIGCHLD",
		 orphan_signals),
	CREATION("family: children of another time namespace", time_namespaces),
};

PROGRAM_PART(creation_family__add, cases)
