// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends a command's output to the host, byte for byte, and forwards its input.
 *
 * Children may keep the output open after the command has ended. Reading then
 * stops after GRACE_MS without output.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/guest/guest.h"

#define GRACE_MS 100
#define TURN_MS 500		/* poll interval without a pidfd */

int relay__pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool forward_bytes(int fd)
{
	char buf[32768];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n > 0)
		line__put_bytes(LINES_FD, TAG_OUTPUT, "", buf, (size_t)n);
	return n > 0;
}

int relay__follow(pid_t pid, int out, struct input *in)
{
	int pidfd = relay__pidfd(pid), status = 0;
	bool ended = false, open = true;

	while (!ended || open) {
		struct pollfd p[4] = {
			{ .fd = open ? out : -1, .events = POLLIN },
			{ .fd = ended ? -1 : pidfd, .events = POLLIN },
		};
		bool quiet;

		input__poll(in, p + 2);
		quiet = poll(p, 4, ended ? GRACE_MS : TURN_MS) == 0;
		if (p[0].revents)
			open = forward_bytes(out);
		if (p[2].revents || p[3].revents)
			input__forward(in);
		if (!ended)
			ended = waitpid(pid, &status, WNOHANG) == pid;
		else if (quiet)
			break;
		if (ended)
			input__close(in);
	}
	if (pidfd >= 0)
		close(pidfd);
	return status;
}
