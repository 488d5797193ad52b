// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that must fail amid calls that succeed, and must leave the caller
 * unchanged: one row of the table per run. If the refused state can be left,
 * the join that follows must succeed.
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "ns.h"
#include "stress_refusals.h"

static void be_refused(struct self *me, const void *arg)
{
	const struct attempt *a = arg;
	const struct refusal *row = a->row;
	int want = row->want[shared->mode];
	int rc, err;

	if (!(row->needs & NEED_NO_SETSID))
		self__lead(me);
	self__ready(me);
	rc = row->call(me, a);
	if (rc != want)
		self__fail(me, "%s: setns gave %s, expected %s", row->name,
			   rc__name(rc), rc__name(want));
	else if (shared->mode == MODE_KEEP && !want) {
		if (row->undo)
			row->undo(me);
		self__check(me);
	} else if (row->undo && !me->slot->skipped) {
		row->undo(me);
		err = self__descend(me, &a->plan.path, a->plan.how,
				    a->plan.check);
		if (err)
			self__fail(me, "%s, when that is over: setns gave %s, expected 0",
				   row->name, rc__name(err));
		me->slot->rc = rc;	/* the result that this operation tests */
	}
}

static void be_idle(struct self *me, const void *arg __maybe_unused)
{
	self__ready(me);
	self__done(me);
}

/* Makes a namespace into which no task was ever born, and stays. */
static void be_childless(struct self *me, const void *arg __maybe_unused)
{
	if (unshare(CLONE_NEWPID))
		self__fail(me, "unshare(CLONE_NEWPID): %m");
	word__set(&me->slot->word[0], 1);
	be_idle(me, NULL);
}

static void make_dead(struct trial *run, struct attempt *a)
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

static void provide(struct trial *run, struct attempt *a)
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
 * Orders an init to leave its namespace, which a join refuses. Mainline allows
 * the call, which only affects future children; the init has none.
 */
static void refuse_init(struct trial *run)
{
	int want = stress__moves() ? -EINVAL : 0;
	const struct tree *t = &run->w->own;
	int rc;

	/* Node 1 is a child of the root: a trunk has at least two levels. */
	rc = node__order(&t->node[0], NODE_SETNS, 1, true);
	run__note(run, outcome__of(rc));
	if (rc != want)
		run__fail(run, "the init of a namespace: setns gave %s, expected %s",
			  rc__name(rc), rc__name(want));
}

void op_refuse(struct trial *run)
{
	struct attempt a = {
		.dead_ns = -1, .dead_pid = -1, .childless_ns = -ENOENT,
	};
	unsigned int row;

	do
		row = rng__below(&run->rng, refusals_nr + 1);
	while (row < refusals_nr &&
	       refusals[row].want[shared->mode] == NOT_HERE);
	if (row == refusals_nr) {
		refuse_init(run);
		return;
	}
	a.row = &refusals[row];
	a.plan = ops__plan(run, a.row->needs & NEED_DEEP ? 2 : 1);
	provide(run, &a);
	crew__add(run, be_refused, &a);
	crew__ready(run);
	/*
	 * The idler must outlive the caller, and must not be traced when it
	 * exits: only the worker knows when that is.
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
