// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures progress by what this thread itself can do.
 *
 * The time of a guest passes while the host lets its CPUs wait, and the guest cannot see
 * that. Two things show it. A thread that wakes up late has missed time: a pause counts
 * as one beat at most. And a short piece of work takes longer than it did at best: the
 * quotient is this thread's share of a CPU, by which all beats are multiplied. The first
 * finds pauses longer than a beat, the second shorter ones.
 *
 * Limit: other processes of the guest slow the clock down as well. A limit in a busy
 * guest is thus longer, but it ends.
 */
#include "beat.h"

#include <stdint.h>
#include <time.h>

#define BEAT_US (BEAT_MS * 1000)
#define LOOPS 20000		/* 10 us, under an emulator some 100 us */
#define FIRST_WORKS 10
#define WORKS_MAX 64		/* older measurements fade */

struct beat {
	int64_t last_us;	/* time of the last beat; 0: none */
	double passed_us;	/* up to then */
	double works, work_us;	/* pieces of work, and the time that they took */
	double least_us;	/* for one piece */
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void measure_work(struct beat *b)
{
	int64_t from = now_us(), took;

	for (int i = 0; i < LOOPS; i++)
		__asm__ __volatile__("" ::: "memory");
	took = now_us() - from;
	if (took < 1)
		took = 1;
	/* A longer pause is seen as a late beat. */
	if (took > BEAT_US)
		took = BEAT_US;
	if (!b->works || took < b->least_us)
		b->least_us = took;
	if (b->works >= WORKS_MAX) {
		b->works /= 2;
		b->work_us /= 2;
	}
	b->works++;
	b->work_us += took;
}

static double share(const struct beat *b)
{
	return b->works * b->least_us / b->work_us;
}

long beat__now_ms(void)
{
	static _Thread_local struct beat b;
	int64_t now = now_us(), pause = now - b.last_us;

	if (!b.last_us) {
		for (int i = 0; i < FIRST_WORKS; i++)
			measure_work(&b);
		b.last_us = now_us();
		return 0;
	}
	if (pause < BEAT_US)
		return (long)((b.passed_us + pause * share(&b)) / 1000);
	measure_work(&b);
	b.passed_us += BEAT_US * share(&b);
	b.last_us = now_us();
	return (long)(b.passed_us / 1000);
}

int beat__timeout_ms(long end)
{
	long left = end - beat__now_ms();

	return left < 0 ? 0 : left < BEAT_MS ? (int)left : BEAT_MS;
}
