// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fails every allocation once in fork, vfork, clone3, unshare, and setns by a pidfd.
 *
 * Each call with a failing allocation is made by a process of its own (the worker).
 * The call fails with an errno that makes sense, or works. After a failure the worker
 * has the namespaces, files and children that it had before. When all workers are
 * gone, the kernel has as many objects of the kinds in failnth_count.h as before.
 */
#include "failnth_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "failnth_count.h"
#include "failnth_fault.h"
#include "lib/array.h"
#include "ns.h"

/* More allocations than this in one call indicate a loop. */
#define NTH_MAX 3000

/* Calls that fill the caches which the count of the objects has emptied. */
#define WARM_UP 2

/*
 * An object that is freed late, after the first count, would hide a leak of a single
 * one: so many sweeps between two counts.
 */
#define ROUNDS 2

/* Growth between two counts may come from other processes: count again. */
#define COUNTINGS 3

#define OTHERS (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)
#define SHARING (CLONE_VM | CLONE_VFORK)

/* A number that no other task has. */
#define FREE_NUMBER 31000

enum kind { FORK, UNSHARE, SETNS };

struct call {
	const char *name;
	enum kind kind;
	uint64_t flags;
	pid_t number;		/* for set_tid; 0: any */
	long final;		/* the result with nothing failing, if an error */
	bool shares_fs;		/* the worker shares its fs_struct */
	long also[3];		/* further errnos for a failed allocation */
	bool any_errno;
	int step;		/* every step-th allocation fails; 0: each */
	int least;		/* minimum of allocations */
};

/*
 * A failure to count a namespace for its user is ENOSPC, and a failure to count a
 * process for the user of a new user namespace EAGAIN or EINVAL.
 */
#define COUNTED .also = { -ENOSPC }
#define COUNTED_USER .also = { -ENOSPC, -EINVAL, -EAGAIN }

/* The parts of a network namespace have errnos of their own, and many allocations. */
#define NET .any_errno = true, .step = 7

static const struct call calls[] = {
	{ .name = "fork", .kind = FORK, .least = 10 },
	{ .name = "clone3 CLONE_VFORK", .kind = FORK, .flags = CLONE_VFORK,
	  .least = 10 },
	{ .name = "vfork", .kind = FORK, .flags = SHARING, .least = 4 },
	{ .name = "clone CLONE_PIDFD", .kind = FORK, .least = 5,
	  .flags = SHARING | CLONE_PIDFD },
	{ .name = "clone3 set_tid", .kind = FORK, .number = FREE_NUMBER,
	  .least = 10 },
	{ .name = "clone3 set_tid, of a number in use", .kind = FORK, .number = 1,
	  .final = -EEXIST, .least = 10 },
	{ .name = "clone CLONE_NEWPID", .kind = FORK, .least = 5, COUNTED,
	  .flags = SHARING | CLONE_NEWPID },
	{ .name = "clone CLONE_NEWPID|CLONE_PIDFD", .kind = FORK, .least = 5,
	  .flags = SHARING | CLONE_NEWPID | CLONE_PIDFD, COUNTED },
	{ .name = "clone CLONE_NEWUSER", .kind = FORK, .least = 5,
	  .flags = SHARING | CLONE_NEWUSER, COUNTED_USER },
	{ .name = "clone CLONE_NEWNS", .kind = FORK, .least = 5, COUNTED,
	  .flags = SHARING | CLONE_NEWNS },
	{ .name = "clone CLONE_NEWUTS", .kind = FORK, .least = 5, COUNTED,
	  .flags = SHARING | CLONE_NEWUTS },
	{ .name = "clone CLONE_NEWIPC", .kind = FORK, .least = 5, COUNTED,
	  .flags = SHARING | CLONE_NEWIPC },
	{ .name = "clone CLONE_NEWCGROUP", .kind = FORK, .least = 5, COUNTED,
	  .flags = SHARING | CLONE_NEWCGROUP },
	{ .name = "clone CLONE_NEWNET", .kind = FORK, .least = 5,
	  .flags = SHARING | CLONE_NEWNET, NET },
	{ .name = "clone, all namespaces but net", .kind = FORK, .least = 9,
	  .flags = SHARING | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | OTHERS,
	  COUNTED_USER },
	{ .name = "unshare CLONE_NEWPID", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWPID, COUNTED },
	{ .name = "unshare CLONE_NEWUSER", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWUSER, COUNTED_USER },
	{ .name = "unshare CLONE_NEWNS", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWNS, COUNTED },
	{ .name = "unshare CLONE_NEWUTS", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWUTS, COUNTED },
	{ .name = "unshare CLONE_NEWIPC", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWIPC, COUNTED },
	{ .name = "unshare CLONE_NEWCGROUP", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWCGROUP, COUNTED },
	{ .name = "unshare CLONE_NEWTIME", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWTIME, COUNTED },
	{ .name = "unshare CLONE_NEWNET", .kind = UNSHARE, .least = 2,
	  .flags = CLONE_NEWNET, NET },
	{ .name = "unshare CLONE_FS|CLONE_FILES|CLONE_NEWPID", .kind = UNSHARE,
	  .flags = CLONE_FS | CLONE_FILES | CLONE_NEWPID, .shares_fs = true,
	  .least = 3, COUNTED },
	{ .name = "unshare, all namespaces but net", .kind = UNSHARE,
	  .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | OTHERS |
		   CLONE_NEWTIME,
	  .shares_fs = true, .least = 8, COUNTED_USER },
	{ .name = "setns CLONE_NEWPID", .kind = SETNS, .flags = CLONE_NEWPID,
	  .least = 1 },
	{ .name = "setns CLONE_NEWUSER|CLONE_NEWPID", .kind = SETNS, .least = 2,
	  .flags = CLONE_NEWUSER | CLONE_NEWPID, .also = { -EINVAL } },
	{ .name = "setns, all namespaces", .kind = SETNS, .least = 3,
	  .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | OTHERS |
		   CLONE_NEWNET,
	  .also = { -EINVAL } },
};

#define CALLS (ARRAY_SIZE(calls))

/* --- the worker ---------------------------------------------------------- */

static const char *const ns_names[] = {
	"pid", "pid_for_children", "user", "mnt", "uts", "ipc", "cgroup", "net",
	"time", "time_for_children",
};

/* The state that a failed call must not change. */
struct state {
	long ns[ARRAY_SIZE(ns_names)];
	long pid, files, children;
};

/* A single call, in memory that the worker and the director share. */
struct attempt {
	const struct call *call;
	int nth;
	int target;		/* a pidfd, for setns */
	struct state before, after;
	long result;
	long left;		/* rest of the count; 0: an allocation failed */
	long status;		/* the status of a child */
	bool done;
};

static long count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	long nr = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void state__read(struct state *s)
{
	pid_t child[4];

	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++)
		s->ns[i] = ns__id(0, ns_names[i]);
	s->pid = syscall(SYS_getpid);
	s->files = count_files();
	s->children = ns__children(s->pid, child, ARRAY_SIZE(child));
}

static int exit_child(void *arg __maybe_unused)
{
	_exit(0);
}

static char child_stack[16384] __attribute__((aligned(16)));
static int child_pidfd;

static long clone_sharing(uint64_t flags)
{
	long pid = clone(exit_child, child_stack + sizeof(child_stack),
			 flags | SIGCHLD, NULL, &child_pidfd);

	return pid < 0 ? -errno : pid;
}

static long clone_copying(const struct call *c, uint64_t flags)
{
	const pid_t number = c->number;
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.set_tid = c->number ? (uintptr_t)&number : 0,
		.set_tid_size = c->number ? 1 : 0,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid)
		_exit(0);
	return pid < 0 ? -errno : pid;
}

/* Flags that unshare() refuses, and flags that a clone refuses, before they allocate. */
#define BAD_FOR_UNSHARE CSIGNAL
#define BAD_FOR_CLONE (CLONE_NEWNS | CLONE_FS)

/* @rehearsal: with bad arguments. */
static long make_call(const struct attempt *a, bool rehearsal)
{
	const struct call *c = a->call;
	uint64_t flags = c->flags;

	if (c->kind == UNSHARE) {
		flags = rehearsal ? BAD_FOR_UNSHARE : flags;
		return syscall(SYS_unshare, flags) ? -errno : 0;
	}
	if (c->kind == SETNS)
		return ns__set(rehearsal ? -1 : a->target, flags);
	if (rehearsal)
		flags |= BAD_FOR_CLONE;
	return flags & CLONE_VM ? clone_sharing(flags) : clone_copying(c, flags);
}

/* Makes a process that shares the worker's fs_struct and files. */
static pid_t share_fs(void)
{
	pid_t pid = ns__clone(CLONE_FS | CLONE_FILES, NULL);

	while (!pid)
		pause();
	return check__must("clone(CLONE_FS)", pid);
}

static void reap_child(struct attempt *a, long pid)
{
	int status = -1;

	if (waitpid(pid, &status, __WALL) != pid)
		a->status = -errno;
	else
		a->status = status;
	if (a->call->flags & CLONE_PIDFD)
		close(child_pidfd);
}

static _Noreturn void worker(struct attempt *a)
{
	pid_t sharer = a->call->shares_fs ? share_fs() : 0;
	int fd = fault__open();

	fault__leave_rseq();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	state__read(&a->before);
	/* The rehearsal maps the pages that the call needs. */
	memset(child_stack, 0, sizeof(child_stack));
	child_pidfd = -1;
	for (int real = 0; real < 2; real++) {
		fault__set(fd, real ? a->nth : 0);
		a->result = make_call(a, !real);
		a->left = fault__left(fd);
	}
	if (a->call->kind == FORK && a->result > 0)
		reap_child(a, a->result);
	state__read(&a->after);
	a->done = true;
	if (sharer) {
		kill(sharer, SIGKILL);
		waitpid(sharer, NULL, 0);
	}
	_exit(0);
}

/* --- the director -------------------------------------------------------- */

struct figures {
	int injected, nomem, also, survived;
};

static void check_same(const struct attempt *a)
{
	const struct state *x = &a->before, *y = &a->after;
	char what[64];

	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++) {
		snprintf(what, sizeof(what), "%s, after allocation %d failed",
			 ns_names[i], a->nth);
		check__eq(what, y->ns[i], x->ns[i]);
	}
	check__eq("number of the caller", y->pid, x->pid);
	check__eq("files of the caller", y->files, x->files);
	check__eq("children of the caller", y->children, x->children);
}

static bool allows(const struct call *c, long err)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->also); i++)
		if (c->also[i] == err)
			return true;
	return false;
}

static void check_result(const struct attempt *a, struct figures *n)
{
	const struct call *c = a->call;

	n->injected++;
	if (a->result >= 0 || a->result == c->final) {
		n->survived++;
		if (c->kind == FORK)
			check__eq("status of the child", a->status, 0);
		return;
	}
	check_same(a);
	if (a->result == -ENOMEM)
		n->nomem++;
	else if (c->any_errno || allows(c, a->result))
		n->also++;
	else
		check__fail("allocation %d failing: got %s, expected -ENOMEM",
			    a->nth, strerrorname_np(-a->result));
}

/* @nth: 0 for a call with nothing failing */
static void run_worker(struct attempt *a, int nth)
{
	int status = 0;
	pid_t pid;

	a->nth = nth;
	a->done = false;
	a->status = a->left = 0;
	pid = ns__clone(0, NULL);
	if (!pid)
		worker(a);
	check__must("worker", pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!a->done)
		check__bail("the worker ended with status %#x, with allocation %d failing",
			    status, nth);
}

/* Returns false if the call made fewer than @nth allocations. */
static bool fail_one(struct attempt *a, int nth, struct figures *n)
{
	run_worker(a, nth);
	if (a->left) {
		check__err("the call with nothing failing",
			   a->result > 0 ? 0 : a->result, a->call->final);
		return false;
	}
	check_result(a, n);
	return true;
}

static struct figures sweep(struct attempt *a)
{
	const int step = a->call->step ? a->call->step : 1;
	struct figures n = { 0 };
	struct fault_walk walk = { .nth = 1 };

	for (int i = 0; i < WARM_UP; i++)
		run_worker(a, 0);
	while (walk.nth <= NTH_MAX && fail_one(a, walk.nth, &n))
		fault_walk__next(&walk, step, n.survived);
	check__true("an end of the allocations", walk.nth <= NTH_MAX);
	if (n.injected < a->call->least)
		check__fail("%d allocations failed, expected %d or more",
			    n.injected, a->call->least);
	return n;
}

/* A real leak grows between each two counts. */
static struct figures sweep_and_count(struct attempt *a)
{
	struct counts before, after;
	struct figures n;
	bool settled = false;

	for (int i = 0; i < COUNTINGS && !settled; i++) {
		counts__read(&before);
		for (int round = 0; round < ROUNDS; round++)
			n = sweep(a);
		settled = counts__settle(&before, &after);
	}
	check__true("no object is leaked", settled);
	if (!settled)
		counts__note_growth(&before, &after);
	return n;
}

static void every_allocation(const void *arg)
{
	struct attempt *a = shared__alloc(sizeof(*a));
	const struct call *c = arg;
	struct figures n;

	a->call = c;
	fault__prepare();
	if (c->kind == SETNS)
		a->target = actor__spawn("target", NULL,
					 c->flags | CLONE_NEWPID).pidfd;
	n = sweep_and_count(a);
	check__detail("failnth | %s | %d failed | ENOMEM %d | others %d | survived %d",
		      c->name, n.injected, n.nomem, n.also, n.survived);
}

static struct test_case make_case(const struct call *c)
{
	return (struct test_case){
		.name = c->name,
		.modes = MODE_JOIN | MODE_MAINLINE,
		.knob = KNOB_OFF,
		.run_with = every_allocation,
		.arg = c,
	};
}

void failnth_calls__add(struct run_list *l)
{
	static struct test_case cases[2 * CALLS];
	static char names[CALLS][64];
	size_t nr = 0;

	for (size_t i = 0; i < CALLS; i++)
		cases[nr++] = make_case(&calls[i]);
	/* The same setns() when it moves the worker, with its struct pid. */
	for (size_t i = 0; i < CALLS; i++) {
		if (calls[i].kind != SETNS)
			continue;
		snprintf(names[i], sizeof(names[i]), "keep: %s", calls[i].name);
		cases[nr] = make_case(&calls[i]);
		cases[nr].name = names[i];
		cases[nr].modes = MODE_KEEP;
		cases[nr++].knob = KNOB_KEEP;
	}
	run__add(l, cases, nr);
}
