// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers across a join that keeps the struct pid: those of the caller, those that other
 * processes have on its CPU time, and interval timers.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "keep.h"
#include "ops.h"

/* --- timers of its own --------------------------------------------------- */

static const struct timer {
	int notify;
	clockid_t clock;
} by_signal = { SIGEV_SIGNAL, CLOCK_MONOTONIC },
	by_thread = { SIGEV_THREAD_ID, CLOCK_MONOTONIC },
	own_cpu = { SIGEV_SIGNAL, CLOCK_PROCESS_CPUTIME_ID },
	thread_cpu = { SIGEV_THREAD_ID, CLOCK_THREAD_CPUTIME_ID };

/* Arms a periodic timer with SIGRTMIN, and returns its id. */
static long arm(long timer, long ms)
{
	const struct timer *t = (const struct timer *)timer;
	const struct itimerspec when = {
		.it_interval = ns__timespec(ms), .it_value = ns__timespec(ms),
	};
	struct sigevent ev;
	int id;

	signal__block(SIGRTMIN);
	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = t->notify;
	ev.sigev_signo = SIGRTMIN;
	ev._sigev_un._tid = gettid();
	if (syscall(SYS_timer_create, t->clock, &ev, &id) ||
	    syscall(SYS_timer_settime, id, 0, &when, NULL))
		return -errno;
	return id;
}

/* Takes @nr expiries of timer @id while using CPU time. Returns how many came. */
static long take_expiries(long nr, long id)
{
	const long end = beat__now_ms() + run__patience() / 2;
	siginfo_t info;
	long came = 0;

	while (came < nr && beat__now_ms() < end) {
		op_burn(2, 0);
		if (signal__await(SIGRTMIN, 0, &info) != SIGRTMIN)
			continue;
		if (info.si_code != SI_TIMER || info.si_timerid != id)
			return -EIO;
		came++;
	}
	return came;
}

/* Takes an expiry that others have overrun. Returns the count of those, or 0. */
static long take_overrun(long id, long b __maybe_unused)
{
	const long end = beat__now_ms() + run__patience() / 2;
	siginfo_t info;

	while (beat__now_ms() < end) {
		op_burn(10, 0);
		if (signal__await(SIGRTMIN, 0, &info) == SIGRTMIN &&
		    info.si_overrun > 0)
			return info.si_overrun ==
				       syscall(SYS_timer_getoverrun, (int)id) ?
				       info.si_overrun : -EIO;
	}
	return 0;
}

/* Returns whether the timer is armed. */
static long is_armed(long id, long b __maybe_unused)
{
	struct itimerspec left;

	if (syscall(SYS_timer_gettime, (int)id, &left))
		return -errno;
	return left.it_value.tv_sec || left.it_value.tv_nsec;
}

static void own_timer(const void *arg)
{
	struct kept k = kept__start(NULL);
	const struct actor *x = &k.s.caller;
	long id = check__must("timer", actor__call(x, arm, (long)arg, 2));

	check__eq("expiries before", actor__call(x, take_expiries, 3, id), 3);
	kept__finish(&k);
	check__eq("the timer is armed", actor__call(x, is_armed, id, 0), 1);
	check__eq("expiries after", actor__call(x, take_expiries, 5, id), 5);
	check__true("an overrun is counted",
		    actor__call(x, take_overrun, id, 0) > 0);
	check__err("timer_settime()", actor__call(x, op_rearm_timer, id, 1), 0);
	check__err("timer_delete()", actor__call(x, op_end_timer, id, 0), 0);
	check__must("another timer", actor__call(x, arm, (long)arg, 2));
}

/* --- timers of others on its CPU time ------------------------------------ */

/*
 * Makes @user use CPU time until @watcher has received @sig. The kernel checks expiry at
 * ticks, and a guest on a busy host has few of them in its CPU time.
 */
static bool gets_signal(const struct actor *user, const struct actor *watcher,
			int sig)
{
	for (int i = 0; i < ns__limit_ms(150); i++) {
		actor__call(user, op_burn, 20, 0);
		if (actor__call(watcher, op_pending, sig, 0) == 1)
			return true;
	}
	return false;
}

static long take_pending(long sig, long b __maybe_unused)
{
	return signal__await(sig, 0, NULL);
}

static void foreign_timer(void)
{
	struct actor watcher = actor__spawn("watcher", NULL, 0);
	struct kept k = kept__start(NULL);
	clockid_t clock;
	long id;

	id = check__must("timer", actor__call(&watcher, op_add_cpu_timer, k.pid,
					      ns__limit_ms(150)));
	kept__finish(&k);
	check__eq("it has not fired before the join",
		  actor__call(&watcher, op_pending, SIGUSR1, 0), 0);
	check__true("it fires", gets_signal(&k.s.caller, &watcher, SIGUSR1));
	actor__call(&watcher, take_pending, SIGUSR1, 0);
	check__err("it is set again", actor__call(&watcher, op_rearm_timer, id, 20),
		   0);
	check__true("it fires again", gets_signal(&k.s.caller, &watcher, SIGUSR1));
	check__err("timer_delete()", actor__call(&watcher, op_end_timer, id, 0), 0);
	check__eq("the caller's CPU clock by the old number",
		  clock_getcpuclockid(k.pid, &clock), 0);
	check__true("a new timer",
		    actor__call(&watcher, op_add_cpu_timer, k.pid, 1000) >= 0);
}

/* A process of the target has a timer on the caller by its new number. */
static void inner_timer(void)
{
	struct kept k = kept__make();

	check__must("timer", actor__call(&k.s.init, op_add_cpu_timer, k.inner, 20));
	check__true("it fires", gets_signal(&k.s.caller, &k.s.init, SIGUSR1));
}

/* --- interval timers ----------------------------------------------------- */

static const struct itimer {
	int which, sig;
} real = { ITIMER_REAL, SIGALRM }, virtual = { ITIMER_VIRTUAL, SIGVTALRM },
	prof = { ITIMER_PROF, SIGPROF };

static long start_itimer(long which, long sig)
{
	const struct itimerval when = {
		.it_interval = { .tv_usec = 5000 }, .it_value = { .tv_usec = 5000 },
	};

	signal__block(sig);
	return setitimer(which, &when, NULL) ? -errno : 0;
}

/* The time that is left says nothing: it is 0 while SIGALRM is pending. */
static long itimer_interval(long which, long b __maybe_unused)
{
	struct itimerval left;

	return getitimer(which, &left) ? -errno : left.it_interval.tv_usec;
}

static void itimer(const void *arg)
{
	const struct itimer *t = arg;
	struct kept k = kept__start(NULL);
	const struct actor *x = &k.s.caller;

	check__must("setitimer", actor__call(x, start_itimer, t->which, t->sig));
	kept__finish(&k);
	check__eq("its interval", actor__call(x, itimer_interval, t->which, 0),
		  5000);
	for (int i = 0; i < 3; i++) {
		actor__call(x, take_pending, t->sig, 0);
		check__true("it expires", gets_signal(x, x, t->sig));
	}
}

/* Not yet expired, unlike a timer of a few milliseconds on a slow machine. */
static void far_alarm(void)
{
	struct kept k = kept__start(NULL);
	long left;

	check__eq("alarm(1000)", actor__call(&k.s.caller, op_alarm, 1000, 0), 0);
	kept__finish(&k);
	left = actor__call(&k.s.caller, op_alarm, 0, 0);
	check__true("the alarm is armed after the join", left > 100);
}

#define TIMER(name, fn, arg) KEEP_WITH("timer: " name, fn, &arg)

static const struct test_case cases[] = {
	KEEP("timer: an alarm that is far off stays armed", far_alarm),
	TIMER("its own, SIGEV_SIGNAL, goes on", own_timer, by_signal),
	TIMER("its own, SIGEV_THREAD_ID, goes on", own_timer, by_thread),
	TIMER("its own, on its CPU time, goes on", own_timer, own_cpu),
	TIMER("its own, on its thread's CPU time, goes on", own_timer, thread_cpu),
	KEEP("timer: another's on its CPU time fires, and fires again",
	     foreign_timer),
	KEEP("timer: one of the target on its CPU time fires", inner_timer),
	TIMER("ITIMER_REAL goes on", itimer, real),
	TIMER("ITIMER_VIRTUAL goes on", itimer, virtual),
	TIMER("ITIMER_PROF goes on", itimer, prof),
};

PROGRAM_PART(keep_timer__add, cases)
