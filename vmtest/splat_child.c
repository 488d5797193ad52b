// SPDX-License-Identifier: GPL-2.0-only
/*
 * See live.h: splat.txt is written by a child, as addr2line takes seconds and
 * the loop has other runs to serve.
 */
#include "live.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "splat.h"

static void on_written(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	int status = 0;

	(void)events;
	waitpid(r->judge, &status, 0);
	r->judge = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status))
		live__fail(r, "splat.txt", -WEXITSTATUS(status));
	else if (status)
		sink__printf(&r->log, "vmtest: splat.txt: addr2line took too long\n");
	r->judged(r);
}

static void write_child(struct run *r, pid_t parent)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(r->log.fd, STDOUT_FILENO);
	dup2(r->log.fd, STDERR_FILENO);
	_exit(-splat__write(r->dir.path, r->spec.image->path, r->spec.allow));
}

bool splat__start(struct run *r, void (*done)(struct run *r))
{
	pid_t parent = getpid();

	if (!r->dir.path || r->err ||
	    (!r->dumped && !r->console.count[CONSOLE_SPLAT] &&
	     !r->console.count[CONSOLE_PANIC]))
		return false;
	/* The judge, if there was one, is reaped. */
	loop__del(r->loop, &r->exit);
	if (r->judge_fd >= 0)
		close(r->judge_fd);
	r->judge_fd = -1;
	r->judged = done;
	r->judge = fork();
	if (r->judge == 0)
		write_child(r, parent);
	if (r->judge < 0)
		return false;
	r->judge_fd = (int)syscall(SYS_pidfd_open, r->judge, 0);
	if (r->judge_fd < 0 || loop__add(r->loop, &r->exit, r->judge_fd, EPOLLIN,
					 on_written, r)) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
		r->judge = 0;
		return false;
	}
	live__enter(r, JUDGE);
	return true;
}
