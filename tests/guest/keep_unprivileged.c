// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers that have privileges only in a user namespace of their own, or that have given
 * up privileges: they may join, get no privilege by it, and nobody above them sees a
 * number change or a process end.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "lib/array.h"
#include "ops.h"

static long own_group(long a __maybe_unused, long b __maybe_unused)
{
	return syscall(SYS_getpgid, 0) < 0 ? -errno : 0;
}

static const struct caller {
	enum scene_creds creds;
	bool confined;
} users_root = { CREDS_NOT_ABOVE, false }, containers_root = { CREDS_NOT_ACTIVE, false },
	confined_root = { CREDS_FULL, true },
	confined_user = { CREDS_NOT_ABOVE, true };

/* The watchers outside, who begin before the join. */
struct watch {
	struct actor poller;
	long home_numbers;
};

static void check_unseen(const struct scene *s, struct watch *w,
			 const struct snap *before, const struct snap *after)
{
	static const char *const outside[] = {
		"outside: kill", "outside: waitid", "outside: pidfd",
	};

	for (size_t i = 0; i < ARRAY_SIZE(outside); i++)
		snap__same_part(outside[i], before, after);
	check__true("a poll from before sleeps on", actor__pending(&w->poller, 50));
	if (s->parent.pid)
		check__eq("numbers in the caller's old pid ns (mask)",
			  actor__run(&s->parent, op_numbers), w->home_numbers);
}

/* Privileges, and the view of files and other namespaces. */
static void check_no_gain(const struct snap *before, const struct snap *after)
{
	static const char *const same[] = {
		"Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "ns/user",
		"ns/mnt", "ns/net", "ns/ipc", "root", "cwd", "fd/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		snap__same_part(same[i], before, after);
}

static void joins(const void *arg)
{
	const struct caller *c = arg;
	const struct scene_spec spec = { .creds = c->creds };
	struct scene s = scene__build(&spec);
	struct watch w = { .poller = actor__spawn("poller", NULL, 0) };
	struct ns_numbers was = joined__numbers(NULL, s.caller.pid, "NSpid");
	struct snap *before, *after;

	if (c->confined)
		check__must("seccomp",
			    actor__call(&s.caller, op_filter_call, SYS_getpgid,
					SECCOMP_RET_ERRNO | EPERM));
	if (s.parent.pid)
		w.home_numbers = actor__run(&s.parent, op_numbers);
	actor__ask(&w.poller, op_poll, actor__give(&w.poller, s.caller.pidfd), -1);
	actor__wait_asleep(&w.poller);
	before = scene__snap(&s);
	check__err("setns", scene__setns(&s, s.caller_nsfd, CLONE_NEWPID), 0);
	kept__check_numbers(s.caller.pid, &was);
	after = scene__snap(&s);
	check_unseen(&s, &w, before, after);
	check_no_gain(before, after);
	if (c->confined)
		check__err("the filter after the join",
			   actor__run(&s.caller, own_group), -EPERM);
	actor__exit(&s.caller, 0);
	check__true("the poll ends with the caller", actor__answer(&w.poller) > 0);
}

static void filter_refuses(void)
{
	static const struct scene_spec plain;
	struct scene s = scene__build(&plain);
	struct snap *before;

	check__must("seccomp", actor__call(&s.caller, op_filter_call, SYS_setns,
					   SECCOMP_RET_ERRNO | EPERM));
	before = scene__snap(&s);
	check__err("setns", scene__setns(&s, s.caller_nsfd, CLONE_NEWPID), -EPERM);
	snap__same("after it", before, scene__snap(&s), NULL);
}

/* A user's pid ns: a process of the user joins it, and another user's may not. */
static void others_may_not(void)
{
	struct actor user = actor__spawn("plain user", NULL, 0), init, other;
	int nsfd;

	check__must("become", actor__call(&user, op_become, 1000, 0));
	init = actor__spawn("init", &user, CLONE_NEWUSER | CLONE_NEWPID);
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	other = actor__spawn("another user", NULL, 0);
	check__must("become", actor__call(&other, op_become, 1001, 0));
	check__err("setns by another user", scene__enter(&other, nsfd, CLONE_NEWPID),
		   -EPERM);
	check__err("setns by the user", scene__enter(&user, nsfd, CLONE_NEWPID),
		   -EPERM);
	check__err("with the user ns, by another user",
		   scene__enter(&other, init.pidfd, CLONE_NEWUSER | CLONE_NEWPID),
		   -EPERM);
	check__eq("numbers in the target (mask)", actor__run(&init, op_numbers),
		  1L << 1);
}

/* A process of the owner enters both namespaces at once. */
static void owner_enters_both(void)
{
	struct actor user = actor__spawn("plain user", NULL, 0), init, caller;
	struct ns_numbers was;

	check__must("become", actor__call(&user, op_become, 1000, 0));
	caller = actor__spawn("caller", &user, 0);
	was = joined__numbers(NULL, caller.pid, "NSpid");
	init = actor__spawn("init", &user, CLONE_NEWUSER | CLONE_NEWPID);
	check__err("setns(pidfd, user + pid)",
		   scene__enter(&caller, init.pidfd, CLONE_NEWUSER | CLONE_NEWPID),
		   0);
	kept__check_numbers(caller.pid, &was);
	check__eq("its user ns", ns__id(caller.pid, "user"), ns__id(init.pid, "user"));
	check__err("its pidfd is silent", ns__wait_dead(caller.pidfd, 0), -ETIMEDOUT);
	actor__exit(&caller, 3);
	check__eq("the user reaps it by its number",
		  actor__call(&user, op_waitpid, caller.pid, 0), caller.pid);
}

#define JOINS(name, caller) \
	KEEP_WITH("unprivileged: " name " joins unseen", joins, &caller)

static const struct test_case cases[] = {
	JOINS("a user's root in namespaces of its own", users_root),
	JOINS("a container's root", containers_root),
	JOINS("root with no_new_privs and a filter", confined_root),
	JOINS("a user's root with no_new_privs and a filter", confined_user),
	KEEP("unprivileged: a filter that refuses setns(): EPERM", filter_refuses),
	KEEP("unprivileged: a plain user cannot join a user's pid ns alone: EPERM",
	     others_may_not),
	KEEP("unprivileged: the owner of user and pid ns joins both at once",
	     owner_enters_both),
};

PROGRAM_PART(keep_unprivileged__add, cases)
