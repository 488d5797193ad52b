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

#include "beat.h"
#include "lib/array.h"

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

long ns__id(pid_t pid, const char *name)
{
	int fd = ns__open(pid, name);
	struct stat st;
	long id;

	if (fd < 0)
		return fd;
	id = fstat(fd, &st) ? -errno : (long)st.st_ino;
	close(fd);
	return id;
}

int ns__of_children(int pidfd)
{
	int fd = ioctl(pidfd, PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, 0);

	return fd < 0 ? -errno : fd;
}

ssize_t file__read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

int file__write(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

long file__get(const char *path)
{
	char text[32], *end;
	ssize_t n = file__read(path, text, sizeof(text));
	long value;

	if (n < 0)
		return n;
	value = strtol(text, &end, 10);
	return end == text ? -EIO : value;
}

int file__set(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld\n", value);
	return file__write(path, text);
}

long link__number(const char *path)
{
	char text[32];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return atol(text);
}

int ns__knob_get(void)
{
	return file__get(NS_KNOB);
}

int ns__knob_set(int value)
{
	return file__set(NS_KNOB, value);
}

int ns__parse(const char *status, const char *key, struct ns_numbers *out)
{
	char line[32], *end;
	const char *at;

	memset(out, 0, sizeof(*out));
	snprintf(line, sizeof(line), "\n%s:", key);
	at = strstr(status, line);
	if (!at)
		return -ENOENT;
	/* strtol() would skip newlines as well; the list ends with the line. */
	for (at += strlen(line); *at == '\t' || *at == ' '; at = end) {
		long n = strtol(at, &end, 10);

		if (end == at || out->nr == NS_MAX_LEVELS)
			break;
		out->number[out->nr++] = n;
	}
	return out->nr ? 0 : -ENOENT;
}

int ns__numbers(const char *proc, pid_t pid, const char *key,
		struct ns_numbers *out)
{
	char path[256], text[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%d/status", proc, pid);
	n = file__read(path, text, sizeof(text));
	return n < 0 ? n : ns__parse(text, key, out);
}

int ns__children(pid_t parent, pid_t child[], int max)
{
	char path[64], text[4096], *at = text, *end;
	ssize_t len;
	int nr = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	len = file__read(path, text, sizeof(text));
	if (len < 0)
		return len;
	for (; nr < max; nr++, at = end) {
		child[nr] = strtol(at, &end, 10);
		if (end == at)
			break;
	}
	return nr;
}

int ns__kill_children(void)
{
	pid_t child[512];
	int nr = ns__children(getpid(), child, ARRAY_SIZE(child));

	/*
	 * A literal port of the seed leaves a moved task without a thread group
	 * under its number, and only tkill() reaches such a task.
	 */
	for (int i = 0; i < nr; i++)
		if (kill(child[i], SIGKILL))
			syscall(SYS_tkill, child[i], SIGKILL);
	return nr;
}

char ns__state(pid_t pid)
{
	char path[32], text[256], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file__read(path, text, sizeof(text)) <= 0)
		return 0;
	at = strrchr(text, ')');
	return at && at[1] == ' ' ? at[2] : 0;
}

bool ns__init_waits(pid_t pid)
{
	char path[32], function[64];

	if (ns__state(pid) == 'I')
		return true;
	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	return file__read(path, function, sizeof(function)) > 0 &&
	       !strcmp(function, "zap_pid_ns_processes");
}

long ns__start_time(pid_t pid)
{
	char path[32], text[1024], *at;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	len = file__read(path, text, sizeof(text));
	if (len < 0)
		return len;
	at = strrchr(text, ')');
	/* Field 22; the state after the ')' is field 3. */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? atol(at) : -EIO;
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
	const long end = beat__now_ms() + limit_ms;

	for (;;) {
		int timeout_ms = limit_ms ? beat__timeout_ms(end) : 0;
		int n = poll(&p, 1, timeout_ms);

		if (n > 0)
			return p.revents;
		if (!n && !timeout_ms)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
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

/* --- signals --- */

void signal__block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void signal__unblock_all(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

struct timespec ns__timespec(long ms)
{
	return (struct timespec){
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L,
	};
}

int signal__await(int sig, long limit_ms, siginfo_t *info)
{
	const long end = beat__now_ms() + limit_ms;
	struct timespec timeout;
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, sig);
	do {
		timeout = ns__timespec(beat__timeout_ms(end));
		got = sigtimedwait(&set, info, &timeout);
	} while (got < 0 && errno == EAGAIN && beat__now_ms() < end);
	return got;
}
