// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations whose joins are disturbed only by other joins: all must succeed,
 * and later calls (exec, fork, threads) must behave as after a fork into the
 * namespace.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "stress_ops.h"

/*
 * A join that keeps allows what others refuse: the joiner may share its session and its
 * group, and own a POSIX timer.
 */
static void get_ready(struct self *me)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	timer_t timer;

	if (shared->mode != MODE_KEEP || rng__chance(&me->rng, 50))
		self__lead(me);
	if (shared->mode == MODE_KEEP && rng__chance(&me->rng, 30) &&
	    timer_create(CLOCK_MONOTONIC, &ev, &timer))
		self__fail(me, "timer_create: %m");
	self__ready(me);
}

void ops__joiner(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	get_ready(me);
	word__jitter(&me->rng);
	if (self__must_descend(me, &p->path, p->how, p->check))
		self__settle(me, &p->path);
	if (p->stay)
		self__done(me);
}

static void crowd(struct trial *run, crew_fn fn, int nr)
{
	struct plan plan[CREW_MAX];
	bool same = rng__chance(&run->rng, 50);

	for (int i = 0; i < nr; i++) {
		if (i && same)
			plan[i] = plan[0];
		else
			plan[i] = ops__plan(run, 1);
		crew__add(run, fn, &plan[i]);
	}
	crew__ready(run);
	crew__collect(run);
}

static void alone(struct trial *run, crew_fn fn)
{
	struct plan plan = ops__plan(run, 1);

	crew__add(run, fn, &plan);
	crew__ready(run);
	crew__collect(run);
}

void op_join(struct trial *run)
{
	crowd(run, ops__joiner, 1);
}

void op_crowd(struct trial *run)
{
	crowd(run, ops__joiner, rng__range(&run->rng, 2, 5));
}

static void exit_at_once(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	self__lead(me);
	self__ready(me);
	self__must_descend(me, &p->path, p->how, false);
}

void op_exit(struct trial *run)
{
	crowd(run, exit_at_once, rng__range(&run->rng, 3, 6));
}

void op_levels(struct trial *run)
{
	struct plan plan = { .check = true };
	const struct tree *t = ops__tree(run);
	int leaf = 0;

	for (int i = 0; i < t->nr; i++)
		if (t->node[i].level > t->node[leaf].level)
			leaf = i;
	plan.path = tree__path_to(t, leaf);
	plan.how = rng__below(&run->rng, HOW__NR);
	crew__add(run, ops__joiner, &plan);
	crew__ready(run);
	crew__collect(run);
}

/* --- after the join ----------------------------------------------------- */

static void *exec_main(void *me)
{
	self__exec(me);
	return me;
}

/*
 * The thread takes over the number of its leader, which disappears silently:
 * two struct pids of a newly joined namespace change places. Returns only on
 * failure.
 */
static void exec_by_thread(struct self *me)
{
	pthread_t thread;
	int err;

	/* Count before: exec leaves no task that could count. */
	atomic_fetch_add(&shared->counts.forks, 1);
	err = pthread_create(&thread, NULL, exec_main, me);
	if (err) {
		atomic_fetch_sub(&shared->counts.forks, 1);
		self__fail(me, "pthread_create: %s", strerrorname_np(err));
		return;
	}
	pthread_join(thread, NULL);
}

static void join_and_exec(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	self__lead(me);
	self__ready(me);
	if (!self__must_descend(me, &p->path, p->how, p->check))
		return;
	/* A caller whose children are moved cannot create threads. */
	if (stress__moves() && rng__chance(&me->rng, 50))
		exec_by_thread(me);
	else
		self__exec(me);
}

void op_exec(struct trial *run)
{
	alone(run, join_and_exec);
}

/* Words shared by a joiner, its child, and the orphan that the child leaves. */
enum {
	WORD_CHILD_GONE,
	WORD_ORPHAN_SAW,
};

#define ORPHAN_OF_INIT	1
#define ORPHAN_LOST	2

static _Noreturn void be_orphan(struct self *me)
{
	word__await(&me->slot->word[WORD_CHILD_GONE], 1, WORD_LIMIT_MS);
	/* The init of a namespace has number 1 in it. */
	word__set(&me->slot->word[WORD_ORPHAN_SAW],
		  getppid() == 1 ? ORPHAN_OF_INIT : ORPHAN_LOST);
	_exit(0);
}

/* Lets a child of the joiner fork and exit at once. */
static void leave_orphan(struct self *me)
{
	pid_t pid = self__fork();

	if (pid < 0) {
		self__fail(me, "fork after joining: %s",
			   strerrorname_np(-pid));
		return;
	}
	if (!pid) {
		/* Not self__fork(): the orphan must outlive its parent. */
		pid_t orphan = fork();

		if (!orphan)
			be_orphan(me);
		if (orphan > 0)
			atomic_fetch_add(&shared->counts.forks, 1);
		_exit(orphan < 0);
	}
	self__wait(me, pid, "child that leaves an orphan");
	word__set(&me->slot->word[WORD_CHILD_GONE], 1);
	if (word__await(&me->slot->word[WORD_ORPHAN_SAW], 1, WORD_LIMIT_MS) ||
	    atomic_load(&me->slot->word[WORD_ORPHAN_SAW]) != ORPHAN_OF_INIT)
		self__fail(me, "an orphan in the namespace joined did not become a child of its init");
}

static void fork_children(struct self *me, int nr)
{
	int levels = shared->levels + me->level;
	pid_t child[3];

	for (int i = 0; i < nr; i++) {
		child[i] = self__fork();
		if (!child[i]) {
			const char *wrong = self__newborn(levels, false);

			if (wrong)
				self__fail(me, "child of a joiner: %s", wrong);
			_exit(0);
		}
		if (child[i] < 0) {
			self__fail(me, "fork after joining: %s",
				   strerrorname_np(-child[i]));
			nr = i;
		}
	}
	for (int i = 0; i < nr; i++)
		self__wait(me, child[i], "child of a joiner");
}

static void join_and_fork(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	self__lead(me);
	self__ready(me);
	if (!self__must_descend(me, &p->path, p->how, p->check))
		return;
	fork_children(me, rng__range(&me->rng, 1, 3));
	if (rng__chance(&me->rng, 50))
		leave_orphan(me);
	self__check(me);
}

void op_fork(struct trial *run)
{
	alone(run, join_and_fork);
}

/* --- threads ------------------------------------------------------------ */

struct side {
	struct self *me;
	pid_t tid;
	_Atomic uint32_t leave;
};

/*
 * Stays beside the leader until @leave is set. Returns non-NULL if the thread's
 * numbers are wrong.
 */
static void *thread_main(void *arg)
{
	struct side *side = arg;

	side->tid = gettid();
	word__await(&side->leave, 1, WORD_LIMIT_MS);
	if (!gettid() || gettid() == getpid() || !getpid())
		return side;
	return NULL;
}

static int start_thread(struct side *side, pthread_t *thread)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	atomic_store(&side->leave, 0);
	err = pthread_create(thread, &attr, thread_main, side);
	pthread_attr_destroy(&attr);
	if (!err)
		atomic_fetch_add(&shared->counts.forks, 1);
	return err;
}

static void end_thread(struct side *side, pthread_t thread)
{
	void *wrong = NULL;

	word__set(&side->leave, 1);
	pthread_join(thread, &wrong);
	if (wrong)
		self__fail(side->me, "thread: wrong getpid() or gettid()");
}

/*
 * pthread_join() returns when the thread has left its stack; the thread leaves
 * the thread group a little later. Until then EUSERS is right. The thread's
 * number disappears at the same moment (__exit_signal(), __unhash_process()).
 */
static bool await_thread_gone(struct self *me, const struct side *side)
{
	long end = beat__now_ms() + WORD_LIMIT_MS;

	while (!tgkill(getpid(), side->tid, 0)) {
		if (beat__now_ms() >= end) {
			self__fail(me, "thread %d does not go", side->tid);
			return false;
		}
		sched_yield();
	}
	return true;
}

static void join_after_thread(struct self *me, const struct plan *p,
			      const struct side *side)
{
	struct path rest = p->path;
	int rc;

	rc = self__enter(me, rest.tree, rest.node[0], p->how);
	if (rc == -EUSERS && await_thread_gone(me, side))
		rc = self__enter(me, rest.tree, rest.node[0], p->how);
	if (rc) {
		self__fail(me, "setns after the thread ended: %s",
			   strerrorname_np(-rc));
		return;
	}
	memmove(rest.node, rest.node + 1,
		(TREE_DEPTH - 1) * sizeof(rest.node[0]));
	rest.nr--;
	if (rest.nr)
		self__must_descend(me, &rest, p->how, p->check);
	self__check(me);
}

static void join_and_thread(struct self *me, const void *arg)
{
	struct side side = { .me = me };
	const struct plan *p = arg;
	pthread_t thread;
	int rc, err;

	self__lead(me);
	self__ready(me);
	err = start_thread(&side, &thread);
	if (err) {
		self__fail(me, "pthread_create: %s", strerrorname_np(err));
		return;
	}
	rc = self__enter(me, p->path.tree, p->path.node[0], p->how);
	end_thread(&side, thread);
	if (rc != (stress__moves() ? -EUSERS : 0))
		self__fail(me, "setns with a thread gave %s, expected %s",
			   rc ? strerrorname_np(-rc) : "0",
			   stress__moves() ? "EUSERS" : "0");
	self__check(me);
	if (stress__moves())
		join_after_thread(me, p, &side);

	/*
	 * A thread must be in the namespace of its leader's children: true
	 * after a join, EINVAL if only the children were moved.
	 */
	err = start_thread(&side, &thread);
	if (!err)
		end_thread(&side, thread);
	if (err != (stress__moves() ? 0 : EINVAL))
		self__fail(me, "pthread_create after setns gave %s, expected %s",
			   err ? strerrorname_np(err) : "0",
			   stress__moves() ? "0" : "EINVAL");
}

void op_threads(struct trial *run)
{
	/* No enum how includes a time namespace, which refuses a caller with threads. */
	alone(run, join_and_thread);
}
