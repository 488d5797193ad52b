// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs slow work after the end of QEMU (judging a trace, symbolizing a splat) in a
 * child, so that the loop can serve other runs.
 */
#include "vmtest/run/post_run.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/child.h"

static void on_end(void *ctx, uint32_t events)
{
	struct run *r = ctx;
	int status = 0;

	(void)events;
	waitpid(r->post.child, &status, 0);
	r->post.child = 0;
	r->post.ended(r, status);
	r->post.done(r);
}

static void child(struct run *r, void (*work)(struct run *r), pid_t parent)
{
	child__begin(parent, SIGKILL);
	dup2(r->files.log.fd, STDOUT_FILENO);
	dup2(r->files.log.fd, STDERR_FILENO);
	work(r);
	_exit(127);
}

bool post_run__start(struct run *r, void (*work)(struct run *r),
		  void (*ended)(struct run *r, int status),
		  void (*done)(struct run *r))
{
	pid_t parent = getpid();

	/* An earlier child, if any, is reaped already. */
	loop__del(r->loop, &r->post.end);
	if (r->post.child_fd >= 0)
		close(r->post.child_fd);
	r->post.child_fd = -1;
	r->post.ended = ended;
	r->post.done = done;
	r->post.child = fork();
	if (r->post.child == 0)
		child(r, work, parent);
	if (r->post.child < 0)
		return false;
	r->post.child_fd = (int)syscall(SYS_pidfd_open, r->post.child, 0);
	if (r->post.child_fd < 0 || loop__add(r->loop, &r->post.end, r->post.child_fd, EPOLLIN,
					 on_end, r)) {
		kill(r->post.child, SIGKILL);
		waitpid(r->post.child, NULL, 0);
		r->post.child = 0;
		return false;
	}
	run__enter(r, RUN_JUDGE);
	return true;
}
