// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes each hook fire, step by step, for `pidnstrace probe'.
 *
 * The steps need root, like probe itself, and leave the system unchanged: they mount
 * nothing, change no setting, and kill and reap all their processes. So the hooks of a
 * join fire only if kernel.setns_pid_join is already on.
 */
#include "loader/capture/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A step exits with its errno: every errno of a step fits into an exit status. */
static int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int run_in_child(int (*run)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(-run());
	return wait_child(pid);
}

static int exec_self(void)
{
	execl("/proc/self/exe", "pidnstrace", WORKLOAD_EXEC, NULL);
	return -errno;
}

static int step_exec(void)
{
	return run_in_child(exec_self);
}

/* The child of fork() does not lead its process group, or setsid() would fail. */
static int step_setsid(void)
{
	return setsid() < 0 ? -errno : 0;
}

static int step_setpgid(void)
{
	return setpgid(0, 0) ? -errno : 0;
}

static void *thread_exec(void *unused)
{
	(void)unused;
	exec_self();
	_exit(errno);
}

/* The thread that calls execve() takes the leader's place. */
static int step_thread_exec(void)
{
	pthread_t thread;
	int err;

	err = pthread_create(&thread, NULL, thread_exec, NULL);
	if (err)
		return -err;
	for (;;)
		pause();
}

/*
 * Makes a container with an init and writes the init's number to @ready. The init lives
 * as long as its parent.
 */
static int container(int ready)
{
	pid_t init;

	if (unshare(CLONE_NEWPID))
		return -errno;
	init = fork();
	if (init < 0)
		return -errno;
	if (!init) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (write(ready, &init, sizeof(init)) != sizeof(init))
		return -errno;
	for (;;)
		pause();
}

static int enter(pid_t init)
{
	char path[64];
	int fd;

	/* a join requires a session leader without children */
	if (setsid() < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", init);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return setns(fd, CLONE_NEWPID) ? -errno : 0;
}

/*
 * A task that joined no longer has the number that fork() returned to its parent, so
 * its result comes through a pipe.
 */
static int run_enterer(pid_t init)
{
	int result[2], err = -EIO;
	pid_t pid;

	if (pipe2(result, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		err = enter(init);
		_exit(write(result[1], &err, sizeof(err)) != sizeof(err));
	}
	close(result[1]);
	if (read(result[0], &err, sizeof(err)) != sizeof(err))
		err = -EIO;
	return err;
}

/* Two children: one makes a container, the other calls setns(). */
static int step_setns(void)
{
	pid_t maker, init;
	int ready[2], err;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	maker = fork();
	if (maker < 0)
		return -errno;
	if (!maker) {
		close(ready[0]);
		_exit(-container(ready[1]));
	}
	close(ready[1]);
	if (read(ready[0], &init, sizeof(init)) != sizeof(init)) {
		err = wait_child(maker);
		return err ? err : -EIO;
	}
	err = run_enterer(init);
	kill(init, SIGKILL);
	kill(maker, SIGKILL);
	while (wait(NULL) >= 0 || errno == EINTR)
		;
	return err;
}

/* Setting a timer on another process's CPU time takes that process's locks. */
static int step_cpu_timer(void)
{
	struct itimerspec later = { .it_value.tv_sec = 3600 };
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	clockid_t clock;
	timer_t timer;

	if (clock_getcpuclockid(getppid(), &clock))
		return -ESRCH;
	if (timer_create(clock, &none, &timer))
		return -errno;
	if (timer_settime(timer, 0, &later, NULL))
		return -errno;
	return timer_delete(timer) ? -errno : 0;
}

/* Polls a pidfd for the exit of a child. */
static int step_pidfd(void)
{
	struct pollfd fd = { .events = POLLIN };
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		usleep(1000);
		_exit(0);
	}
	fd.fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd.fd < 0)
		return -errno;
	if (poll(&fd, 1, 1000) < 0)
		return -errno;
	close(fd.fd);
	return wait_child(pid);
}

static int step_rename(void)
{
	return prctl(PR_SET_NAME, "pidnstrace-name") ? -errno : 0;
}

/* Forks a process that lives until the other end of @pipe is closed, and exits. */
static int leave_child(const int pipe[2])
{
	pid_t pid = fork();
	char byte;

	if (pid < 0)
		return -errno;
	close(pipe[1]);
	if (!pid)
		_exit(read(pipe[0], &byte, 1) != 0);
	return 0;
}

/* This process, a subreaper, gets the child of its child. */
static int step_orphan(void)
{
	int pipe[2], err;
	pid_t pid;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) || pipe2(pipe, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(-leave_child(pipe));
	err = wait_child(pid);
	close(pipe[1]);
	while (wait(NULL) >= 0 || errno == EINTR)
		;
	return err;
}

const struct workload_step workload_steps[] = {
	{ "fork, execve, exit", step_exec },
	{ "setsid", step_setsid },
	{ "prctl(PR_SET_NAME)", step_rename },
	{ "an orphan", step_orphan },
	{ "setpgid", step_setpgid },
	{ "execve from a thread", step_thread_exec },
	{ "setns to a pid namespace", step_setns },
	{ "a CPU timer", step_cpu_timer },
	{ "poll on a pidfd", step_pidfd },
	{}
};

int workload_step__run(const struct workload_step *step)
{
	return run_in_child(step->run);
}
