// SPDX-License-Identifier: GPL-2.0-only
/* The numbers and events of a pidfd: fdinfo, PIDFD_GET_INFO, pidfd_getfd(), poll(). */
#include "numbers_pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "numbers.h"
#include "numbers_thread.h"
#include "ops.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL	/* 6.9 */
#endif

/* include/uapi/linux/pidfd.h, 6.13: the first version of the structure. */
struct info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid,
		 fsgid, exit_code;
};
#define GET_INFO _IOWR(0xFF, 11, struct info)

long pidfd__read_info(long fd, long which)
{
	char path[64], text[512];
	struct ns_numbers n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%ld", fd);
	check__must("fdinfo", file__read(path, text, sizeof(text)));
	if (ns__parse(text, which == FDINFO_PID ? "Pid" : "NSpid", &n))
		return -EIO;
	return n.number[which == FDINFO_NSPID_LAST ? n.nr - 1 : 0];
}

static void mark_pidfd(struct world *w, long b __maybe_unused)
{
	world__share(w, check__must("pidfd_open",
				    ns__pidfd(w->number[READER_OUTER], 0)));
}

static long get_info(int pidfd, struct info *info)
{
	*info = (struct info){ .mask = 0 };
	return ioctl(pidfd, GET_INFO, info) ? -errno : 0;
}

static void mark_info(struct world *w, long b)
{
	struct info info;
	long err;

	mark_pidfd(w, b);
	err = get_info(w->fds[0], &info);
	/* 6.12 takes no ioctl() with an argument. */
	if (err == -ENOTTY || err == -EINVAL)
		check__skip("no PIDFD_GET_INFO: %s", strerror(-err));
}

/* Newer kernels have an error of its own for a process that the reader cannot see. */
static long read_info(long fd, long b __maybe_unused)
{
	struct info info;
	long err = get_info(fd, &info);

	return err == -EREMOTE ? -ESRCH : err ?: (long)info.pid;
}

#define FDINFO(name_, which, ...) \
	{ .name = name_, .mark = mark_pidfd, .read = pidfd__read_info, \
	  .arg = which, .dead = -1, __VA_ARGS__ }

const struct interface pidfd_interfaces[] = {
	FDINFO("Pid of a pidfd", FDINFO_PID),
	FDINFO("NSpid of a pidfd, first", FDINFO_NSPID_FIRST),
	FDINFO("NSpid of a pidfd, last", FDINFO_NSPID_LAST, .innermost = true),
	{ .name = "PIDFD_GET_INFO", .mark = mark_info, .read = read_info,
	  .none = -ESRCH, .dead = -ESRCH },
	{ }
};

/* --- a process that ends --- */

static long getfd(int pidfd, int fd)
{
	int got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (got < 0)
		return -errno;
	close(got);
	return 0;
}

static void getfd_of_dead(void)
{
	struct actor x = actor__spawn("owner", NULL, 0);

	check__err("pidfd_getfd() of stdout", getfd(x.pidfd, 1), 0);
	check__err("pidfd_getfd() of no fd", getfd(x.pidfd, 1000), -EBADF);
	actor__exit(&x, 0);
	check__must("death", ns__wait_dead(x.pidfd, run__patience()));
	for (int fd = 1; fd <= 1000; fd += 999)
		check__err("pidfd_getfd() of a zombie", getfd(x.pidfd, fd),
			   -ESRCH);
	check__eq("reaped", waitpid(x.pid, NULL, 0), x.pid);
	check__err("pidfd_getfd() of a reaped process", getfd(x.pidfd, 1),
		   -ESRCH);
	check__err("pidfd_send_signal() to it", op_pidfd_signal(x.pidfd, 0),
		   -ESRCH);
	check__err("pidfd_open() of its number", ns__pidfd(x.pid, 0), -ESRCH);
}

/* --- a leader that ends before its threads --- */

static bool knows_threads(void)
{
	int fd = ns__pidfd(getpid(), PIDFD_THREAD);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void poll_of_leader(const void *arg)
{
	unsigned int flags = *(const unsigned int *)arg;
	struct thread_process t;
	int pidfd;

	if (flags && !knows_threads())
		check__skip("no PIDFD_THREAD");
	t = thread__start();
	pidfd = check__must("pidfd", ns__pidfd(t.pid, flags));
	check__err("a pidfd of a leader that left a thread is silent",
		   ns__poll(pidfd, POLLIN, 0), -ETIMEDOUT);
	thread__exec(&t);
	check__err("when the thread has executed, it is silent",
		   ns__poll(pidfd, POLLIN, 0), -ETIMEDOUT);
	thread__end(&t);
	check__eq("when the process has ended, it reports",
		  ns__poll(pidfd, POLLIN, run__patience()), POLLIN);
	check__eq("the process", waitpid(t.pid, NULL, 0), t.pid);
	check__true("when it is reaped, it reports still",
		    ns__poll(pidfd, POLLIN, 0) & POLLIN);
}

static const unsigned int of_process, of_thread = PIDFD_THREAD;

static const struct test_case cases[] = {
	CASE(WHERE_ALWAYS, "pidfd: system calls on one of a dead process: ESRCH",
	     getfd_of_dead),
	CASE_WITH(WHERE_ALWAYS, "pidfd: of a process, silent until the last thread ends",
		  poll_of_leader, &of_process),
	CASE_WITH(WHERE_ALWAYS, "pidfd: of a leader, silent until the last thread ends",
		  poll_of_leader, &of_thread),
};

PROGRAM_PART(numbers_pidfd__add, cases)
