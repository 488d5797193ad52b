// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of operations, and the worker that draws operations from the table
 * and runs them.
 */
#include "stress_ops.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"

/* Operations on one tree of a worker, before the worker grows another. */
#define TREE_LIFE	50

/*
 * The seed of 2012 breaks getpid(), wait4() by number, /proc/self, blocked waits and
 * others' CPU timers, and does not check for children, threads or tracers. Weight 0
 * excludes operations that need these, or that it fails to refuse.
 */
const struct op ops[] = {
	/* name, what, weight: mainline, join, seed, keep; function */
	{ "join", "one task, level by level, named in every way",
	  { 10, 14, 10, 14 }, op_join },
	{ "crowd", "several tasks into the same tree at once",
	  { 8, 14, 10, 14 }, op_crowd },
	{ "exit", "several tasks join and exit at once",
	  { 6, 10, 8, 10 }, op_exit },
	{ "levels", "down the longest path, looking about at each level",
	  { 4, 8, 0, 8 }, op_levels },
	{ "exec", "exec after joining, by the leader or a thread",
	  { 3, 4, 0, 4 }, op_exec },
	{ "fork", "children, threads and orphans after joining",
	  { 0, 5, 0, 5 }, op_fork },
	{ "threads", "no join with a thread, threads after joining",
	  { 3, 4, 0, 4 }, op_threads },
	{ "init-death", "joins racing with the death of the target's init",
	  { 6, 10, 0, 10 }, op_init_death },
	{ "kill", "SIGKILL in the middle of a join",
	  { 6, 8, 0, 8 }, op_kill },
	{ "wait", "the parent blocked in wait for the old pid",
	  { 3, 5, 0, 5 }, op_wait },
	{ "orphan", "the parent exits while its child joins",
	  { 4, 6, 0, 6 }, op_orphan },
	{ "setpgid", "others' setpgid, getpgid and getsid, racing",
	  { 4, 5, 0, 5 }, op_setpgid },
	{ "ptrace", "a tracer attaching, racing",
	  { 4, 5, 0, 5 }, op_ptrace },
	{ "proc", "readers of /proc and of the joiner's files in it",
	  { 4, 5, 0, 5 }, op_proc },
	{ "pidfd", "pollers of pidfds on the old pid and on the new",
	  { 4, 5, 0, 5 }, op_pidfd },
	{ "timer", "a neighbour's CPU timers on the joiner",
	  { 4, 5, 0, 5 }, op_timer },
	{ "itimer", "the joiner's interval timer, expiring",
	  { 2, 4, 0, 4 }, op_itimer },
	{ "group", "process and process group, both by the old number",
	  { 0, 4, 0, 4 }, op_group },
	{ "tracer", "a tracer that waits for the old number",
	  { 0, 4, 0, 4 }, op_tracer },
	{ "refuse", "calls that must fail and change nothing",
	  { 10, 14, 6, 14 }, op_refuse },
};

const unsigned int ops_nr = ARRAY_SIZE(ops);

_Static_assert(ARRAY_SIZE(ops) <= COUNT_MAX_OPS,
	       "room for the statistics of all operations");

unsigned int ops__weight(unsigned int op)
{
	return shared->only & 1u << op ? ops[op].weight[shared->mode] : 0;
}

/* Draws an index into ops, by weight. */
static unsigned int draw(struct rng *r)
{
	unsigned int total = 0, at, i;

	for (i = 0; i < ops_nr; i++)
		total += ops__weight(i);
	at = rng__below(r, total);
	for (i = 0; at >= ops__weight(i); i++)
		at -= ops__weight(i);
	return i;
}

const struct tree *ops__tree(struct trial *run)
{
	return rng__chance(&run->rng, 50) ? run->w->common : &run->w->own;
}

struct plan ops__plan(struct trial *run, int least)
{
	struct plan p = { .doomed = 0 };

	p.path = tree__path(ops__tree(run), &run->rng, least);
	p.how = rng__below(&run->rng, HOW__NR);
	p.check = rng__chance(&run->rng, 50);
	return p;
}

/* --- the worker --------------------------------------------------------- */

static void nothing(int sig __maybe_unused)
{
}

static void worker__prepare(struct worker *w)
{
	/* Interrupts a wait that lasts too long; hence no SA_RESTART. */
	struct sigaction alarm = { .sa_handler = nothing };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The session of a guest's init is 0, which would hide a wrong 0. */
	if (setsid() >= 0)
		atomic_fetch_add(&shared->counts.setsid, 1);
	signal__block(SIGCHLD);
	sigaction(SIGALRM, &alarm, NULL);
	/* The CPU timers of op_timer() send SIGUSR1. */
	signal(SIGUSR1, SIG_IGN);
	w->own_ns = ns__open(0, "pid");
}

/* A failure between operations is attributed to the previous one. */
static bool worker__grow(struct worker *w, struct rng *r, struct trial *run)
{
	int err = tree__grow(&w->own, w->area->own, r, rng__range(r, 2, 4),
			     rng__range(r, 1, 4));

	if (err)
		run__fail(run, "growing a tree of namespaces: %s",
			  strerrorname_np(-err));
	return !err;
}

/* Always draws: a dealt card replaces one operation and shifts no other. */
static unsigned int worker__choose(const struct worker *w, struct rng *r,
				   unsigned int index)
{
	unsigned int drawn = draw(r);
	int dealt = deal__find(&shared->deal, w->id, index);

	return dealt < 0 ? drawn : (unsigned int)dealt;
}

void worker__run(int id, unsigned int nr, const struct tree *common)
{
	struct worker w = {
		.id = id,
		.area = &shared->worker[id],
		.common = common,
	};
	struct trial run = { .w = &w };
	struct rng draw;
	int err;

	worker__prepare(&w);
	rng__init(&draw, shared->seed, id * 2, 0);
	for (unsigned int i = 0; i < nr; i++) {
		if (i % TREE_LIFE == 0) {
			err = tree__fell(&w.own);
			if (err)
				run__fail(&run, "felling a tree: %s",
					  strerrorname_np(-err));
			if (err || !worker__grow(&w, &draw, &run))
				_exit(1);
		}
		run__begin(&run, &w, worker__choose(&w, &draw, i), i);
		ops[run.op].run(&run);
		run__end(&run);
		if (run.fatal)
			_exit(1);
	}
	err = tree__fell(&w.own);
	if (!err && (wait(NULL) >= 0 || errno != ECHILD))
		err = -EBUSY;
	if (err) {
		run__fail(&run, "worker %d could not clean up: %s", id,
			  strerrorname_np(-err));
		_exit(1);
	}
	atomic_store(&w.area->over, 1);
	_exit(0);
}
