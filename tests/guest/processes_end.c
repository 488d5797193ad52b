// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a pid namespace. When the last thread of its init has exited, everybody in
 * the namespace is killed, and the init ends after they are gone. Zombies of its own,
 * and zombies that only the init could reap, do not delay the end.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

/* How the init ends. */
enum way { EXIT, KILLED, LAST_THREAD };

struct ending {
	enum way way;
	bool threads;		/* the init has one more thread */
	bool dead_leader;	/* the init's leader has exited */
	bool execs;		/* the init's second thread executed a program */
};

#define CODE 7

/* The processes in the namespace. */
struct members {
	struct actor child, grandchild, threads, lower, outer, stranger;
};

static struct members populate(const struct actor *init)
{
	struct members m;

	m.outer = actor__spawn("parent outside", NULL, 0);
	m.child = actor__spawn("child", init, 0);
	m.grandchild = actor__spawn("grandchild", &m.child, 0);
	m.threads = actor__spawn("child with threads", init, 0);
	m.lower = actor__spawn("init of a pid ns below", init, CLONE_NEWPID);
	m.stranger = spawn_into(init, &m.outer, "process with a parent outside");
	check__must("thread", actor__run(&m.threads, op_add_thread));
	lose_leader(&m.threads);
	check__must("zombie", actor__run(init, op_fork_zombie));
	return m;
}

static void shape(const struct actor *init, const struct ending *e)
{
	if (e->threads)
		check__must("thread", actor__run(init, op_add_thread));
	if (e->dead_leader)
		lose_leader(init);
	if (e->execs) {
		check__must("a second thread", actor__call(init, actor__move, 1, 0));
		check__err("exec", actor__run(init, actor__exec), 0);
	}
}

static long exit_thread(long a __maybe_unused, long b __maybe_unused)
{
	syscall(SYS_exit, CODE);
	return 0;
}

/* Checks that @x is dead; ends it otherwise, since nobody else would. */
static bool check_dead(const struct actor *x, int limit_ms)
{
	if (check__err(x->name, ns__wait_dead(x->pidfd, limit_ms), 0))
		return true;
	op_pidfd_signal(x->pidfd, SIGKILL);
	ns__wait_dead(x->pidfd, run__patience());
	return false;
}

static void end_init(const struct actor *init, enum way way)
{
	if (way == KILLED)
		check__must("SIGKILL", op_kill(init->pid, SIGKILL));
	else if (way == LAST_THREAD)
		actor__ask(init, exit_thread, 0, 0);
	else
		actor__exit(init, CODE);
}

static void ends(const void *arg)
{
	const struct ending *e = arg;
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct members m = populate(&init);

	shape(&init, e);
	end_init(&init, e->way);
	if (check_dead(&m.child, run__patience()) &&
	    check_dead(&m.stranger, run__patience())) {
		check__err("the init waits for the child of the parent outside",
			   ns__wait_dead(init.pidfd, 0), -ETIMEDOUT);
		check__true("which reaps it", reap_by(&m.outer, &m.stranger) > 0);
		check_dead(&init, run__patience());
	}
	check_dead(&m.grandchild, 0);
	check_dead(&m.threads, 0);
	check_dead(&m.lower, 0);
	check_end("the init is reaped", init.pid, e->way == KILLED ? SIGKILL : 0, CODE);
}

/* The parent outside exits instead of reaping its child; its heir is outside, too. */
static void parent_exits(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct members m = populate(&init);

	actor__exit(&init, CODE);
	check_dead(&m.stranger, run__patience());
	actor__exit(&m.outer, 0);
	check__true("the parent is reaped", reap_by(NULL, &m.outer) > 0);
	check__err("the init waits", ns__wait_dead(init.pidfd, 0), -ETIMEDOUT);
	check__true("the heir reaps", reap_by(NULL, &m.stranger) > 0);
	check_dead(&init, run__patience());
	check_end("the init is reaped", init.pid, 0, CODE);
}

/* A tracer outside has to see the end of its tracee before the init ends. */
static void tracer_outside(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct actor child = actor__spawn("child", &init, 0);
	int status;

	check__must("PTRACE_SEIZE", op_seize(child.pid, 0));
	actor__exit(&init, CODE);
	check_dead(&child, run__patience());
	check__err("the init waits", ns__wait_dead(init.pidfd, 0), -ETIMEDOUT);
	check__eq("the tracer reaps", await_child(child.pid, __WALL, &status),
		  child.pid);
	check__true("SIGKILL", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_dead(&init, run__patience());
	check_end("the init is reaped", init.pid, 0, CODE);
}

/* The init traces others; their zombies wait for nobody but the init. */
static void init_traces(const void *arg)
{
	const bool *thread = arg;
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);
	struct actor child = actor__spawn("child", &init, 0);
	struct actor grandchild = actor__spawn("grandchild", &child, 0);
	struct ns_numbers n;
	char tasks[32];
	long tid;

	check__must("thread", actor__run(&grandchild, op_add_thread));
	tid = check__must("tid", actor__call(&grandchild, op_thread, *thread, 0));
	snprintf(tasks, sizeof(tasks), "/proc/%d/task", grandchild.pid);
	check__must("NSpid", ns__numbers(tasks, tid, "NSpid", &n));
	check__must("PTRACE_SEIZE", actor__call(&init, op_seize, n.number[1], 0));
	if (*thread)
		check__must("end", actor__run(&grandchild, op_end_threads));
	else
		actor__exit(&grandchild, 0);
	actor__exit(&init, CODE);
	if (!check_dead(&init, run__patience()))
		return;
	check_dead(&child, 0);
	check_dead(&grandchild, 0);
	check_end("the init is reaped", init.pid, 0, CODE);
}

static const bool whole, one_thread = true;

/* A namespace whose init ends before it has had a child frees its place at once. */
static void empty(void)
{
	struct actor init = actor__spawn("init", NULL, CLONE_NEWPID);

	actor__exit(&init, CODE);
	check_end("the init is reaped", init.pid, 0, CODE);
}

#define END(name, ...) \
	PROCESS_WITH("end: " name, ends, (&(const struct ending){ __VA_ARGS__ }))

static const struct test_case cases[] = {
	PROCESS("end: of an init alone", empty),
	END("of an init", .way = EXIT),
	END("of an init that is killed", .way = KILLED),
	END("of an init whose only thread exits", .way = LAST_THREAD),
	END("of an init with two threads", .way = EXIT, .threads = true),
	END("of an init with two threads that is killed", .way = KILLED,
	    .threads = true),
	END("of an init with a dead leader", .way = EXIT, .dead_leader = true),
	END("of an init with a dead leader that is killed", .way = KILLED,
	    .dead_leader = true),
	END("of an init with a dead leader whose last thread exits",
	    .way = LAST_THREAD, .dead_leader = true),
	END("of an init after an exec by its second thread", .way = EXIT,
	    .execs = true),
	END("of an init that is killed after an exec by its second thread",
	    .way = KILLED, .execs = true),
	PROCESS("end: when the heir of a parent outside has reaped", parent_exits),
	PROCESS("end: when a tracer outside has seen it", tracer_outside),
	PROCESS_WITH("end: of an init that traces a zombie", init_traces, &whole),
	PROCESS_WITH("end: of an init that traces a thread that has exited",
		     init_traces, &one_thread),
};

PROGRAM_PART(end__add, cases)
