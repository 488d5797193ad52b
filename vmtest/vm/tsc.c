// SPDX-License-Identifier: GPL-2.0-only
/* Compares the TSC with CLOCK_MONOTONIC_RAW over at least 10 ms. */
#include "vmtest/vm/tsc.h"

#include <time.h>

#define WINDOW_NS 1e7		/* 10 ms: good for 1 part in 10^5 */
#define TRIES 5

#ifdef __x86_64__
#include <x86intrin.h>

static double raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Keeps the pair that was read in the shortest time, as the least disturbed. */
static void read_pair(struct tsc_probe *p)
{
	double best = 1e18;

	for (int i = 0; i < TRIES; i++) {
		double before = raw_ns();
		unsigned long long ticks = __rdtsc();
		double after = raw_ns();

		if (after - before >= best)
			continue;
		best = after - before;
		p->ns = (before + after) / 2;
		p->ticks = ticks;
	}
}

void tsc__start(struct tsc_probe *p)
{
	read_pair(p);
}

unsigned long tsc__khz(const struct tsc_probe *p)
{
	struct tsc_probe now;

	read_pair(&now);
	if (now.ns - p->ns < WINDOW_NS) {
		struct timespec ts = {
			.tv_nsec = (long)(WINDOW_NS - (now.ns - p->ns)),
		};

		nanosleep(&ts, NULL);
		read_pair(&now);
	}
	return (unsigned long)((double)(now.ticks - p->ticks) /
			       (now.ns - p->ns) * 1e6);
}
#else
void tsc__start(struct tsc_probe *p)
{
	p->ns = 0;
	p->ticks = 0;
}

unsigned long tsc__khz(const struct tsc_probe *p)
{
	(void)p;
	return 0;
}
#endif
