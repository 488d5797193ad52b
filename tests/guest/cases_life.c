// SPDX-License-Identifier: GPL-2.0-only
/*
 * The abilities of a joined task, the state that survives the join, and the
 * ends of joined tasks. cases_end.c has the end of the target.
 */
#include "cases_life.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/array.h"
#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

static void forks(void)
{
	struct actor child;
	struct ns_numbers n;
	struct joined j = joined__make();
	long inner;

	child = actor__spawn("child", &j.s.caller, 0);
	inner = actor__run(&child, op_getpid);
	check__eq("getppid() of the child", actor__run(&child, op_getppid),
		  j.inner);
	check__eq("getsid() of the child", actor__run(&child, op_getsid),
		  j.inner);
	n = joined__numbers(NULL, child.pid, "NSpid");
	check__eq("levels of the child", n.nr, 2);
	check__eq("its innermost number", n.number[1], inner);
	check__eq("its parent in the container's /proc",
		  joined__numbers(joined__proc_of(&j.s.init), inner,
				  "PPid").number[0], j.inner);
	check__eq("its parent outside",
		  joined__numbers(NULL, child.pid, "PPid").number[0], j.now);
	check__err("the target's init finds it",
		   actor__call(&j.s.init, op_kill, inner, 0), 0);
	actor__exit(&child, 2);
	check__eq("the joined task reaps it",
		  actor__call(&j.s.caller, op_waitpid, inner, 0), inner);
}

static void child_leads(void)
{
	struct actor child;
	struct joined j = joined__make();
	long inner;

	check__err("setsid() by the joined task, a leader",
		   actor__run(&j.s.caller, op_setsid), -EPERM);
	child = actor__spawn("child", &j.s.caller, 0);
	inner = actor__run(&child, op_getpid);
	check__eq("its group at first", actor__run(&child, op_getpgrp),
		  j.inner);
	check__err("setpgid() on it by its parent",
		   actor__call(&j.s.caller, op_setpgid, inner, inner), 0);
	check__eq("its group then", actor__run(&child, op_getpgrp), inner);
	check__err("setpgid() back to the parent's",
		   actor__call(&j.s.caller, op_setpgid, inner, j.inner), 0);
	check__eq("setsid() by the child", actor__run(&child, op_setsid),
		  inner);
	check__eq("its session", actor__run(&child, op_getsid), inner);
}

static void has_threads(void)
{
	struct joined j = joined__make();

	check__err("a new thread", actor__run(&j.s.caller, op_add_thread), 0);
	check__err("one more", actor__run(&j.s.caller, op_add_thread), 0);
	check__eq("threads, seen by the container",
		  joined__numbers(joined__proc_of(&j.s.init), j.inner,
				  "Threads").number[0], 3);
	check__err("their end", actor__run(&j.s.caller, op_end_threads), 0);
	check__eq("getpid()", actor__run(&j.s.caller, op_getpid), j.inner);
	actor__exit(&j.s.caller, 0);
	check__eq("the parent reaps it", waitpid(j.now, NULL, 0), j.now);
}

/* --- exec ---------------------------------------------------------------- */

struct after_exec {
	pid_t pid, tid, pgrp, sid;
	long pid_ns;
};

int life__report_after_exec(void)
{
	const struct after_exec r = {
		.pid = getpid(), .tid = gettid(), .pgrp = getpgrp(),
		.sid = getsid(0), .pid_ns = ns__id(0, "pid"),
	};

	return write(STDOUT_FILENO, &r, sizeof(r)) != sizeof(r);
}

static void execs(void)
{
	struct after_exec r = { 0 };
	int out[2], exe, status;
	long exe_there, out_there;
	struct joined j = joined__make();

	exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (exe < 0 || pipe2(out, O_CLOEXEC))
		check__bail("cannot prepare the exec: %s", strerror(errno));
	exe_there = actor__give(&j.s.caller, exe);
	out_there = actor__give(&j.s.caller, out[1]);
	close(out[1]);
	actor__ask(&j.s.caller, op_exec, exe_there, out_there);
	if (ns__poll(out[0], POLLIN, run__patience()) < 0 ||
	    read(out[0], &r, sizeof(r)) != sizeof(r))
		check__bail("no word from the executed program");
	check__eq("getpid() after exec", r.pid, j.inner);
	check__eq("gettid() after exec", r.tid, j.inner);
	check__eq("getpgrp() after exec", r.pgrp, j.inner);
	check__eq("getsid() after exec", r.sid, j.inner);
	check__eq("pid ns after exec", r.pid_ns,
		  ns__id(j.s.init.pid, "pid"));
	check__eq("the parent reaps it", waitpid(j.now, &status, 0), j.now);
	check__eq("status", status, 0);
}

/* --- timers -------------------------------------------------------------- */

/* A process may arm a timer on any other process's CPU time. */
static void foreign_timers(void)
{
	struct actor soon, late, gone;
	long soon_id, late_id, near_ms;
	clockid_t clock;
	struct joined j = joined__start();

	/* More CPU time than the join itself uses. */
	near_ms = ns__limit_ms(150);
	soon = actor__spawn("neighbour with a near timer", NULL, 0);
	late = actor__spawn("neighbour with a far timer", NULL, 0);
	gone = actor__spawn("neighbour that goes away", NULL, 0);
	soon_id = check__must("timer", actor__call(&soon, op_add_cpu_timer,
						   j.old, near_ms));
	late_id = check__must("timer", actor__call(&late, op_add_cpu_timer,
						   j.old, 100000));
	check__must("timer",
		    actor__call(&gone, op_add_cpu_timer, j.old, 100000));
	joined__finish(&j);
	check__eq("the timer has not fired before the join",
		  actor__call(&soon, op_pending, SIGUSR1, 0), 0);

	/*
	 * A timer that wrongly stayed queued is freed here, and used at the
	 * next tick.
	 */
	check__err("timer_delete() by its owner",
		   actor__call(&late, op_end_timer, late_id, 0), 0);
	actor__exit(&gone, 0);
	check__eq("an owner's exit", waitpid(gone.pid, NULL, 0), gone.pid);
	actor__call(&j.s.caller, op_burn, near_ms + 50, 0);
	check__eq("a timer on the old number does not fire",
		  actor__call(&soon, op_pending, SIGUSR1, 0), 0);
	check__err("nor can it be set again",
		   actor__call(&soon, op_rearm_timer, soon_id, 1), -ESRCH);
	actor__call(&j.s.caller, op_burn, 10, 0);
	check__eq("and then it does not fire either",
		  actor__call(&soon, op_pending, SIGUSR1, 0), 0);
	check__err("timer_delete() after that",
		   actor__call(&soon, op_end_timer, soon_id, 0), 0);

	check__eq("CPU clock of the old number",
		  clock_getcpuclockid(j.old, &clock), ESRCH);
	check__eq("CPU clock of the new number",
		  clock_getcpuclockid(j.now, &clock), 0);
}

/*
 * Makes @user use CPU time until @watcher has received @sig; returns false if @sig does
 * not come. The limit is far above the timer's: the kernel checks expiry at ticks, and a
 * guest on a busy host has few ticks in its CPU time.
 */
static bool gets_signal_in_time(struct actor *user, struct actor *watcher,
				int sig)
{
	for (int i = 0; i < ns__limit_ms(150); i++) {
		actor__call(user, op_burn, 20, 0);
		if (actor__call(watcher, op_pending, sig, 0) == 1)
			return true;
	}
	return false;
}

/* Shows that foreign_timers() can fail: such a timer fires without a join. */
static void foreign_timer_fires(void)
{
	struct actor caller, soon;

	caller = actor__spawn("neighbour that uses CPU", NULL, 0);
	soon = actor__spawn("neighbour with a near timer", NULL, 0);
	check__must("timer",
		    actor__call(&soon, op_add_cpu_timer, caller.pid, 40));
	check__true("the timer has fired",
		    gets_signal_in_time(&caller, &soon, SIGUSR1));
}

static void alarms_go_on(void)
{
	struct joined j = joined__start();

	check__must("setitimer(ITIMER_REAL)",
		    actor__call(&j.s.caller, op_start_alarms, 2, 0));
	check__eq("alarms before the join",
		  actor__call(&j.s.caller, op_await_alarms, 2,
			      ns__limit_ms(1000)),
		  2);
	joined__finish(&j);
	check__eq("alarms after it",
		  actor__call(&j.s.caller, op_await_alarms, 5,
			      ns__limit_ms(1000)),
		  5);
}

static void alarm_stays_armed(void)
{
	struct joined j = joined__start();
	long left;

	check__eq("alarm(1000)", actor__call(&j.s.caller, op_alarm, 1000, 0), 0);
	joined__finish(&j);
	left = actor__call(&j.s.caller, op_alarm, 0, 0);
	check__true("the alarm is armed after it", left > 100);
}

static void alarm_in_any_thread(void)
{
	struct actor x = actor__spawn("process with two threads", NULL, 0);

	check__eq("alarms that come to the second thread",
		  actor__call(&x, op_alarm_in_thread, 20, ns__limit_ms(2000)),
		  1);
}

static void profiling_goes_on(void)
{
	struct joined j = joined__start();

	check__must("setitimer(ITIMER_PROF)",
		    actor__call(&j.s.caller, op_start_prof, ns__limit_ms(150),
				0));
	joined__finish(&j);
	check__eq("SIGPROF before its time",
		  actor__call(&j.s.caller, op_pending, SIGPROF, 0), 0);
	check__true("SIGPROF after it",
		    gets_signal_in_time(&j.s.caller, &j.s.caller, SIGPROF));
}

/* --- ends ---------------------------------------------------------------- */

static void its_end_spares_init(void)
{
	struct joined j = joined__make();
	int status;

	check__must("kill it", op_kill(j.now, SIGKILL));
	check__eq("the parent reaps it", waitpid(j.now, &status, 0), j.now);
	check__true("it was killed", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL);
	check__eq("the target is as before (mask)",
		  actor__run(&j.s.init, op_numbers), 1L << 1);
}

static void orphans_stay_inside(void)
{
	struct actor child;
	struct joined j = joined__make();

	child = actor__spawn("child of the joined task", &j.s.caller, 0);
	actor__exit(&j.s.caller, 0);
	check__eq("the parent reaps the joined task",
		  waitpid(j.now, NULL, 0), j.now);
	check__eq("getppid() of its child", actor__run(&child, op_getppid), 1);
	check__eq("its parent outside",
		  joined__numbers(NULL, child.pid, "PPid").number[0],
		  j.s.init.pid);
	actor__exit(&child, 3);
	check__true("the target's init reaps it",
		    actor__call(&j.s.init, op_waitpid, -1, 0) > 1);
}

/*
 * Makes @caller, a child of @parent, join. Returns its new number for the
 * director.
 */
static pid_t join_by(const struct actor *caller, pid_t parent, int nsfd)
{
	check__err("setns", scene__enter(caller, nsfd, 0), 0);
	return joined__find(parent, actor__run(caller, op_gettid), 2);
}

/*
 * Makes @caller, with parent death signal @sig (0: none), join, and its parent exit.
 * Returns the caller's new number for the director.
 */
static pid_t join_and_lose_parent(struct actor *caller, int sig)
{
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor parent = actor__spawn("parent", NULL, 0);
	pid_t now;

	*caller = actor__spawn("caller", &parent, 0);
	check__must("setsid", actor__run(caller, op_setsid));
	check__must("PR_SET_PDEATHSIG",
		    actor__call(caller, op_prctl, PR_SET_PDEATHSIG, sig));
	now = join_by(caller, parent.pid,
		      check__must("target", ns__open(init.pid, "pid")));
	actor__exit(&parent, 0);
	check__eq("the parent is reaped", waitpid(parent.pid, NULL, 0),
		  parent.pid);
	return now;
}

static void own_parent_dies(void)
{
	struct actor caller;
	pid_t now = join_and_lose_parent(&caller, 0);
	int status;

	/* The director, a subreaper in the old namespace; not the target's init. */
	check__eq("its new parent, outside",
		  joined__numbers(NULL, now, "PPid").number[0], getpid());
	check__eq("its new parent, inside", actor__run(&caller, op_getppid), 0);
	actor__exit(&caller, 5);
	check__eq("the new parent reaps it", waitpid(now, &status, 0), now);
	check__eq("exit status", WEXITSTATUS(status), 5);
}

/* The parent of the target's init has exited, as after a daemon's restart. */
static void target_is_orphaned(void)
{
	struct actor parent, init, caller;
	pid_t now;
	int nsfd;

	parent = actor__spawn("parent of the init", NULL, 0);
	init = actor__spawn("init of the target", &parent, CLONE_NEWPID);
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	actor__exit(&parent, 0);
	check__eq("the parent is reaped", waitpid(parent.pid, NULL, 0),
		  parent.pid);
	check__eq("the init's new parent",
		  joined__numbers(NULL, init.pid, "PPid").number[0], getpid());
	caller = actor__spawn("caller", NULL, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	now = join_by(&caller, getpid(), nsfd);
	actor__exit(&caller, 0);
	check__eq("the caller is reaped", waitpid(now, NULL, 0), now);
	actor__exit(&init, 0);
	check__eq("the init is reaped", waitpid(init.pid, NULL, 0), init.pid);
}

static void parent_death_signal(void)
{
	struct actor caller;
	pid_t now = join_and_lose_parent(&caller, SIGTERM);
	int status;

	check__eq("the joined task follows", waitpid(now, &status, 0), now);
	check__true("by the signal it asked for", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGTERM);
}

static void stays_subreaper(void)
{
	struct actor child, grandchild;
	struct joined j = joined__start();

	check__must("PR_SET_CHILD_SUBREAPER",
		    actor__call(&j.s.caller, op_prctl, PR_SET_CHILD_SUBREAPER,
				1));
	joined__finish(&j);
	child = actor__spawn("child", &j.s.caller, 0);
	grandchild = actor__spawn("grandchild", &child, 0);
	actor__exit(&child, 0);
	check__true("it reaps its child",
		    actor__call(&j.s.caller, op_waitpid, -1, 0) > 0);
	check__eq("getppid() of its grandchild",
		  actor__run(&grandchild, op_getppid), j.inner);
}

static void keeps_pending_signals(void)
{
	struct joined j = joined__start();

	check__must("block", actor__call(&j.s.caller, op_block, SIGUSR1, 0));
	check__must("SIGUSR1", op_kill(j.old, SIGUSR1));
	joined__finish(&j);
	check__eq("the signal still waits",
		  actor__call(&j.s.caller, op_pending, SIGUSR1, 0), 1);
	check__eq("and no other",
		  actor__call(&j.s.caller, op_pending, SIGUSR2, 0), 0);
}

static void deeper_namespace(void)
{
	struct actor child;
	struct ns_numbers n;
	struct joined j = joined__make();

	child = actor__spawn("init of a pid ns made by the joined task",
			     &j.s.caller, CLONE_NEWPID);
	n = joined__numbers(NULL, child.pid, "NSpid");
	check__eq("its levels", n.nr, 3);
	check__eq("its innermost number", n.number[2], 1);
	check__err("the target's init finds it",
		   actor__call(&j.s.init, op_kill, n.number[1], 0), 0);
}

#define LIFE_DANGEROUS(name_, fn) { \
	.name = "life: " name_, WHERE_MOVES, .flags = CASE_DANGEROUS, \
	.run = fn, \
}

static const struct test_case cases[] = {
	LIFE_BOTH("a child is born into the target with the right parent", forks),
	LIFE("a child can lead a group and a session", child_leads),
	LIFE_BOTH("exec keeps the new numbers", execs),
	LIFE("ITIMER_REAL goes on", alarms_go_on),
	LIFE("an alarm that is far off stays armed", alarm_stays_armed),
	LIFE("an alarm goes to any thread of the process",
	     alarm_in_any_thread),
	LIFE("ITIMER_PROF goes on", profiling_goes_on),
	LIFE("a blocked signal stays pending", keeps_pending_signals),
	LIFE("its parent death signal comes", parent_death_signal),
	LIFE_BOTH("a subreaper stays one", stays_subreaper),
	LIFE_BOTH("it can make a pid ns below the target", deeper_namespace),
	LIFE_BOTH("it can be killed and reaped, the target lives on",
	     its_end_spares_init),
	LIFE_BOTH("its orphans go to the target's init", orphans_stay_inside),
	LIFE_BOTH("the target's init may have lost its parent", target_is_orphaned),
	LIFE("orphaned itself, it goes to its old subreaper",
	     own_parent_dies),
};

/* These come after the cases on the end of the target. */
static const struct test_case last_cases[] = {
	{ .name = "timers: another's timer on a CPU clock fires",
	  .modes = MODE_MAINLINE | MODE_JOIN | MODE_SEED, .knob = KNOB_OFF,
	  .run = foreign_timer_fires },
	/*
	 * Both may crash the seed kernel: threads at mixed levels, and a freed timer that
	 * is still queued.
	 */
	LIFE_DANGEROUS("it can have threads", has_threads),
	CASE(WHERE_KEEP, "keep: life: it can have threads", has_threads),
	LIFE_DANGEROUS("others' timers on its CPU clock are gone",
		       foreign_timers),
};

void cases_life__add(struct run_list *l)
{
	run__add(l, cases, ARRAY_SIZE(cases));
	cases_end__add(l);
	run__add(l, last_cases, ARRAY_SIZE(last_cases));
}
