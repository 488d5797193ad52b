// SPDX-License-Identifier: GPL-2.0-only
/* A terminal session, driven through the master side of a pty. */
#include "tty.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "run.h"

/* Time for a shell and its commands: several executions in a row. */
#define CONSOLE_LIMIT_MS (2 * run__patience())

void tty__open(struct tty *c, pid_t init)
{
	char path[64];
	int unlock = 0;
	unsigned int nr;

	memset(c, 0, sizeof(*c));
	snprintf(path, sizeof(path), "/proc/%d/root/dev/pts/ptmx", init);
	c->master = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (c->master < 0 || ioctl(c->master, TIOCSPTLCK, &unlock) ||
	    ioctl(c->master, TIOCGPTN, &nr))
		check__bail("%s: %s", path, strerror(errno));
	snprintf(c->path, sizeof(c->path), "/dev/pts/%u", nr);
}

void tty__close(struct tty *c)
{
	close(c->master);
	c->master = -1;
}

static void write_all(struct tty *c, const char *text, size_t len)
{
	if (write(c->master, text, len) != (ssize_t)len)
		check__bail("cannot type: %s", strerror(errno));
}

void tty__type(struct tty *c, const char *line)
{
	write_all(c, line, strlen(line));
	write_all(c, "\n", 1);
}

void tty__press(struct tty *c, char control)
{
	write_all(c, &control, 1);
}

/* Reads more, or bails; @wanted is the missing text, for the message. */
static void read_more(struct tty *c, const char *wanted)
{
	ssize_t n = 0;

	if (ns__poll(c->master, POLLIN, CONSOLE_LIMIT_MS) >= 0)
		n = read(c->master, c->text + c->len,
			 sizeof(c->text) - 1 - c->len);
	if (n <= 0) {
		check__note("the terminal showed: %s", c->text + c->seen);
		check__bail("the terminal does not show '%s'", wanted);
	}
	/* Replace NUL, which would end the string; terminals may receive some. */
	for (ssize_t i = 0; i < n; i++)
		if (!c->text[c->len + i])
			c->text[c->len + i] = ' ';
	c->len += n;
	c->text[c->len] = '\0';
}

static bool match(struct tty *c, const char *text)
{
	const char *at = strstr(c->text + c->seen, text);

	if (at)
		c->seen = at + strlen(text) - c->text;
	return at != NULL;
}

const char *tty__expect(struct tty *c, const char *text)
{
	while (!match(c, text))
		read_more(c, text);
	return c->text + c->seen;
}

bool tty__shows(struct tty *c, const char *text)
{
	if (ns__poll(c->master, POLLIN, 0) >= 0)
		read_more(c, text);
	return match(c, text);
}

long tty__expect_number(struct tty *c, const char *text)
{
	const char *after;
	size_t end;

	do {
		after = tty__expect(c, text);
		if (!*after)
			read_more(c, text);
	} while (!isdigit((unsigned char)*after));
	/* Read until a character follows the digits, so that all digits are there. */
	for (end = c->seen; isdigit((unsigned char)c->text[end]); end++)
		if (!c->text[end + 1])
			read_more(c, text);
	return atol(after);
}

pid_t tty__group(const struct tty *c)
{
	pid_t pgrp;

	return ioctl(c->master, TIOCGPGRP, &pgrp) ? -errno : pgrp;
}

pid_t tty__await_other_group(const struct tty *c, pid_t pgrp)
{
	const long end = beat__now_ms() + CONSOLE_LIMIT_MS;

	/* No event reports a change of the foreground group, so poll. */
	while (beat__now_ms() < end) {
		pid_t now = tty__group(c);

		if (now > 0 && now != pgrp)
			return now;
		poll(NULL, 0, 1);
	}
	check__bail("the foreground process group stays %d", pgrp);
}
