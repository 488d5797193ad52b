// SPDX-License-Identifier: GPL-2.0-only
/* A pid namespace whose init dies, and what must be true afterwards. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

struct target target__make(void)
{
	struct target t = { .proc = -1 };
	char path[64];

	t.owner = actor__spawn("owner", NULL, 0);
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&t.owner, op_unshare, CLONE_NEWUSER, 0));
	check__must(MAX_PID_NS, actor__call(&t.owner, op_limit_pid_ns, 1, 0));
	t.init = actor__spawn("init", &t.owner, CLONE_NEWPID);
	t.last = t.init.pid;
	check__must("own /proc", actor__run(&t.init, op_own_proc));
	t.nsfd = check__must("pid namespace", ns__open(t.init.pid, "pid"));
	snprintf(path, sizeof(path), "/proc/%d/root/proc", t.init.pid);
	t.proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t.proc < 0)
		check__bail("%s: %s", path, strerror(errno));
	return t;
}

void target__enter(const struct target *t, const struct actor *x)
{
	long fd = actor__give(x, t->nsfd);

	check__must("setns", actor__call(x, op_setns, fd, CLONE_NEWPID));
	check__must("close", actor__call(x, op_close, fd, 0));
}

long target_exit_thread(long a __maybe_unused, long b __maybe_unused)
{
	syscall(SYS_exit, 0);
	return -EIO;
}

void target__await_state(pid_t pid, char state)
{
	const long end = ns__now_ms() + run__patience();

	/* No event reports a zombie that its parent cannot reap, so poll. */
	while (ns__state(pid) != state && ns__now_ms() < end)
		poll(NULL, 0, 1);
	check__eq("state of the task", ns__state(pid), state);
}

void target__strike(const struct target *t)
{
	check__must("kill the init", op_kill(t->init.pid, SIGKILL));
}

void target__await_waiting(const struct target *t)
{
	const long end = ns__now_ms() + run__patience();

	/* No event reports that the init sleeps, so poll. */
	do {
		if (ns__init_waits(t->last)) {
			check__err("the pidfd of an init that waits",
				   ns__poll(t->init.pidfd, POLLIN, 0),
				   -ETIMEDOUT);
			return;
		}
		poll(NULL, 0, 1);
	} while (ns__now_ms() < end);
	check__bail("the init, in state %c, does not wait for the others",
		    ns__state(t->last));
}

void target__check_numbers(const struct target *t, int expected)
{
	struct dirent *entry;
	DIR *dir = fdopendir(dup(t->proc));
	int seen = 0;

	if (!dir)
		check__bail("fdopendir: %s", strerror(errno));
	rewinddir(dir);
	while ((entry = readdir(dir)))
		if (isdigit(entry->d_name[0])) {
			check__note("/proc has %s", entry->d_name);
			seen++;
		}
	closedir(dir);
	check__eq("numbers in /proc of the namespace", seen, expected);
}

void target__check_reaped(const struct target *t)
{
	if (!check__err("the end of the init",
			ns__wait_dead(t->init.pidfd, run__patience()), 0))
		check__bail("the init cannot be reaped");
	check__eq("the owner reaps the init",
		  actor__call(&t->owner, op_waitpid, t->init.pid, 0),
		  t->init.pid);
	target__check_numbers(t, 0);
}

void target__check_freed(struct target *t)
{
	close(t->nsfd);
	close(t->proc);
	close(t->init.pidfd);
	close(t->init.sock);
	check__err("another pid namespace in place of the dead one",
		   joined__await_room(&t->owner), 0);
	target__dismiss(&t->owner);
}

void target__check_killed(const struct actor *parent, long child)
{
	int status = -1;

	if (!check__true("the child has a number", child > 0))
		check__note("the result of the fork is %s",
			    strerrorname_np(-child));
	else if (parent) {
		check__eq("waitpid(child)",
			  actor__call(parent, op_waitpid, child, __WALL), child);
		check__eq("status", actor__run(parent, op_wait_status), SIGKILL);
	} else {
		check__eq("waitpid(child)", waitpid(child, &status, __WALL),
			  child);
		check__eq("status", status, SIGKILL);
	}
}

void target__end(struct target *t, struct actor *caller)
{
	target__check_reaped(t);
	target__dismiss(caller);
	target__check_freed(t);
}

void target__dismiss(struct actor *x)
{
	actor__exit(x, 0);
	close(x->sock);
	close(x->pidfd);
	check__eq(x->name, waitpid(x->pid, NULL, 0), x->pid);
}
