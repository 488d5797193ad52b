// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the errors of a join that keeps the caller's struct pid, in the order in which
 * setns() checks for them, as cases_refusal.c does for a join that does not: each
 * condition alone, and two conditions at once. A refusal changes nothing.
 *
 * States that the other join refuses and this one allows are in the table as well.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/nsfs.h>

#include "joined.h"
#include "keep.h"
#include "lib/array.h"
#include "ops.h"
#include "refusal.h"

static const struct condition {
	const char *name;
	int row;		/* in the errno table */
	int err;
	bool in_pairs;		/* represents its row in the pairs of rows */
	struct scene_spec spec;
} conditions[] = {
	{ "caller without CAP_SYS_ADMIN", 1, -EPERM, true,
	  { .creds = CREDS_NONE } },
	{ "caller that owns the target but lacks caps in its own user ns", 1,
	  -EPERM, true, { .creds = CREDS_TARGET_ONLY } },
	{ "caller with all caps in a user ns below the target's", 1, -EPERM,
	  true, { .creds = CREDS_OWN_ONLY } },

	{ "caller is the init of its pid ns", 2, -EINVAL, true,
	  { .role = ROLE_INIT } },
	{ "caller is a second thread of the init", 2, -EINVAL, false,
	  { .role = ROLE_INIT, .leader = LEADER_THREAD } },

	{ "target is the own pid ns", 3, -EPERM, true,
	  { .target = TARGET_OWN } },
	{ "target is a sibling", 3, -EPERM, false,
	  { .target = TARGET_SIBLING } },
	{ "target is a cousin", 3, -EPERM, false, { .target = TARGET_COUSIN } },
	{ "target is a grandchild", 3, -EPERM, true,
	  { .target = TARGET_GRANDCHILD } },
	{ "target is the parent", 3, -EPERM, false,
	  { .target = TARGET_PARENT } },

	{ "target without an init", 4, -EINVAL, true,
	  { .target = TARGET_INITLESS } },

	{ "caller's struct pid has no room", 5, -EOVERFLOW, true,
	  { .no_room = true } },

	{ "caller is multi-threaded", 6, -EUSERS, true, { .threads = true } },
	{ "caller is a leader's second thread", 6, -EUSERS, false,
	  { .leader = LEADER_THREAD } },

	{ "caller has a live child", 7, -EBUSY, true, { .busy = BUSY_CHILD } },
	{ "caller has a zombie", 7, -EBUSY, false, { .busy = BUSY_ZOMBIE } },
	{ "caller has a tracee", 7, -EBUSY, true, { .busy = BUSY_TRACEE } },

	{ "target's init is dying", 8, -ENOMEM, true,
	  { .target = TARGET_DYING } },
	{ "target's init is dead and reaped", 8, -ENOMEM, false,
	  { .target = TARGET_REAPED } },

	{ "no free number in the target", 9, -EAGAIN, true,
	  { .full_inside = true } },
};

static void refuse(const void *arg)
{
	const struct condition *c = arg;
	struct scene s = scene__build(&c->spec);

	refusal__try(&s, REFUSAL_WAYS, c->err, NULL);
}

/* --- two at once: the earlier row wins ----------------------------------- */

struct pair {
	int err;		/* the errno of the earlier row */
	struct scene_spec spec;
	char name[160];
};

static void refuse_pair(const void *arg)
{
	const struct pair *p = arg;
	struct scene s = scene__build(&p->spec);

	refusal__try(&s, 1, p->err, NULL);
}

static void add_pair(struct run_list *l, const struct condition *a,
		     const struct condition *b)
{
	static struct pair pairs[ARRAY_SIZE(conditions) * ARRAY_SIZE(conditions)];
	static size_t nr_pairs;
	struct pair *p = &pairs[nr_pairs];

	/* The results of rows with the same errno are indistinguishable. */
	if (a->row >= b->row || a->err == b->err || !a->in_pairs || !b->in_pairs ||
	    !refusal__combine(&a->spec, &b->spec, &p->spec))
		return;
	p->err = a->err;
	snprintf(p->name, sizeof(p->name), "keep: order: %s, before: %s", a->name,
		 b->name);
	run__add(l, &(struct test_case)CASE_WITH(WHERE_KEEP, p->name, refuse_pair, p),
		 1);
	nr_pairs++;
}

/* --- what is allowed ----------------------------------------------------- */

static const struct allowed {
	const char *name;
	struct scene_spec spec;
} allowed[] = {
	{ "a leader of its session and process group", { 0 } },
	{ "a leader of neither", { .leader = LEADER_NOT_GROUP } },
	{ "a leader of its process group only", { .leader = LEADER_NOT_SESSION } },
	{ "a caller that is traced", { .busy = BUSY_TRACED } },
	{ "a caller that shares its session", { .busy = BUSY_SESSION } },
	{ "a caller with a controlling terminal", { .busy = BUSY_TTY } },
	{ "a caller with a POSIX timer", { .busy = BUSY_TIMER } },
	{ "a caller without caps over its active pid ns",
	  { .creds = CREDS_NOT_ACTIVE } },
	{ "a root of user and pid ns of its own", { .creds = CREDS_NOT_ABOVE } },
	{ "a caller when the machine has no free number, but the target has",
	  { .full = true } },
};

static void allow(const void *arg)
{
	const struct allowed *a = arg;
	struct scene s = scene__build(&a->spec);
	struct ns_numbers was = joined__numbers(NULL, s.caller.pid, "NSpid");
	struct snap *before = scene__snap(&s), *after;

	check__err("setns", scene__setns(&s, s.caller_nsfd, CLONE_NEWPID), 0);
	after = scene__snap(&s);
	if (s.spec.full)
		scene__refill_numbers(&s);
	check__eq("getpid()", actor__run(&s.caller, op_getpid),
		  kept__check_numbers(s.caller.pid, &was));
	check__eq("the active pid ns", ns__id(s.caller.pid, "pid"),
		  ns__id(s.init.pid, "pid"));
	for (const char *const *p = (const char *const []){
	     "outside: kill", "outside: waitid", "outside: pidfd", "fd/",
	     "pidfd of self", "open directory", "Uid", "Cap", NULL }; *p; p++)
		snap__same_part(*p, before, after);
}

/* --- room for levels ----------------------------------------------------- */

/* A fork makes a struct pid that has room again. */
static void fork_has_room(void)
{
	static const struct scene_spec spec = { .no_room = true };
	struct scene s = scene__build(&spec);
	struct ns_numbers was;
	struct actor child;

	refusal__try(&s, REFUSAL_WAYS, -EOVERFLOW, NULL);
	child = actor__spawn("child of the full caller", &s.caller, 0);
	was = joined__numbers(NULL, child.pid, "NSpid");
	check__err("setns of its child",
		   scene__enter(&child, s.nsfd, CLONE_NEWPID), 0);
	check__eq("getpid() of its child", actor__run(&child, op_getpid),
		  kept__check_numbers(child.pid, &was));
	actor__exit(&child, 4);
	check__true("the full caller reaps its child",
		    actor__call(&s.caller, op_waitpid, -1, 0) > 0);
	check__err("setns of the full caller",
		   scene__setns(&s, s.caller_nsfd, 0), -EOVERFLOW);
}

#define DEPTH 6

/* Whatever level a struct pid is allocated at, it has room for one more. */
static void room_at_each_level(void)
{
	struct actor init[DEPTH + 1], x;
	struct ns_numbers was;
	int nsfd;

	for (int level = 1; level <= DEPTH; level++) {
		init[level] = actor__spawn("init", level > 1 ? &init[level - 1] :
					   NULL, CLONE_NEWPID);
		x = actor__spawn("caller", level > 1 ? &init[level - 1] : NULL, 0);
		was = joined__numbers(NULL, x.pid, "NSpid");
		check__eq("levels before", was.nr, level);
		nsfd = check__must("target", ns__open(init[level].pid, "pid"));
		check__err("setns", scene__enter(&x, nsfd, CLONE_NEWPID), 0);
		kept__check_numbers(x.pid, &was);
		actor__exit(&x, 0);
		close(nsfd);
	}
}

/* --- children who live in the target, and its init ----------------------- */

static void children_inside(void)
{
	static const struct scene_spec plain;
	struct scene s;

	check__must("knob 0", ns__knob_set(0));
	s = scene__build(&plain);
	check__must("setns at 0", scene__setns(&s, s.caller_nsfd, 0));
	check__must("a child in the target", actor__run(&s.caller, op_fork_child));
	check__must("knob 2", ns__knob_set(2));
	refusal__try(&s, REFUSAL_WAYS, -EBUSY, NULL);
}

static void child_is_init(void)
{
	struct scene s = { .caller = actor__spawn("caller", NULL, 0) };

	s.init = actor__spawn("its child, init of the target", &s.caller,
			      CLONE_NEWPID);
	s.nsfd = check__must("target", ns__open(s.init.pid, "pid"));
	s.caller_nsfd = actor__give(&s.caller, s.nsfd);
	s.caller_pidfd = actor__give(&s.caller, s.init.pidfd);
	refusal__try(&s, REFUSAL_WAYS, -EBUSY, NULL);
}

/*
 * With the sysctl at 0, setns() lets the caller's children be born into a child
 * namespace. With the sysctl at 2, a child of that namespace is still not a child of
 * the caller's own namespace.
 */
static void past_children(void)
{
	static const struct scene_spec spec = { .target = TARGET_GRANDCHILD };
	struct scene s = scene__build(&spec);
	int fd;

	fd = check__must("NS_GET_PARENT", ioctl(s.nsfd, NS_GET_PARENT));
	check__must("knob 0", ns__knob_set(0));
	check__must("setns to the parent of the target",
		    scene__enter(&s.caller, fd, 0));
	check__must("knob 2", ns__knob_set(2));
	refusal__try(&s, REFUSAL_WAYS, -EPERM, NULL);
}

static long set_number(long path, long value)
{
	return file__set((const char *)path, value);
}

/*
 * A zombie whose parent is outside holds the last number of a namespace that is dying.
 * run.c restores pid_max.
 */
static void dying_and_full(void)
{
	static const struct scene_spec plain;
	struct actor parent, zombie;
	struct scene s;

	check__must("knob 0", ns__knob_set(0));
	s = scene__build(&plain);
	parent = actor__spawn("parent", NULL, 0);
	check__must("setns at 0", scene__enter(&parent, s.nsfd, CLONE_NEWPID));
	check__must(LAST_PID, actor__call(&s.init, set_number, (long)LAST_PID, 299));
	zombie = actor__spawn("zombie", &parent, 0);
	check__must(LAST_PID, actor__call(&s.init, set_number, (long)LAST_PID, 400));
	check__must(PID_MAX, file__set(PID_MAX, 301));
	actor__call(&s.init, set_number, (long)PID_MAX, 301);
	check__must("knob 2", ns__knob_set(2));
	check__err("setns before", scene__setns(&s, s.caller_nsfd, 0), -EAGAIN);
	check__must("kill the init", op_kill(s.init.pid, SIGKILL));
	check__must("death of the zombie",
		    ns__wait_dead(zombie.pidfd, run__patience()));
	s.init.pid = 0;
	refusal__try(&s, 1, -ENOMEM, NULL);
}

static const struct test_case cases[] = {
	KEEP("refused: children who all live in the target: EBUSY",
	     children_inside),
	KEEP("refused: a child who is the target's init: EBUSY", child_is_init),
	KEEP("refused: target is a child of the ns of the caller's children: EPERM",
	     past_children),
	KEEP("order: target's init is dying, before: no free number in the target",
	     dying_and_full),
	KEEP("room: a child of a caller without room can join", fork_has_room),
	KEEP("room: a struct pid of any level has room for one more",
	     room_at_each_level),
};

static char *case_name(const char *fmt, const char *what, const char *err)
{
	char *name;

	if (asprintf(&name, fmt, what, err) < 0)
		abort();
	return name;		/* lives as long as the program */
}

void keep_refusal__add(struct run_list *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
		const struct condition *c = &conditions[i];
		const struct test_case one = CASE_WITH(WHERE_KEEP,
			case_name("keep: refused: %s: %s", c->name,
				  strerrorname_np(-c->err)), refuse, c);

		run__add(l, &one, 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		const struct test_case one = CASE_WITH(WHERE_KEEP,
			case_name("keep: allowed: %s%s", allowed[i].name, ""),
			allow, &allowed[i]);

		run__add(l, &one, 1);
	}
	run__add(l, cases, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		for (size_t j = 0; j < ARRAY_SIZE(conditions); j++)
			add_pair(l, &conditions[i], &conditions[j]);
}
