// SPDX-License-Identifier: GPL-2.0-only
/* The steps of a crew member: gate, setns(), fork, exec. */
#include "stress_self.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "stress_view.h"

void self__fail(struct self *me, const char *fmt, ...)
{
	va_list ap;

	if (atomic_load(&me->slot->bad))
		return;
	va_start(ap, fmt);
	vsnprintf(me->slot->text, sizeof(me->slot->text), fmt, ap);
	va_end(ap);
	atomic_store(&me->slot->bad, 1);
}

static void await_gate(struct self *me, enum gate gate)
{
	if (word__await(&me->run->w->area->gate, gate, WORD_LIMIT_MS)) {
		self__fail(me, "gate %d was not opened in %d ms", gate,
			   WORD_LIMIT_MS);
		_exit(1);
	}
}

/* Remembers the member's numbers, which a join that keeps must not change. */
static void take_base(struct self *me)
{
	int err;

	if (shared->mode != MODE_KEEP)
		return;
	err = view__status("self", me->base);
	if (err)
		self__fail(me, "/proc/self/status before the joins: %s",
			   strerrorname_np(-err));
}

void self__ready(struct self *me)
{
	take_base(me);
	word__set(&me->slot->phase, SLOT_READY);
	await_gate(me, GATE_OPEN);
}

void self__done(struct self *me)
{
	word__set(&me->slot->phase, SLOT_DONE);
	await_gate(me, GATE_LEAVE);
}

void self__await_death(struct self *me, const char *where)
{
	word__set(&me->slot->phase, SLOT_DONE);
	word__await(&me->run->w->area->gate, GATE_NEVER, WORD_LIMIT_MS);
	self__fail(me, "survived %s for %d ms", where, WORD_LIMIT_MS);
	_exit(1);
}

int self__setsid(void)
{
	if (setsid() < 0)
		return -errno;
	atomic_fetch_add(&shared->counts.setsid, 1);
	return 0;
}

void self__lead(struct self *me)
{
	int err = self__setsid();

	if (err)
		self__fail(me, "setsid: %s", strerrorname_np(-err));
}

int self__setns(struct self *me, int fd, int flags, bool pid)
{
	struct slot *s = me->slot;
	long number;
	int rc;

	atomic_fetch_add(&s->called, 1);
	rc = ns__set(fd, flags);
	s->rc = rc;
	slot__came_back(s, !rc, !rc && pid && stress__moves());
	if (!rc && pid && stress__moves()) {
		me->level++;
		/* /proc is the worker's. A task moved by the seed has no /proc/self. */
		if (shared->mode != MODE_SEED) {
			number = link__number("/proc/self");
			atomic_store(&s->number, number > 0 ? number : 0);
		}
	}
	return rc;
}

int self__enter(struct self *me, const struct tree *t, int node, enum how how)
{
	static const int flags[HOW__NR] = {
		[HOW_NSFS]	 = 0,
		[HOW_NSFS_FLAG]	 = CLONE_NEWPID,
		[HOW_PIDFD]	 = CLONE_NEWPID,
		[HOW_PIDFD_MANY] = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
				   CLONE_NEWNET,
	};
	bool nsfs = how == HOW_NSFS || how == HOW_NSFS_FLAG;

	return self__setns(me, nsfs ? t->nsfd[node] : t->pidfd[node],
			   flags[how], true);
}

bool self__lacks_room(const struct self *me, int rc)
{
	return rc == -EOVERFLOW && me->level && shared->mode == MODE_KEEP;
}

int self__descend(struct self *me, const struct path *p, enum how how,
		  bool check)
{
	int rc = 0;

	if (!stress__moves()) {
		rc = self__enter(me, p->tree, p->node[p->nr - 1], how);
		if (!rc && check)
			self__check(me);
		return rc;
	}
	for (int l = 0; l < p->nr && !rc; l++) {
		rc = self__enter(me, p->tree, p->node[l], how);
		if (self__lacks_room(me, rc))
			return 0;
		if (!rc && check)
			self__check(me);
	}
	return rc;
}

bool self__must_descend(struct self *me, const struct path *p, enum how how,
			bool check)
{
	int rc = self__descend(me, p, how, check);

	if (rc)
		self__fail(me, "setns into level %d of %d (how %d) gave %s, expected 0",
			   me->level + 1, p->nr, how, strerrorname_np(-rc));
	return !rc;
}

/* Records getpid() 0, a known bug of the seed; any other wrong number is a failure. */
static void check_seed(struct self *me)
{
	struct view v;

	view__calls(&v);
	if (!v.pid)
		me->slot->pid_zero = true;
	if (!v.tid || v.pgid != v.tid || v.sid != v.tid)
		self__fail(me, "after setns: tid %d, pgid %d, sid %d: expected three times the same",
			   v.tid, v.pgid, v.sid);
}

static void check_unmoved(struct self *me, const struct view *v)
{
	if (v->pid != me->born || v->tid != me->born)
		self__fail(me, "after setns: getpid() %d, gettid() %d, expected %d twice",
			   v->pid, v->tid, me->born);
	else if (v->id[VIEW_PID].nr != shared->levels)
		self__fail(me, "after setns: %d levels, expected %d",
			   v->id[VIEW_PID].nr, shared->levels);
}

static void check_joined(struct self *me, const struct view *v)
{
	const char *wrong;

	wrong = view__of_leader(v, shared->levels + me->level);
	if (wrong)
		self__fail(me, "after %d joins: %s (pid %d, tid %d, pgid %d, sid %d, %d levels)",
			   me->level, wrong, v->pid, v->tid, v->pgid, v->sid,
			   v->id[VIEW_PID].nr);
	else if (!v->ppid != (me->level > 0))
		/* The parent stays outside and has no number here. */
		self__fail(me, "after %d joins: getppid() is %d",
			   me->level, v->ppid);
	else if (v->ns != v->ns_children && v->ns_children)
		self__fail(me, "after %d joins: pid_for_children is not the own namespace",
			   me->level);
}

static bool is_prefix(const struct ns_numbers *a, const struct ns_numbers *b)
{
	return !memcmp(a->number, b->number, a->nr * sizeof(a->number[0]));
}

/* Returns the error, as static text, or NULL. */
static const char *wrong_numbers(const struct self *me, const struct view *v)
{
	const struct ns_numbers *pid = &v->id[VIEW_PID];
	int levels = shared->levels + me->level;

	for (int i = 0; i < VIEW__NR; i++) {
		const struct ns_numbers *id = &v->id[i];

		if (id->nr != levels)
			return "a line of status has a wrong number of levels";
		if (me->regrouped && (i == VIEW_PGID || i == VIEW_SID))
			continue;
		if (!is_prefix(&me->base[i], id))
			return "an old number is another one";
		/* Group and session have numbers inside if the task leads them. */
		if (id->number[0] == pid->number[0] && !is_prefix(pid, id))
			return "NSpid, NStgid, NSpgid and NSsid of a leader differ";
		for (int l = me->base[i].nr; l < levels; l++)
			if (id->number[0] != pid->number[0] && id->number[l])
				return "a group or session from outside has a number inside";
	}
	for (int l = 0; l < levels; l++)
		if (!pid->number[l])
			return "NSpid has a 0";
	if (v->pid != pid->number[levels - 1] || v->tid != v->pid)
		return "getpid() and gettid() are not the last number of NSpid";
	return NULL;
}

static void check_kept(struct self *me, const struct view *v)
{
	const char *wrong = wrong_numbers(me, v);

	if (wrong)
		self__fail(me, "after %d joins that keep: %s (pid %d, tid %d, pgid %d, sid %d, %d levels)",
			   me->level, wrong, v->pid, v->tid, v->pgid, v->sid,
			   v->id[VIEW_PID].nr);
	else if (!v->ppid != (me->level > 0))
		self__fail(me, "after %d joins that keep: getppid() is %d",
			   me->level, v->ppid);
	else if (v->ns != v->ns_children && v->ns_children)
		self__fail(me, "after %d joins that keep: pid_for_children is not the own namespace",
			   me->level);
	else if (atomic_load(&me->slot->number) != me->born && me->level)
		self__fail(me, "after %d joins that keep: %d is now %d outside",
			   me->level, me->born,
			   atomic_load(&me->slot->number));
}

void self__check(struct self *me)
{
	struct view v;
	int err;

	if (shared->mode == MODE_SEED) {
		check_seed(me);
		return;
	}
	err = view__take(&v);
	if (err)
		self__fail(me, "/proc/self after %d levels: %s", me->level,
			   strerrorname_np(-err));
	else if (shared->mode == MODE_MAINLINE)
		check_unmoved(me, &v);
	else if (shared->mode == MODE_KEEP)
		check_kept(me, &v);
	else
		check_joined(me, &v);
}

pid_t self__fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid)
		atomic_fetch_add(&shared->counts.forks, 1);
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

void self__wait(struct self *me, pid_t pid, const char *who)
{
	int status;
	pid_t got = waitpid(pid, &status, 0);

	if (got != pid)
		self__fail(me, "%s: waitpid(%d) gave %d (%m)", who, pid, got);
	else if (status)
		self__fail(me, "%s: %d ended with status %#x", who, pid,
			   status);
}

const char *self__newborn(int levels, bool parent_outside)
{
	struct view v;

	if (view__take(&v))
		return "no /proc/self";
	if (!v.pid || v.pid != v.tid)
		return "getpid() is not gettid(), or 0";
	if (v.id[VIEW_PID].nr != levels)
		return "NSpid has a wrong number of levels";
	if (v.id[VIEW_PID].number[levels - 1] != v.pid)
		return "NSpid does not end in getpid()";
	if (parent_outside != !v.ppid)
		return "getppid() is wrong";
	return NULL;
}

void self__settle(struct self *me, const struct path *p)
{
	const char *wrong;
	pid_t pid;

	self__check(me);
	if (stress__moves())
		return;
	pid = self__fork();
	if (!pid) {
		wrong = self__newborn(shared->levels + p->nr, true);
		if (wrong)
			self__fail(me, "child after setns: %s", wrong);
		_exit(0);
	}
	if (pid < 0)
		self__fail(me, "fork after setns: %s", strerrorname_np(-pid));
	else
		self__wait(me, pid, "child after setns");
}

/* --- the probe ---------------------------------------------------------- */

#define PROBE_WRONG	3

void self__exec(struct self *me)
{
	char pid[16], levels[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(levels, sizeof(levels), "%d", shared->levels + me->level);
	/* Count before: a successful exec does not return. */
	atomic_fetch_add(&shared->counts.execs, 1);
	execl("/proc/self/exe", "stress", "--probe", pid, levels, NULL);
	atomic_fetch_sub(&shared->counts.execs, 1);
	self__fail(me, "execve: %m");
	_exit(1);
}

void stress__probe(char **argv)
{
	int levels = argv[3] ? atoi(argv[3]) : 0;
	struct view v;

	if (levels < 1 || view__take(&v) || v.pid != atoi(argv[2]) ||
	    view__of_leader(&v, levels))
		_exit(PROBE_WRONG);
	_exit(0);
}
