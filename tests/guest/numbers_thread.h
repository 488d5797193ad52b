/* SPDX-License-Identifier: GPL-2.0-only */
/* A process whose leader ends first, and whose other thread executes a program. */
#ifndef TESTS_GUEST_NUMBERS_THREAD_H
#define TESTS_GUEST_NUMBERS_THREAD_H

#include <sys/types.h>

/* The argument with which the thread executes this program. */
#define THREAD_ARGUMENT "thread"

struct thread_process {
	pid_t pid;		/* for the director */
	int control;		/* the write end of a pipe; see below */
};

/*
 * Makes such a process in the director's namespace. The leader ends at once, and the
 * thread sleeps. A byte in the pipe makes it call execve(); the end of the pipe ends
 * the process, before and after that.
 */
struct thread_process thread__start(void);

/* Has the thread execute, and returns when the program runs. */
void thread__exec(const struct thread_process *t);

/* Ends the process, which its parent, the director, has to reap. */
void thread__end(struct thread_process *t);

/* main() of the executed program. */
int thread__main(void);

#endif /* TESTS_GUEST_NUMBERS_THREAD_H */
