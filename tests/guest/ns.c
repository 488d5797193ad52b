// SPDX-License-Identifier: GPL-2.0-only
/* Namespace helpers of the guest programs: clone, setns, and waits with limits. */
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* include/uapi/linux/pidfd.h, 6.11; older headers do not have it. */
#ifndef PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE
#define PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE _IO(0xFF, 6)
#endif

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
