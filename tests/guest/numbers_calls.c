// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that take the number of a process: each finds the process by the number
 * of the caller's namespace, and ESRCH by the number of another namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "numbers_taskstats.h"
#include "ops.h"

#define NICE 7

/* The owner leads a session, and has a priority and a policy that others have not. */
static long stand_out(long a __maybe_unused, long b __maybe_unused)
{
	const struct sched_param p = { .sched_priority = 0 };

	if ((getsid(0) != getpid() && setsid() < 0) ||
	    sched_setscheduler(0, SCHED_BATCH, &p) ||
	    setpriority(PRIO_PROCESS, 0, NICE))
		return -errno;
	return 0;
}

static long result(long value)
{
	return value < 0 ? -errno : value;
}

static long do_tgkill(long n, long b __maybe_unused)
{
	return result(syscall(SYS_tgkill, n, n, 0));
}

static long do_tkill(long n, long b __maybe_unused)
{
	return result(syscall(SYS_tkill, n, 0));
}

static long do_sigqueue(long n, long b __maybe_unused)
{
	return result(sigqueue(n, 0, (union sigval){ .sival_int = 0 }));
}

/* The system call returns 20 - nice. */
static long do_getpriority(long n, long b __maybe_unused)
{
	return result(syscall(SYS_getpriority, PRIO_PROCESS, n));
}

static long do_getpriority_group(long n, long b __maybe_unused)
{
	return result(syscall(SYS_getpriority, PRIO_PGRP, n));
}

static long do_getscheduler(long n, long b __maybe_unused)
{
	return result(sched_getscheduler(n));
}

static long do_getaffinity(long n, long b __maybe_unused)
{
	cpu_set_t set;

	return result(sched_getaffinity(n, sizeof(set), &set));
}

static long do_prlimit(long n, long b __maybe_unused)
{
	struct rlimit limit;

	return result(prlimit(n, RLIMIT_CORE, NULL, &limit));
}

static long do_getpgid(long n, long b __maybe_unused)
{
	return result(getpgid(n));
}

static long do_getsid(long n, long b __maybe_unused)
{
	return result(getsid(n));
}

static long do_kcmp(long n, long b __maybe_unused)
{
	return result(syscall(SYS_kcmp, n, n, KCMP_VM, 0, 0));
}

static long do_robust_list(long n, long b __maybe_unused)
{
	void *head;
	size_t len;

	return result(syscall(SYS_get_robust_list, n, &head, &len));
}

/* The owner is a fork of the reader's program: the same address is mapped there. */
static long do_vm_read(long n, long b __maybe_unused)
{
	static char there;
	char here;
	struct iovec to = { &here, 1 }, from = { &there, 1 };

	return result(process_vm_readv(n, &to, 1, &from, 1, 0));
}

static long do_pidfd_open(long n, long b __maybe_unused)
{
	int fd = ns__pidfd(n, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* Calls, and what they return when they find the owner. */
static const struct call {
	const char *name;
	actor_fn *fn;
	long value;
	bool number;		/* the number itself */
	bool group;		/* the number is that of a group */
} calls[] = {
	{ .name = "kill", .fn = op_kill },
	{ .name = "tgkill", .fn = do_tgkill },
	{ .name = "tkill", .fn = do_tkill },
	{ .name = "sigqueue", .fn = do_sigqueue },
	{ .name = "getpriority", .fn = do_getpriority, .value = 20 - NICE },
	{ .name = "getpriority of a group", .fn = do_getpriority_group,
	  .value = 20 - NICE, .group = true },
	{ .name = "sched_getscheduler", .fn = do_getscheduler,
	  .value = SCHED_BATCH },
	{ .name = "sched_getaffinity", .fn = do_getaffinity },
	{ .name = "prlimit", .fn = do_prlimit },
	{ .name = "getpgid", .fn = do_getpgid, .number = true },
	{ .name = "getsid", .fn = do_getsid, .number = true },
	{ .name = "kcmp", .fn = do_kcmp },
	{ .name = "get_robust_list", .fn = do_robust_list },
	{ .name = "process_vm_readv", .fn = do_vm_read, .value = 1 },
	{ .name = "pidfd_open", .fn = do_pidfd_open },
};

/* Calls by the owner's number for each reader, or by @foreign where it has none. */
static void call_all(const struct world *w, const struct call *c, bool alive)
{
	for (int i = 0; i < READERS; i++) {
		pid_t number = w->number[i] ?: w->owner.pid;
		long want = c->number ? number : c->value;

		if (!alive || !w->number[i])
			want = -ESRCH;
		check__err(c->name, actor__call(&w->reader[i], c->fn, number, 0),
			   want);
	}
}

static void by_number(void)
{
	struct world w;

	world__build(&w);
	world__add_child(&w);
	world__mark(&w, stand_out, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_all(&w, &calls[i], true);
	world__kill(&w);
	world__reap(&w);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_all(&w, &calls[i], false);

	world__add_entered(&w);
	world__mark(&w, stand_out, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_all(&w, &calls[i], true);
}

static void by_number_after_join(void)
{
	struct world w;
	pid_t old;

	world__build(&w);
	world__add_outsider(&w);
	old = w.owner.pid;
	world__mark(&w, stand_out, 0, 0);
	world__join(&w, 1);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		check__err(calls[i].name,
			   actor__call(&w.reader[READER_OUTER], calls[i].fn, old,
				       0), -ESRCH);
		/* No reader inside has a process of the new outer number. */
		w.owner.pid = w.number[READER_OUTER];
		call_all(&w, &calls[i], true);
	}
}

/*
 * All numbers above stay, and those in the target have one more. It does not name the
 * process group, which is outside.
 */
static void by_number_after_keep(void)
{
	struct world w;

	world__build(&w);
	world__add_outsider(&w);
	world__mark(&w, stand_out, 0, 0);
	world__join(&w, 2);
	check__eq("the number outside", w.number[READER_OUTER], w.owner.pid);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!calls[i].group) {
			call_all(&w, &calls[i], true);
			continue;
		}
		check__err(calls[i].name,
			   actor__call(&w.reader[READER_OUTER], calls[i].fn,
				       w.owner.pid, 0), calls[i].value);
		check__err(calls[i].name,
			   actor__call(&w.reader[READER_MIDDLE], calls[i].fn,
				       w.number[READER_MIDDLE], 0), -ESRCH);
	}
}

/* --- taskstats --- */

static long taskstats_pid(long n, long b __maybe_unused)
{
	return taskstats__get(n).pid;
}

static long taskstats_parent(long n, long b __maybe_unused)
{
	return taskstats__get(n).parent;
}

static void taskstats(void)
{
	static const struct call call = {
		.name = "ac_pid", .fn = taskstats_pid, .number = true,
	};
	struct world w;

	if (taskstats__get(getpid()).pid == -ENOENT)
		check__skip("no taskstats");
	world__build(&w);
	world__add_child(&w);
	call_all(&w, &call, true);
	check__eq("ac_ppid outside",
		  actor__call(&w.reader[READER_OUTER], taskstats_parent,
			      w.number[READER_OUTER], 0),
		  w.parent);
	check__eq("ac_ppid in the middle",
		  actor__call(&w.reader[READER_MIDDLE], taskstats_parent,
			      w.number[READER_MIDDLE], 0), 1);
	world__kill(&w);
	world__reap(&w);
	call_all(&w, &call, false);

	world__add_entered(&w);
	call_all(&w, &call, true);
	check__eq("ac_ppid of one whose parent is outside",
		  actor__call(&w.reader[READER_MIDDLE], taskstats_parent,
			      w.number[READER_MIDDLE], 0), 0);
}

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "calls: by the number of the caller's ns, and of another",
	     by_number),
	CASE(.modes = MODE_JOIN, "calls: by the old and new number across a join",
	     by_number_after_join),
	CASE(.modes = MODE_KEEP,
	     "calls: by old and new number across a join that keeps the struct pid",
	     by_number_after_keep),
	CASE(WHERE_ALWAYS, "calls: taskstats of a process, by number", taskstats),
};

PROGRAM_PART(numbers_calls__add, cases)
