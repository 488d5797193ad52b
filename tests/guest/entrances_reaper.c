// SPDX-License-Identifier: GPL-2.0-only
/*
 * Orphans at the border of a pid namespace whose init dies. Their parents are outside
 * or inside, their reaper is a subreaper outside (the director is one) or inside, or
 * the init that dies.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

static pid_t parent_of(pid_t pid)
{
	struct ns_numbers n;

	check__must("PPid", ns__numbers("/proc", pid, "PPid", &n));
	return n.number[0];
}

/* Forks a child that sleeps, and outlives its parent. */
static long fork_orphan(long a __maybe_unused, long b __maybe_unused)
{
	pid_t pid = ns__clone(0, NULL);

	if (!pid)
		hold__sleep();
	return pid;
}

static struct actor make_reaper(const struct actor *parent)
{
	struct actor x = actor__spawn("subreaper", parent, 0);

	check__must("PR_SET_CHILD_SUBREAPER",
		    actor__call(&x, op_prctl, PR_SET_CHILD_SUBREAPER, 1));
	return x;
}

/* Makes the actor exit; @reaper, or the director if NULL, reaps it. */
static void end_parent(struct actor *x, const struct actor *reaper)
{
	actor__exit(x, 0);
	if (reaper)
		check__eq(x->name,
			  actor__call(reaper, op_waitpid, x->pid, 0), x->pid);
	else
		check__eq(x->name, waitpid(x->pid, NULL, 0), x->pid);
	close(x->sock);
	close(x->pidfd);
}

/* A member's parent exits before the init dies, and a subreaper outside inherits it. */
static void orphan_first(void)
{
	struct target t = target__make();
	struct actor reaper = make_reaper(NULL);
	struct actor caller = actor__spawn("caller", &reaper, 0);
	long child;

	target__enter(&t, &caller);
	child = check__must("fork", actor__run(&caller, fork_orphan));
	end_parent(&caller, &reaper);
	check__eq("the orphan's parent", parent_of(child), reaper.pid);
	target__strike(&t);
	target__check_killed(&reaper, child);
	target__end(&t, &reaper);
}

/* The init waits for a zombie, whose parent exits without having waited. */
static void zombie_is_inherited(void)
{
	struct target t = target__make();
	struct actor reaper = make_reaper(NULL);
	struct actor caller = actor__spawn("caller", &reaper, 0);
	long child;

	target__enter(&t, &caller);
	child = check__must("fork", actor__run(&caller, op_fork_sleeper));
	target__strike(&t);
	target__await_waiting(&t);
	end_parent(&caller, &reaper);
	target__check_killed(&reaper, child);
	target__end(&t, &reaper);
}

/* An orphan inside, whose parent was outside's child, belongs to the init. */
static void border_is_kept(void)
{
	struct target t = target__make();
	struct actor reaper = make_reaper(NULL), middle;
	pid_t orphans[2];

	target__enter(&t, &reaper);
	middle = actor__spawn("member", &reaper, 0);
	check__must("fork", actor__run(&middle, fork_orphan));
	end_parent(&middle, &reaper);
	check__eq("the init's children", ns__children(t.init.pid, orphans, 2), 1);
	target__strike(&t);
	target__end(&t, &reaper);
}

/* The nearest subreaper is a member, which dies with its orphans. */
static void reaper_inside(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct actor reaper = make_reaper(&t.init);
	struct actor middle = actor__spawn("member", &reaper, 0);
	pid_t orphans[2];

	check__must("fork", actor__run(&middle, fork_orphan));
	/* Numbers of actors are the director's: the reaper waits for any child. */
	actor__exit(&middle, 0);
	check__true("the subreaper reaps the member",
		    actor__call(&reaper, op_waitpid, -1, 0) > 0);
	check__eq("the subreaper's orphans",
		  ns__children(reaper.pid, orphans, 2), 1);
	close(middle.pidfd);
	target__strike(&t);
	check__err("the subreaper's end",
		   ns__wait_dead(reaper.pidfd, run__patience()), 0);
	close(reaper.pidfd);
	target__end(&t, &caller);
}

/*
 * A member stops at its exit, while its child is a zombie already. The init, which is
 * dying, inherits the zombie, and must not wait for it for ever. *arg: the member's
 * parent is outside, so the init has no child of its own to wait for.
 */
static void init_inherits_late(const void *arg)
{
	const bool outside = *(const bool *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct actor tracer, middle;
	pid_t orphans[2];

	target__enter(&t, &caller);
	middle = actor__spawn("member", outside ? &caller : &t.init, 0);
	check__must("fork", actor__run(&middle, fork_orphan));
	check__eq("children", ns__children(middle.pid, orphans, 2), 1);
	tracer = tracer__make(middle.pid, PTRACE_O_TRACEEXIT);
	target__strike(&t);
	check__eq("stop of the member", tracer__next(&tracer, middle.pid) >> 8,
		  TRACER_EXIT_STOP);
	target__await_state(orphans[0], 'Z');
	if (outside)
		target__await_waiting(&t);
	check__must("PTRACE_CONT",
		    actor__call(&tracer, tracer_resume, middle.pid, 0));
	check__eq("status for the tracer", tracer__next(&tracer, middle.pid),
		  SIGKILL);
	if (outside)
		target__check_killed(&caller, middle.pid);
	close(middle.pidfd);
	target__dismiss(&tracer);
	target__end(&t, &caller);
}

/* The init has zombies that it did not reap while it lived. */
static void init_has_zombies(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);

	for (int i = 0; i < 3; i++)
		check__must("fork", actor__run(&t.init, op_fork_zombie));
	target__check_numbers(&t, 4);
	target__strike(&t);
	target__end(&t, &caller);
}

static const bool inside = false, outside = true;

static const struct test_case cases[] = {
	ENTRANCE("orphan: the init has zombies when it dies", init_has_zombies),
	ENTRANCE("orphan: inherited by a subreaper outside, then the init dies",
		 orphan_first),
	ENTRANCE("orphan: a zombie, inherited while the init waits for it",
		 zombie_is_inherited),
	ENTRANCE("orphan: inherited by the init, not by a subreaper outside",
		 border_is_kept),
	ENTRANCE("orphan: inherited by a subreaper inside, then the init dies",
		 reaper_inside),
	ENTRANCE_WITH("orphan: a zombie, inherited by the init that is dying",
		      init_inherits_late, &inside),
	ENTRANCE_WITH("orphan: a zombie of a member whose parent is outside, too",
		      init_inherits_late, &outside),
};

PROGRAM_PART(entrances_reaper__add, cases)
