// SPDX-License-Identifier: GPL-2.0-only
/* Waits and preparations that several parts of the processes program need. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "ops.h"
#include "processes.h"

long await_child(pid_t pid, int options, int *status)
{
	const long end = ns__now_ms() + run__patience();
	pid_t got;

	/* waitpid() has no time limit, so poll. */
	for (;;) {
		got = waitpid(pid, status, options | WNOHANG);
		if (got > 0)
			return got;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (ns__now_ms() > end)
			return 0;
		poll(NULL, 0, 1);
	}
}

void check_end(const char *what, pid_t pid, int sig, int code)
{
	int status = 0;

	if (!check__eq(what, await_child(pid, __WALL, &status), pid))
		return;
	check__note("%s: status 0x%x", what, status);
	check__eq("the signal that ended it",
		  WIFSIGNALED(status) ? WTERMSIG(status) : 0, sig);
	if (!sig)
		check__eq("its exit code",
			  WIFEXITED(status) ? WEXITSTATUS(status) : -1, code);
}

bool check_event(const char *what, pid_t pid, int event)
{
	int status = 0;

	return check__eq(what, await_child(pid, __WALL, &status), pid) &&
	       check__eq("its event", status >> 8, SIGTRAP | event << 8);
}

bool check_signal_stop(const char *what, pid_t pid, int sig)
{
	int status = 0;

	return check__eq(what, await_child(pid, __WALL, &status), pid) &&
	       check__true("a stop", WIFSTOPPED(status)) &&
	       check__eq("the signal of the stop", status >> 8, sig);
}

void await_state(pid_t pid, char state)
{
	const long end = ns__now_ms() + run__patience();

	/* No event reports that a task changes its state, so poll. */
	while (ns__state(pid) != state) {
		if (ns__now_ms() > end)
			check__bail("%d does not get into state %c", pid, state);
		poll(NULL, 0, 1);
	}
}

/* Waits until a child can be reaped, which the threads of the child may delay. */
static long reap(long pid, long b __maybe_unused)
{
	int status;

	return await_child(pid, 0, &status);
}

long reap_by(const struct actor *parent, const struct actor *x)
{
	struct ns_numbers self, child;
	const pid_t pid = parent ? parent->pid : getpid();
	int i;

	/* The parent knows the child by the number at its own level. */
	check__must("NSpid", ns__numbers("/proc", x->pid, "NSpid", &child));
	check__must("NSpid", ns__numbers("/proc", pid, "NSpid", &self));
	i = self.nr - 1;
	return parent ? actor__call(parent, reap, child.number[i], 0) :
			reap(child.number[i], 0);
}

void lose_leader(const struct actor *x)
{
	check__must("a second thread", actor__run(x, actor__move));
	await_state(x->pid, 'Z');
}

void copy_program(const char *path, mode_t mode)
{
	struct stat st;
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out;

	if (in < 0 || fstat(in, &st))
		check__bail("/proc/self/exe: %m");
	mkdir("/tmp", 0755);
	unlink(path);
	out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (out < 0 || sendfile(out, in, NULL, st.st_size) != st.st_size ||
	    fchmod(out, mode))
		check__bail("%s: %m", path);
	close(in);
	close(out);
}

struct actor spawn_into(const struct actor *init, const struct actor *outer,
			const char *name)
{
	int nsfd = check__must("the pid ns", ns__open(init->pid, "pid"));
	long there = actor__give(outer, nsfd);

	close(nsfd);
	check__must("setns", actor__call(outer, op_setns, there, CLONE_NEWPID));
	actor__call(outer, op_close, there, 0);
	return actor__spawn(name, outer, 0);
}

static struct actor the_nursery;

void nursery__create(void)
{
	struct actor parent = actor__spawn("parent of the nursery", NULL, 0);

	/* The runner kills its children after each case, so this is none. */
	the_nursery = actor__spawn("the nursery", &parent, CLONE_NEWPID);
	actor__exit(&parent, 0);
	waitpid(parent.pid, NULL, 0);
}

const struct actor *nursery(void)
{
	return &the_nursery;
}

long op_map_user(long inside, long outside)
{
	char map[64];
	int err;

	snprintf(map, sizeof(map), "%ld %ld 1\n", inside, outside);
	err = file__write("/proc/self/setgroups", "deny");
	if (!err)
		err = file__write("/proc/self/uid_map", map);
	return err ? err : file__write("/proc/self/gid_map", map);
}

long op_unblock(long sig, long b __maybe_unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigprocmask(SIG_UNBLOCK, &set, NULL) ? -errno : 0;
}

long op_thread(long n, long b __maybe_unused)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *d;
	long tid = -ESRCH;

	/* The kernel lists the threads in the order of their creation. */
	while (dir && (d = readdir(dir))) {
		if (isdigit((unsigned char)*d->d_name) && !n--)
			tid = atol(d->d_name);
	}
	if (dir)
		closedir(dir);
	return tid;
}
