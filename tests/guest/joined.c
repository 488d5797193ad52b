// SPDX-License-Identifier: GPL-2.0-only
/* Makes a scene whose caller joins; finds the caller's numbers before and after. */
#include "joined.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beat.h"
#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "run.h"

struct ns_numbers joined__numbers(const char *proc, pid_t pid,
				  const char *key)
{
	struct ns_numbers n;
	int err;

	if (!proc)
		proc = "/proc";
	err = ns__numbers(proc, pid, key, &n);
	if (err)
		check__bail("%s of %s/%d: %s", key, proc, pid, strerror(-err));
	return n;
}

const char *joined__proc_of(const struct actor *x)
{
	char *path = shared__alloc(64);

	snprintf(path, 64, "/proc/%d/root/proc", x->pid);
	return path;
}

pid_t joined__find(pid_t parent, pid_t inner, int levels)
{
	pid_t child[256];
	int nr = ns__children(parent, child, ARRAY_SIZE(child));
	struct ns_numbers n;

	for (int i = 0; i < nr; i++)
		if (!ns__numbers("/proc", child[i], "NSpid", &n) &&
		    n.nr == levels && n.number[n.nr - 1] == inner)
			return child[i];
	return nr < 0 ? nr : -ESRCH;
}

long joined__listed(const char *proc, pid_t pid)
{
	struct dirent *e;
	long times = 0;
	DIR *d;

	d = opendir(proc);
	if (!d)
		return -errno;
	while ((e = readdir(d)))
		times += atoi(e->d_name) == pid;
	closedir(d);
	return times;
}

long joined__await_room(const struct actor *owner)
{
	const long end = beat__now_ms() + run__patience();
	long err;

	/* The kernel frees namespaces after RCU grace periods, without an event: poll. */
	do {
		err = actor__run(owner, op_try_pid_ns);
	} while (err == -ENOSPC && beat__now_ms() < end && !poll(NULL, 0, 5));
	return err;
}

struct joined joined__start(void)
{
	static const struct scene_spec plain;
	struct joined j = { .s = scene__build(&plain) };

	check__must("own /proc of the target",
		    actor__run(&j.s.init, op_own_proc));
	j.before = scene__snap(&j.s);
	j.old = j.s.caller.pid;
	return j;
}

void joined__finish(struct joined *j)
{
	long err = scene__setns(&j->s, j->s.caller_nsfd, CLONE_NEWPID);

	if (!check__err("setns", err, 0))
		check__bail("not joined");
	/* Not getpid(), which fails if a port of the seed has lost the thread group. */
	j->inner = actor__run(&j->s.caller, op_gettid);
	j->now = joined__find(getpid(), j->inner, 2);
	if (j->now <= 0)
		check__bail("no child of ours has number %d in the target",
			    j->inner);
	check__eq("whether it keeps its number", j->now == j->old,
		  ns__knob_get() == 2);
	j->after = scene__snap(&j->s);
}

struct joined joined__make(void)
{
	struct joined j = joined__start();

	joined__finish(&j);
	return j;
}
