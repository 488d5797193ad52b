// SPDX-License-Identifier: GPL-2.0-only
/* Sets and awaits words in shared memory, with futexes. */
#include "stress_word.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"

void word__set(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	/* Not FUTEX_PRIVATE: the waiters are other processes. */
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

int word__await(_Atomic uint32_t *word, uint32_t least, int limit_ms)
{
	const long end = beat__now_ms() + limit_ms;
	uint32_t seen;

	while ((seen = atomic_load(word)) < least) {
		struct timespec left = ns__timespec(beat__timeout_ms(end));

		if (beat__now_ms() >= end)
			return -ETIMEDOUT;
		syscall(SYS_futex, word, FUTEX_WAIT, seen, &left, NULL, 0);
	}
	return 0;
}

void word__jitter(struct rng *r)
{
	unsigned int loops = rng__below(r, 1u << rng__below(r, 15));

	while (loops--)
		__asm__ __volatile__("" ::: "memory");
}
