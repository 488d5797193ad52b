// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arguments of clone3(2) and clone(2): which are refused, with which errno,
 * and which must not matter.
 */
#include "creation.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "creation_call.h"
#include "ns.h"

static int word;		/* for a pidfd or a number */
static const pid_t one_tid[] = { 1 };
static char area[8192] __attribute__((aligned(16)));

#define AT(pointer) ((uintptr_t)(pointer))

/* As in the rows, unless a row changes it. */
#define PLAIN .exit_signal = SIGCHLD

static const struct row {
	const char *name;
	struct clone_args args;
	size_t size;		/* 0: that of struct clone_args */
	long err;
} rows[] = {
	{ "plain", { PLAIN }, .err = 0 },
	{ "exit signal 0", { .exit_signal = 0 }, .err = 0 },
	{ "exit signal SIGUSR1", { .exit_signal = SIGUSR1 }, .err = 0 },
	{ "exit signal 64", { .exit_signal = 64 }, .err = 0 },
	{ "exit signal 65", { .exit_signal = 65 }, .err = -EINVAL },
	{ "exit signal 200", { .exit_signal = 200 }, .err = -EINVAL },
	{ "exit signal 255", { .exit_signal = 255 }, .err = -EINVAL },
	{ "exit signal SIGCHLD + 256",
	  { .exit_signal = SIGCHLD + 256 },
	  .err = -EINVAL },
	/* 2^31 would make a thread, and corrupt a kernel without the check. */
	{ "exit signal SIGCHLD + 2^30",
	  { .exit_signal = SIGCHLD | 1ULL << 30 },
	  .err = -EINVAL },
	{ "exit signal SIGCHLD + 2^32",
	  { .exit_signal = SIGCHLD | 1ULL << 32 },
	  .err = -EINVAL },
	{ "exit signal SIGCHLD + 2^63",
	  { .exit_signal = SIGCHLD | 1ULL << 63 },
	  .err = -EINVAL },
	{ "exit signal of a sibling",
	  { PLAIN, .flags = CLONE_PARENT },
	  .err = -EINVAL },
	{ "exit signal of a thread",
	  { PLAIN, .flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
	    .stack = AT(area), .stack_size = sizeof(area) },
	  .err = -EINVAL },

	{ "a stack without a size",
	  { PLAIN, .stack = AT(area) },
	  .err = -EINVAL },
	{ "the size of no stack",
	  { PLAIN, .stack_size = 4096 },
	  .err = -EINVAL },
	{ "a stack beyond user memory",
	  { PLAIN, .stack = -4096ULL, .stack_size = 4096 },
	  .err = -EINVAL },
	{ "a stack that ends beyond user memory",
	  { PLAIN, .stack = AT(area), .stack_size = -4096ULL },
	  .err = -EINVAL },

	{ "no list of 1 number", { PLAIN, .set_tid_size = 1 }, .err = -EINVAL },
	{ "a list of 0 numbers",
	  { PLAIN, .set_tid = AT(one_tid) },
	  .err = -EINVAL },
	{ "a list of 33 numbers",
	  { PLAIN, .set_tid = AT(area), .set_tid_size = 33 },
	  .err = -EINVAL },
	{ "a list that cannot be read",
	  { PLAIN, .set_tid = 8, .set_tid_size = 1 },
	  .err = -EFAULT },

	{ "a pidfd that cannot be written",
	  { PLAIN, .flags = CLONE_PIDFD, .pidfd = 8 },
	  .err = -EFAULT },
	{ "a pidfd and a number at one place",
	  { PLAIN, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
	    .pidfd = AT(&word), .parent_tid = AT(&word) },
	  .err = -EINVAL },
	/* The child exists already when the number is written. */
	{ "a number that cannot be written",
	  { PLAIN, .flags = CLONE_PARENT_SETTID, .parent_tid = 8 },
	  .err = 0 },

	{ "a cgroup beyond INT_MAX",
	  { PLAIN, .flags = CLONE_INTO_CGROUP, .cgroup = 1ULL << 31 },
	  .err = -EINVAL },
	{ "a cgroup beyond 2^32",
	  { PLAIN, .flags = CLONE_INTO_CGROUP, .cgroup = 1ULL << 32 },
	  .err = -EINVAL },
	{ "a cgroup that is not open",
	  { PLAIN, .flags = CLONE_INTO_CGROUP, .cgroup = 999 },
	  .err = -EBADF },
	{ "a cgroup that the structure does not have",
	  { PLAIN, .flags = CLONE_INTO_CGROUP },
	  .size = CLONE_ARGS_SIZE_VER1,
	  .err = -EINVAL },

	{ "a flag that clone3 does not have",
	  { PLAIN, .flags = 1ULL << 63 },
	  .err = -EINVAL },
	{ "CLONE_DETACHED",
	  { PLAIN, .flags = CLONE_DETACHED },
	  .err = -EINVAL },
	{ "a signal among the flags", { .flags = SIGCHLD }, .err = -EINVAL },
	{ "CLONE_CLEAR_SIGHAND",
	  { PLAIN, .flags = CLONE_CLEAR_SIGHAND },
	  .err = 0 },
	{ "CLONE_CLEAR_SIGHAND with shared handlers",
	  { PLAIN, .flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM,
	    .stack = AT(area), .stack_size = sizeof(area) },
	  .err = -EINVAL },

	{ "size 2^64 - 1", { PLAIN }, .size = SIZE_MAX, .err = -E2BIG },
	{ "the size before the first version's",
	  { PLAIN },
	  .size = CLONE_ARGS_SIZE_VER0 - 1,
	  .err = -EINVAL },
	{ "the first version's size",
	  { PLAIN },
	  .size = CLONE_ARGS_SIZE_VER0,
	  .err = 0 },
	{ "the second version's size",
	  { PLAIN },
	  .size = CLONE_ARGS_SIZE_VER1,
	  .err = 0 },
	{ "size 4096", { PLAIN }, .size = 4096, .err = 0 },
	{ "size 4097", { PLAIN }, .size = 4097, .err = -E2BIG },
};

/*
 * The structure has zeros after it, as structures of later kernels may have
 * fields.
 */
static long try_row(const void *arg)
{
	static char space[2 * 4096];
	const struct row *r = arg;
	sigset_t all;
	long pid;

	/* Exit signals come to this process. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	memcpy(space, &r->args, sizeof(r->args));
	pid = call__clone3((struct clone_args *)space,
			   r->size ? r->size : sizeof(r->args), NULL);
	return pid < 0 ? pid : 0;
}

static void clone3_arguments(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check__err(rows[i].name, call__apart(try_row, &rows[i]),
			   rows[i].err);
}

/* A value in a field that this program's structure does not have. */
static void unknown_field(void)
{
	struct {
		struct clone_args args;
		char later[512];
	} a = { .args = { PLAIN } };

	a.later[sizeof(a.later) - 1] = 1;
	check__err("clone3", call__clone3(&a.args, sizeof(a), NULL), -E2BIG);
}

/* --- flags that only one of the two calls has ----------------------------- */

static long time_ns_of_child(long flags)
{
	const struct clone_args args = {
		.flags = flags, .exit_signal = SIGCHLD,
	};
	long *id = shared__alloc(sizeof(*id));
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid) {
		*id = ns__id(0, "time");
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	waitpid(pid, NULL, 0);
	return *id;
}

static void new_time_ns(void)
{
	long own = ns__id(0, "time"), of_child;

	if (own == -ENOENT)
		check__skip("the kernel has no time namespaces");
	check__eq("the time namespace of a plain child", time_ns_of_child(0),
		  own);
	of_child = time_ns_of_child(CLONE_NEWTIME);
	check__true("clone3(CLONE_NEWTIME) makes a child", of_child > 0);
	check__ne("the time namespace of the child", of_child, own);
}

/* --- clone(2) ------------------------------------------------------------- */

static void handler(int sig __maybe_unused)
{
}

static int lacks_handler(void)
{
	struct sigaction act;

	return sigaction(SIGUSR1, NULL, &act) || act.sa_handler != handler;
}

/*
 * Returns the child's number or -errno. The child exits with the status of
 * @child.
 */
static long plain_clone(unsigned long flags, int *parent_tid, int *status,
			int (*child)(void))
{
	pid_t pid =
		syscall(SYS_clone, flags | SIGCHLD, NULL, parent_tid, NULL, 0L);

	if (!pid)
		_exit(child());
	if (pid < 0)
		return -errno;
	waitpid(pid, status, 0);
	return pid;
}

static void upper_half(void)
{
	char what[64];
	int status;

	signal(SIGUSR1, handler);
	for (int bit = 32; bit <= 64; bit++) {
		unsigned long flags = bit < 64 ? 1UL << bit : ~0UL << 32;

		snprintf(what, sizeof(what), "clone(%#lx | SIGCHLD)", flags);
		status = -1;
		if (!check__true(what, plain_clone(flags, NULL, &status,
						   lacks_handler) > 0))
			continue;
		check__eq("the child's handler is gone", status, 0);
	}
}

static int no_errors(void)
{
	return 0;
}

/* The kernel only writes the word for the pidfd. */
static void pidfd_word(void)
{
	static const int before[] = { 0, 1, -1, 1 << 30 };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		int status, fd = before[i];
		long pid = plain_clone(CLONE_PIDFD, &fd, &status, no_errors);

		if (!check__true("clone(CLONE_PIDFD) makes a child", pid > 0))
			continue;
		check__eq("flags of the pidfd", fcntl(fd, F_GETFD), FD_CLOEXEC);
		check__err("the end of the child", ns__wait_dead(fd, 0), 0);
		close(fd);
	}
}

static void pidfd_detached(void)
{
	int fd = -1, status;

	check__err("clone(CLONE_PIDFD | CLONE_DETACHED)",
		   plain_clone(CLONE_PIDFD | CLONE_DETACHED, &fd, &status,
			       no_errors), -EINVAL);
	check__err("clone(CLONE_PIDFD | CLONE_PARENT_SETTID)",
		   plain_clone(CLONE_PIDFD | CLONE_PARENT_SETTID, &fd, &status,
			       no_errors), -EINVAL);
	check__true("clone(CLONE_DETACHED) makes a child",
		    plain_clone(CLONE_DETACHED, NULL, &status, no_errors) > 0);
	check__eq("the word for the pidfd", fd, -1);
}

static const struct test_case cases[] = {
	CREATION("arguments: each of clone3()", clone3_arguments),
	CREATION("arguments: a field of clone3() that the kernel lacks",
		 unknown_field),
	CREATION("arguments: clone3() makes a time namespace", new_time_ns),
	CREATION("arguments: clone() ignores the upper half of its flags",
		 upper_half),
	CREATION("arguments: clone() only writes the word for the pidfd",
		 pidfd_word),
	CREATION("arguments: flags that clone() refuses beside CLONE_PIDFD",
		 pidfd_detached),
};

PROGRAM_PART(creation_arguments__add, cases)
