// SPDX-License-Identifier: GPL-2.0-only
/* The states in which setns() must fail, and how a crew member gets into each. */
#include "stress_refusals.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "stress_view.h"

/* Calls setns(), and checks that a failure changes nothing. */
static int try_setns(struct self *me, int fd, int flags)
{
	const char *changed;
	struct view before, after;
	int rc, err = 0;

	/* A task that a seed kernel has moved has no /proc/self. */
	if (shared->mode == MODE_SEED)
		return self__setns(me, fd, flags, true);
	err = view__take(&before);
	rc = self__setns(me, fd, flags, true);
	if (!err && rc) {
		err = view__take(&after);
		changed = err ? NULL : view__differs(&before, &after);
		if (changed)
			self__fail(me, "a setns that failed with %s changed %s",
				   rc__name(rc), changed);
	}
	if (err)
		self__fail(me, "/proc/self: %s", rc__name(err));
	return rc;
}

static int top_fd(const struct attempt *a)
{
	return a->plan.path.tree->nsfd[a->plan.path.node[0]];
}

static int call_top(struct self *me, const struct attempt *a)
{
	return try_setns(me, top_fd(a), CLONE_NEWPID);
}

static int call_group_leader(struct self *me, const struct attempt *a)
{
	me->regrouped = true;
	if (setpgid(0, 0))
		self__fail(me, "setpgid(0, 0): %m");
	else
		atomic_fetch_add(&shared->counts.setpgid, 1);
	return call_top(me, a);
}

static int call_grandchild(struct self *me, const struct attempt *a)
{
	const struct path *p = &a->plan.path;

	return try_setns(me, p->tree->nsfd[p->node[1]], 0);
}

static int call_own(struct self *me, const struct attempt *a __maybe_unused)
{
	return try_setns(me, me->run->w->own_ns, 0);
}

/* Two roots of trees are siblings: from inside one, setns() into the other must fail. */
static int call_cousin(struct self *me, const struct attempt *a __maybe_unused)
{
	const struct worker *w = me->run->w;

	if (self__setns(me, w->own.nsfd[0], 0, true))
		self__fail(me, "setns into the first of two siblings failed");
	return try_setns(me, w->common->nsfd[0], CLONE_NEWPID);
}

static int call_parent(struct self *me, const struct attempt *a)
{
	if (self__setns(me, top_fd(a), 0, true))
		self__fail(me, "setns into a child of ours failed");
	return call_own(me, a);
}

static int call_dead(struct self *me, const struct attempt *a)
{
	return try_setns(me, a->dead_ns, CLONE_NEWPID);
}

static int call_dead_pidfd(struct self *me, const struct attempt *a)
{
	return try_setns(me, a->dead_pid, CLONE_NEWPID);
}

static int call_bad_fd(struct self *me, const struct attempt *a __maybe_unused)
{
	return try_setns(me, -1, CLONE_NEWPID);
}

static int call_not_ns(struct self *me, const struct attempt *a __maybe_unused)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int rc = try_setns(me, fd, 0);

	close(fd);
	return rc;
}

static int call_wrong_type(struct self *me, const struct attempt *a)
{
	return try_setns(me, top_fd(a), CLONE_NEWNET);
}

static int call_pidfd_no_flags(struct self *me, const struct attempt *a)
{
	const struct path *p = &a->plan.path;

	return try_setns(me, p->tree->pidfd[p->node[0]], 0);
}

static int call_childless(struct self *me, const struct attempt *a)
{
	/* Linux 6.11 added PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE. */
	if (a->childless_ns == -ENOTTY || a->childless_ns == -EINVAL) {
		me->slot->skipped = true;
		return a->row->want[shared->mode];
	}
	if (a->childless_ns < 0)
		self__fail(me, "ioctl for the namespace without an init: %s",
			   rc__name(a->childless_ns));
	return try_setns(me, a->childless_ns, CLONE_NEWPID);
}

/* --- callers in a state that excludes a join ----------------------------- */

/* Data that a caller shares with its thread, or with a child in the same memory. */
struct shared_call {
	struct self *me;
	const struct attempt *a;
	_Atomic uint32_t leave;		/* 1: wait_in_thread() returns */
	int rc;				/* result of setns() */
};

static void *wait_in_thread(void *arg)
{
	struct shared_call *call = arg;

	word__await(&call->leave, 1, WORD_LIMIT_MS);
	return NULL;
}

static void *call_in_thread(void *arg)
{
	struct shared_call *call = arg;

	call->rc = self__setns(call->me, top_fd(call->a), CLONE_NEWPID, true);
	return NULL;
}

/* Creates a thread, and calls setns() in the new thread (by_other) or in the leader. */
static int call_in_two_threads(struct self *me, const struct attempt *a,
			       bool by_other)
{
	struct shared_call call = { .me = me, .a = a };
	pthread_t thread;
	int err;

	err = pthread_create(&thread, NULL,
			     by_other ? call_in_thread : wait_in_thread, &call);
	if (err) {
		self__fail(me, "pthread_create: %s", strerrorname_np(err));
		return -err;
	}
	atomic_fetch_add(&shared->counts.forks, 1);
	if (!by_other) {
		call.rc = call_top(me, a);
		word__set(&call.leave, 1);
	}
	pthread_join(thread, NULL);
	return call.rc;
}

static int call_with_thread(struct self *me, const struct attempt *a)
{
	return call_in_two_threads(me, a, false);
}

static int call_by_thread(struct self *me, const struct attempt *a)
{
	return call_in_two_threads(me, a, true);
}

/* Forks a child that lives until its parent sets word 0. */
static pid_t fork_idle(struct self *me)
{
	pid_t pid = self__fork();

	if (!pid) {
		word__await(&me->slot->word[0], 1, WORD_LIMIT_MS);
		_exit(0);
	}
	if (pid < 0)
		self__fail(me, "fork: %s", rc__name(pid));
	return pid;
}

static pid_t idle_child;	/* one per member: each is a process of its own */

static int call_with_child(struct self *me, const struct attempt *a)
{
	idle_child = fork_idle(me);
	return call_top(me, a);
}

static void undo_child(struct self *me)
{
	word__set(&me->slot->word[0], 1);
	self__wait(me, idle_child, "idle child");
}

/* Lives until all other holders of the pipe @hold have closed its write end. */
static _Noreturn void live_with(int hold[2])
{
	char c;

	close(hold[1]);
	_exit(read(hold[0], &c, 1) != 0);
}

/*
 * Makes a grandchild whose parent is gone: a task in the caller's session that is not
 * the caller's child. The grandchild exits when the caller does, and is reaped by stress,
 * the subreaper.
 */
static int call_shared_session(struct self *me, const struct attempt *a)
{
	int hold[2];
	pid_t child;

	if (pipe2(hold, O_CLOEXEC)) {
		self__fail(me, "pipe: %m");
		return -errno;
	}
	child = self__fork();
	if (!child) {
		pid_t pid = fork();

		if (!pid)
			live_with(hold);
		if (pid > 0)
			atomic_fetch_add(&shared->counts.forks, 1);
		_exit(pid < 0);
	}
	if (child < 0) {
		self__fail(me, "fork: %s", rc__name(child));
		return child;
	}
	self__wait(me, child, "child between");
	return call_top(me, a);
}

static int call_with_tty(struct self *me, const struct attempt *a)
{
	int master, slave, rc;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master)) {
		/* Without devpts, the state cannot be entered. */
		me->slot->skipped = true;
		return a->row->want[shared->mode];
	}
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		self__fail(me, "controlling terminal: %m");
	rc = call_top(me, a);
	/* TIOCNOTTY gives up the terminal, and sends SIGHUP to a session leader. */
	signal(SIGHUP, SIG_IGN);
	if (ioctl(slave, TIOCNOTTY))
		self__fail(me, "TIOCNOTTY: %m");
	close(slave);
	close(master);
	return rc;
}

static void undo_nothing(struct self *me __maybe_unused)
{
}

static timer_t own_timer;

static int call_with_timer(struct self *me, const struct attempt *a)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };

	if (timer_create(CLOCK_MONOTONIC, &ev, &own_timer))
		self__fail(me, "timer_create: %m");
	return call_top(me, a);
}

static void undo_timer(struct self *me)
{
	if (timer_delete(own_timer))
		self__fail(me, "timer_delete: %m");
}

static int call_traced(struct self *me, const struct attempt *a)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		self__fail(me, "PTRACE_TRACEME: %m");
	return call_top(me, a);
}

static int call_with_tracee(struct self *me, const struct attempt *a)
{
	if (ptrace(PTRACE_SEIZE, a->idler, NULL, NULL))
		self__fail(me, "PTRACE_SEIZE: %m");
	return call_top(me, a);
}

static void set_admin(struct self *me, bool on)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		self__fail(me, "capget: %m");
	if (on)
		data[0].effective = data[0].permitted;
	else
		data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &head, data))
		self__fail(me, "capset: %m");
}

static int call_without_capability(struct self *me, const struct attempt *a)
{
	set_admin(me, false);
	return call_top(me, a);
}

static void undo_capability(struct self *me)
{
	set_admin(me, true);
}

/*
 * Calls setns() so that it fails late: the pid namespace is installed first, then the
 * time namespace refuses a caller that shares its memory (time/namespace.c: EUSERS), and
 * setns() must undo everything.
 */
static int fail_late(void *arg)
{
	struct shared_call *late = arg;
	const struct path *p = &late->a->plan.path;

	self__setsid();
	late->rc = try_setns(late->me, p->tree->pidfd[p->node[0]],
			     CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWTIME);
	return 0;
}

#define LATE_STACK	(256 * 1024)

static int call_late(struct self *me, const struct attempt *a)
{
	struct shared_call late = { .me = me, .a = a, .rc = -EIO };
	char *stack;
	pid_t pid;

	stack = mmap(NULL, LATE_STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED) {
		self__fail(me, "mmap: %m");
		return -ENOMEM;
	}
	/* CLONE_VFORK: the caller does not run while the child uses the memory. */
	pid = clone(fail_late, stack + LATE_STACK,
		    CLONE_VM | CLONE_VFORK | SIGCHLD, &late);
	if (pid < 0) {
		self__fail(me, "clone: %m");
	} else {
		atomic_fetch_add(&shared->counts.forks, 1);
		self__wait(me, pid, "child that shares the memory");
	}
	munmap(stack, LATE_STACK);
	return late.rc;
}

/* --- the table ---------------------------------------------------------- */

#define N	NOT_HERE

const struct refusal refusals[] = {
	/* name, needs, want: mainline, join, seed, keep; call, undo */
	{ "a child in its parent's session", NEED_NO_SETSID,
	  { 0, -EPERM, -EPERM, 0 }, call_top, NULL },
	{ "a leader of its group only", NEED_NO_SETSID,
	  { 0, -EPERM, -EPERM, 0 }, call_group_leader, NULL },
	{ "a grandchild namespace", NEED_DEEP,
	  { 0, -EPERM, -EPERM, -EPERM }, call_grandchild, undo_nothing },
	{ "the own namespace", 0,
	  { 0, -EPERM, -EPERM, -EPERM }, call_own, undo_nothing },
	{ "a sibling of the namespace joined", 0,
	  { 0, -EPERM, -EPERM, -EPERM }, call_cousin, NULL },
	{ "back into the parent namespace", 0,
	  { 0, -EPERM, -EPERM, -EPERM }, call_parent, NULL },
	{ "a dead namespace", NEED_DEAD,
	  { 0, -ENOMEM, N, -ENOMEM }, call_dead, undo_nothing },
	{ "the pidfd of a dead init", NEED_DEAD,
	  { -ESRCH, -ESRCH, -ESRCH, -ESRCH }, call_dead_pidfd, undo_nothing },
	{ "a bad fd", 0,
	  { -EBADF, -EBADF, -EBADF, -EBADF }, call_bad_fd, undo_nothing },
	{ "an fd of no namespace", 0,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL }, call_not_ns, undo_nothing },
	{ "the wrong type of namespace", 0,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL }, call_wrong_type, undo_nothing },
	{ "a pidfd without flags", 0,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL }, call_pidfd_no_flags, undo_nothing },
	{ "a namespace without an init", NEED_CHILDLESS,
	  { 0, -EINVAL, N, -EINVAL }, call_childless, undo_nothing },
	{ "a caller with a thread", 0,
	  { 0, -EUSERS, N, -EUSERS }, call_with_thread, NULL },
	{ "a thread that is not the leader", 0,
	  { 0, -EPERM, N, -EUSERS }, call_by_thread, NULL },
	{ "a caller with a child", 0,
	  { 0, -EBUSY, N, -EBUSY }, call_with_child, undo_child },
	{ "a caller that shares its session", 0,
	  { 0, -EBUSY, N, 0 }, call_shared_session, NULL },
	{ "a caller with a controlling terminal", 0,
	  { 0, -EBUSY, N, 0 }, call_with_tty, undo_nothing },
	{ "a caller with a POSIX timer", 0,
	  { 0, -EBUSY, N, 0 }, call_with_timer, undo_timer },
	{ "a caller that is traced", 0,
	  { 0, -EBUSY, N, 0 }, call_traced, NULL },
	{ "a caller that traces", NEED_IDLER,
	  { 0, -EBUSY, N, -EBUSY }, call_with_tracee, NULL },
	{ "a caller without CAP_SYS_ADMIN", 0,
	  { -EPERM, -EPERM, N, -EPERM }, call_without_capability, undo_capability },
	{ "a later namespace that refuses", NEED_NO_SETSID,
	  { -EUSERS, -EUSERS, N, -EUSERS }, call_late, NULL },
};

#undef N

const unsigned int refusals_nr = ARRAY_SIZE(refusals);
