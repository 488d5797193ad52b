// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins race with changes that other tasks make to the joiner or to its target.
 * A result is permitted if some order of the two would give it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "stress_ops.h"

/* --- the death of the target's init ------------------------------------- */

/*
 * Returns true for the errors that setns() may return for a namespace whose
 * init is dying or dead: pid allocation is disabled (ENOMEM), or the namespace
 * has no init (EINVAL); a pidfd may name a task without namespaces, or none
 * (ESRCH).
 */
static bool may_say_dead(int rc, enum how how)
{
	if (rc == -ENOMEM || rc == -EINVAL)
		return true;
	return rc == -ESRCH && (how == HOW_PIDFD || how == HOW_PIDFD_MANY);
}

/*
 * Joins a tree whose level @doomed is being killed. A task that arrives there
 * was moved into a dying namespace and must die of it; any other task must get
 * an error that reports a dead namespace, at level @doomed or below.
 */
static void join_doomed(struct self *me, const void *arg)
{
	const struct plan *p = arg;
	int rc;

	self__lead(me);
	self__ready(me);
	word__jitter(&me->rng);
	rc = self__descend(me, &p->path, p->how, false);
	if (rc && !may_say_dead(rc, p->how))
		self__fail(me, "setns into level %d, dying from level %d on, gave %s",
			   me->level + 1, p->doomed, rc__name(rc));
	else if (rc && me->level + 1 < p->doomed)
		self__fail(me, "setns into level %d gave %s, but only level %d is dying",
			   me->level + 1, rc__name(rc), p->doomed);
	if (me->level >= p->doomed)
		self__await_death(me, "in a namespace without an init");
}

/*
 * Mainline: the task stays outside and cannot be hurt; its fork() into the
 * namespace fails, or the child is killed.
 */
static void fork_doomed(struct self *me, const void *arg)
{
	const struct plan *p = arg;
	int rc, status;
	pid_t pid;

	self__ready(me);
	word__jitter(&me->rng);
	rc = self__descend(me, &p->path, p->how, false);
	if (rc) {
		if (rc != -ESRCH || !may_say_dead(rc, p->how))
			self__fail(me, "setns gave %s, expected 0 or, by pidfd, ESRCH",
				   rc__name(rc));
		return;
	}
	pid = self__fork();
	if (!pid)
		self__await_death(me, "as a child in a dead namespace");
	if (pid < 0) {
		if (pid != -ENOMEM)
			self__fail(me, "fork into a dying namespace gave %s, expected success or ENOMEM",
				   rc__name(pid));
		return;
	}
	if (waitpid(pid, &status, 0) != pid)
		self__fail(me, "waitpid(child in a dying namespace): %m");
	else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		self__fail(me, "child in a dead namespace ended with status %#x, expected SIGKILL",
			   status);
}

static void check_doomed(struct trial *run, int doomed)
{
	for (struct member *m = run->member; m < run->member + run->nr; m++) {
		if (m->reaped && m->killed && m->moved < doomed)
			run__fail(run, "task %d was killed, %d levels down, by the death of level %d",
				  m->pid, m->moved, doomed);
	}
}

void op_init_death(struct trial *run)
{
	int levels = rng__range(&run->rng, 1, 3);
	int doomed = rng__range(&run->rng, 1, levels);
	int nr = rng__range(&run->rng, 1, 3);
	bool own_will = rng__chance(&run->rng, 40);
	struct plan plan = { .doomed = doomed };
	int err;

	err = tree__grow(&run->brief, run->w->area->brief, &run->rng, levels,
			 0);
	if (err) {
		run__fail(run, "growing a tree: %s", rc__name(err));
		return;
	}
	/* Mainline forks children into the leaf, which dies with level 1. */
	if (!stress__moves())
		doomed = plan.doomed = 1;
	plan.path = tree__path_to(&run->brief, levels - 1);
	plan.how = rng__below(&run->rng, HOW__NR);
	for (int i = 0; i < nr; i++) {
		struct member *m;

		m = crew__add(run, stress__moves() ? join_doomed : fork_doomed,
			      &plan);
		if (m)
			m->may_die = stress__moves();
	}
	if (crew__ready(run)) {
		struct node *n = &run->brief.node[doomed - 1];

		word__jitter(&run->rng);
		if (own_will)
			node__order(n, NODE_EXIT, 0, false);
		else
			kill(n->pid, SIGKILL);
	}
	crew__collect(run);
	check_doomed(run, doomed);
	if (run->fatal)
		return;
	err = ns__wait_dead(run->brief.pidfd[doomed - 1], WORD_LIMIT_MS);
	if (err) {
		run__fail(run, "the init of level %d, told to die, still lives after %d ms",
			  doomed, WORD_LIMIT_MS);
	}
	tree__kill(&run->brief);
	crew__reap_root(run, &run->brief);
}

/* --- SIGKILL ------------------------------------------------------------ */

static void join_under_fire(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	self__lead(me);
	self__ready(me);
	word__jitter(&me->rng);
	/* No child in mainline: a task that may be killed makes no tasks. */
	if (self__must_descend(me, &p->path, p->how, p->check))
		self__check(me);
}

/*
 * The killer's only handle is the old number. ESRCH means that the task was
 * moved before, and then the task must survive.
 */
void op_kill(struct trial *run)
{
	struct plan plan[3];
	int rc[3], pidfd[3], nr = rng__range(&run->rng, 1, 3);

	for (int i = 0; i < nr; i++) {
		struct member *m;

		pidfd[i] = -1;
		rc[i] = 0;
		plan[i] = ops__plan(run, 1);
		m = crew__add(run, join_under_fire, &plan[i]);
		if (m && rng__chance(&run->rng, 50))
			pidfd[i] = ns__pidfd(m->pid, 0);
		if (m)
			m->may_die = true;
	}
	if (crew__ready(run)) {
		for (int i = 0; i < run->nr; i++) {
			word__jitter(&run->rng);
			rc[i] = pidfd[i] >= 0 ?
				syscall(SYS_pidfd_send_signal, pidfd[i],
					SIGKILL, NULL, 0) :
				kill(run->member[i].pid, SIGKILL);
			rc[i] = rc[i] ? -errno : 0;
		}
	}
	crew__collect(run);
	for (int i = 0; i < run->nr; i++) {
		struct member *m = &run->member[i];

		if (pidfd[i] >= 0)
			close(pidfd[i]);
		if (!m->reaped)
			continue;
		if (rc[i] && rc[i] != -ESRCH)
			run__fail(run, "SIGKILL gave %s, expected 0 or ESRCH",
				  rc__name(rc[i]));
		if (rc[i] && shared->mode == MODE_KEEP)
			run__fail(run, "SIGKILL gave %s for %d, which keeps its number",
				  rc__name(rc[i]), m->pid);
		if (rc[i] == -ESRCH && !m->moved)
			run__fail(run, "SIGKILL gave ESRCH for %d, which was not moved",
				  m->pid);
		if (rc[i] == -ESRCH && m->killed)
			run__fail(run, "SIGKILL gave ESRCH for %d, and killed it",
				  m->pid);
		/* With 0, the signal may still have come too late to kill. */
	}
}

/* --- a parent that waits ------------------------------------------------ */

static void join_watched_by_parent(struct self *me, const void *arg)
{
	const struct plan *p = arg;

	self__lead(me);
	self__ready(me);
	/*
	 * The parent is probably blocked in wait by now; if not, the result is
	 * the same.
	 */
	for (int i = 0; i < 200 && ns__state(me->run->w->area->pid) != 'S'; i++)
		sched_yield();
	if (self__must_descend(me, &p->path, p->how, p->check))
		self__check(me);
	/* Where it keeps its number, the parent waits for this task's exit. */
	if (stress__renumbers())
		self__done(me);
}

/* Waits for @m by its old number in one of three ways. Returns 0 or -errno. */
static int wait_for_old(struct member *m, int pidfd, int way)
{
	siginfo_t si;
	int rc;

	if (way == 0)
		rc = waitpid(m->pid, &m->status, 0) == m->pid ? 0 : -1;
	else if (way == 1)
		rc = waitid(P_PID, m->pid, &si, WEXITED | WNOWAIT);
	else
		rc = waitid(P_PIDFD, pidfd, &si, WEXITED | WNOWAIT);
	return rc < 0 ? -errno : 0;
}

static void set_alarm(int ms)
{
	struct itimerval it = {
		.it_value = { .tv_sec = ms / 1000 },
	};

	setitimer(ITIMER_REAL, &it, NULL);
}

void op_wait(struct trial *run)
{
	/* Without a new number waitpid() would take the zombie from crew__collect(). */
	int way = rng__range(&run->rng, stress__renumbers() ? 0 : 1, 2);
	int want = stress__renumbers() ? -ECHILD : 0;
	struct plan plan = ops__plan(run, 1);
	struct member *m = crew__add(run, join_watched_by_parent, &plan);
	int pidfd, rc;

	if (!m)
		return;
	pidfd = ns__pidfd(m->pid, 0);
	if (crew__ready(run)) {
		set_alarm(WORD_LIMIT_MS / 2);
		rc = wait_for_old(m, pidfd, way);
		set_alarm(0);
		run__note(run, outcome__of(rc));
		if (rc == -EINTR)
			run__fail(run, "the parent's wait (way %d) for %d was not woken in %d ms",
				  way, m->pid, WORD_LIMIT_MS / 2);
		else if (rc != want)
			run__fail(run, "the parent's wait (way %d) for %d gave %s, expected %s",
				  way, m->pid, rc__name(rc), rc__name(want));
	}
	if (pidfd >= 0)
		close(pidfd);
	crew__collect(run);
}

/* --- a parent that exits ------------------------------------------------ */

/*
 * The joiner is a child of the member and reports in the member's slot. Only
 * stress itself, the subreaper, waits for the joiner.
 */
static _Noreturn void join_orphaned(struct self *me, const struct plan *p)
{
	me->born = getpid();
	self__lead(me);
	word__set(&me->slot->word[0], 1);
	if (word__await(&me->run->w->area->gate, GATE_OPEN, WORD_LIMIT_MS))
		_exit(1);
	word__jitter(&me->rng);
	if (self__must_descend(me, &p->path, p->how, p->check))
		self__settle(me, &p->path);
	/* Do not wait for the gate, which the next operation reuses. */
	word__set(&me->slot->phase, SLOT_DONE);
	_exit(0);
}

static void fork_and_leave(struct self *me, const void *arg)
{
	struct rng mine = me->rng;
	pid_t pid;

	rng__init(&mine, rng__next(&me->rng), 0, 0);
	/* Not self__fork(): the child must outlive this task. */
	pid = fork();
	if (!pid)
		join_orphaned(me, arg);
	if (pid < 0) {
		self__fail(me, "fork: %m");
		return;
	}
	atomic_fetch_add(&shared->counts.forks, 1);
	if (word__await(&me->slot->word[0], 1, WORD_LIMIT_MS))
		self__fail(me, "the child %d did not get ready", pid);
	self__ready(me);
	word__jitter(&mine);
}

void op_orphan(struct trial *run)
{
	struct plan plan = ops__plan(run, 1);
	struct member *m = crew__add(run, fork_and_leave, &plan);

	if (!m)
		return;
	m->by_child = true;
	if (crew__ready(run))
		crew__done(run, m);
	crew__collect(run);
}

/* --- setsid and setpgid ------------------------------------------------- */

enum {
	AUX_SETSID,	/* slot->aux: result of the member's setsid() */
};

static void lead_and_join(struct self *me, const void *arg)
{
	const struct plan *p = arg;
	int want = 0, rc;

	me->regrouped = true;
	self__ready(me);
	word__jitter(&me->rng);
	me->slot->aux[AUX_SETSID] = self__setsid();
	word__jitter(&me->rng);
	/* The worker was faster, and made this task a group leader only. */
	if (me->slot->aux[AUX_SETSID] && stress__renumbers())
		want = -EPERM;
	rc = self__descend(me, &p->path, p->how, false);
	if (rc != want)
		self__fail(me, "setsid gave %s, then setns %s, expected %s",
			   rc__name(me->slot->aux[AUX_SETSID]), rc__name(rc),
			   rc__name(want));
	else if (!rc)
		self__check(me);
	self__done(me);
}

static int move_group(struct trial *run, struct member *m)
{
	int rc;

	word__jitter(&run->rng);
	rc = setpgid(m->pid, m->pid) ? -errno : 0;
	if (!rc)
		atomic_fetch_add(&shared->counts.setpgid, 1);
	return rc;
}

/* Checks getpgid() or getsid() of the old number: old, new, or ESRCH. */
static void look_at_group(struct trial *run, struct member *m, pid_t group,
			  const char *call)
{
	pid_t number = atomic_load(&m->slot->number);

	if (group < 0 && errno == ESRCH && stress__renumbers())
		return;
	/* Before the task leads, its group and session are those of the worker. */
	if (group > 0 && (group == m->pid || group == getpid()))
		return;
	/* The lookup used the old number, the read came after the move. */
	if (group > 0 && stress__renumbers())
		return;
	run__fail(run, "%s(%d) gave %d (%s), the task being %d now", call,
		  m->pid, group, group < 0 ? strerrorname_np(errno) : "no error",
		  number);
}

void op_setpgid(struct trial *run)
{
	struct plan plan = ops__plan(run, 1);
	struct member *m = crew__add(run, lead_and_join, &plan);
	int moved;

	if (!m)
		return;
	if (crew__ready(run)) {
		moved = move_group(run, m);
		look_at_group(run, m, getpgid(m->pid), "getpgid");
		look_at_group(run, m, getsid(m->pid), "getsid");
		if (crew__done(run, m)) {
			int led = m->slot->aux[AUX_SETSID];

			if (led != (moved ? 0 : -EPERM))
				run__fail(run, "setpgid by the parent gave %s, setsid %s: exactly one can succeed",
					  rc__name(moved), rc__name(led));
			if (moved && moved != -EPERM &&
			    (moved != -ESRCH || !stress__renumbers()))
				run__fail(run, "setpgid by the parent gave %s, expected 0, EPERM or, after a join, ESRCH",
					  rc__name(moved));
		}
	}
	crew__collect(run);
}

/* --- ptrace ------------------------------------------------------------- */

static void join_traced(struct self *me, const void *arg)
{
	const struct plan *p = arg;
	int rc;

	self__lead(me);
	self__ready(me);
	word__jitter(&me->rng);
	rc = self__descend(me, &p->path, p->how, false);
	if (rc && (rc != -EBUSY || !stress__renumbers()))
		self__fail(me, "setns with a tracer attaching gave %s, expected 0%s",
			   rc__name(rc), stress__renumbers() ? " or EBUSY" : "");
	else
		self__check(me);
}

void op_ptrace(struct trial *run)
{
	bool interrupt = rng__chance(&run->rng, 50);
	struct plan plan = ops__plan(run, 1);
	struct member *m = crew__add(run, join_traced, &plan);
	int seized = -ESRCH;

	if (!m)
		return;
	if (crew__ready(run)) {
		word__jitter(&run->rng);
		seized = ptrace(PTRACE_SEIZE, m->pid, NULL, NULL) ? -errno : 0;
		if (!seized && interrupt &&
		    ptrace(PTRACE_INTERRUPT, m->pid, NULL, NULL) &&
		    errno != ESRCH && errno != EIO)
			run__fail(run, "PTRACE_INTERRUPT: %m, expected 0 or ESRCH");
		run__note(run, outcome__of(seized));
		/* EPERM: the task is a zombie. ESRCH: it was moved or is being reaped. */
		if (seized && seized != -EPERM &&
		    (seized != -ESRCH || shared->mode == MODE_KEEP))
			run__fail(run, "PTRACE_SEIZE gave %s, expected 0, EPERM or, of an old number, ESRCH",
				  rc__name(seized));
	}
	/* Collecting detaches a stopped tracee; others are detached by their exit. */
	crew__collect(run);
	if (m->slot->rc == -EBUSY && seized)
		run__fail(run, "setns gave EBUSY, but PTRACE_SEIZE failed (%s)",
			  rc__name(seized));
}
