// SPDX-License-Identifier: GPL-2.0-only
/*
 * pidfds across a join that keeps the struct pid: one from before goes on naming the
 * caller, and shows its new number.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* PIDFD_GET_PID_NAMESPACE of include/uapi/linux/pidfd.h, 6.11 and newer. */
#define GET_PID_NAMESPACE _IO(0xFF, 5)

/* Reads line @key of the fdinfo of @fd into memory that the case shares. */
static long read_fdinfo(long fd, long numbers)
{
	char path[64], text[1024];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%ld", fd);
	n = file__read(path, text, sizeof(text));
	return n < 0 ? n : ns__parse(text, "NSpid", (struct ns_numbers *)numbers);
}

static void check_fdinfo(const char *what, const struct actor *reader, long fd,
			 pid_t first, pid_t second)
{
	struct ns_numbers *n = shared__alloc(sizeof(*n));

	check__err(what, reader ? actor__call(reader, read_fdinfo, fd, (long)n) :
				  read_fdinfo(fd, (long)n), 0);
	check__eq("levels in fdinfo", n->nr, second ? 2 : 1);
	check__eq("the first number there", n->number[0], first);
	if (second)
		check__eq("the second number there", n->number[1], second);
}

static void from_before(void)
{
	struct kept k = kept__start(NULL);
	const int pidfd = k.s.caller.pidfd;

	check_fdinfo("fdinfo before", NULL, pidfd, k.pid, 0);
	kept__finish(&k);
	check__err("it is silent", ns__poll(pidfd, POLLIN, 0), -ETIMEDOUT);
	check__err("a signal through it", op_pidfd_signal(pidfd, 0), 0);
	check__eq("waitid() on it, WNOHANG", op_wait_pidfd(pidfd, WNOHANG), 0);
	check_fdinfo("fdinfo outside", NULL, pidfd, k.pid, k.inner);
	actor__exit(&k.s.caller, 0);
	check__err("it reports the exit", ns__wait_dead(pidfd, run__patience()), 0);
	check__eq("waitid() on it", op_wait_pidfd(pidfd, 0), k.pid);
}

static long open_pidfd(long pid, long b __maybe_unused)
{
	return ns__pidfd(pid, 0);
}

static long inode_of(long fd, long b __maybe_unused)
{
	struct stat st;

	return fstat(fd, &st) ? -errno : (long)st.st_ino;
}

static void inside(void)
{
	struct kept k = kept__make();
	const long given = actor__give(&k.s.init, k.s.caller.pidfd);
	long opened = check__must("pidfd_open() by the target's init",
				  actor__call(&k.s.init, open_pidfd, k.inner, 0));

	check_fdinfo("fdinfo of one from outside", &k.s.init, given, k.inner, 0);
	check_fdinfo("fdinfo of one from inside", &k.s.init, opened, k.inner, 0);
	check__eq("both have one inode",
		  actor__call(&k.s.init, inode_of, opened, 0),
		  inode_of(k.s.caller.pidfd, 0));
	check__must("block", actor__call(&k.s.caller, op_block, SIGUSR1, 0));
	check__err("a signal from inside through the one from outside",
		   actor__call(&k.s.init, op_pidfd_signal, given, SIGUSR1), 0);
	check__eq("reaches the caller",
		  actor__call(&k.s.caller, op_pending, SIGUSR1, 0), 1);
	check__err("one from inside is silent",
		   actor__call(&k.s.init, op_poll, opened, 0), -ETIMEDOUT);
}

/* A reader with a /proc of an unrelated namespace. */
static void elsewhere(void)
{
	struct actor third = actor__spawn("init of a third pid ns", NULL,
					  CLONE_NEWPID);
	struct kept k = kept__make();

	check__must("own /proc", actor__run(&third, op_own_proc));
	check_fdinfo("fdinfo elsewhere", &third,
		     actor__give(&third, k.s.caller.pidfd), 0, 0);
}

static void poller_sleeps_on(void)
{
	struct actor watcher = actor__spawn("watcher", NULL, 0);
	struct kept k = kept__start(NULL);
	long number = actor__give(&watcher, k.s.caller.pidfd);

	/* The second poll ends by itself at the limit. */
	actor__ask(&watcher, op_poll, number, -1);
	actor__wait_asleep(&watcher);
	kept__finish(&k);
	check__true("a poll from before sleeps on",
		    actor__pending(&watcher, 100));
	check__eq("it is asleep", ns__state(watcher.pid), 'S');
	actor__exit(&k.s.caller, 0);
	check__true("it is woken by the exit", actor__answer(&watcher) & POLLIN);
}

/* The ioctl names the namespace in which the process lives. */
static void names_the_target(void)
{
	struct kept k = kept__make();
	struct stat st;
	int fd = ioctl(k.s.caller.pidfd, GET_PID_NAMESPACE, 0);

	if (fd < 0)
		check__skip("no PIDFD_GET_PID_NAMESPACE: %m");
	check__must("fstat", fstat(fd, &st) ? -errno : 0);
	check__eq("its pid ns", st.st_ino, ns__id(k.s.init.pid, "pid"));
	close(fd);
	fd = check__must("pid ns of its children",
			 ns__of_children(k.s.caller.pidfd));
	check__must("fstat", fstat(fd, &st) ? -errno : 0);
	check__eq("that of its children", st.st_ino,
		  ns__id(k.s.init.pid, "pid"));
	close(fd);
}

/* setns() takes the caller's pidfd as the target by which another task joins. */
static void leads_others_in(void)
{
	struct actor other = actor__spawn("another caller", NULL, 0);
	struct kept k = kept__make();
	struct ns_numbers was = joined__numbers(NULL, other.pid, "NSpid");

	check__err("setns() with the pidfd of one that has joined",
		   scene__enter(&other, k.s.caller.pidfd, CLONE_NEWPID), 0);
	check__eq("getpid()", actor__run(&other, op_getpid),
		  kept__check_numbers(other.pid, &was));
	check__eq("its pid ns", ns__id(other.pid, "pid"),
		  ns__id(k.s.init.pid, "pid"));
}

#define PIDFD(name, fn) KEEP("pidfd: " name, fn)

static const struct test_case cases[] = {
	PIDFD("one from before is silent, signals, waits, and shows both numbers",
	      from_before),
	PIDFD("inside, one of either side names the caller", inside),
	PIDFD("a third pid ns reads no number", elsewhere),
	PIDFD("a poll from before is not woken", poller_sleeps_on),
	PIDFD("it names the target as the caller's pid ns", names_the_target),
	PIDFD("setns() with the caller's pidfd joins the target", leads_others_in),
};

PROGRAM_PART(keep_pidfd__add, cases)
