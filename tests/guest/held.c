// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds pid namespaces up, for tests of `pidnstrace tree' and `wait-for':
 *
 *	held zombies	a namespace whose init was killed and waits for a zombie, whose
 *			parent is outside; one whose init does not wait for two zombies;
 *			and two processes that were killed and that a tracer stops at
 *			their exit
 *	held threads	a process whose thread forks; prints the numbers of both
 *
 * Prints a line when it has all that, and lives until its standard input ends.
 */
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORK_EVERY_US	50000

static void name(const char *comm)
{
	prctl(PR_SET_NAME, comm);
	/* Everything ends with the program. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	return pid;
}

/* Waits until a child is a zombie, and leaves it one. */
static void await_zombie(pid_t pid)
{
	siginfo_t info;

	if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		err(2, "waitid");
}

static void new_namespace(void)
{
	if (unshare(CLONE_NEWPID))
		err(2, "unshare");
}

static void say(int fd)
{
	if (write(fd, "", 1) != 1)
		err(2, "write");
}

static void await(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		err(2, "read");
}

/* An init with two zombies: an orphan that exits with 11, and a child with 12. */
static void bad_init(int ready)
{
	pid_t pid;

	name("badinit");
	pid = must_fork();
	if (!pid) {
		pid = must_fork();
		if (!pid)
			_exit(11);
		await_zombie(pid);
		_exit(12);
	}
	await_zombie(pid);
	/* The orphan became a child of this process when its parent exited. */
	await_zombie(pid + 1);
	say(ready);
	pause();
}

static void bad_container(int ready)
{
	name("badparent");
	new_namespace();
	if (!must_fork())
		bad_init(ready);
	pause();
}

/* Makes a process that has this name, and sleeps. */
static pid_t sleeper(const char *comm)
{
	int named[2];
	pid_t pid;

	if (pipe(named))
		err(2, "pipe");
	pid = must_fork();
	if (!pid) {
		name(comm);
		say(named[1]);
		for (;;)
			pause();
	}
	await(named[0]);
	close(named[0]);
	close(named[1]);
	return pid;
}

static void held_container(int ready)
{
	pid_t init, member;

	name("lazyparent");
	new_namespace();
	init = sleeper("deadinit");
	member = sleeper("unreaped");
	kill(init, SIGKILL);
	await_zombie(member);
	say(ready);
	pause();
}

/* Kills a process, which stops when it begins to exit. */
static void kill_and_stop(const char *comm, int signal)
{
	pid_t pid = sleeper(comm);
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT))
		err(2, "PTRACE_SEIZE");
	kill(pid, signal);
	/* The signal itself stops the process first, unless it is SIGKILL. */
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) &&
	       status >> 8 != (SIGTRAP | PTRACE_EVENT_EXIT << 8))
		ptrace(PTRACE_CONT, pid, NULL, WSTOPSIG(status));
	if (!WIFSTOPPED(status))
		errx(2, "%s did not stop", comm);
}

static void keeper(int ready)
{
	name("keeper");
	kill_and_stop("doomed", SIGKILL);
	kill_and_stop("leaving", SIGTERM);
	say(ready);
	pause();
}

static void until_stdin_ends(const char *ready)
{
	char byte;

	puts(ready);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void zombies(void)
{
	int ready[2];

	if (pipe(ready))
		err(2, "pipe");
	if (!must_fork())
		held_container(ready[1]);
	if (!must_fork())
		bad_container(ready[1]);
	if (!must_fork())
		keeper(ready[1]);
	for (int i = 0; i < 3; i++)
		await(ready[0]);
	until_stdin_ends("ready");
}

static void *fork_often(void *arg)
{
	int *ready = arg;
	pid_t tid = gettid();

	if (write(*ready, &tid, sizeof(tid)) != sizeof(tid))
		err(2, "write");
	for (;;) {
		pid_t pid = must_fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		usleep(FORK_EVERY_US);
	}
}

static void threads(void)
{
	int ready[2];
	pthread_t thread;
	char line[64];
	pid_t tid;

	if (pipe(ready) || pthread_create(&thread, NULL, fork_often, &ready[1]) ||
	    read(ready[0], &tid, sizeof(tid)) != sizeof(tid))
		err(2, "no thread");
	snprintf(line, sizeof(line), "%d %d", getpid(), tid);
	until_stdin_ends(line);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "zombies"))
		zombies();
	else if (argc == 2 && !strcmp(argv[1], "threads"))
		threads();
	else
		errx(2, "usage: held zombies | threads");
	return 0;
}
