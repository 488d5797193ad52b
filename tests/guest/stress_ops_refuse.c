// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that must fail, in the middle of all the others that succeed, and
 * must leave the caller as it was. One row of the table a run. Each row
 * brings the caller into the state the kernel is to refuse; where that state
 * can be left again, the join that follows must succeed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ns.h"
#include "stress_ops.h"
#include "stress_view.h"

/* What a row needs done before. */
enum {
	NEED_DEEP	= 1 << 0,	/* a path of two levels */
	NEED_DEAD	= 1 << 1,	/* a namespace that has died */
	NEED_IDLER	= 1 << 2,	/* another task, doing nothing */
	NEED_CHILDLESS	= 1 << 3,	/* a namespace made, without an init */
	NEED_FOLLOWERS	= 1 << 4,	/* not a leader: no setsid() */
};

/* In want[]: not for this mode. Not an errno. */
#define NOT_HERE	1

struct attempt {
	const struct refusal *row;
	struct plan plan;
	pid_t idler;		/* the other task */
	int dead_ns;		/* nsfs fd, pidfd of what died */
	int dead_pid;
	int childless_ns;	/* nsfs fd, or -errno */
};

struct refusal {
	const char *name;
	unsigned int needs;
	int want[MODE__NR];	/* 0, -errno or NOT_HERE */
	int (*call)(struct self *me, const struct attempt *a);
	void (*undo)(struct self *me);	/* NULL: the state stays */
};

/* setns(), and nothing may have changed if it fails. */
static int try_setns(struct self *me, int fd, int flags)
{
	const char *changed;
	struct view before, after;
	int rc, err = 0;

	/* A task that the seed moved has no /proc/self. */
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

static int call_own(struct self *me, const struct attempt *a)
{
	(void)a;
	return try_setns(me, me->run->w->own_ns, 0);
}

/* Two roots are siblings; moved into one, the other is no child. */
static int call_cousin(struct self *me, const struct attempt *a)
{
	const struct worker *w = me->run->w;

	(void)a;
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

static int call_bad_fd(struct self *me, const struct attempt *a)
{
	(void)a;
	return try_setns(me, -1, CLONE_NEWPID);
}

static int call_not_ns(struct self *me, const struct attempt *a)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int rc = try_setns(me, fd, 0);

	(void)a;
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
	/* PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE is of 6.11. */
	if (a->childless_ns == -ENOTTY || a->childless_ns == -EINVAL) {
		me->slot->skipped = true;
		return a->row->want[shared->mode];
	}
	if (a->childless_ns < 0)
		self__fail(me, "ioctl for the namespace without an init: %s",
			   rc__name(a->childless_ns));
	return try_setns(me, a->childless_ns, CLONE_NEWPID);
}

/* --- callers in a state that does not bear a join ------------------------ */

struct side {
	struct self *me;
	const struct attempt *a;
	_Atomic uint32_t leave;
	int rc;
};

static void *wait_beside(void *arg)
{
	struct side *side = arg;

	word__await(&side->leave, 1, WORD_LIMIT_MS);
	return NULL;
}

static void *call_beside(void *arg)
{
	struct side *side = arg;

	side->rc = self__setns(side->me, top_fd(side->a), CLONE_NEWPID, true);
	return NULL;
}

static int with_thread(struct self *me, const struct attempt *a,
		       void *(*fn)(void *), struct side *side,
		       pthread_t *thread)
{
	int err;

	side->me = me;
	side->a = a;
	err = pthread_create(thread, NULL, fn, side);
	if (err) {
		self__fail(me, "pthread_create: %s", strerrorname_np(err));
		return -err;
	}
	atomic_fetch_add(&shared->counts.forks, 1);
	return 0;
}

static int call_with_thread(struct self *me, const struct attempt *a)
{
	struct side side = { .leave = 0 };
	pthread_t thread;
	int rc;

	rc = with_thread(me, a, wait_beside, &side, &thread);
	if (rc)
		return rc;
	rc = call_top(me, a);
	word__set(&side.leave, 1);
	pthread_join(thread, NULL);
	return rc;
}

static int call_by_thread(struct self *me, const struct attempt *a)
{
	struct side side = { .leave = 0 };
	pthread_t thread;
	int rc;

	rc = with_thread(me, a, call_beside, &side, &thread);
	if (rc)
		return rc;
	pthread_join(thread, NULL);
	return side.rc;
}

/* A child that lives until its parent sets word 0. */
static pid_t fork_idle(struct self *me)
{
	pid_t pid = self__fork(me);

	if (!pid) {
		word__await(&me->slot->word[0], 1, WORD_LIMIT_MS);
		_exit(0);
	}
	if (pid < 0)
		self__fail(me, "fork: %s", rc__name(pid));
	return pid;
}

static pid_t idle_child;	/* of this member: it is a process of its own */

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

/* Lives until nobody holds the other end of @hold any more. */
static void live_with(int hold[2]) __attribute__((noreturn));

static void live_with(int hold[2])
{
	char c;

	close(hold[1]);
	_exit(read(hold[0], &c, 1) != 0);
}

/*
 * A grandchild whose parent is gone: it is in the caller's session, but no
 * child of the caller's. It ends with the caller, who can not wait for it:
 * stress itself, the subreaper, does.
 */
static int call_shared_session(struct self *me, const struct attempt *a)
{
	int hold[2];
	pid_t child;

	if (pipe2(hold, O_CLOEXEC)) {
		self__fail(me, "pipe: %m");
		return -errno;
	}
	child = self__fork(me);
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
	int master, slave = -1, rc;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master)) {
		/* No devpts here: not what this is about. */
		me->slot->skipped = true;
		return a->row->want[shared->mode];
	}
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
		self__fail(me, "controlling terminal: %m");
	rc = call_top(me, a);
	/* Gives the terminal up; as its leader, gets SIGHUP and SIGCONT. */
	signal(SIGHUP, SIG_IGN);
	if (ioctl(slave, TIOCNOTTY))
		self__fail(me, "TIOCNOTTY: %m");
	close(slave);
	close(master);
	return rc;
}

static void undo_nothing(struct self *me)
{
	(void)me;
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

static int call_without_capability(struct self *me, const struct attempt *a)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		self__fail(me, "capget: %m");
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &head, data))
		self__fail(me, "capset: %m");
	return call_top(me, a);
}

static void undo_capability(struct self *me)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		self__fail(me, "capget: %m");
	data[0].effective = data[0].permitted;
	if (syscall(SYS_capset, &head, data))
		self__fail(me, "capset: %m");
}

/*
 * The pid namespace is installed, then the time namespace refuses a caller
 * that shares its memory (time/namespace.c: EUSERS): all has to be undone.
 */
struct late {
	struct self *me;
	const struct attempt *a;
	int rc;
};

static int fail_late(void *arg)
{
	struct late *late = arg;
	const struct path *p = &late->a->plan.path;

	self__setsid(late->me);
	late->rc = try_setns(late->me, p->tree->pidfd[p->node[0]],
			     CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWTIME);
	return 0;
}

#define LATE_STACK	(256 * 1024)

static int call_late(struct self *me, const struct attempt *a)
{
	struct late late = { .me = me, .a = a, .rc = -EIO };
	char *stack;
	pid_t pid;

	stack = mmap(NULL, LATE_STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED) {
		self__fail(me, "mmap: %m");
		return -ENOMEM;
	}
	/* The caller stands still until the child is gone: no race. */
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

static const struct refusal refusals[] = {
	/* name, needs, want: mainline, join, seed, call, undo */
	{ "a child in its parent's session", NEED_FOLLOWERS,
	  { 0, -EPERM, -EPERM }, call_top, NULL },
	{ "a leader of its group only", NEED_FOLLOWERS,
	  { 0, -EPERM, -EPERM }, call_group_leader, NULL },
	{ "a grandchild namespace", NEED_DEEP,
	  { 0, -EPERM, -EPERM }, call_grandchild, undo_nothing },
	{ "the own namespace", 0,
	  { 0, -EPERM, -EPERM }, call_own, undo_nothing },
	{ "a sibling of the namespace joined", 0,
	  { 0, -EPERM, -EPERM }, call_cousin, NULL },
	{ "back into the parent namespace", 0,
	  { 0, -EPERM, -EPERM }, call_parent, NULL },
	{ "a dead namespace", NEED_DEAD,
	  { 0, -ENOMEM, N }, call_dead, undo_nothing },
	{ "the pidfd of a dead init", NEED_DEAD,
	  { -ESRCH, -ESRCH, -ESRCH }, call_dead_pidfd, undo_nothing },
	{ "a bad fd", 0,
	  { -EBADF, -EBADF, -EBADF }, call_bad_fd, undo_nothing },
	{ "an fd of no namespace", 0,
	  { -EINVAL, -EINVAL, -EINVAL }, call_not_ns, undo_nothing },
	{ "the wrong type of namespace", 0,
	  { -EINVAL, -EINVAL, -EINVAL }, call_wrong_type, undo_nothing },
	{ "a pidfd without flags", 0,
	  { -EINVAL, -EINVAL, -EINVAL }, call_pidfd_no_flags, undo_nothing },
	{ "a namespace without an init", NEED_CHILDLESS,
	  { 0, -EINVAL, N }, call_childless, undo_nothing },
	{ "a caller with a thread", 0,
	  { 0, -EUSERS, N }, call_with_thread, NULL },
	{ "a thread that is not the leader", 0,
	  { 0, -EPERM, N }, call_by_thread, NULL },
	{ "a caller with a child", 0,
	  { 0, -EBUSY, N }, call_with_child, undo_child },
	{ "a caller that shares its session", 0,
	  { 0, -EBUSY, N }, call_shared_session, NULL },
	{ "a caller with a controlling terminal", 0,
	  { 0, -EBUSY, N }, call_with_tty, undo_nothing },
	{ "a caller with a POSIX timer", 0,
	  { 0, -EBUSY, N }, call_with_timer, undo_timer },
	{ "a caller that is traced", 0,
	  { 0, -EBUSY, N }, call_traced, NULL },
	{ "a caller that traces", NEED_IDLER,
	  { 0, -EBUSY, N }, call_with_tracee, NULL },
	{ "a caller without CAP_SYS_ADMIN", 0,
	  { -EPERM, -EPERM, N }, call_without_capability, undo_capability },
	{ "a later namespace that refuses", NEED_FOLLOWERS,
	  { -EUSERS, -EUSERS, N }, call_late, NULL },
};

#undef N

#define REFUSALS	(sizeof(refusals) / sizeof(refusals[0]))

static void be_refused(struct self *me, const void *arg)
{
	const struct attempt *a = arg;
	const struct refusal *row = a->row;
	int want = row->want[shared->mode];
	int rc, err;

	if (!(row->needs & NEED_FOLLOWERS) && self__setsid(me))
		self__fail(me, "setsid: %m");
	self__ready(me);
	rc = row->call(me, a);
	if (rc != want)
		self__fail(me, "%s: setns gave %s, expected %s", row->name,
			   rc__name(rc), rc__name(want));
	else if (row->undo && !me->slot->skipped) {
		row->undo(me);
		err = self__descend(me, &a->plan.path, a->plan.how,
				    a->plan.check);
		if (err)
			self__fail(me, "%s, when that is over: setns gave %s, expected 0",
				   row->name, rc__name(err));
		me->slot->rc = rc;	/* what this operation is about */
	}
}

static void be_idle(struct self *me, const void *arg)
{
	(void)arg;
	self__ready(me);
	self__done(me);
}

/* Makes a namespace no one was ever born into, and stays. */
static void be_childless(struct self *me, const void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWPID))
		self__fail(me, "unshare(CLONE_NEWPID): %m");
	word__set(&me->slot->word[0], 1);
	be_idle(me, NULL);
}

static void make_dead(struct run *run, struct attempt *a)
{
	int err = tree__grow(&run->brief, run->w->area->brief, &run->rng, 1, 0);

	if (err) {
		run__fail(run, "growing a tree: %s", rc__name(err));
		return;
	}
	a->dead_ns = dup(run->brief.nsfd[0]);
	a->dead_pid = dup(run->brief.pidfd[0]);
	tree__kill(&run->brief);
	crew__reap_root(run, &run->brief);
}

static void provide(struct run *run, struct attempt *a)
{
	struct member *m = NULL;
	int pidfd;

	if (a->row->needs & NEED_DEAD)
		make_dead(run, a);
	if (a->row->needs & NEED_IDLER)
		m = crew__add(run, be_idle, NULL);
	if (a->row->needs & NEED_CHILDLESS)
		m = crew__add(run, be_childless, NULL);
	if (!m)
		return;
	a->idler = m->pid;
	if (!(a->row->needs & NEED_CHILDLESS))
		return;
	word__await(&m->slot->word[0], 1, WORD_LIMIT_MS);
	pidfd = ns__pidfd(m->pid, 0);
	a->childless_ns = ns__of_children(pidfd);
	close(pidfd);
}

/*
 * An init may not leave its namespace: it is told to try. Mainline lets it,
 * and moves its children to come, of which it will have none.
 */
static void refuse_init(struct run *run)
{
	int want = stress__moves() ? -EINVAL : 0;
	const struct tree *t = &run->w->own;
	int rc;

	/* Node 1 is a child of the root: a trunk has two levels at least. */
	rc = node__order(&t->node[0], NODE_SETNS, 1, true);
	run__note(run, outcome__of(rc));
	if (rc != want)
		run__fail(run, "the init of a namespace: setns gave %s, expected %s",
			  rc__name(rc), rc__name(want));
}

void op_refuse(struct run *run)
{
	struct attempt a = {
		.dead_ns = -1, .dead_pid = -1, .childless_ns = -ENOENT,
	};
	unsigned int row;

	do
		row = rng__below(&run->rng, REFUSALS + 1);
	while (row < REFUSALS &&
	       refusals[row].want[shared->mode] == NOT_HERE);
	if (row == REFUSALS) {
		refuse_init(run);
		return;
	}
	a.row = &refusals[row];
	ops__plan(run, a.row->needs & NEED_DEEP ? 2 : 1, &a.plan);
	provide(run, &a);
	crew__add(run, be_refused, &a);
	crew__ready(run);
	/*
	 * The idler has to outlast the caller, and to be untraced at its
	 * end: only the worker knows when.
	 */
	if (run->nr > 1) {
		struct member *m = &run->member[run->nr - 1];

		int pidfd = ns__pidfd(m->pid, 0);

		if (pidfd >= 0) {
			ns__wait_dead(pidfd, WORD_LIMIT_MS);
			close(pidfd);
		}
	}
	crew__collect(run);
	if (a.dead_ns >= 0)
		close(a.dead_ns);
	if (a.dead_pid >= 0)
		close(a.dead_pid);
	if (a.childless_ns >= 0)
		close(a.childless_ns);
}
