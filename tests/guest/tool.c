// SPDX-License-Identifier: GPL-2.0-only
/* Runs unmodified programs against a container and collects their output. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "run.h"

/* Output of the running tool; read after its end, shown if the case fails. */
static int output = -1;

static long furnish(long mounts, long b __maybe_unused)
{
	int err;

	err = file__set(LAST_PID, VICTIM_FIRST);
	if (err || !mounts)
		return err;
	err = ns__own_proc();
	if (err)
		return err;
	/* Every mount of devpts is a separate instance. */
	if (mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666"))
		return -errno;
	return 0;
}

struct victim victim__make(unsigned long long flags)
{
	struct victim v;
	long last;

	last = check__must(LAST_PID, file__get(LAST_PID));
	if (last >= VICTIM_FIRST - 1000 && last <= VICTIM_LAST)
		check__must(LAST_PID, file__set(LAST_PID, VICTIM_LAST + 1));
	v.init = actor__spawn("init of the container", NULL,
			      CLONE_NEWPID | flags);
	check__must("mounts of the container",
		    actor__call(&v.init, furnish, !!(flags & CLONE_NEWNS), 0));
	snprintf(v.target, sizeof(v.target), "%d", v.init.pid);
	return v;
}

const char *tool__self(void)
{
	static char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		check__bail("/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	return path;
}

pid_t tool__start(const char *const argv[])
{
	int out[2];
	pid_t pid;

	if (access(argv[0], X_OK))
		check__skip("no %s", argv[0]);
	if (pipe2(out, O_CLOEXEC))
		check__bail("pipe: %s", strerror(errno));
	pid = check__must("fork", ns__clone(0, NULL));
	if (!pid) {
		/* An earlier tool__finish() may have blocked SIGCHLD. */
		signal__unblock_all();
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(out[1]);
	if (output >= 0)
		close(output);
	output = out[0];
	return pid;
}

static void note_output(void)
{
	char text[512];
	ssize_t n;

	if (ns__poll(output, POLLIN, 0) < 0)
		return;
	n = read(output, text, sizeof(text) - 1);
	if (n > 0) {
		text[n] = '\0';
		check__note("the tool said: %s", text);
	}
}

pid_t tool__finish(pid_t which, int *status)
{
	const int ms = 2 * run__patience();
	pid_t pid;

	/* SIGCHLD instead of a pidfd: the tool's number will change. */
	signal__block(SIGCHLD);
	while (!(pid = waitpid(which, status, WNOHANG)))
		if (signal__await(SIGCHLD, ms, NULL) < 0 && errno == EAGAIN)
			check__bail("no end within %d ms", ms);
	note_output();
	return pid;
}

int tool__run(const char *const argv[])
{
	pid_t pid = tool__start(argv);
	int status = 0;

	check__eq("the tool keeps its number", tool__finish(-1, &status), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	       128 + WTERMSIG(status);
}
