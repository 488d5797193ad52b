// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repairs a container that has lost its network or its view of files: a task
 * from outside joins the container with the tools of the host. The container's
 * own init checks the result.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "purposes.h"
#include "tool.h"

/*
 * Sends a datagram from the init to itself over 127.0.0.1. Returns its size or
 * -errno.
 */
static long loopback(long a __maybe_unused, long b __maybe_unused)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(to);
	char text[8];
	long got = 0;
	int s;

	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	if (bind(s, (struct sockaddr *)&to, len) ||
	    getsockname(s, (struct sockaddr *)&to, &len) ||
	    sendto(s, "hello", 5, 0, (struct sockaddr *)&to, len) != 5)
		got = -errno;
	if (!got)
		got = ns__poll(s, POLLIN, ns__limit_ms(1000));
	if (got > 0)
		got = recv(s, text, sizeof(text), 0);
	close(s);
	return got;
}

/* Removes the init's /proc, and covers its /tmp. */
static long break_files(long a __maybe_unused, long b __maybe_unused)
{
	if (umount2("/proc", MNT_DETACH))
		return -errno;
	/* Twice: own_proc has mounted one proc over the other. */
	umount2("/proc", MNT_DETACH);
	if (mount("cover", "/tmp", "tmpfs", MS_RDONLY, NULL))
		return -errno;
	return 0;
}

static long proc_self(long a __maybe_unused, long b __maybe_unused)
{
	return link__number("/proc/self");
}

static long can_write_tmp(long a __maybe_unused, long b __maybe_unused)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* How the tools enter the container. */
static const struct entry {
	const char *tool[6];
	bool joins;		/* setns() moves the caller */
	bool renumbers;		/* and changes its number outside */
} leader = {
	{ TOOL_SETSID, TOOL_NSENTER, "-F", "-p", "-t" },
	.joins = true, .renumbers = true
}, outside = {
	{ TOOL_SETSID, TOOL_NSENTER, "-F", "-p", "-t" },
	.joins = false, .renumbers = false
}, foreground = {
	{ TOOL_NSENTER, "-p", "-t" }, .joins = true, .renumbers = false
}, foreground_no_fork = {
	{ TOOL_NSENTER, "-F", "-p", "-t" }, .joins = true, .renumbers = false
};

/* Runs "ENTRY INIT WHERE busybox COMMAND", which is expected to succeed. */
static void mend(const struct victim *v, const struct entry *entry,
		 const char *where, const char *const command[])
{
	const char *argv[24];
	size_t n = 0;
	pid_t before, after;
	int status = 0;

	while (entry->tool[n]) {
		argv[n] = entry->tool[n];
		n++;
	}
	argv[n++] = v->target;
	argv[n++] = where;
	argv[n++] = TOOL_BUSYBOX;
	while (*command && n < ARRAY_SIZE(argv) - 1)
		argv[n++] = *command++;
	argv[n] = NULL;
	before = tool__start(argv);
	after = tool__finish(-1, &status);
	if (entry->renumbers)
		check__ne("number of the mending task", after, before);
	else
		check__eq("number of the mending task", after, before);
	check__eq("its exit status", WIFEXITED(status) ? WEXITSTATUS(status) :
		  128 + WTERMSIG(status), 0);
}

static void network(const void *arg)
{
	struct victim v = victim__make(CLONE_NEWNET);

	/* ENETUNREACH or EADDRNOTAVAIL, depending on the kernel's configuration. */
	check__true("before: a datagram over lo fails",
		    actor__run(&v.init, loopback) < 0);
	mend(&v, arg, "-n", (const char *const[]){
	     "ip", "link", "set", "lo", "up", NULL });
	check__eq("after: a datagram over lo", actor__run(&v.init, loopback),
		  5);
}

static void files(const void *arg)
{
	struct victim v = victim__make(CLONE_NEWNS);
	const struct entry *entry = arg;
	long self;

	check__must("break", actor__run(&v.init, break_files));
	check__err("before: /proc/self", actor__run(&v.init, proc_self),
		   -ENOENT);
	check__err("before: a file in /tmp", actor__run(&v.init, can_write_tmp),
		   -EROFS);

	mend(&v, arg, "-m", (const char *const[]){
	     "umount", "/tmp", NULL });
	check__err("after: a file in /tmp", actor__run(&v.init, can_write_tmp),
		   0);

	/* A proc mount shows the pid namespace of the task that mounts it. */
	mend(&v, arg, "-m", (const char *const[]){
	     "mount", "-t", "proc", "proc", "/proc", NULL });
	self = actor__run(&v.init, proc_self);
	if (entry->joins)
		check__eq("after: /proc is the container's", self, 1);
	else
		check__eq("after: /proc is the host's", self, v.init.pid);
}

#define JOINED(name, fn) CASE_WITH(WHERE_MOVES, "repair: " name, fn, &leader)
#define KEPT(name, fn) \
	CASE_WITH(WHERE_KEEP, "repair: foreground: " name, fn, &foreground), \
	CASE_WITH(WHERE_KEEP, "repair: foreground, -F: " name, fn, \
		  &foreground_no_fork)
#define MAINLINE(name, fn) \
	CASE_WITH(WHERE_STAYS, "repair: mainline: " name, fn, &outside)

static const struct test_case cases[] = {
	JOINED("a dead loopback is brought up", network),
	JOINED("a lost /proc and a covered /tmp are restored", files),
	KEPT("a dead loopback is brought up", network),
	KEPT("a lost /proc and a covered /tmp are restored", files),
	MAINLINE("the loopback is brought up from outside", network),
	MAINLINE("a /proc mounted from outside is the host's", files),
};

PROGRAM_PART(purpose_repair__add, cases)
