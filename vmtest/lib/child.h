/* SPDX-License-Identifier: GPL-2.0-only */
/* The setup that the child processes of the runner have in common. */
#ifndef VMTEST_LIB_CHILD_H
#define VMTEST_LIB_CHILD_H

#include <sys/types.h>

/*
 * Sets up a new process: a process group of its own, no blocked signals, the
 * default action for SIGPIPE, and the signal @sig at the end of its parent.
 * Exits if the parent has ended already.
 */
void child__begin(pid_t parent, int sig);

#endif /* VMTEST_LIB_CHILD_H */
