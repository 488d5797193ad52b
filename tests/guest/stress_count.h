/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stress program counts: what it caused (for the tracer to compare
 * with), how each kind of operation ended (for the reader), and what went
 * wrong. All of it lies in shared memory and outlives the death of any task.
 *
 * What is counted is what stress and its descendants do, from the moment
 * stress was exec'ed until the counts are written:
 *
 *   setns      setns(2) calls entered, whatever they name and however they end
 *   setns_ok   those that returned 0
 *   setns_err  those that returned an error
 *   joins      those that returned 0 and moved the caller: none in mainline
 *   forks      tasks made: fork, vfork, clone, threads; failed ones are not
 *   execs      successful execve(2), without the one that started stress
 *   exits      tasks that exited, each thread for itself, without stress
 *   setsid     successful setsid(2)
 *   setpgid    successful setpgid(2) that put a process into another group
 *
 * Nobody can ask a dead task what it did, so: whoever may be killed makes no
 * tasks, sessions or groups while it may; forks are counted by the parent;
 * exits are not counted at all, but equal forks once no descendant is left,
 * which is verified before the counts are written. Only setns is called by
 * tasks under fire. A task killed between "about to call" and "came back"
 * leaves a zombie, whose numbers tell whether it was moved. When it was not,
 * the call may have failed, or never have been made: such calls are @lost,
 * and make "setns" and "setns_err" a range.
 */
#ifndef GUEST_STRESS_COUNT_H
#define GUEST_STRESS_COUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT_MAX_OPS		24
#define COUNT_MAX_FAILURES	16	/* kept of each kind of operation */
#define COUNT_TEXT		240

struct counts {
	_Atomic uint64_t setns_ok;
	_Atomic uint64_t setns_err;
	_Atomic uint64_t setns_lost;
	_Atomic uint64_t joins;
	_Atomic uint64_t forks;
	_Atomic uint64_t execs;
	_Atomic uint64_t setsid;
	_Atomic uint64_t setpgid;
};

/* How something an operation did came out. Permitted or not is its business. */
enum outcome {
	OUT_OK,
	OUT_KILLED,	/* by the SIGKILL the operation is about */
	OUT_EPERM,
	OUT_ESRCH,
	OUT_EBADF,
	OUT_ECHILD,
	OUT_ENOMEM,
	OUT_EBUSY,
	OUT_EINVAL,
	OUT_EUSERS,
	OUT_OTHER,
	OUT_SKIPPED,	/* this kernel lacks what it needs */
	OUT_PID_ZERO,	/* mode seed: getpid() is 0 after the move */
	OUT__NR
};

struct failure {
	_Atomic uint32_t valid;		/* stored last */
	uint32_t worker;
	uint32_t index;			/* of the operation, in its worker */
	char text[COUNT_TEXT];
};

struct op_stats {
	_Atomic uint32_t runs;
	_Atomic uint32_t out[OUT__NR];
	_Atomic uint32_t failures;	/* all are counted, the first ones kept */
	struct failure failure[COUNT_MAX_FAILURES];
};

/* Outcome of a system call that gave 0 or -errno. */
enum outcome outcome__of(int rc);

/* "12 ok, 3 EPERM" into @text; "nothing" when there was no outcome. */
void op_stats__format(const struct op_stats *s, char *text, size_t len);

/* Notes one failure; @text says what was expected and what came. */
void op_stats__fail(struct op_stats *s, uint32_t worker, uint32_t index,
		    const char *text);

/*
 * Writes the counts to @path, by way of a temporary file: what can be read
 * there is complete. @root: stress's own pid in the initial pid namespace.
 * @mainline: setns never moves, so a lost call may have been a success too.
 * 0 or -errno.
 */
int counts__write(const struct counts *c, const char *path, int root,
		  bool mainline);

#endif
