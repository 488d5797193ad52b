// SPDX-License-Identifier: GPL-2.0-only
/* Makes a scene whose caller joins and keeps its struct pid. */
#include "keep.h"

#include <sched.h>

#include "joined.h"
#include "ops.h"

struct kept kept__start(const struct scene_spec *spec)
{
	static const struct scene_spec plain;
	struct kept k = { .s = scene__build(spec ?: &plain) };

	check__must("own /proc of the target",
		    actor__run(&k.s.init, op_own_proc));
	k.before = scene__snap(&k.s);
	k.pid = k.s.caller.pid;
	k.was = joined__numbers(NULL, k.pid, "NSpid");
	return k;
}

pid_t kept__check_numbers(pid_t pid, const struct ns_numbers *was)
{
	struct ns_numbers now;

	if (!check__err("its number for the director",
			ns__numbers("/proc", pid, "NSpid", &now), 0))
		return -1;
	check__eq("levels", now.nr, was->nr + 1);
	for (int i = 0; i < was->nr; i++)
		check__eq("a number above", now.number[i], was->number[i]);
	check__true("a number in the target", now.number[now.nr - 1] > 1);
	return now.number[now.nr - 1];
}

void kept__finish(struct kept *k)
{
	long err = scene__setns(&k->s, k->s.caller_nsfd, CLONE_NEWPID);

	if (!check__err("setns", err, 0))
		check__bail("not joined");
	k->inner = actor__run(&k->s.caller, op_getpid);
	check__eq("getpid()", k->inner, kept__check_numbers(k->pid, &k->was));
	k->after = scene__snap(&k->s);
}

struct kept kept__make(void)
{
	struct kept k = kept__start(NULL);

	kept__finish(&k);
	return k;
}
