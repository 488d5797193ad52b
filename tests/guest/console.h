/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal session, driven through the master side of a pty. All functions
 * bail the case if the other side does not react in time.
 */
#ifndef TESTS_GUEST_CONSOLE_H
#define TESTS_GUEST_CONSOLE_H

#include <stddef.h>
#include <sys/types.h>

struct console {
	int master;
	char path[32];		/* of the slave, in the container */
	char text[8192];	/* everything written to the terminal */
	size_t len;
	size_t seen;		/* up to here it has matched already */
};

/* Opens a new pty in the /dev/pts of the container whose init is @init. */
void console__open(struct console *c, pid_t init);
void console__close(struct console *c);

/* Types @line and return, or a control character without return. */
void console__type(struct console *c, const char *line);
void console__press(struct console *c, char control);

/*
 * Waits for @text after the previously matched text. Returns the text after
 * @text, valid until the next call.
 */
const char *console__expect(struct console *c, const char *text);

/*
 * Waits for @text directly followed by a number, and returns the number. (The
 * echo of a typed "$$" is not a number.)
 */
long console__expect_number(struct console *c, const char *text);

/* Waits until the foreground process group is not @pgrp; returns the new one. */
pid_t console__await_other_group(const struct console *c, pid_t pgrp);

/* The foreground process group, or -errno. */
pid_t console__group(const struct console *c);

#endif /* TESTS_GUEST_CONSOLE_H */
