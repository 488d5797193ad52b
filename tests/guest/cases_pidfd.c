// SPDX-License-Identifier: GPL-2.0-only
/*
 * Features of pidfds in later kernels that a join has to support: the
 * information about an exit, and children that are killed when a pidfd is
 * closed. On a kernel without a feature, the cases check that the feature is
 * absent.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "joined.h"
#include "ns.h"

/* include/uapi/linux/pidfd.h and sched.h; libc's headers are older. */
struct info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};

#define INFO_EXIT (1U << 3)
#define GET_INFO _IOWR(0xFF, 11, struct info)
#define AUTOREAP (1ULL << 34)
#define AUTOKILL (1ULL << 36)

/* Requests the information about an exit. Returns 0 or a negative errno. */
static int ask(int pidfd, struct info *info)
{
	*info = (struct info){ .mask = INFO_EXIT };
	return ioctl(pidfd, GET_INFO, info) ? -errno : 0;
}

/* The same for a process that has exited and is reaped. */
static int ask_of_dead(struct info *info)
{
	int pidfd, err;
	pid_t pid;

	pid = check__must("fork", ns__clone(0, &pidfd));
	if (!pid)
		_exit(0);
	if (waitpid(pid, NULL, 0) != pid)
		check__bail("cannot reap a child: %m");
	err = ask(pidfd, info);
	close(pidfd);
	return err;
}

static void tells_of_an_exit(void)
{
	struct info dead, old;
	struct joined j;
	int wanted;

	wanted = ask_of_dead(&dead);
	j = joined__make();
	check__err("PIDFD_GET_INFO", ask(j.s.caller.pidfd, &old), wanted);
	if (wanted)
		return;
	check__eq("the bits for an exit", old.mask & INFO_EXIT,
		  dead.mask & INFO_EXIT);
	check__eq("the exit code", old.exit_code, dead.exit_code);
}

/*
 * Forks a child, with @flags, that tries to join and writes its errno to @told.
 * Returns its pidfd or -errno.
 */
static int join_of_child(unsigned long long flags, int nsfd, int told)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD | flags,
		.pidfd = (uintptr_t)&pidfd,
	};
	unsigned char answer;
	pid_t pid;

	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (!pid) {
		setsid();
		answer = ns__set(nsfd, CLONE_NEWPID) ? errno : 0;
		_exit(write(told, &answer, 1) != 1);
	}
	return pidfd;
}

static void may_be_killed(void)
{
	struct actor target = actor__spawn("init of the target", NULL,
					   CLONE_NEWPID);
	int nsfd = check__must("target", ns__open(target.pid, "pid"));
	unsigned char answer;
	int fds[2], pidfd;

	if (pipe2(fds, O_CLOEXEC))
		check__bail("pipe: %m");
	pidfd = join_of_child(AUTOREAP | AUTOKILL, nsfd, fds[1]);
	close(fds[1]);
	if (pidfd < 0) {
		check__err("clone3, where there are no such children", pidfd,
			   -EINVAL);
		return;
	}
	check__eq("what it has said", read(fds[0], &answer, 1), 1);
	check__err("setns", -answer, -EBUSY);
	close(fds[0]);
	close(pidfd);
	close(nsfd);
}

#define PIDFD(name, fn) CASE(WHERE_JOIN, "pidfd: " name, fn)

static const struct test_case cases[] = {
	PIDFD("one on the old number tells of an exit", tells_of_an_exit),
	PIDFD("a caller that its parent may kill by closing one: EBUSY",
	      may_be_killed),
};

PROGRAM_PART(cases_pidfd__add, cases)
