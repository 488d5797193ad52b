// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forks the tasks of an operation, reaps them, and matches every zombie with a
 * crew member, even if a move has changed its number.
 */
#include "stress_crew.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beat.h"
#include "stress_self.h"
#include "stress_view.h"

void run__begin(struct trial *run, struct worker *w, unsigned int op,
		unsigned int index)
{
	memset(run, 0, sizeof(*run));
	run->w = w;
	run->op = op;
	run->index = index;
	/* Operations use odd streams; the worker that draws them uses even ones. */
	rng__init(&run->rng, shared->seed, w->id * 2 + 1, index);
	memset(w->area->slot, 0, sizeof(w->area->slot));
	atomic_store(&w->area->op, op);
	atomic_store(&w->area->gate, GATE_SHUT);
	atomic_fetch_add(&shared->stats[op].runs, 1);
}

void run__end(struct trial *run)
{
	if (run->brief.root && !run->fatal) {
		tree__kill(&run->brief);
		crew__reap_root(run, &run->brief);
	}
	atomic_fetch_add(&run->w->area->done, 1);
}

void run__fail(struct trial *run, const char *fmt, ...)
{
	char text[COUNT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	op_stats__fail(&shared->stats[run->op], run->w->id, run->index, text);
}

void run__note(struct trial *run, enum outcome out)
{
	atomic_fetch_add(&shared->stats[run->op].out[out], 1);
}

struct member *crew__add(struct trial *run, crew_fn fn, const void *arg)
{
	struct member *m = &run->member[run->nr];
	struct self me = {
		.run = run,
		.slot = &run->w->area->slot[run->nr],
		.level = 0,
	};
	pid_t parent = getpid();

	m->slot = me.slot;
	rng__init(&me.rng, rng__next(&run->rng), run->nr, 0);
	m->pid = fork();
	if (m->pid < 0) {
		run__fail(run, "fork: %m");
		return NULL;
	}
	if (m->pid) {
		atomic_fetch_add(&shared->counts.forks, 1);
		run->nr++;
		return m;
	}

	/* The crew dies with its worker. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signal__unblock_all();
	me.born = getpid();
	fn(&me, arg);
	_exit(0);
}

void crew__gate(struct trial *run, enum gate gate)
{
	word__set(&run->w->area->gate, gate);
}

bool crew__ready(struct trial *run)
{
	for (struct member *m = run->member; m < run->member + run->nr; m++) {
		if (word__await(&m->slot->phase, SLOT_READY, WORD_LIMIT_MS)) {
			run__fail(run, "task %d did not get ready in %d ms",
				  m->pid, WORD_LIMIT_MS);
			return false;
		}
	}
	crew__gate(run, GATE_OPEN);
	return true;
}

bool crew__done(struct trial *run, struct member *m)
{
	if (!word__await(&m->slot->phase, SLOT_DONE, WORD_LIMIT_MS))
		return true;
	run__fail(run, "task %d did not do its part in %d ms%s%s", m->pid,
		  WORD_LIMIT_MS, atomic_load(&m->slot->bad) ? ": " : "",
		  atomic_load(&m->slot->bad) ? m->slot->text : "");
	return false;
}

/* --- collecting --------------------------------------------------------- */

static struct member *member_by_number(struct trial *run, pid_t pid)
{
	for (struct member *m = run->member; m < run->member + run->nr; m++) {
		if (m->reaped)
			continue;
		if (m->pid == pid || (!m->by_child &&
				      atomic_load(&m->slot->number) == pid))
			return m;
	}
	return NULL;
}

/* Returns the number of levels that a zombie is below the worker, or -errno. */
static int levels_of_zombie(pid_t pid)
{
	struct ns_numbers id[VIEW__NR];
	char who[16];
	int err;

	snprintf(who, sizeof(who), "%d", pid);
	err = view__status(who, id);
	return err ? err : id[VIEW_PID].nr - shared->levels;
}

/* Detaches a stopped tracee, after ptrace won the race. */
static void release_tracee(pid_t pid)
{
	siginfo_t si;

	if (!waitid(P_PID, pid, &si, WSTOPPED | WNOHANG))
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

static void take_over(struct trial *run, struct member *m)
{
	struct slot *s = m->slot;

	if (atomic_load(&s->bad))
		run__fail(run, "task %d: %s", m->pid, s->text);
	if (WIFSIGNALED(m->status)) {
		m->killed = WTERMSIG(m->status) == SIGKILL;
		if (!m->may_die || !m->killed)
			run__fail(run, "task %d (%d) was killed by signal %d",
				  m->pid, m->last, WTERMSIG(m->status));
	} else if (WEXITSTATUS(m->status) && !atomic_load(&s->bad)) {
		run__fail(run, "task %d (%d) exited with %d", m->pid, m->last,
			  WEXITSTATUS(m->status));
	}
	if (m->by_child)
		return;
	if (stress__renumbers() && m->moved && m->last == m->pid)
		run__fail(run, "task %d was moved, but reaped by its old number",
			  m->pid);
	if (!(stress__renumbers() && m->moved) && m->last != m->pid)
		run__fail(run, "task %d was reaped as %d without being renumbered",
			  m->pid, m->last);
}

/* Adds up the counts of a dead member, see stress_count.h. */
static void add_up(struct member *m)
{
	struct counts *c = &shared->counts;
	uint32_t lost = slot__lost(m->slot);

	atomic_fetch_add(&c->setns_ok, slot__ok(m->slot));
	atomic_fetch_add(&c->setns_err, slot__err(m->slot));
	if (lost && m->moved > (int)slot__moved(m->slot))
		atomic_fetch_add(&c->setns_ok, 1);
	else
		atomic_fetch_add(&c->setns_lost, lost);
	atomic_fetch_add(&c->joins, m->moved);
}

static void note_outcome(struct trial *run, struct member *m)
{
	if (m->slot->skipped)
		run__note(run, OUT_SKIPPED);
	else if (m->killed)
		run__note(run, OUT_KILLED);
	else if (atomic_load(&m->slot->called))
		run__note(run, outcome__of(m->slot->rc));
	if (m->slot->pid_zero)
		run__note(run, OUT_PID_ZERO);
}

static void reaped(struct member *m, pid_t pid, int status, int moved)
{
	m->last = pid;
	m->status = status;
	m->moved = moved;
	m->reaped = true;
}

/*
 * Reaps one child. Returns its number, 0 if no child can be reaped now, or
 * -errno. The levels of an unknown child are read first, while it is still a
 * zombie.
 */
static pid_t next_zombie(struct trial *run, int *status, int *levels)
{
	siginfo_t si = { 0 };
	pid_t pid;

	if (shared->mode == MODE_SEED) {
		/* Only a wait for any child reaps a task that the seed has moved. */
		pid = waitpid(-1, status, WNOHANG);
		return pid < 0 ? -errno : pid;
	}
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si,
			   WEXITED | WSTOPPED | WNOHANG | WNOWAIT))
			return -errno;
		pid = si.si_pid;
		if (!pid)
			return 0;
		if (si.si_code != CLD_STOPPED && si.si_code != CLD_TRAPPED)
			break;
		release_tracee(pid);
	}
	/* In mode keep the number does not show whether the last call moved it. */
	if ((!member_by_number(run, pid) || shared->mode == MODE_KEEP) &&
	    pid != run->brief.root)
		*levels = levels_of_zombie(pid);
	return waitpid(pid, status, 0) == pid ? pid : -errno;
}

/* Reaps one dead child of the worker; returns false if there is none now. */
static bool reap_one(struct trial *run, int *left)
{
	int levels = 0, status;
	struct member *m;
	pid_t pid;

	pid = next_zombie(run, &status, &levels);
	if (!pid)
		return false;
	if (pid < 0) {
		run__fail(run, "%d tasks of the crew can not be reaped: %s",
			  *left, strerrorname_np(-pid));
		run->fatal = true;
		*left = 0;
		return false;
	}
	if (pid == run->brief.root) {
		run->brief_dead = true;
		return true;
	}
	m = member_by_number(run, pid);
	if (m) {
		reaped(m, pid, status,
		       shared->mode == MODE_KEEP && slot__lost(m->slot) ?
		       levels : (int)slot__moved(m->slot));
	} else if (*left) {
		run->stranger[run->strangers++] = (struct stranger) {
			.pid = pid,
			.status = status,
			.levels = levels,
		};
	} else {
		run__fail(run, "reaped %d, which is nobody", pid);
		return true;
	}
	--*left;
	return true;
}

/*
 * Rates how well a zombie at @levels fits a missing member; 0: not at all. A
 * member whose calls all returned is exactly where these took it, so such a
 * member comes first; a member whose last call is open may or may not have been
 * moved by it.
 */
static int fits(struct member *m, int levels)
{
	int told = slot__moved(m->slot);

	if (!slot__lost(m->slot))
		return levels == told ? 3 : 0;
	return levels == told + 1 ? 2 : levels == told;
}

/*
 * A member that was moved and killed before it could report its number was
 * reaped as a stranger. All other members are accounted for, so the zombie's
 * levels show which of the missing members it was; members with equal levels
 * are interchangeable.
 */
static void name_strangers(struct trial *run)
{
	for (int i = 0; i < run->strangers; i++) {
		struct stranger *s = &run->stranger[i];
		struct member *best = NULL;
		int fit = -1;

		for (struct member *m = run->member; m < run->member + run->nr; m++) {
			if (m->reaped || fits(m, s->levels) <= fit)
				continue;
			best = m;
			fit = fits(m, s->levels);
		}
		if (s->levels < 0 || !best)
			run__fail(run, "zombie %d: no task of ours (%d)",
				  s->pid, s->levels);
		if (best)
			reaped(best, s->pid, s->status,
			       shared->mode == MODE_SEED ?
			       (int)slot__moved(best->slot) : s->levels);
	}
}

/* Sleeps until a child changes state; returns false at @end (milliseconds). */
static bool wait_for_child(long end)
{
	long now = beat__now_ms();

	if (now >= end)
		return false;
	/* A standard signal may stand for several children: check each time. */
	signal__await(SIGCHLD, end - now, NULL);
	return true;
}

static void kill_rest(struct trial *run)
{
	for (struct member *m = run->member; m < run->member + run->nr; m++) {
		pid_t now = atomic_load(&m->slot->number);

		if (m->reaped)
			continue;
		run__fail(run, "task %d (now %d, phase %u, in setns %u) did not end in %d ms",
			  m->pid, now, atomic_load(&m->slot->phase),
			  slot__lost(m->slot), 2 * WORD_LIMIT_MS);
		m->may_die = true;
		kill(now ? now : m->pid, SIGKILL);
	}
}

void crew__collect(struct trial *run)
{
	long end = beat__now_ms() + 2 * WORD_LIMIT_MS;
	bool shot = false;
	int left = run->nr;

	if (atomic_load(&run->w->area->gate) < GATE_LEAVE)
		crew__gate(run, GATE_LEAVE);
	while (left) {
		if (reap_one(run, &left))
			continue;
		if (!left || wait_for_child(end))
			continue;
		if (shot) {
			run->fatal = true;
			break;
		}
		kill_rest(run);
		shot = true;
		end = beat__now_ms() + WORD_LIMIT_MS / 2;
	}
	name_strangers(run);
	for (struct member *m = run->member; m < run->member + run->nr; m++) {
		if (!m->reaped)
			continue;
		take_over(run, m);
		add_up(m);
		note_outcome(run, m);
	}
}

bool crew__reap_root(struct trial *run, struct tree *t)
{
	long end = beat__now_ms() + WORD_LIMIT_MS;
	int none = 0;

	if (t != &run->brief)
		return !tree__fell(t);
	while (!run->brief_dead) {
		if (reap_one(run, &none))
			continue;
		if (run->fatal)
			return false;
		if (!wait_for_child(end)) {
			run__fail(run, "init %d did not get to its end in %d ms",
				  t->root, WORD_LIMIT_MS);
			run->fatal = true;
			return false;
		}
	}
	tree__forget(t);
	run->brief_dead = false;
	return true;
}
