// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other tasks use the old number while a join removes it. They look up the
 * process and its group, or wait as a tracer that attached too late for the
 * join to be refused.
 */
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "stress_ops.h"

/* --- process and group go at once ---------------------------------------- */

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

/*
 * pidfd_open() returns ENOENT for the number of a thread (since 6.15), which is
 * in the list of PIDTYPE_PID and not in that of PIDTYPE_TGID. A joiner leaves
 * both lists under wait_pidfd.lock, so no caller may get ENOENT.
 */
static bool is_taken_for_a_thread(pid_t pid)
{
	int fd = ns__pidfd(pid, 0);

	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

/*
 * The process is looked up without a lock, its group under tasklist_lock, which
 * a join holds. So once either is gone, the other is gone too.
 */
static void watch_it_go(struct trial *run, const struct member *m)
{
	long end = beat__now_ms() + WORD_LIMIT_MS;

	while (!is_gone(m->pid)) {
		if (is_gone(-m->pid) && !is_gone(m->pid)) {
			run__fail(run, "no process group %d any more, but a process",
				  m->pid);
			return;
		}
		if (is_taken_for_a_thread(m->pid)) {
			run__fail(run, "old %d is a thread to pidfd_open()", m->pid);
			return;
		}
		if (beat__now_ms() < end)
			continue;
		run__fail(run, "old %d does not go", m->pid);
		return;
	}
	if (!is_gone(-m->pid))
		run__fail(run, "no process %d any more, but a process group",
			  m->pid);
}

/* A joiner that keeps its struct pid is there all the time, and so is its group. */
static void watch_it_stay(struct trial *run, const struct member *m)
{
	bool leads = getpgid(m->pid) == m->pid;

	while (atomic_load(&m->slot->phase) != SLOT_DONE &&
	       !atomic_load(&m->slot->bad)) {
		if (is_gone(m->pid) || (leads && is_gone(-m->pid)) ||
		    is_taken_for_a_thread(m->pid)) {
			run__fail(run, "%d, or its group, was gone while it joined",
				  m->pid);
			return;
		}
	}
}

void op_group(struct trial *run)
{
	struct plan plan = ops__plan(run, 1);
	struct member *m;

	plan.stay = true;
	m = crew__add(run, ops__joiner, &plan);
	if (!m)
		return;
	if (crew__ready(run)) {
		if (stress__renumbers())
			watch_it_go(run, m);
		else
			watch_it_stay(run, m);
		crew__done(run, m);
	}
	crew__collect(run);
}

/* --- a tracer that waits ------------------------------------------------- */

struct traced {
	struct plan plan;
	pid_t pid;
};

static void join_or_busy(struct self *me, const void *arg)
{
	const struct traced *t = arg;
	int rc;

	self__lead(me);
	self__ready(me);
	rc = self__descend(me, &t->plan.path, t->plan.how, false);
	if (rc && (rc != -EBUSY || !stress__renumbers()))
		self__fail(me, "setns with a tracer attaching gave %s, expected 0%s",
			   rc__name(rc),
			   stress__renumbers() ? " or EBUSY" : "");
	else
		self__check(me);
}

/*
 * The tracer is not the parent, whose wait a join wakes in any case. The wait
 * of a tracer too late for EBUSY ends with ECHILD, that of an earlier one with
 * an exit.
 */
static void seize_and_wait(struct self *me, const void *arg)
{
	struct itimerval limit = { .it_value.tv_sec = WORD_LIMIT_MS / 4000 };
	const struct traced *t = arg;
	int status, rc;

	self__ready(me);
	word__jitter(&me->rng);
	if (ptrace(PTRACE_SEIZE, t->pid, NULL, NULL)) {
		/* EPERM: the task is a zombie. ESRCH: it was moved or is being reaped. */
		if (errno != ESRCH && errno != EPERM)
			self__fail(me, "PTRACE_SEIZE: %m, expected 0, ESRCH or EPERM");
		return;
	}
	setitimer(ITIMER_REAL, &limit, NULL);
	rc = waitpid(t->pid, &status, __WALL) == t->pid ? 0 : -errno;
	if (rc && (rc != -ECHILD || !stress__renumbers()))
		self__fail(me, "a tracer's waitpid(%d): %s, expected an exit, or ECHILD if it moved",
			   t->pid, rc == -EINTR ? "sleeps" : rc__name(rc));
}

void op_tracer(struct trial *run)
{
	struct traced t = { .plan = ops__plan(run, 1) };
	struct member *m = crew__add(run, join_or_busy, &t);

	if (!m)
		return;
	t.pid = m->pid;
	crew__add(run, seize_and_wait, &t);
	crew__ready(run);
	crew__collect(run);
}
