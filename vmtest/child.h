/* SPDX-License-Identifier: GPL-2.0-only */
/* What a child of the runner's begins with. */
#ifndef VMTEST_CHILD_H
#define VMTEST_CHILD_H

#include <sys/types.h>

/*
 * Sets up a new process: a group of its own, no signal blocked, the default
 * action for SIGPIPE, and sig when its parent ends. Does not return if the
 * parent has ended already.
 */
void child__begin(pid_t parent, int sig);

#endif
