/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal session, driven through the master side of a pty. All functions
 * bail the case if the other side does not react in time.
 */
#ifndef TESTS_GUEST_TTY_H
#define TESTS_GUEST_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tty {
	int master;
	char path[32];		/* the slave's, in the container */
	char text[8192];	/* everything written to the terminal */
	size_t len;
	size_t seen;		/* up to here it has matched already */
};

/* Opens a new pty in the /dev/pts of the container whose init is @init. */
void tty__open(struct tty *c, pid_t init);
void tty__close(struct tty *c);

/* Types @line and return, or a control character without return. */
void tty__type(struct tty *c, const char *line);
void tty__press(struct tty *c, char control);

/*
 * Waits for @text after the previously matched text. Returns the text after
 * @text, valid until the next call.
 */
const char *tty__expect(struct tty *c, const char *text);

/* Returns whether @text has been shown after the previously matched text. */
bool tty__shows(struct tty *c, const char *text);

/*
 * Waits for @text directly followed by a number, and returns the number. (The
 * echo of a typed "$$" is not a number.)
 */
long tty__expect_number(struct tty *c, const char *text);

/* Waits until the foreground process group is not @pgrp; returns the new one. */
pid_t tty__await_other_group(const struct tty *c, pid_t pgrp);

/* The foreground process group, or -errno. */
pid_t tty__group(const struct tty *c);

#endif /* TESTS_GUEST_TTY_H */
