/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The settings of the terminal on which the runner was started: saved, changed,
 * and restored however the runner ends.
 *
 * A process has one terminal, so there is one saved state and no object.
 */
#ifndef VMTEST_LIB_TERMINAL_H
#define VMTEST_LIB_TERMINAL_H

#include <stdbool.h>
#include <sys/ioctl.h>

/*
 * Saves the settings of the terminal fd, which must stay open, and starts the
 * keeper: a process that restores them if this process dies without doing so.
 * Returns 0 or -errno.
 */
int terminal__save(int fd);

/* Passes every byte on unchanged, in both directions. Returns 0 or -errno. */
int terminal__raw(void);

/* Restores the saved settings, which stay saved. */
void terminal__restore(void);

/* Restores and ends the keeper. Legal at any time, and twice. */
void terminal__release(void);

/* Returns true unless another job is in the foreground of the terminal fd. */
bool terminal__foreground(int fd);

#endif /* VMTEST_LIB_TERMINAL_H */
