/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal session driven through the master side of a pty. All functions
 * bail the case when the other side does not do as told in time.
 */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include <stddef.h>
#include <sys/types.h>

struct console {
	int master;
	char path[32];		/* of the slave, in the container */
	char text[8192];	/* all that was written to it */
	size_t len;
	size_t seen;		/* up to here it was expected already */
};

/* A new pty in the /dev/pts of the container whose init is @init. */
void console__open(struct console *c, pid_t init);
void console__close(struct console *c);

/* Types @line, and return. Or some control character, without return. */
void console__type(struct console *c, const char *line);
void console__press(struct console *c, char control);

/*
 * Waits until @text comes, after what was expected before. Returns what
 * follows it; valid until the next call.
 */
const char *console__expect(struct console *c, const char *text);

/*
 * Waits until @text directly followed by a number comes: the number. (The
 * echo of a typed "$$" is no number.)
 */
long console__expect_number(struct console *c, const char *text);

/* Waits until the foreground process group is not @pgrp; the new one. */
pid_t console__await_other_group(const struct console *c, pid_t pgrp);

/* The foreground process group, or -errno. */
pid_t console__group(const struct console *c);

#endif
