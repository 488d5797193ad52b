// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and reaps gdb. On the terminal gdb stays in the runner's process group,
 * so both are one foreground job. Ctrl-C reaches both, and the runner leaves it
 * to gdb.
 */
#include "vmtest/vm/debugger.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vmtest/image/needs.h"
#include "vmtest/lib/process.h"
#include "vmtest/lib/terminal.h"
#include "vmtest/lib/util.h"

static pid_t on_terminal;

bool debugger__has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool debugger__owns_ctrl_c(void)
{
	return on_terminal > 0;
}

static void run_script(const char *gdb, const char *init, const char *script,
		       pid_t parent)
{
	child__begin(parent, SIGKILL);
	child__redirect(STDERR_FILENO);
	execl(gdb, gdb, "-nx", "-q", "-batch", "-x", init, "-x", script,
	      (char *)NULL);
}

static void run_on_terminal(const char *gdb, const char *init, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl(gdb, gdb, "-nx", "-q", "-x", init, (char *)NULL);
}

pid_t debugger__start(const char *init, const char *script)
{
	const char *env = getenv("GDB"), *name = env && *env ? env : "gdb";
	auto_free char *gdb = needs__which(name);
	pid_t pid, parent = getpid();

	if (!gdb) {
		msg__error("%s: no such program; as root: apt-get install -y gdb",
			  name);
		return -ENOENT;
	}
	if (!script)
		terminal__save(STDIN_FILENO);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		if (script)
			run_script(gdb, init, script, parent);
		else
			run_on_terminal(gdb, init, parent);
		_exit(127);
	}
	if (pid < 0) {
		msg__error("fork: %s", strerror(errno));
		return -errno;
	}
	if (!script)
		on_terminal = pid;
	return pid;
}

int debugger__reap(pid_t pid, bool kill_it)
{
	int status;

	if (kill_it)
		kill(pid, SIGKILL);
	status = child__reap(pid);
	if (pid == on_terminal) {
		on_terminal = 0;
		terminal__release();
	}
	return status;
}
