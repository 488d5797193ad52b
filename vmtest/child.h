/* SPDX-License-Identifier: GPL-2.0-only */
/* What a child of the runner's begins with. */
#ifndef VMTEST_CHILD_H
#define VMTEST_CHILD_H

#include <sys/types.h>

/*
 * In a new process: a group of its own, no signal blocked,
 * SIGPIPE as ever, and sig when its
 * parent ends. Where that has happened already it does not return.
 */
void child__begin(pid_t parent, int sig);

#endif
