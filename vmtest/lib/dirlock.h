/* SPDX-License-Identifier: GPL-2.0-only */
/* Uses a directory as a lock, which the kernel drops when the holder ends. */
#ifndef VMTEST_LIB_DIRLOCK_H
#define VMTEST_LIB_DIRLOCK_H

/*
 * Makes the directory, unless present, and locks it. Returns the descriptor that
 * holds the lock, to be closed; -EWOULDBLOCK if the lock is taken; or another
 * -errno.
 */
int dirlock__take(const char *path);

#endif /* VMTEST_LIB_DIRLOCK_H */
