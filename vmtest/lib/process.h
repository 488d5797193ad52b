/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that end the runner, as events, and the runner's children. */
#ifndef VMTEST_LIB_PROCESS_H
#define VMTEST_LIB_PROCESS_H

#include <sys/types.h>

/*
 * Blocks these signals, and ignores SIGPIPE: a missing reader is an error of
 * write(), not the end of the runner. Returns a close-on-exec signalfd with
 * @flags, or -errno.
 */
int signals__open(int flags);

/* Ends the process by the signal's default action. */
void signals__die_of(int sig);

/*
 * Sets up a new process: a process group of its own, no blocked signals, the
 * default action for SIGPIPE, and the signal @sig at the end of its parent.
 * Exits if the parent has ended already.
 */
void child__begin(pid_t parent, int sig);

/* Connects a new process to /dev/null and its output to @out; -1: to /dev/null. */
void child__redirect(int out);

/* Returns a descriptor that is readable after the end of @pid, or -1. */
int child__pidfd(pid_t pid);

/* Waits for the end of the child. Returns its wait status. */
int child__reap(pid_t pid);

/*
 * Returns the first line that the shell command prints; free it. Returns NULL if there is
 * none, or if the command fails.
 */
char *child__first_line(const char *command);

#endif /* VMTEST_LIB_PROCESS_H */
