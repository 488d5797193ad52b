/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory as a lock, which the kernel drops with its holder. */
#ifndef VMTEST_DIRLOCK_H
#define VMTEST_DIRLOCK_H

/*
 * Makes the directory, if need be, and locks it. Returns what holds the lock,
 * to be closed; -EWOULDBLOCK if another has it; or -errno.
 */
int dirlock__take(const char *path);

#endif
