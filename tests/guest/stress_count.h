/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of the stress program: the effects of its operations (for comparison
 * with the tracer), the outcomes of each kind of operation (for the reader),
 * and the failures. All counters are in shared memory and survive the death of
 * any task.
 *
 * The counters cover stress and its descendants, from the exec of stress until
 * the counts are written:
 *
 *   setns      setns(2) calls entered, whatever their arguments and results
 *   setns_ok   calls that returned 0
 *   setns_err  calls that returned an error
 *   joins      calls that returned 0 and moved the caller: none in mainline
 *   forks      tasks made: fork, vfork, clone, threads; not failed attempts
 *   execs      successful execve(2), without the one that started stress
 *   exits      tasks that exited, each thread separately, without stress
 *   setsid     successful setsid(2)
 *   setpgid    successful setpgid(2) that put a process into another group
 *
 * A dead task cannot report what it did. Therefore a task makes no tasks,
 * sessions or groups while it may be killed; the parent counts forks; exits are
 * not counted, but equal forks once no descendant is left, which is verified
 * before the counts are written. Tasks under fire call only setns(). A task
 * killed between "about to call" and "came back" leaves a zombie, whose numbers
 * show whether it was moved. If it was not, the call may have failed, or may
 * never have been made: such calls are counted as @lost, and make "setns" and
 * "setns_err" a range.
 */
#ifndef TESTS_GUEST_STRESS_COUNT_H
#define TESTS_GUEST_STRESS_COUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_MAX_OPS		24
#define COUNT_MAX_FAILURES	16	/* kept for each kind of operation */
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

/* Outcome of a step of an operation. The operation decides which are permitted. */
enum outcome {
	OUT_OK,
	OUT_KILLED,	/* by the SIGKILL that the operation sends */
	OUT_EPERM,
	OUT_ESRCH,
	OUT_EBADF,
	OUT_ECHILD,
	OUT_ENOMEM,
	OUT_EBUSY,
	OUT_EINVAL,
	OUT_EUSERS,
	OUT_OTHER,
	OUT_SKIPPED,	/* this kernel lacks a required feature */
	OUT_PID_ZERO,	/* mode seed: getpid() is 0 after the move */
	OUT__NR
};

struct failure {
	_Atomic uint32_t valid;		/* stored last */
	uint32_t worker;
	uint32_t index;			/* number of the operation in its worker */
	char text[COUNT_TEXT];
};

struct op_stats {
	_Atomic uint32_t runs;
	_Atomic uint32_t out[OUT__NR];
	_Atomic uint32_t failures;	/* counts all failures; the first ones are kept */
	struct failure failure[COUNT_MAX_FAILURES];
};

/* Returns the outcome of a system call that returned 0 or -errno. */
enum outcome outcome__of(int rc);

/* Formats "12 ok, 3 EPERM" into @text; "nothing" without any outcome. */
void op_stats__format(const struct op_stats *s, char *text, size_t len);

/* Records a failure; @text gives the expected and the actual result. */
void op_stats__fail(struct op_stats *s, uint32_t worker, uint32_t index,
		    const char *text);

/*
 * Writes the counts to @path through a temporary file, so that a reader never
 * sees a partial file. @root: number of stress in the initial pid namespace.
 * @mainline: setns() never moves its caller, so a lost call may also have
 * succeeded. Returns 0 or -errno.
 */
int counts__write(const struct counts *c, const char *path, int root,
		  bool mainline);

#endif /* TESTS_GUEST_STRESS_COUNT_H */
