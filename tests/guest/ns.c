// SPDX-License-Identifier: GPL-2.0-only
/*
 * Namespace helpers of the guest programs: clone, setns, waits with limits, and
 * a small container.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* include/uapi/linux/pidfd.h, 6.11; older headers do not have it. */
#ifndef PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE
#define PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE _IO(0xFF, 6)
#endif

/* A container's init that is not ready after this time is a failure. */
#define READY_LIMIT_MS ns__limit_ms(10000)

pid_t ns__clone(unsigned long long flags, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0),
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	pid = syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 ? -errno : pid;
}

int ns__pidfd(pid_t pid, unsigned int flags)
{
	int fd = syscall(SYS_pidfd_open, pid, flags);

	return fd < 0 ? -errno : fd;
}

int ns__open(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int ns__set(int fd, int flags)
{
	return syscall(SYS_setns, fd, flags) ? -errno : 0;
}

int ns__inum(int fd, ino_t *inum)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*inum = st.st_ino;
	return 0;
}

long ns__id(pid_t pid, const char *name)
{
	ino_t inum = 0;
	int fd, err;

	fd = ns__open(pid, name);
	if (fd < 0)
		return fd;
	err = ns__inum(fd, &inum);
	close(fd);
	return err ? err : (long)inum;
}

int ns__of_children(int pidfd)
{
	int fd = ioctl(pidfd, PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, 0);

	return fd < 0 ? -errno : fd;
}

long file__get(const char *path)
{
	char text[32], *end;
	ssize_t n;
	long value;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	value = strtol(text, &end, 10);
	return end == text ? -EIO : value;
}

int file__set(const char *path, long value)
{
	char text[32];
	int fd, len, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%ld\n", value);
	if (write(fd, text, len) != len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

int ns__knob_get(void)
{
	return file__get(NS_KNOB);
}

int ns__knob_set(int value)
{
	return file__set(NS_KNOB, value);
}

int ns__numbers(const char *proc, const char *pid, const char *key,
		struct ns_numbers *out)
{
	size_t key_len = strlen(key);
	char path[256], line[512];
	char *at, *end;
	int err = 0;
	FILE *f;

	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "%s/%s/status", proc, pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	errno = 0;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, key_len) || line[key_len] != ':')
			continue;
		for (at = line + key_len + 1; out->nr < NS_MAX_LEVELS;
		     at = end) {
			long n = strtol(at, &end, 10);

			if (end == at)
				break;
			out->number[out->nr++] = n;
		}
		break;
	}
	if (!out->nr)
		err = errno ? -errno : -ENOENT;
	fclose(f);
	return err;
}

/* Returns this kernel's slowdown: $SLOWER, set by the runner, at least 1. */
static double slower_kernel(void)
{
	static double slower;

	if (!slower) {
		const char *env = getenv("SLOWER");

		slower = env ? strtod(env, NULL) : 1;
		if (slower < 1)
			slower = 1;
	}
	return slower;
}

int ns__limit_ms(int ms)
{
	return (int)(ms * slower_kernel());
}

long ns__now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

int ns__poll(int fd, short events, int limit_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	long end = ns__now_ms() + limit_ms;
	int n;

	for (;;) {
		n = poll(&p, 1, limit_ms);
		if (n > 0)
			return p.revents;
		if (!n)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
		limit_ms = end - ns__now_ms();
		if (limit_ms < 0)
			limit_ms = 0;
	}
}

int ns__wait_dead(int pidfd, int limit_ms)
{
	int got = ns__poll(pidfd, POLLIN, limit_ms);

	return got < 0 ? got : 0;
}

int ns__own_proc(void)
{
	if (unshare(CLONE_NEWNS))
		return -errno;
	/* MS_PRIVATE keeps the new mount from covering the host's /proc as well. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (mount("proc", "/proc", "proc", 0, NULL))
		return -errno;
	return 0;
}

static int write_file(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		err = -errno;
	close(fd);
	return err;
}

/* Maps root of the calling task's new user namespace to its creator. */
static int map_root(uid_t uid, gid_t gid)
{
	char map[32];
	int err;

	snprintf(map, sizeof(map), "0 %u 1\n", uid);
	err = write_file("/proc/self/uid_map", map);
	if (!err)
		err = write_file("/proc/self/setgroups", "deny\n");
	snprintf(map, sizeof(map), "0 %u 1\n", gid);
	if (!err)
		err = write_file("/proc/self/gid_map", map);
	return err;
}

void container__idle(int hold)
{
	struct pollfd p = { .fd = hold, .events = POLLIN };

	/* The kernel reaps all children of this init. */
	signal(SIGCHLD, SIG_IGN);
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void container__init(unsigned int flags, int ready, int hold,
			    uid_t uid, gid_t gid) __attribute__((noreturn));

static void container__init(unsigned int flags, int ready, int hold,
			    uid_t uid, gid_t gid)
{
	int err = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (flags & CONTAINER_USER)
		err = map_root(uid, gid);
	if (!err && (flags & CONTAINER_PROC))
		err = ns__own_proc();
	if (write(ready, &err, sizeof(err)) != sizeof(err) || err)
		_exit(1);
	close(ready);
	container__idle(hold);
}

int container__create(struct container *c, unsigned int flags)
{
	int ready[2] = { -1, -1 }, hold[2] = { -1, -1 };
	unsigned long long clone = CLONE_NEWPID;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int err, said;

	memset(c, 0, sizeof(*c));
	c->pidfd = c->nsfd = c->hold = -1;
	if (flags & CONTAINER_USER)
		clone |= CLONE_NEWUSER;
	if (flags & CONTAINER_NET)
		clone |= CLONE_NEWNET;

	if (pipe2(ready, O_CLOEXEC) || pipe2(hold, O_CLOEXEC)) {
		err = -errno;
		goto out;
	}
	c->init = ns__clone(clone, &c->pidfd);
	if (c->init < 0) {
		err = c->init;
		c->init = 0;
		goto out;
	}
	if (!c->init) {
		close(ready[0]);
		close(hold[1]);
		container__init(flags, ready[1], hold[0], uid, gid);
	}
	close(ready[1]);
	ready[1] = -1;
	c->hold = hold[1];
	hold[1] = -1;

	err = ns__poll(ready[0], POLLIN, READY_LIMIT_MS);
	if (err < 0)
		goto out;
	err = -ECHILD;		/* no answer: the init died */
	if (read(ready[0], &said, sizeof(said)) == sizeof(said))
		err = said;
	if (err)
		goto out;
	c->nsfd = ns__open(c->init, "pid");
	if (c->nsfd < 0)
		err = c->nsfd;
out:
	for (int i = 0; i < 2; i++) {
		if (ready[i] >= 0)
			close(ready[i]);
		if (hold[i] >= 0)
			close(hold[i]);
	}
	if (err)
		container__destroy(c);
	return err;
}

void container__destroy(struct container *c)
{
	if (c->init > 0) {
		kill(c->init, SIGKILL);
		while (waitpid(c->init, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (c->pidfd >= 0)
		close(c->pidfd);
	if (c->nsfd >= 0)
		close(c->nsfd);
	if (c->hold >= 0)
		close(c->hold);
	memset(c, 0, sizeof(*c));
	c->pidfd = c->nsfd = c->hold = -1;
}
