// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracers and tracees across the border of a pid namespace whose init dies.
 *
 * A tracee that is dead stays a zombie until its tracer has waited for it, so the
 * tracer is a brake: the init cannot end before. PTRACE_EVENT_EXIT stops a process
 * that is dying, and holds an init that has not yet closed its namespace.
 *
 * Limit: a tracer cannot have a tracee outside of its pid namespace, because ptrace(2)
 * names the tracee by a number.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrances.h"
#include "hold.h"
#include "ns.h"
#include "ops.h"

static void check_alive(const struct target *t)
{
	check__err("the init is not at its end",
		   ns__poll(t->init.pidfd, POLLIN, 0), -ETIMEDOUT);
}

/* --- a member is traced from outside ------------------------------------- */

struct traced {
	bool child_of_init;	/* or of a caller outside */
	bool stopped;		/* when the init dies */
	bool tracer_dies;	/* instead of waiting */
};

static void tracer_lets_go(const struct traced *how, struct actor *tracer,
			   pid_t member)
{
	if (how->tracer_dies) {
		check__must("kill the tracer", op_kill(tracer->pid, SIGKILL));
		check__eq("the tracer", waitpid(tracer->pid, NULL, 0),
			  tracer->pid);
		return;
	}
	check__eq("status for the tracer", tracer__next(tracer, member), SIGKILL);
	target__dismiss(tracer);
}

static void member_is_traced(const void *arg)
{
	const struct traced *how = arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0), tracer;
	pid_t member[2];
	long child;

	target__enter(&t, &caller);
	child = actor__run(how->child_of_init ? &t.init : &caller,
			   op_fork_sleeper);
	check__must("fork", child);
	if (how->child_of_init) {
		check__eq("children", ns__children(t.init.pid, member, 2), 1);
		child = member[0];
	}
	tracer = tracer__make(child, 0);
	if (how->stopped) {
		check__must("PTRACE_INTERRUPT",
			    actor__call(&tracer, tracer_interrupt, child, 0));
		check__true("the member stops",
			    WIFSTOPPED(tracer__next(&tracer, child)));
	}
	target__strike(&t);
	target__await_state(child, 'Z');
	check_alive(&t);
	tracer_lets_go(how, &tracer, child);
	if (!how->child_of_init)
		target__check_killed(&caller, child);
	target__end(&t, &caller);
}

/* --- the init is traced from outside ------------------------------------- */

/* The init is dying, and has not closed the namespace: a fork succeeds. */
static void init_stops_at_exit(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0), tracer;
	struct hold *h = hold__begin(&caller, where);
	long early, held;

	target__enter(&t, &caller);
	tracer = tracer__make(t.init.pid, PTRACE_O_TRACEEXIT);
	target__strike(&t);
	check__eq("stop of the init", tracer__next(&tracer, t.init.pid) >> 8,
		  TRACER_EXIT_STOP);
	early = actor__run(&caller, op_fork_sleeper);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	check__must("PTRACE_CONT", actor__call(&tracer, tracer_resume, t.init.pid, 0));
	/* The early child is a zombie of a caller that is held. */
	target__await_waiting(&t);
	hold__release(h);
	held = actor__answer(&caller);
	hold__end(h);
	if (where == HOLD_LINKED)
		target__check_killed(&caller, held);
	else
		check__err("clone3", held, -ENOMEM);
	target__check_killed(&caller, early);
	check__eq("status for the tracer", tracer__next(&tracer, t.init.pid),
		  SIGKILL);
	target__check_reaped(&t);
	target__dismiss(&tracer);
	target__dismiss(&caller);
	target__check_freed(&t);
}

/* A tracer may come when the init is in the middle of its death. */
static void init_is_seized_late(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0), tracer;
	struct hold *h = hold__begin(&caller, HOLD_NUMBERED);

	target__enter(&t, &caller);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	target__strike(&t);
	target__await_waiting(&t);
	tracer = tracer__make(t.init.pid, 0);
	hold__release(h);
	check__err("clone3", actor__answer(&caller), -ENOMEM);
	hold__end(h);
	check__eq("status for the tracer", tracer__next(&tracer, t.init.pid),
		  SIGKILL);
	target__dismiss(&tracer);
	target__end(&t, &caller);
}

/* --- tracers inside ------------------------------------------------------ */

/* Takes away the capabilities that a tracer of the namespace would need. */
static void enter_user_ns(const struct target *t, const struct actor *x)
{
	int user = check__must("user namespace", ns__open(t->init.pid, "user"));
	long fd = actor__give(x, user);

	check__must("setns", actor__call(x, op_setns, fd, CLONE_NEWUSER));
	check__must("close", actor__call(x, op_close, fd, 0));
	close(user);
}

/* The tracee's parent is outside, and the tracer, which is the init, dies. */
static void init_traces(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct ns_numbers n;
	long child;

	enter_user_ns(&t, &caller);
	target__enter(&t, &caller);
	child = check__must("fork", actor__run(&caller, op_fork_sleeper));
	check__must("numbers", ns__numbers("/proc", child, "NSpid", &n));
	check__must("PTRACE_SEIZE by the init",
		    actor__call(&t.init, op_seize, n.number[n.nr - 1], 0));
	target__strike(&t);
	target__check_killed(&caller, child);
	target__end(&t, &caller);
}

/*
 * The tracer is a child of the init, and so is its tracee; both die. The tracee is a
 * zombie whose tracer is a zombie.
 */
static void member_traces(void)
{
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0);
	struct actor tracer = actor__spawn("tracer", &t.init, 0);
	struct actor tracee = actor__spawn("tracee", &t.init, 0);
	long number = actor__run(&tracee, op_getpid);

	check__must("PTRACE_SEIZE", actor__call(&tracer, op_seize, number, 0));
	target__strike(&t);
	check__err("the tracee's end",
		   ns__wait_dead(tracee.pidfd, run__patience()), 0);
	check__err("the tracer's end",
		   ns__wait_dead(tracer.pidfd, run__patience()), 0);
	close(tracee.pidfd);
	close(tracer.pidfd);
	target__end(&t, &caller);
}

/* --- the caller is traced ------------------------------------------------ */

/* The child is attached to the tracer while copy_process() links it. */
static void caller_is_traced(const void *arg)
{
	const enum hold_where where = *(const enum hold_where *)arg;
	struct target t = target__make();
	struct actor caller = actor__spawn("caller", NULL, 0), tracer;
	struct hold *h = hold__begin(&caller, where);
	pid_t child[2];

	target__enter(&t, &caller);
	tracer = tracer__make(caller.pid, PTRACE_O_TRACEFORK);
	actor__ask(&caller, hold__fork, (long)h, 0);
	hold__await(h);
	if (where == HOLD_LINKED)
		check__eq("children", ns__children(caller.pid, child, 2), 1);
	target__strike(&t);
	target__await_waiting(&t);
	hold__release(h);
	if (where == HOLD_LINKED) {
		check__eq("stop of the caller",
			  tracer__next(&tracer, caller.pid) >> 8,
			  SIGTRAP | PTRACE_EVENT_FORK << 8);
		target__await_state(child[0], 'Z');
		check_alive(&t);
		check__eq("status for the tracer",
			  tracer__next(&tracer, child[0]), SIGKILL);
		/* A traced caller would stop again, for SIGCHLD. */
		check__must("PTRACE_DETACH",
			    actor__call(&tracer, tracer_detach, caller.pid, 0));
		target__check_killed(&caller, actor__answer(&caller));
	} else {
		check__err("clone3", actor__answer(&caller), -ENOMEM);
	}
	hold__end(h);
	target__check_reaped(&t);
	target__dismiss(&tracer);
	target__dismiss(&caller);
	target__check_freed(&t);
}

static const enum hold_where numbered = HOLD_NUMBERED, linked = HOLD_LINKED;

static const struct traced runs = { .child_of_init = true },
	stops = { .child_of_init = true, .stopped = true },
	lost = { .child_of_init = true, .stopped = true, .tracer_dies = true },
	stranger = { .stopped = true },
	lost_stranger = { .stopped = true, .tracer_dies = true };

static const struct test_case cases[] = {
	ENTRANCE_WITH("ptrace: from outside, a child of the init", member_is_traced,
		      &runs),
	ENTRANCE_WITH("ptrace: from outside, a stopped child of the init",
		      member_is_traced, &stops),
	ENTRANCE_WITH("ptrace: from outside, a child of the init, and the tracer dies",
		      member_is_traced, &lost),
	ENTRANCE_WITH("ptrace: from outside, a member whose parent is outside",
		      member_is_traced, &stranger),
	ENTRANCE_WITH("ptrace: from outside, such a member, and the tracer dies",
		      member_is_traced, &lost_stranger),
	ENTRANCE_WITH("ptrace: the init stops at its exit, a fork has a number",
		      init_stops_at_exit, &numbered),
	ENTRANCE_WITH("ptrace: the init stops at its exit, a child has not run",
		      init_stops_at_exit, &linked),
	ENTRANCE("ptrace: a tracer attaches to the init that is dying",
		 init_is_seized_late),
	ENTRANCE("ptrace: the init traces a member whose parent is outside",
		 init_traces),
	ENTRANCE("ptrace: a member traces another one", member_traces),
	ENTRANCE_WITH("ptrace: the caller is traced before its child is linked",
		      caller_is_traced, &numbered),
	ENTRANCE_WITH("ptrace: the caller is traced before its child runs",
		      caller_is_traced, &linked),
};

PROGRAM_PART(entrances_ptrace__add, cases)
