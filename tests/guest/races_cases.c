// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races between a join's steps and another task: a tracer and the death of the
 * target's init, between the checks and the move; the arming of a CPU timer,
 * and the expiry of an alarm, during the move.
 *
 * In the first two, the neighbour detects that the join is past its checks by
 * the number that the join has taken. The joiner leaves time for this: it is
 * the last user of its mount namespace, and freeing that namespace takes an RCU
 * grace period. The neighbour's success is visible, and a case without any
 * success fails. The other two have to hit microseconds, which slow tracepoints
 * extend. Their invariants are checked in every round, but a hit is not visible
 * (coverage shows it).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "ns.h"
#include "races.h"
#include "stress_word.h"

/* --- between the checks and the move -------------------------------------- */

/* found: the results of PTRACE_SEIZE and of a wait for the old number. */
static long seize(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;
	int status;

	round__await_number(r);
	r->found[0] = ptrace(PTRACE_SEIZE, r->pid, 0, 0) ? -errno : 0;
	if (r->found[0])
		return 0;
	r->found[1] = waitpid(r->pid, &status, __WALL) < 0 ? -errno : 0;
	/*
	 * The tracee has a new number now, and its exit is reported under that
	 * number.
	 */
	return waitpid(-1, &status, __WALL) > 0 ? 0 : -errno;
}

static void tracer(void)
{
	enum { ROUNDS = 40, WANTED = 2 };
	struct race x = race__make("tracer", CLONE_NEWPID | CLONE_NEWNS);
	struct round *r = x.r;
	int between = 0;

	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		round__start(r, &x.neighbour, seize);
		round__await_done(r);
		if (r->err == -EBUSY) {
			/* Another task took a number, so the tracer was too early. */
			round__end(r, &x.neighbour);
			continue;
		}
		check__err("setns", r->err, 0);
		check__err("the tracer's end", round__end(r, &x.neighbour), 0);
		if (r->found[0]) {
			check__err("PTRACE_SEIZE of the old number",
				   r->found[0], -ESRCH);
			continue;
		}
		between++;
		check__err("waitpid(old number) by the tracer", r->found[1],
			   -ECHILD);
	}
	check__true("a tracer came in between", between > 0);
}

static long strike(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;

	round__await_number(r);
	return kill(r->victim, SIGKILL) ? -errno : 0;
}

/* Reaps the init and the joiner, which both end. Returns the joiner's status. */
static int reap_both(const struct actor *init)
{
	int status = 0, got;
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		pid = waitpid(-1, &got, __WALL);
		if (pid <= 0)
			check__bail("waitpid: %s", strerror(errno));
		if (pid != init->pid)
			status = got;
	}
	close(init->pidfd);
	close(init->sock);
	return status;
}

static void death_of_init(void)
{
	enum { ROUNDS = 400, WANTED = 2 };
	struct race x = race__make("killer", CLONE_NEWPID | CLONE_NEWNS);
	struct round *r = x.r;
	int between = 0, status;

	for (int i = 0; i < ROUNDS && between < WANTED; i++) {
		if (i)
			race__target(&x, r->flags);
		/*
		 * The init has to die while the joiner is busy, so use another
		 * CPU.
		 */
		actor__run(&x.init, round__move_away);
		round__start(r, &x.neighbour, strike);
		check__err("kill", actor__answer(&x.neighbour), 0);
		status = reap_both(&x.init);
		close(r->pidfd);
		if (WIFSIGNALED(status)) {
			check__eq("what killed the joiner", WTERMSIG(status),
				  SIGKILL);
			/* a hit if killed before setns returned */
			between += !atomic_load(&r->done);
		} else {
			check__err("setns, too late", r->err, -ENOMEM);
		}
	}
	check__true("the init died in between", between > 0);
}

/* --- while it moves -------------------------------------------------------- */

/*
 * The joiner wakes a parent that waits for it before its PID changes, and the
 * pollers of its pidfd before its TGID changes. A slow tracepoint prolongs this
 * time.
 */
static void slow_wakeups(int times)
{
	check__must("a slow tracepoint",
		    slow__tracepoint("sched/sched_waking", sched_getcpu(),
				     times));
}

/* MAKE_PROCESS_CPUCLOCK() of include/linux/posix-timers.h. */
#define CPUCLOCK_SCHED	2

/*
 * The joiner wakes its parent with siglock held. Meanwhile the owner of a timer
 * finds the joiner by the old number, and waits for the lock.
 *
 * found: the results of the last and of the first timer_settime.
 */
static long arm_cpu_timer(long round, long b __maybe_unused)
{
	const struct itimerspec late = { .it_value.tv_sec = 1000 };
	struct round *r = (struct round *)round;
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	timer_t timer;
	bool through;

	signal(SIGUSR1, SIG_IGN);
	if (timer_create((clockid_t)(~(uint32_t)r->pid << 3 | CPUCLOCK_SCHED),
			 &ev, &timer))
		return -errno;
	r->found[1] = timer_settime(timer, 0, &late, NULL) ? -errno : 0;
	round__arm(r);
	do {
		/* Another call follows after the joiner has finished. */
		through = atomic_load(&r->done);
		r->found[0] = timer_settime(timer, 0, &late, NULL) ? -errno : 0;
	} while (!r->found[0] && !through);
	return timer_delete(timer) ? -errno : 0;
}

/*
 * The parent shares the joiner's CPU, so it can only begin to wait if the
 * joiner sleeps.
 */
static void let_parent_wait(struct round *r __maybe_unused)
{
	usleep(2000);
}

static void cpu_timer(void)
{
	enum { ROUNDS = 20 };
	const long end = beat__now_ms() + RACE_MS;
	struct round *r;
	struct race x;

	slow_wakeups(64);
	x = race__make("owner of a timer", CLONE_NEWPID);
	r = x.r;
	r->aim = let_parent_wait;
	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		round__start(r, &x.neighbour, arm_cpu_timer);
		check__err("waitpid(old number)",
			   waitpid(r->pid, NULL, 0) < 0 ? -errno : 0, -ECHILD);
		round__await_done(r);
		check__err("setns", r->err, 0);
		check__err("timer_delete", round__end(r, &x.neighbour), 0);
		check__err("timer_settime on the old number", r->found[0],
			   -ESRCH);
		check__err("timer_settime before", r->found[1], 0);
	}
}

/* --- an alarm goes off ------------------------------------------------------ */

#define ALARM_US 20000
#define INTERVAL_US 1000
#define ALARMS 3

static void block_alarm(struct round *r __maybe_unused)
{
	signal__block(SIGALRM);
}

/*
 * The timer has to expire on another CPU, because the joiner's CPU takes no
 * interrupts during the move, and lead_us after the start of setns: between the
 * changes of the PID and of the TGID, neither number finds a task.
 */
static void set_alarm(struct round *r)
{
	const struct itimerval it = {
		.it_value.tv_usec = ALARM_US, .it_interval.tv_usec = INTERVAL_US,
	};
	long due;

	round__move(true);
	due = round__now_us() + ALARM_US;
	setitimer(ITIMER_REAL, &it, NULL);
	round__move(false);
	while (round__now_us() < due - r->lead_us)
		;
}

/* Taking an alarm rearms the timer, so one lost alarm loses all later ones. */
static void count_alarms(struct round *r)
{
	while (r->found[0] < ALARMS &&
	       signal__await(SIGALRM, run__patience(), NULL) == SIGALRM)
		r->found[0]++;
	word__set(&r->leave, 1);
}

static long keep_awake(long round, long b __maybe_unused)
{
	struct round *r = (struct round *)round;

	round__arm(r);
	while (!atomic_load(&r->leave))
		;
	return 0;
}

static void alarms(void)
{
	enum { ROUNDS = 40, STEPS = 80 };
	const long end = beat__now_ms() + RACE_MS;
	struct round *r;
	struct race x;

	slow_wakeups(160);
	x = race__make("the other CPU", CLONE_NEWPID);
	r = x.r;
	r->prepare = block_alarm;
	r->aim = set_alarm;
	r->after = count_alarms;
	r->took_us = ALARM_US / 4;
	for (int i = 0; race__another(i, ROUNDS, end); i++) {
		/* Vary the lead as a fraction of the duration of the last setns. */
		r->lead_us = r->took_us * (5 + i * 37 % STEPS) / 100;
		if (r->lead_us > ALARM_US / 2)
			r->lead_us = ALARM_US / 2;
		round__start(r, &x.neighbour, keep_awake);
		check__err("the pidfd tells of the old number's end",
			   ns__wait_dead(r->pidfd, run__patience()), 0);
		round__await_done(r);
		check__err("setns", r->err, 0);
		if (word__await(&r->leave, 1, 2 * run__patience()))
			check__bail("no alarms, and no end of them");
		round__end(r, &x.neighbour);
		if (!check__eq("alarms after the join", r->found[0], ALARMS))
			break;
	}
}

static const struct test_case cases[] = {
	RACE("a tracer attaches after the checks", tracer),
	RACE("the target's init dies after the checks", death_of_init),
	RACE("a CPU timer is armed while its process moves", cpu_timer),
	RACE("no alarm is lost while its process moves", alarms),
};

PROGRAM_PART(races_cases__add, cases)
