// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fails every allocation in the setns path once, by /proc/PID/fail-nth, for nsfs fds
 * and for pidfds with different sets of namespaces besides the pid namespace. KTAP on
 * stdout; run as root by a descendant of the guest's init, on a kernel with
 * CONFIG_FAULT_INJECTION_DEBUG_FS.
 *
 * After each failure the caller must be unchanged, and continues with the next
 * allocation. At the end the target's init dies. A leaked number would keep the
 * target namespace alive. Its user namespace may have only one pid namespace at
 * a time, so creating another one shows that the target is gone.
 *
 * Limits: an allocation that happens only sometimes (a slab that has to grow)
 * is tested only in a run in which it happens.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "failnth_calls.h"
#include "failnth_fault.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"
#include "program.h"

/* More allocations than this in one setns indicate a loop. */
#define NTH_MAX 64

/* A leaf of the IDR has 64 numbers, a node above it 4096. */
#define FAR(nth) (10000 + 200 * (nth))

#define OTHERS (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

static const struct variant {
	const char *name;
	bool pidfd;
	int flags;		/* for setns */
	int has;		/* namespaces that the target's init has of its own */
	bool shares_memory;	/* so that the time namespace, as the last
				 * one, refuses */
	bool far;		/* each number needs its own node of the IDR */
	long final;		/* result of setns if no allocation fails */
	/* A further errno for a failed allocation, besides ENOMEM. */
	long also;
	int least;		/* minimum of allocations, without those for a pid */
} variants[] = {
	{ .name = "nsfs fd, flags 0", .least = 1 },
	{ .name = "nsfs fd, NEWPID", .flags = CLONE_NEWPID, .least = 1 },
	/* No number depends on a single allocation: see idr_preload(). */
	{ .name = "nsfs fd, NEWPID, numbers far from others", .far = true,
	  .flags = CLONE_NEWPID, .least = 1 },
	{ .name = "pidfd, NEWPID", .pidfd = true, .flags = CLONE_NEWPID,
	  .least = 1 },
	{ .name = "pidfd, NEWPID|NEWNS", .pidfd = true, .least = 2,
	  .flags = CLONE_NEWPID | CLONE_NEWNS, .has = CLONE_NEWNS },
	{ .name = "pidfd, NEWPID|NEWUTS|NEWIPC|NEWNET|NEWCGROUP",
	  .pidfd = true, .least = 1, .flags = CLONE_NEWPID | OTHERS,
	  .has = OTHERS },
	/* set_cred_ucounts() in userns_install() may fail with EINVAL */
	{ .name = "pidfd, NEWUSER|NEWPID", .pidfd = true, .least = 2,
	  .flags = CLONE_NEWUSER | CLONE_NEWPID, .has = CLONE_NEWUSER,
	  .also = -EINVAL },
	{ .name = "pidfd, NEWPID|NEWTIME", .pidfd = true, .least = 1,
	  .flags = CLONE_NEWPID | CLONE_NEWTIME, .has = CLONE_NEWTIME },
	{ .name = "pidfd, all of them", .pidfd = true, .least = 3,
	  .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | OTHERS |
		   CLONE_NEWTIME,
	  .has = CLONE_NEWUSER | CLONE_NEWNS | OTHERS | CLONE_NEWTIME,
	  .also = -EINVAL },
	{ .name = "pidfd, NEWPID|NEWTIME, refused after the pid",
	  .pidfd = true, .least = 1, .has = CLONE_NEWTIME,
	  .flags = CLONE_NEWPID | CLONE_NEWTIME, .shares_memory = true,
	  .final = -EUSERS },
};

#define VARIANTS (ARRAY_SIZE(variants))

/* --- the stage ------------------------------------------------------------ */

struct stage {
	const struct variant *v;
	enum knob knob;
	struct actor owner;	/* owner of the target's user ns */
	struct actor init, caller;
	int nsfd;
	long number;		/* the caller's fd for setns */
};

static long set_last_pid(long last, long b __maybe_unused)
{
	return file__set(LAST_PID, last);
}

static void write_map(pid_t pid, const char *name)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	check__must(path, file__write(path, "0 0 1\n"));
}

static int sleep_in_session(void *unused __maybe_unused)
{
	/* Copies of the caller's files would keep the target alive. */
	syscall(SYS_close_range, 3, ~0U, 0);
	setsid();
	for (;;)
		pause();
	return 0;
}

/*
 * Makes a process that shares the caller's memory, but is neither its child nor
 * in its session.
 */
static long share_memory(long a __maybe_unused, long b __maybe_unused)
{
	static char stack[16384] __attribute__((aligned(16)));
	pid_t pid;

	pid = clone(sleep_in_session, stack + sizeof(stack),
		    CLONE_VM | CLONE_PARENT | SIGCHLD, NULL);
	return pid < 0 ? -errno : pid;
}

static void stage__caller(struct stage *s)
{
	pid_t sharer;

	s->caller = actor__spawn("caller", NULL, 0);
	check__must("setsid", actor__run(&s->caller, op_setsid));
	s->number = actor__give(&s->caller,
				s->v->pidfd ? s->init.pidfd : s->nsfd);
	snap__arm(&s->caller);
	if (!s->v->shares_memory)
		return;
	sharer = check__must("a process that shares memory",
			     actor__run(&s->caller, share_memory));
	/* The process has left the caller's session once it leads its own. */
	while (getsid(sharer) != sharer)
		poll(NULL, 0, 1);
}

/* Makes the caller exit, and reaps it by @number. */
static void stage__end_caller(struct stage *s, pid_t number)
{
	actor__exit(&s->caller, 0);
	close(s->caller.sock);
	close(s->caller.pidfd);
	if (waitpid(number, NULL, 0) != number)
		check__fail("waitpid(caller): %s", strerror(errno));
}

static bool stage__joins(const struct stage *s)
{
	return s->knob != KNOB_OFF;
}

static void stage__build(struct stage *s, const struct variant *v, enum knob knob)
{
	memset(s, 0, sizeof(*s));
	s->v = v;
	s->knob = knob;
	s->owner = actor__spawn("owner", NULL, 0);
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&s->owner, op_unshare, CLONE_NEWUSER, 0));
	write_map(s->owner.pid, "uid_map");
	write_map(s->owner.pid, "gid_map");
	check__must(MAX_PID_NS, actor__call(&s->owner, op_limit_pid_ns, 1, 0));
	s->init = actor__spawn("init of the target", &s->owner,
			       CLONE_NEWPID | v->has);
	s->nsfd = check__must("target", ns__open(s->init.pid, "pid"));
	check__err("a second pid namespace", actor__run(&s->owner, op_try_pid_ns),
		   -ENOSPC);
	stage__caller(s);
}

/* Kills the target's init. Afterwards, only a leak keeps the target alive. */
static void stage__strike(struct stage *s)
{
	close(s->nsfd);
	close(s->init.sock);
	kill(s->init.pid, SIGKILL);
	if (!check__err("the target's init dies",
			ns__wait_dead(s->init.pidfd, run__patience()), 0))
		return;
	check__eq("and is reaped",
		  actor__call(&s->owner, op_waitpid, s->init.pid, 0),
		  s->init.pid);
	close(s->init.pidfd);
	check__err("a pid namespace in place of the target, which is gone",
		   joined__await_room(&s->owner), 0);
}

/* --- the calls ------------------------------------------------------------ */

/* Counts the results of setns with a failed allocation. */
struct figures {
	int injected, nomem, also, survived;
};

/* Checks a success: the caller, or its future children, moved to the target. */
static void check_success(const struct stage *s, const struct fault *f)
{
	long target = ns__id(s->init.pid, "pid");

	if (stage__joins(s)) {
		check__eq("active pid namespace", ns__id(f->number, "pid"),
			  target);
		check__eq("getpid()", actor__run(&s->caller, op_getpid),
			  f->tid);
		if (s->knob == KNOB_KEEP)
			check__eq("number", f->number, s->caller.pid);
	} else {
		check__eq("number", f->tid, s->caller.pid);
		check__eq("active pid namespace", ns__id(f->number, "pid"),
			  ns__id(0, "pid"));
	}
	check__eq("pid namespace of the children",
		  ns__id(f->number, "pid_for_children"), target);
}

static void check_failure(const struct variant *v, int nth, long err,
			  struct figures *n)
{
	if (err == -ENOMEM) {
		n->nomem++;
		check__err("setns", err, -ENOMEM);
	} else if (v->also && err == v->also) {
		n->also++;
		check__err("setns", err, v->also);
	} else {
		check__fail("setns with allocation %d failing: got %s, expected -ENOMEM",
			    nth, strerrorname_np(-err));
	}
}

/* Returns false if setns made fewer than @nth allocations. */
static bool fail_one(struct stage *s, int nth, struct figures *n)
{
	struct snap *before, *after;
	struct fault f;
	char when[64];

	snprintf(when, sizeof(when), "after the failure of allocation %d", nth);
	before = snap__take(&s->caller, &s->init);
	if (s->v->far) {
		check__must(LAST_PID, set_last_pid(FAR(nth), 0));
		check__must(LAST_PID " of the target",
			    actor__call(&s->init, set_last_pid, FAR(nth), 0));
	}
	fault__setns(&s->caller, s->number, s->v->flags, nth,
		     stage__joins(s), &f);
	if (f.left)
		check__err("setns with nothing failing", f.err, s->v->final);
	else
		n->injected++;
	if (!f.left && f.err == s->v->final)
		n->survived++;
	else if (!f.left)
		check_failure(s->v, nth, f.err, n);

	if (!f.err) {
		check_success(s, &f);
	} else {
		after = snap__take(&s->caller, &s->init);
		snap__same(when, before, after, NULL);
	}
	if (!f.err || f.left)
		stage__end_caller(s, f.number);
	/* A moved caller cannot test the next allocation. */
	if (!f.err && !f.left)
		stage__caller(s);
	return !f.left;
}

struct one {
	const struct variant *v;
	enum knob knob;
};

/* The ways of setns: the sysctl, the modes that have it, and what it does. */
static const struct {
	const char *name, *what;
	enum knob knob;
	unsigned int modes;
	int least;		/* allocations, in addition to those of the variant */
} ways[] = {
	/* A join allocates a pid of its level's cache, and a number at each level. */
	{ "on", "joins", KNOB_ON, MODE_JOIN, 1 },
	{ "off", "as mainline", KNOB_OFF, MODE_JOIN | MODE_MAINLINE, 0 },
	/* This join allocates a number in a node of the IDR that exists in most calls. */
	{ "keep", "joins and keeps", KNOB_KEEP, MODE_KEEP, 0 },
};

#define WAYS (ARRAY_SIZE(ways))

static void every_allocation(const void *arg)
{
	const struct one *one = arg;
	size_t way = 0;
	long last = file__get(LAST_PID);
	struct figures n = { 0 };
	struct stage s;
	struct fault_walk walk = { .nth = 1 };

	fault__prepare();
	while (ways[way].knob != one->knob)
		way++;
	stage__build(&s, one->v, one->knob);
	while (walk.nth <= NTH_MAX && fail_one(&s, walk.nth, &n))
		fault_walk__next(&walk, 1, n.survived);
	stage__strike(&s);
	if (one->v->far)
		check__must(LAST_PID, file__set(LAST_PID, last));
	check__true("an end of the allocations", walk.nth <= NTH_MAX);
	if (n.injected < one->v->least + ways[way].least)
		check__fail("%d allocations failed, expected %d or more",
			    n.injected, one->v->least + ways[way].least);
	check__detail("failnth | %s | setns %s | %d failed | ENOMEM %d | %s %d | survived %d",
		    one->v->name, ways[way].what,
		    n.injected, n.nomem,
		    one->v->also ? strerrorname_np(-one->v->also) : "other",
		    n.also, n.survived);
}

#define NAME_SIZE 96

static void add(struct run_list *l)
{
	static struct test_case cases[WAYS * VARIANTS];
	static struct one ones[WAYS * VARIANTS];
	static char names[WAYS * VARIANTS][NAME_SIZE];

	for (size_t i = 0; i < WAYS * VARIANTS; i++) {
		size_t way = i / VARIANTS;

		ones[i] = (struct one){ &variants[i % VARIANTS], ways[way].knob };
		snprintf(names[i], NAME_SIZE, "%s: %s", ways[way].name,
			 ones[i].v->name);
		cases[i] = (struct test_case){
			.name = names[i],
			.modes = ways[way].modes,
			.knob = ways[way].knob,
			.run_with = every_allocation,
			.arg = &ones[i],
		};
	}
	run__add(l, cases, WAYS * VARIANTS);
}

int main(int argc, char **argv)
{
	static program_add_fn *const parts[] = {
		add, failnth_calls__add, NULL,
	};

	return program__main(argc, argv,
			     "Fails each allocation of setns, fork and unshare once.",
			     parts);
}
