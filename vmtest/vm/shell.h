/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `vmtest shell' on a terminal: its settings, its size, the keys typed on it.
 *
 * The runner handles Ctrl-]: Ctrl-] q ends the guest, Ctrl-] Ctrl-] sends one
 * Ctrl-] to the guest.
 */
#ifndef VMTEST_VM_SHELL_H
#define VMTEST_VM_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "vmtest/lib/loop.h"

/* Calls into the run that the shell is part of. */
struct shell_ops {
	void (*resized)(void *ctx);	/* the terminal's size changed */
	void (*quit)(void *ctx);	/* Ctrl-] q */
};

struct shell {
	struct loop *loop;
	struct loop_watch watch;
	int fd;			/* the terminal */
	int signals;
	bool begun, escaped, in_line;
	const struct shell_ops *ops;
	void *ctx;
};

/* Uses the terminal fd from shell__begin() to shell__end(). */
void shell__init(struct shell *s, struct loop *loop, int fd);

/* Returns the size of the terminal. */
struct winsize shell__size(const struct shell *s);

/*
 * Prints the greeting, which names the kernel, and makes the terminal raw.
 * Returns 0 or -errno.
 */
int shell__begin(struct shell *s, const char *target, const char *release,
		 const struct shell_ops *ops, void *ctx);

/*
 * Removes the runner's keys from the len bytes typed; returns how many are
 * left. @buf has room for one byte more than @len.
 */
size_t shell__typed(struct shell *s, char *buf, size_t len);

/* Prints a line of the runner's on the terminal, amid the guest's output. */
void shell__say(const struct shell *s, const char *text);

/* Notes the last byte of the guest's output so far. */
void shell__printed(struct shell *s, char last);

/* Restores the terminal. Legal at any time, and twice. */
void shell__end(struct shell *s);

#endif /* VMTEST_VM_SHELL_H */
