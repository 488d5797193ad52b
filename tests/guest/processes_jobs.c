// SPDX-License-Identifier: GPL-2.0-only
/*
 * Orphaned process groups: none of their members has a parent in the same session
 * outside the group (a link). A group that becomes orphaned while a member is stopped
 * gets SIGHUP and SIGCONT.
 */
#include <sched.h>
#include <signal.h>

#include "ns.h"
#include "ops.h"
#include "processes.h"

/*
 * The shell leads a session. Its child, the link, leads a process group, which also has
 * the member, a child of the link, and the other, a child of the shell.
 */
struct job {
	struct actor shell, link, member, other;
};

/* The events of a job, in this order, and whether they leave its group orphaned. */
static const struct ending {
	bool in_init;		/* the shell is the init of a pid namespace */
	bool runs;		/* the member is not stopped */
	bool link_leader_ends;	/* the leading thread; another thread lives */
	bool other_ends, link_ends, shell_ends;
	bool orphaned;
} links_end = { .other_ends = true, .link_ends = true, .orphaned = true },
	shell_ends = { .shell_ends = true, .orphaned = true },
	runs_on = { .runs = true, .other_ends = true, .link_ends = true,
		    .orphaned = true },
	one_link_ends = { .other_ends = true },
	other_link_ends = { .link_ends = true },
	thread_is_link = { .link_leader_ends = true, .other_ends = true },
	thread_ends = { .link_leader_ends = true, .other_ends = true,
			.link_ends = true, .orphaned = true },
	init_ends_links = { .in_init = true, .other_ends = true, .link_ends = true };

static void block_signals_of_orphans(const struct actor *x)
{
	check__must("block", actor__call(x, op_block, SIGHUP, 0));
	check__must("block", actor__call(x, op_block, SIGCONT, 0));
}

static void job__start(struct job *j, const struct ending *e)
{
	long group;

	j->shell = actor__spawn("shell", NULL, e->in_init ? CLONE_NEWPID : 0);
	check__must("setsid", actor__run(&j->shell, op_setsid));
	j->link = actor__spawn("link", &j->shell, 0);
	check__must("setpgid", actor__call(&j->link, op_setpgid, 0, 0));
	group = check__must("getpgrp", actor__run(&j->link, op_getpgrp));
	j->member = actor__spawn("member", &j->link, 0);
	j->other = actor__spawn("other", &j->shell, 0);
	check__must("setpgid", actor__call(&j->other, op_setpgid, 0, group));
	block_signals_of_orphans(&j->member);
	if (e->runs)
		return;
	check__must("SIGSTOP", op_kill(j->member.pid, SIGSTOP));
	await_state(j->member.pid, 'T');
}

/* The kernel sends the signals to a group before the parent can reap a member. */
static void end_child(const struct actor *parent, const struct actor *x)
{
	actor__exit(x, 0);
	check__must("dead", ns__wait_dead(x->pidfd, run__patience()));
	check__true("reaped", reap_by(parent, x) > 0);
}

static void job__end(const struct job *j, const struct ending *e)
{
	if (e->link_leader_ends)
		lose_leader(&j->link);
	if (e->other_ends)
		end_child(&j->shell, &j->other);
	if (e->link_ends)
		end_child(&j->shell, &j->link);
	if (e->shell_ends)
		end_child(NULL, &j->shell);
}

static void check_member(const struct job *j, const struct ending *e)
{
	const bool signalled = e->orphaned && !e->runs;

	if (!e->runs && !e->orphaned) {
		check__eq("the state of the member", ns__state(j->member.pid), 'T');
		check__must("SIGCONT", op_kill(j->member.pid, SIGCONT));
	}
	/* A member that is still stopped does not answer. */
	check__eq("SIGHUP", actor__call(&j->member, op_pending, SIGHUP, 0), signalled);
	if (signalled || e->runs)
		check__eq("SIGCONT", actor__call(&j->member, op_pending, SIGCONT, 0),
			  signalled);
}

static void job_ends(const void *arg)
{
	const struct ending *e = arg;
	struct job j;

	job__start(&j, e);
	job__end(&j, e);
	check_member(&j, e);
}

#define JOB(name, ending) PROCESS_WITH("jobs: " name, job_ends, &ending)

static const struct test_case cases[] = {
	JOB("a stopped group gets SIGHUP and SIGCONT when its last link exits",
	    links_end),
	JOB("a stopped group gets SIGHUP and SIGCONT when its links' parent exits",
	    shell_ends),
	JOB("a group without a stopped member gets no signal when it is orphaned",
	    runs_on),
	JOB("a stopped group with a link left gets no signal when another exits",
	    one_link_ends),
	JOB("a stopped group with a link left gets no signal when its leader exits",
	    other_link_ends),
	JOB("a link whose leading thread has ended, but not another, remains a link",
	    thread_is_link),
	JOB("a link without its leading thread ends with its last thread", thread_ends),
	JOB("an init in the session, which adopts the members, makes them links",
	    init_ends_links),
};

PROGRAM_PART(jobs__add, cases)
