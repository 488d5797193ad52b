// SPDX-License-Identifier: GPL-2.0-only
/* Reads a task's identity as seen by the task, and checks it. */
#include "stress_view.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const keys[VIEW__NR] = {
	[VIEW_TGID]	= "NStgid",
	[VIEW_PID]	= "NSpid",
	[VIEW_PGID]	= "NSpgid",
	[VIEW_SID]	= "NSsid",
};

void view__calls(struct view *v)
{
	v->pid = getpid();
	v->tid = gettid();
	v->ppid = getppid();
	v->pgid = getpgrp();
	v->sid = getsid(0);
}

int view__status(const char *who, struct ns_numbers id[VIEW__NR])
{
	char text[4096], path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%s/status", who);
	len = file__read(path, text, sizeof(text));
	if (len < 0)
		return len;
	for (int i = 0; i < VIEW__NR; i++)
		if (ns__parse(text, keys[i], &id[i]))
			return -EPROTO;
	return 0;
}

int view__take(struct view *v)
{
	int err;

	view__calls(v);
	err = view__status("self", v->id);
	if (err)
		return err;
	v->ns = ns__id(0, "pid");
	if (v->ns < 0)
		return v->ns;
	/* ENOENT: the children's namespace has no init (yet or any more). */
	v->ns_children = ns__id(0, "pid_for_children");
	if (v->ns_children == -ENOENT)
		v->ns_children = 0;
	return v->ns_children < 0 ? v->ns_children : 0;
}

static bool same_numbers(const struct ns_numbers *a, const struct ns_numbers *b)
{
	return a->nr == b->nr &&
	       !memcmp(a->number, b->number, a->nr * sizeof(a->number[0]));
}

const char *view__differs(const struct view *a, const struct view *b)
{
	if (a->pid != b->pid)
		return "getpid()";
	if (a->tid != b->tid)
		return "gettid()";
	if (a->ppid != b->ppid)
		return "getppid()";
	if (a->pgid != b->pgid)
		return "getpgrp()";
	if (a->sid != b->sid)
		return "getsid()";
	for (int i = 0; i < VIEW__NR; i++)
		if (!same_numbers(&a->id[i], &b->id[i]))
			return keys[i];
	if (a->ns != b->ns)
		return "/proc/self/ns/pid";
	if (a->ns_children != b->ns_children)
		return "/proc/self/ns/pid_for_children";
	return NULL;
}

const char *view__of_leader(const struct view *v, int levels)
{
	if (!v->pid)
		return "getpid() is 0";
	if (v->tid != v->pid)
		return "gettid() is not getpid()";
	if (v->pgid != v->pid)
		return "getpgrp() is not getpid()";
	if (v->sid != v->pid)
		return "getsid() is not getpid()";
	if (v->id[VIEW_PID].nr != levels)
		return "NSpid has a wrong number of levels";
	if (v->id[VIEW_PID].number[levels - 1] != v->pid)
		return "NSpid does not end in getpid()";
	for (int i = 0; i < levels; i++)
		if (!v->id[VIEW_PID].number[i])
			return "NSpid has a 0";
	for (int i = 0; i < VIEW__NR; i++)
		if (!same_numbers(&v->id[i], &v->id[VIEW_PID]))
			return "NStgid, NSpid, NSpgid and NSsid are not the same";
	return NULL;
}
