// SPDX-License-Identifier: GPL-2.0-only
/* A process whose leader ends first, and whose other thread executes a program. */
#include "numbers_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "run.h"

static void *wait_for_byte(void *arg __maybe_unused)
{
	char byte;

	/* Not /proc/self: a leader that has ended has no executable. */
	if (read(STDIN_FILENO, &byte, 1) == 1)
		execv("/proc/thread-self/exe",
		      (char *const[]){ "numbers", THREAD_ARGUMENT, NULL });
	_exit(0);
}

static _Noreturn void leave_thread(int fd)
{
	pthread_t t;

	if (dup2(fd, STDIN_FILENO) < 0)
		_exit(1);
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
	if (pthread_create(&t, NULL, wait_for_byte, NULL))
		_exit(1);
	syscall(SYS_exit, 0);
	abort();
}

/* Returns the first letter of a process's first argument; 0: there is none. */
static char argument_of(pid_t pid)
{
	char path[32], text[256], *at;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	memset(text, 0, sizeof(text));
	if (file__read(path, text, sizeof(text)) <= 0)
		return 0;
	at = text + strlen(text) + 1;
	return *at;
}

struct thread_process thread__start(void)
{
	const long end = ns__now_ms() + run__patience();
	struct thread_process t;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		check__bail("pipe: %s", strerror(errno));
	t.control = fds[1];
	t.pid = check__must("fork", ns__clone(0, NULL));
	if (!t.pid)
		leave_thread(fds[0]);
	close(fds[0]);
	/* No event reports the end of a leader with threads: poll. */
	while (ns__state(t.pid) != 'Z') {
		if (ns__now_ms() > end)
			check__bail("the leader does not end");
		usleep(1000);
	}
	return t;
}

void thread__exec(const struct thread_process *t)
{
	const long end = ns__now_ms() + run__patience();

	if (write(t->control, "x", 1) != 1)
		check__bail("cannot write: %s", strerror(errno));
	while (argument_of(t->pid) != *THREAD_ARGUMENT) {
		if (ns__now_ms() > end)
			check__bail("the thread does not execute");
		usleep(1000);
	}
}

void thread__end(struct thread_process *t)
{
	close(t->control);
	t->control = -1;
}

int thread__main(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1)
		;
	return 0;
}
