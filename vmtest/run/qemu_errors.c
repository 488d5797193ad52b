// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies QEMU's own messages to the log, through a pipe: a guest can make QEMU repeat a
 * warning without end, and the log has a limit.
 */
#include "vmtest/run/state.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Returns the bytes copied; 0: QEMU has ended; negative: there is nothing to read now. */
static ssize_t copy(struct run *r)
{
	char buf[4096];
	ssize_t n = read(r->ports.errors, buf, sizeof(buf));

	if (n > 0)
		capped_file__write(&r->files.log, buf, (size_t)n);
	return n;
}

static void on_errors(void *ctx)
{
	struct run *r = ctx;

	/* At the end of file, the pipe would be readable for ever. */
	if (!copy(r))
		loop__del(r->loop, &r->ports.errors_watch);
}

int qemu_errors__open(struct run *r)
{
	int fd[2];

	r->ports.errors = -1;
	if (r->files.log.fd < 0)
		return -1;
	/* Without a pipe, QEMU writes to the log itself. */
	if (pipe2(fd, O_CLOEXEC))
		return fcntl(r->files.log.fd, F_DUPFD_CLOEXEC, 3);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	r->ports.errors = fd[0];
	return fd[1];
}

int qemu_errors__watch(struct run *r)
{
	if (r->ports.errors < 0)
		return 0;
	return loop__add(r->loop, &r->ports.errors_watch, r->ports.errors, EPOLLIN,
			 on_errors, r);
}

void qemu_errors__drain(struct run *r)
{
	if (r->ports.errors < 0)
		return;
	loop__del(r->loop, &r->ports.errors_watch);
	while (copy(r) > 0)
		;
	close(r->ports.errors);
	r->ports.errors = -1;
}
