// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins while the joiner's interval timer expires on another CPU. The expiry
 * finds the process to signal through the struct pid that the join changes. A
 * lost signal ends the timer, because only the signal's delivery rearms it.
 */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "stress_ops.h"

/* Rough range from the start of the timer to the middle of the join. */
#define EXPIRY_MIN_US	50
#define EXPIRY_MAX_US	3000
#define INTERVAL_US	1000

/* A timer expires on the CPU that started it. Returns false if @cpu does not exist. */
static bool run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

static void start_elsewhere(struct self *me)
{
	struct itimerval it = {
		.it_value.tv_usec = rng__range(&me->rng, EXPIRY_MIN_US,
					       EXPIRY_MAX_US),
		.it_interval.tv_usec = INTERVAL_US,
	};
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int cpu = rng__below(&me->rng, cpus);

	run_on((cpu + 1) % cpus);
	if (setitimer(ITIMER_REAL, &it, NULL))
		self__fail(me, "setitimer: %m");
	run_on(cpu);
}

/* The first signal may be from before the join, but not the second. */
static void await_signals(struct self *me)
{
	for (int i = 0; i < 2; i++) {
		if (signal__await(SIGALRM, WORD_LIMIT_MS, NULL) == SIGALRM)
			continue;
		self__fail(me, "no SIGALRM after the join: the timer has ended");
		return;
	}
}

static void join_with_timer(struct self *me, const void *arg)
{
	const struct itimerval never = { 0 };
	const struct plan *p = arg;
	int err;

	self__lead(me);
	signal__block(SIGALRM);
	self__ready(me);
	for (int i = 0; i < p->path.nr && !atomic_load(&me->slot->bad); i++) {
		start_elsewhere(me);
		err = self__enter(me, p->path.tree, p->path.node[i], p->how);
		if (err && !self__lacks_room(me, err))
			self__fail(me, "setns with a timer: %s",
				   strerrorname_np(-err));
		await_signals(me);
		setitimer(ITIMER_REAL, &never, NULL);
		/* Another signal may have come in between. */
		signal__await(SIGALRM, 0, NULL);
	}
}

void op_itimer(struct trial *run)
{
	int nr = rng__range(&run->rng, 1, 4);
	struct plan plan[CREW_MAX];

	for (int i = 0; i < nr; i++) {
		plan[i] = ops__plan(run, 1);
		crew__add(run, join_with_timer, &plan[i]);
	}
	crew__ready(run);
	crew__collect(run);
}
