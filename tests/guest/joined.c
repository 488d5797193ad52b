// SPDX-License-Identifier: GPL-2.0-only
/* A scene whose caller joins, with the caller's numbers before and after. */
#include "joined.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ns.h"
#include "ops.h"
#include "run.h"

struct ns_numbers joined__numbers(const char *proc, pid_t pid,
				  const char *key)
{
	struct ns_numbers n;
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%d", pid);
	err = ns__numbers(proc ? proc : "/proc", text, key, &n);
	if (err)
		check__bail("%s of %s/%d: %s", key, proc ? proc : "/proc", pid,
			    strerror(-err));
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
	char path[64], text[1024], pid[16], *at, *end;
	struct ns_numbers n;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent,
		 parent);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	for (at = text;; at = end) {
		long number = strtol(at, &end, 10);

		if (end == at)
			return -ESRCH;
		snprintf(pid, sizeof(pid), "%ld", number);
		if (!ns__numbers("/proc", pid, "NSpid", &n) &&
		    n.nr == levels && n.number[n.nr - 1] == inner)
			return number;
	}
}

void joined__start(struct joined *j)
{
	static const struct scene_spec plain;

	memset(j, 0, sizeof(*j));
	scene__build(&j->s, &plain);
	check__must("own /proc of the target",
		    actor__run(&j->s.init, op_own_proc));
	j->before = scene__snap(&j->s);
	j->old = j->s.caller.pid;
}

void joined__finish(struct joined *j)
{
	long err;

	err = scene__setns(&j->s, j->s.caller_nsfd, CLONE_NEWPID);
	if (!check__err("setns", err, 0))
		check__bail("not joined");
	/* gettid, not getpid: a port of the seed loses the thread group. */
	j->inner = actor__run(&j->s.caller, op_gettid);
	j->now = joined__find(getpid(), j->inner, 2);
	if (j->now <= 0)
		check__bail("no child of ours has number %d in the target",
			    j->inner);
	j->after = scene__snap(&j->s);
}

void joined__make(struct joined *j)
{
	joined__start(j);
	joined__finish(j);
}
