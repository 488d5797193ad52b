// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches the user's terminal to raw mode and back, and filters the runner's keys.
 *
 * The terminal is raw, so the guest gets Ctrl-C and Ctrl-Z. A runner that is
 * stopped from outside (SIGTSTP) restores the terminal first, and makes the
 * terminal raw when continued in the foreground.
 */
#include "vmtest/vm/shell.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/escape.h"
#include "vmtest/lib/terminal.h"
#include "vmtest/lib/util.h"

#define ESCAPE 0x1d		/* Ctrl-] */

static const char help[] =
	"Ctrl-] q ends the guest, Ctrl-] Ctrl-] types Ctrl-]";

struct winsize shell__size(const struct shell *s)
{
	struct winsize w;

	if (ioctl(s->fd, TIOCGWINSZ, &w))
		memset(&w, 0, sizeof(w));
	return w;
}

void shell__init(struct shell *s, struct loop *loop, int fd)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->fd = fd;
	s->signals = -1;
}

static void take_terminal(struct shell *s)
{
	if (!terminal__foreground(s->fd))
		return;
	terminal__raw();
	s->ops->resized(s->ctx);
}

static void on_signal(void *ctx)
{
	struct shell *s = ctx;
	struct signalfd_siginfo si;

	if (read(s->signals, &si, sizeof(si)) != sizeof(si))
		return;
	switch ((int)si.ssi_signo) {
	case SIGWINCH:
		s->ops->resized(s->ctx);
		break;
	case SIGTSTP:
		terminal__restore();
		kill(getpid(), SIGSTOP);
		break;
	case SIGCONT:
		take_terminal(s);
		break;
	}
}

static int watch_signals(struct shell *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return -errno;
	return loop__add(s->loop, &s->watch, s->signals, EPOLLIN, on_signal,
			 s);
}

int shell__begin(struct shell *s, const char *target, const char *release,
		 const struct shell_ops *ops, void *ctx)
{
	int err;

	s->ops = ops;
	s->ctx = ctx;
	msg__note("a shell in %s, Linux %s; pidnstrace and the tests are in PATH",
		 target, release);
	msg__note("exit or Ctrl-D ends it; %s", help);
	err = terminal__save(s->fd) ?: watch_signals(s);
	if (err)
		return err;
	s->begun = true;
	if (terminal__foreground(s->fd))
		err = terminal__raw();
	return err;
}

void shell__say(const struct shell *s, const char *text)
{
	auto_free char *line = escape__line(text);

	if (s->begun)
		dprintf(STDERR_FILENO, "\r\nvmtest: %s\r\n", line);
	else
		msg__note("%s", line);
}

/* Stores the bytes for the guest at out; returns their number, 0 to 2. */
static size_t after_escape(struct shell *s, char c, char *out)
{
	switch (c) {
	case 'q':
		s->ops->quit(s->ctx);
		return 0;
	case '?':
		shell__say(s, help);
		return 0;
	case ESCAPE:
		out[0] = ESCAPE;
		return 1;
	}
	out[0] = ESCAPE;
	out[1] = c;
	return 2;
}

size_t shell__typed(struct shell *s, char *buf, size_t len)
{
	size_t n = 0, i = 0;

	/* A Ctrl-] that ended the last read may add one byte. */
	if (s->escaped && len) {
		char out[2];

		s->escaped = false;
		n = after_escape(s, buf[0], out);
		memmove(buf + n, buf + 1, len - 1);
		memcpy(buf, out, n);
		len = len - 1 + n;
		i = n;
	}
	for (; i < len; i++) {
		if (buf[i] != ESCAPE) {
			buf[n++] = buf[i];
			continue;
		}
		if (i + 1 == len) {
			s->escaped = true;
			break;
		}
		/* Two bytes are replaced by at most two. */
		n += after_escape(s, buf[i + 1], buf + n);
		i++;
	}
	return n;
}

void shell__printed(struct shell *s, char last)
{
	s->in_line = last != '\n';
}

void shell__end(struct shell *s)
{
	if (!s->begun)
		return;
	s->begun = false;
	/* The runner's messages begin on a line of their own. */
	if (s->in_line)
		dprintf(STDERR_FILENO, "\r\n");
	terminal__release();
	loop__del(s->loop, &s->watch);
	close(s->signals);
	s->signals = -1;
}
