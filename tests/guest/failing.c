// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls fork, vfork, clone, clone3, unshare and setns so that they fail, each for another
 * reason, and prints the lines that `pidnstrace trace -Z' has to show for them, without
 * the time and the task. Nothing else that the program does fails.
 *
 * Needs root, a /proc and a /tmp of its own, and the initial pid namespace. Changes some
 * sysctls, and restores them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sched.h>

#include "lib/array.h"
#include "ns.h"

/* A user without other processes. */
#define USER 4001

#define DEEPEST 32
/* The kernel's limit of pid_max, which is lower by default. */
#define PID_MAX_LIMIT (4 * 1024 * 1024)
#define THREADS_MAX "/proc/sys/kernel/threads-max"

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* Ends the program if a call that has to fail did not, or with another error. */
static void failed(const char *what, long result, int error)
{
	if (result >= 0)
		errx(1, "%s: did not fail", what);
	if (errno != error)
		err(1, "%s: not %s", what, strerrorname_np(error));
}

static void must(const char *what, long result)
{
	if (result < 0)
		errx(1, "%s: %s", what, strerror((int)-result));
}

static long own(const char *ns)
{
	return ns__id(0, ns);
}

/* Calls clone3(); a child that is made all the same exits. */
static long try_clone3(const struct clone_args *args, size_t size)
{
	long pid = syscall(SYS_clone3, args, size);

	if (!pid)
		_exit(0);
	return pid;
}

static long try_clone(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0);

	if (!pid)
		_exit(0);
	return pid;
}

static long try_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid;
}

static void become(uid_t uid)
{
	must("setresuid", syscall(SYS_setresuid, uid, uid, uid) ? -errno : 0);
}

/* --- the init of the namespace for children ------------------------------- */

/* Makes a pid namespace for children. Returns its init, which sleeps. */
static pid_t make_pid_ns(long *ns)
{
	pid_t pid;

	must("unshare", unshare(CLONE_NEWPID) ? -errno : 0);
	pid = fork();
	if (!pid)
		pause();
	*ns = ns__id(0, "pid_for_children");
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void dead_init(void)
{
	pid_t pid;
	long ns;

	end(make_pid_ns(&ns));
	failed("fork", try_fork(), ENOMEM);
	say("fork = -1 ENOMEM, the init of pid:[%ld] is dead", ns);
	pid = vfork();
	failed("vfork", pid, ENOMEM);
	say("vfork = -1 ENOMEM, the init of pid:[%ld] is dead", ns);
}

static void second_pid_ns(void)
{
	long ns;
	pid_t pid = make_pid_ns(&ns);

	failed("unshare", unshare(CLONE_NEWPID), EINVAL);
	say("unshare(CLONE_NEWPID) = -1 EINVAL, its children are born in pid:[%ld] already",
	    ns);
	end(pid);
}

static void sibling_of_init(void)
{
	pid_t pid = ns__clone(CLONE_NEWPID, NULL);

	if (!pid) {
		failed("clone", try_clone(CLONE_PARENT | SIGCHLD), EINVAL);
		say("clone(flags=CLONE_PARENT|SIGCHLD) = -1 EINVAL, an init cannot have siblings");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* --- flags ---------------------------------------------------------------- */

static void flags(void)
{
	const struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_FS, .exit_signal = SIGCHLD,
	};

	failed("clone", try_clone(CLONE_THREAD | CLONE_VM), EINVAL);
	say("clone(flags=CLONE_VM|CLONE_THREAD) = -1 EINVAL, CLONE_THREAD needs CLONE_SIGHAND");
	failed("clone3", try_clone3(&args, sizeof(args)), EINVAL);
	say("clone3({flags=CLONE_FS|CLONE_NEWNS, exit_signal=SIGCHLD}) = -1 EINVAL, CLONE_NEWNS excludes CLONE_FS");
}

static void arguments(void)
{
	const struct {
		struct clone_args args;
		uint64_t more[2];
	} large = { .args.exit_signal = SIGCHLD, .more = { 0, 1 } };
	const struct clone_args wrong = { .exit_signal = 65 };

	failed("clone3", try_clone3(&large.args, sizeof(large)), E2BIG);
	say("clone3({flags=0, exit_signal=SIGCHLD}) = -1 E2BIG, the arguments have fields that this kernel does not know");
	failed("clone3", try_clone3(&large.args, CLONE_ARGS_SIZE_VER0 - 1), EINVAL);
	say("clone3({flags=0, exit_signal=SIGCHLD}) = -1 EINVAL, the size of the arguments, 63, is less than 64");
	failed("clone3", try_clone3((void *)8, sizeof(wrong)), EFAULT);
	say("clone3(?) = -1 EFAULT, the arguments cannot be read");
	failed("clone3", try_clone3(&wrong, sizeof(wrong)), EINVAL);
	say("clone3({flags=0, exit_signal=65}) = -1 EINVAL, 65 is not a signal");
}

static void *idle(void *arg)
{
	pause();
	return arg;
}

static void threads(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, idle, NULL))
		errx(1, "no thread");
	failed("unshare", unshare(CLONE_NEWUSER), EINVAL);
	say("unshare(CLONE_NEWUSER) = -1 EINVAL, it has 2 threads");
}

/* --- set_tid -------------------------------------------------------------- */

#define SET_TID(tids, n) { .exit_signal = SIGCHLD, \
	.set_tid = (uintptr_t)(tids), .set_tid_size = (n) }
#define SAY_TID "clone3({flags=0, exit_signal=SIGCHLD, set_tid=[%d]}) = -1 "

static void fail_tid(pid_t tid, int error)
{
	const struct clone_args args = SET_TID(&tid, 1);

	failed("clone3", try_clone3(&args, sizeof(args)), error);
}

static void numbers(void)
{
	const pid_t two[] = { 5, 6 };
	const struct clone_args args = SET_TID(two, 2), nowhere = SET_TID(8, 1);
	pid_t me = getpid();

	fail_tid(me, EEXIST);
	say(SAY_TID "EEXIST, %d in pid:[%ld] is taken by failing[%d]", me, me,
	    own("pid"), me);
	fail_tid(PID_MAX_LIMIT - 1, EINVAL);
	say(SAY_TID "EINVAL, %d is not a number of pid:[%ld]", PID_MAX_LIMIT - 1,
	    PID_MAX_LIMIT - 1, own("pid"));
	failed("clone3", try_clone3(&nowhere, sizeof(nowhere)), EFAULT);
	say("clone3({flags=0, exit_signal=SIGCHLD, set_tid=?}) = -1 EFAULT, the numbers of set_tid cannot be read");
	fail_tid(0, EINVAL);
	say(SAY_TID "EINVAL, 0 is not a number of pid:[%ld]", 0, own("pid"));
	failed("clone3", try_clone3(&args, sizeof(args)), EINVAL);
	say("clone3({flags=0, exit_signal=SIGCHLD, set_tid=[5, 6]}) = -1 EINVAL, set_tid has 2 numbers for 1 levels");
	become(USER);
	fail_tid(me, EPERM);
	say(SAY_TID "EPERM, neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN in the user namespace of pid:[%ld]",
	    me, own("pid"));
}

/* The number of the caller in the outer namespace is taken, and the inner one free. */
static void outer_number(void)
{
	pid_t outer = getpid(), pid = ns__clone(CLONE_NEWPID, NULL);
	const pid_t two[] = { 7, outer };
	const struct clone_args args = SET_TID(two, 2);

	if (!pid) {
		failed("clone3", try_clone3(&args, sizeof(args)), EEXIST);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say("clone3({flags=0, exit_signal=SIGCHLD, set_tid=[7, %d]}) = -1 EEXIST, %d in pid:[%ld] is taken by failing[%d]",
	    outer, outer, own("pid"), outer);
}

/* --- capabilities --------------------------------------------------------- */

static void no_admin(void)
{
	become(USER);
	failed("unshare", unshare(CLONE_NEWPID), EPERM);
	say("unshare(CLONE_NEWPID) = -1 EPERM, no CAP_SYS_ADMIN in its own user namespace");
	failed("clone", try_clone(CLONE_NEWPID | SIGCHLD), EPERM);
	say("clone(flags=CLONE_NEWPID|SIGCHLD) = -1 EPERM, no CAP_SYS_ADMIN in its own user namespace");
}

/* --- limits --------------------------------------------------------------- */

static void rlimit(void)
{
	const struct rlimit one = { 1, 1 };

	must("setrlimit", setrlimit(RLIMIT_NPROC, &one) ? -errno : 0);
	become(USER);
	failed("fork", try_fork(), EAGAIN);
	say("fork = -1 EAGAIN, RLIMIT_NPROC is reached: user %d has 1 of 1 processes",
	    USER);
}

static long write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	long error = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

#define CGROUPS "/tmp/failing-cgroups"

static void cgroup(void)
{
	mkdir(CGROUPS, 0700);
	must("cgroup2", mount("none", CGROUPS, "cgroup2", 0, NULL) ? -errno : 0);
	must("pids", write_file(CGROUPS "/cgroup.subtree_control", "+pids"));
	mkdir(CGROUPS "/one", 0700);
	mkdir(CGROUPS "/one/below", 0700);
	must("pids.max", write_file(CGROUPS "/one/pids.max", "1"));
	must("cgroup.procs", write_file(CGROUPS "/one/below/cgroup.procs", "0"));
	failed("fork", try_fork(), EAGAIN);
	say("fork = -1 EAGAIN, pids.max of its cgroup is reached: 1 of 1");
	must("cgroup.procs", write_file(CGROUPS "/cgroup.procs", "0"));
	rmdir(CGROUPS "/one/below");
	rmdir(CGROUPS "/one");
	umount(CGROUPS);
	rmdir(CGROUPS);
}

static void set_to(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	must(path, write_file(path, text));
}

static long value_of(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		err(1, "%s", path);
	close(fd);
	return atol(text);
}

/* The kernel has more threads than the least value that the sysctl takes. */
static void threads_max(void)
{
	long max = value_of(THREADS_MAX);

	set_to(THREADS_MAX, 20);
	failed("fork", try_fork(), EAGAIN);
	set_to(THREADS_MAX, max);
	say("fork = -1 EAGAIN, kernel.threads-max is reached: N of 20");
}

/*
 * With this pid_max, number 300 is the last one, and those below are not given again
 * after it.
 */
static void no_number(void)
{
	long max = value_of(PID_MAX);
	pid_t pid;

	set_to(LAST_PID, 400);
	set_to(PID_MAX, 301);
	pid = fork();
	if (!pid)
		pause();
	failed("fork", try_fork(), EAGAIN);
	set_to(PID_MAX, max);
	say("fork = -1 EAGAIN, no number is free in pid:[%ld]", own("pid"));
	end(pid);
}

static void max_pid_namespaces(void)
{
	const struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNS, .exit_signal = SIGCHLD,
	};
	long max = value_of(MAX_PID_NS);

	set_to(MAX_PID_NS, 0);
	failed("unshare", unshare(CLONE_NEWPID), ENOSPC);
	failed("clone3", try_clone3(&args, sizeof(args)), ENOSPC);
	set_to(MAX_PID_NS, max);
	say("unshare(CLONE_NEWPID) = -1 ENOSPC, user.max_pid_namespaces is reached");
	say("clone3({flags=CLONE_NEWNS|CLONE_NEWPID, exit_signal=SIGCHLD}) = -1 ENOSPC, user.max_pid_namespaces is reached");
}

static void descend(int level)
{
	pid_t pid;

	if (level == DEEPEST) {
		failed("unshare", unshare(CLONE_NEWPID), ENOSPC);
		failed("clone", try_clone(CLONE_NEWPID | SIGCHLD), ENOSPC);
		return;
	}
	pid = ns__clone(CLONE_NEWPID, NULL);
	if (!pid) {
		descend(level + 1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void depth(void)
{
	descend(0);
	say("unshare(CLONE_NEWPID) = -1 ENOSPC, level 33 is too deep: the deepest is 32");
	say("clone(flags=CLONE_NEWPID|SIGCHLD) = -1 ENOSPC, level 33 is too deep: the deepest is 32");
}

/* --- setns ---------------------------------------------------------------- */

static int open_ns(pid_t pid, const char *name)
{
	int fd = ns__open(pid, name);

	must(name, fd);
	return fd;
}

static void fail_setns(int fd, int flag, int error)
{
	int got = ns__set(fd, flag);

	errno = -got;
	failed("setns", got, error);
}

static void not_below(void)
{
	int fd = open_ns(0, "pid");
	long outer = own("pid");
	pid_t pid = ns__clone(CLONE_NEWPID, NULL);

	if (!pid) {
		fail_setns(fd, CLONE_NEWPID, EINVAL);
		say("setns(%d pid:[%ld], CLONE_NEWPID) = -1 EINVAL, pid:[%ld] is not below pid:[%ld], where it lives",
		    fd, outer, outer, own("pid"));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void other_kinds(void)
{
	int fd = open_ns(0, "mnt"), own_pid = open_ns(0, "pid");

	fail_setns(fd, CLONE_NEWPID, EINVAL);
	say("setns(%d mnt:[%ld], CLONE_NEWPID) = -1 EINVAL, the file is a mnt namespace",
	    fd, own("mnt"));
	become(USER);
	fail_setns(own_pid, CLONE_NEWPID, EPERM);
	say("setns(%d pid:[%ld], CLONE_NEWPID) = -1 EPERM, no CAP_SYS_ADMIN in the user namespace of pid:[%ld]",
	    own_pid, own("pid"), own("pid"));
}

static void (*const parts[])(void) = {
	dead_init, second_pid_ns, sibling_of_init, flags, arguments, threads,
	numbers, outer_number, no_admin, rlimit, cgroup, threads_max, no_number,
	max_pid_namespaces, depth, not_below, other_kinds,
};

int main(void)
{
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		pid_t pid = ns__clone(0, NULL);

		if (!pid) {
			parts[i]();
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			errx(1, "part %zu failed", i);
	}
}
