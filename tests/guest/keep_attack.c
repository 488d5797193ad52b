// SPDX-License-Identifier: GPL-2.0-only
/* Calls by which a process may signal, stop, read or change another one. */
#include "keep_attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "ops.h"

/* IOPRIO_WHO_* and a value of the best-effort class. */
enum { IO_PROCESS = 1, IO_GROUP = 2, IO_VALUE = 2 << 13 | 5 };

static long result(long value)
{
	return value < 0 ? -errno : value;
}

/* arg: 1 or, for a group, -1. */
static long by_kill(long n, long arg)
{
	return result(kill(n * arg, ATTACK_SIGNAL));
}

/* arg: flags of the call. */
static long by_pidfd(long n, long arg)
{
	int pidfd = ns__pidfd(n, 0);
	long err;

	if (pidfd < 0)
		return pidfd;
	err = result(syscall(SYS_pidfd_send_signal, pidfd, ATTACK_SIGNAL, NULL, arg));
	close(pidfd);
	return err;
}

static long by_tgkill(long n, long arg __maybe_unused)
{
	return result(syscall(SYS_tgkill, n, n, ATTACK_SIGNAL));
}

static long by_sigqueue(long n, long arg __maybe_unused)
{
	return result(sigqueue(n, ATTACK_SIGNAL, (union sigval){ 0 }));
}

/* arg: PRIO_*. */
static long set_priority(long n, long arg)
{
	return result(setpriority(arg, n, 4));
}

static long get_priority(long n, long arg)
{
	return result(syscall(SYS_getpriority, arg, n));
}

/* arg: IOPRIO_WHO_*. */
static long set_ioprio(long n, long arg)
{
	return result(syscall(SYS_ioprio_set, arg, n, IO_VALUE));
}

static long get_ioprio(long n, long arg)
{
	return result(syscall(SYS_ioprio_get, arg, n)) < 0 ? -errno : 0;
}

/* Names an owner for a socket and has the kernel signal it. arg: F_OWNER_*, or -1. */
static long by_sigio(long n, long arg)
{
	struct f_owner_ex owner = { .type = arg, .pid = n };
	int pair[2];
	long err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	err = result(arg < 0 ? syscall(SYS_fcntl, pair[0], F_SETOWN, -n) :
			       fcntl(pair[0], F_SETOWN_EX, &owner));
	if (!err && (fcntl(pair[0], F_SETSIG, ATTACK_SIGNAL) ||
		     fcntl(pair[0], F_SETFL, O_ASYNC) ||
		     write(pair[1], "x", 1) != 1))
		err = -errno;
	/* The end with O_ASYNC goes first, so that no hang-up is signalled. */
	close(pair[0]);
	close(pair[1]);
	return err;
}

static long by_ptrace(long n, long arg __maybe_unused)
{
	if (ptrace(PTRACE_SEIZE, n, 0, 0))
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, n, 0, 0) || waitpid(n, NULL, __WALL) != n)
		return -errno;
	return result(ptrace(PTRACE_DETACH, n, 0, 0));
}

/* arg: the name of a file in /proc/N, after the flags of open() as a digit. */
static long by_proc(long n, long arg)
{
	const char *name = (const char *)arg;
	char path[64], byte;
	int fd;
	long err;

	snprintf(path, sizeof(path), "/proc/%ld/%s", n, name + 1);
	fd = open(path, (*name - '0') | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* The memory at address 0 is not mapped: EIO for all who may read it. */
	err = *name == '0' ? result(read(fd, &byte, 1)) : 0;
	close(fd);
	return err;
}

static long by_vm_read(long n, long arg __maybe_unused)
{
	static char there;
	char here;
	struct iovec to = { &here, 1 }, from = { &there, 1 };

	return result(process_vm_readv(n, &to, 1, &from, 1, 0));
}

static long by_getfd(long n, long arg __maybe_unused)
{
	int pidfd = ns__pidfd(n, 0);
	long fd;

	if (pidfd < 0)
		return pidfd;
	fd = result(syscall(SYS_pidfd_getfd, pidfd, 1, 0));
	close(pidfd);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static long by_prlimit(long n, long arg __maybe_unused)
{
	const struct rlimit limit = { 4096, 4096 };

	return result(prlimit(n, RLIMIT_CORE, &limit, NULL));
}

static long by_affinity(long n, long arg __maybe_unused)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return result(sched_setaffinity(n, sizeof(set), &set));
}

static long by_kcmp(long n, long arg __maybe_unused)
{
	return result(syscall(SYS_kcmp, n, n, KCMP_VM, 0, 0));
}

static long by_wait(long n, long arg)
{
	return result(waitpid(n * arg, NULL, WNOHANG));
}

static long by_setpgid(long n, long arg)
{
	return result(arg ? setpgid(0, n) : setpgid(n, n));
}

/* A forked child leads a session with a pty, and puts the group in front. */
static long put_in_front(pid_t group)
{
	int slave, master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (setsid() < 0 || master < 0 || unlockpt(master))
		return -errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		return -errno;
	return result(ioctl(slave, TIOCSPGRP, &group));
}

static long by_terminal(long n, long arg __maybe_unused)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(-put_in_front(n));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return -WEXITSTATUS(status);
}

#define SIGNAL_GROUP (1UL << 2)		/* PIDFD_SIGNAL_PROCESS_GROUP */

#define PROC(name_) { ON_PROCESS, "/proc/N/" name_, by_proc, (long)("0" name_) }
#define PROC_WRITE(name_) \
	{ ON_PROCESS, "writing /proc/N/" name_, by_proc, (long)("1" name_) }

const struct attack attacks[] = {
	{ ON_PROCESS, "kill(N)", by_kill, 1 },
	{ ON_GROUP, "kill(-N)", by_kill, -1 },
	{ ON_PROCESS, "tgkill(N)", by_tgkill, 0 },
	{ ON_PROCESS, "sigqueue(N)", by_sigqueue, 0 },
	{ ON_PROCESS, "pidfd_send_signal()", by_pidfd, 0 },
	{ ON_GROUP, "pidfd_send_signal() to the group", by_pidfd, SIGNAL_GROUP },
	{ ON_PROCESS, "setpriority(PRIO_PROCESS)", set_priority, PRIO_PROCESS },
	{ ON_GROUP, "setpriority(PRIO_PGRP)", set_priority, PRIO_PGRP },
	{ ON_GROUP, "getpriority(PRIO_PGRP)", get_priority, PRIO_PGRP },
	{ ON_PROCESS, "ioprio_set() of the process", set_ioprio, IO_PROCESS },
	{ ON_GROUP, "ioprio_set() of the group", set_ioprio, IO_GROUP },
	{ ON_GROUP, "ioprio_get() of the group", get_ioprio, IO_GROUP },
	{ ON_PROCESS, "F_SETOWN_EX of a thread", by_sigio, F_OWNER_TID },
	{ ON_PROCESS, "F_SETOWN_EX of a process", by_sigio, F_OWNER_PID },
	{ ON_OWNER, "F_SETOWN_EX of a group", by_sigio, F_OWNER_PGRP },
	{ ON_OWNER, "F_SETOWN(-N)", by_sigio, -1 },
	{ ON_PROCESS, "ptrace()", by_ptrace, 0 },
	{ ON_PROCESS, "process_vm_readv()", by_vm_read, 0 },
	{ ON_PROCESS, "pidfd_getfd()", by_getfd, 0 },
	{ ON_PROCESS, "prlimit()", by_prlimit, 0 },
	{ ON_PROCESS, "sched_setaffinity()", by_affinity, 0 },
	{ ON_PROCESS, "kcmp()", by_kcmp, 0 },
	{ ON_PROCESS, "waitpid(N)", by_wait, 1 },
	{ ON_PROCESS, "waitpid(-N)", by_wait, -1 },
	{ ON_PROCESS, "setpgid(0, N)", by_setpgid, 1 },
	{ ON_PROCESS, "setpgid(N, N)", by_setpgid, 0 },
	{ ON_FRONT, "TIOCSPGRP", by_terminal, 0 },
	PROC("mem"), PROC("environ"), PROC("maps"), PROC("fd"), PROC("ns/mnt"),
	PROC("root"), PROC("cwd"), PROC("exe"), PROC("syscall"), PROC("stack"),
	PROC_WRITE("mem"), PROC_WRITE("oom_score_adj"), PROC_WRITE("clear_refs"),
	{ }
};
