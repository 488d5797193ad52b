// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saves, changes and restores the terminal's settings.
 *
 * A killed process restores nothing, so a child waits for the end of the process
 * and restores the terminal then, unless another job has been given the terminal
 * since: a shell with job control restores its own settings.
 */
#include "vmtest/lib/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "vmtest/lib/process.h"

static struct {
	bool saved;
	int fd;
	struct termios was, raw;
	pid_t keeper;
} terminal;

/* tcgetattr() leaves padding untouched, so memcmp() does not work. */
static bool same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

static void keeper_restore(int fd, pid_t group)
{
	struct termios now;
	pid_t front = tcgetpgrp(fd);

	if (tcgetattr(fd, &now) || same(&now, &terminal.was))
		return;
	if (same(&now, &terminal.raw) || front < 0 || front == group)
		tcsetattr(fd, TCSANOW, &terminal.was);
}

/*
 * The child holds no other file open: a pipe's reader would wait for the
 * child's end, and the next runner for a lock. With all signals blocked, the
 * child may change a terminal whose foreground is another process group.
 */
static void keep(int parent, pid_t group)
{
	struct pollfd p = { .fd = 1, .events = POLLIN };
	int tty = fcntl(terminal.fd, F_DUPFD, 3), null;
	sigset_t all;

	setpgid(0, 0);
	prctl(PR_SET_NAME, "vmtest-terminal");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	parent = fcntl(parent, F_DUPFD, 3);
	dup2(tty, 0);
	dup2(parent, 1);
	null = open("/dev/null", O_RDWR);
	dup2(null, 2);
	close_range(3, ~0U, 0);
	while (poll(&p, 1, -1) < 0)
		;
	keeper_restore(0, group);
	_exit(0);
}

int terminal__save(int fd)
{
	pid_t group = getpgrp();
	int self;

	if (terminal.saved)
		return 0;
	if (tcgetattr(fd, &terminal.was))
		return -errno;
	terminal.raw = terminal.was;
	cfmakeraw(&terminal.raw);
	terminal.fd = fd;
	self = child__pidfd(getpid());
	if (self < 0)
		return -errno;
	terminal.keeper = fork();
	if (terminal.keeper == 0)
		keep(self, group);
	close(self);
	terminal.saved = terminal.keeper > 0;
	return terminal.saved ? 0 : -errno;
}

int terminal__raw(void)
{
	if (!terminal.saved)
		return -EINVAL;
	return tcsetattr(terminal.fd, TCSANOW, &terminal.raw) ? -errno : 0;
}

/* Keeps input that was typed and not read for the next program. */
void terminal__restore(void)
{
	struct termios now;

	if (!terminal.saved || !terminal__foreground(terminal.fd) ||
	    tcgetattr(terminal.fd, &now) || same(&now, &terminal.was))
		return;
	tcsetattr(terminal.fd, TCSANOW, &terminal.was);
}

void terminal__release(void)
{
	terminal__restore();
	if (!terminal.saved)
		return;
	kill(terminal.keeper, SIGKILL);
	child__reap(terminal.keeper);
	terminal.saved = false;
}

/* Job control does not apply to a terminal that is not the controlling one. */
bool terminal__foreground(int fd)
{
	pid_t front = tcgetpgrp(fd);

	return front < 0 || front == getpgrp();
}
