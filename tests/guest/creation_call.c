// SPDX-License-Identifier: GPL-2.0-only
/* Single calls of fork's kind, whose child exits at once. */
#include "creation_call.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "run.h"

static int last_status;

pid_t call__clone3(const struct clone_args *args, size_t size,
		   int (*child)(void))
{
	int status;
	pid_t pid;

	pid = syscall(SYS_clone3, args, size);
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(child ? child() : 0);
	if (args->flags & CLONE_PARENT)
		return pid;
	if (waitpid(pid, &status, __WALL) != pid)
		check__bail("the child %d cannot be reaped", pid);
	last_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return pid;
}

pid_t call__set_tid(const pid_t tid[], size_t nr, int (*child)(void))
{
	const struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)tid, .set_tid_size = nr,
	};

	return call__clone3(&args, sizeof(args), child);
}

pid_t call__fork(int (*child)(void))
{
	return call__set_tid(NULL, 0, child);
}

int call__status(void)
{
	return last_status;
}

long call__apart(long (*fn)(const void *arg), const void *arg)
{
	long *result = shared__alloc(sizeof(*result));
	pid_t pid;

	*result = -EIO;
	pid = ns__clone(0, NULL);
	if (!pid) {
		*result = fn(arg);
		_exit(0);
	}
	check__must("fork", pid);
	waitpid(pid, NULL, 0);
	return *result;
}
