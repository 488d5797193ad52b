// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns SIGINT, SIGTERM, SIGHUP and SIGQUIT into events of a signalfd, so that they do
 * not interrupt the runner's work halfway. Sets up children so that none outlives the
 * runner.
 */
#include "vmtest/lib/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/memory.h"

int signals__open(int flags)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

void signals__die_of(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);	/* pending until the next line */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void child__begin(pid_t parent, int sig)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, sig);
	if (getppid() != parent)
		_exit(127);
	/* A shell that inherits an ignored SIGPIPE prints errors on broken pipes. */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void child__redirect(int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(out < 0 ? null : out, STDOUT_FILENO);
	dup2(out < 0 ? null : out, STDERR_FILENO);
}

int child__pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int child__reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

char *child__first_line(const char *command)
{
	char line[256] = "";
	FILE *f = popen(command, "re");
	bool good = f && fgets(line, sizeof(line), f);

	if (f && pclose(f))
		good = false;
	line[strcspn(line, "\n")] = '\0';
	return good && *line ? xstrdup(line) : NULL;
}
