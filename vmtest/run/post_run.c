// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs slow work after the end of QEMU (judging a trace, symbolizing a splat) in
 * a child, so that the loop can serve other runs. See live.h.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/child.h"
#include "vmtest/run/state.h"

static void on_end(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	int status = 0;

	(void)events;
	waitpid(r->judge, &status, 0);
	r->judge = 0;
	r->ended(r, status);
	r->judged(r);
}

static void child(struct run *r, void (*work)(struct run *r), pid_t parent)
{
	child__begin(parent, SIGKILL);
	dup2(r->log.fd, STDOUT_FILENO);
	dup2(r->log.fd, STDERR_FILENO);
	work(r);
	_exit(127);
}

bool after__start(struct run *r, void (*work)(struct run *r),
		  void (*ended)(struct run *r, int status),
		  void (*done)(struct run *r))
{
	pid_t parent = getpid();

	/* An earlier child, if any, is reaped already. */
	loop__del(r->loop, &r->exit);
	if (r->judge_fd >= 0)
		close(r->judge_fd);
	r->judge_fd = -1;
	r->ended = ended;
	r->judged = done;
	r->judge = fork();
	if (r->judge == 0)
		child(r, work, parent);
	if (r->judge < 0)
		return false;
	r->judge_fd = (int)syscall(SYS_pidfd_open, r->judge, 0);
	if (r->judge_fd < 0 || loop__add(r->loop, &r->exit, r->judge_fd, EPOLLIN,
					 on_end, r)) {
		kill(r->judge, SIGKILL);
		waitpid(r->judge, NULL, 0);
		r->judge = 0;
		return false;
	}
	live__enter(r, JUDGE);
	return true;
}
