// SPDX-License-Identifier: GPL-2.0-only
/* Tests which worker of tests/guest/stress gets which kind of operation. */
#include <string.h>

#include "tests/guest/stress_deal.h"
#include "test.h"

#define KINDS 20

static const unsigned int kinds[KINDS] = {
	0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23,
};

static void make(struct deal *d, uint64_t seed, unsigned int total,
		 unsigned int workers)
{
	struct rng r;

	rng__init(&r, seed, 0, 0);
	deal__make(d, &r, kinds, KINDS, total, workers);
}

/* Counts how often each kind is dealt in a run of @total operations. */
static void play(const struct deal *d, unsigned int total,
		 unsigned int times[COUNT_MAX_OPS])
{
	memset(times, 0, COUNT_MAX_OPS * sizeof(*times));
	for (unsigned int w = 0; w < d->workers; w++) {
		unsigned int share = total / d->workers +
				     (w < total % d->workers);

		for (unsigned int i = 0; i < share; i++) {
			int op = deal__find(d, w, i);

			if (op >= 0)
				times[op]++;
		}
	}
}

static unsigned int dealt(const struct deal *d, unsigned int total)
{
	unsigned int times[COUNT_MAX_OPS], all = 0;

	play(d, total, times);
	for (unsigned int i = 0; i < KINDS; i++) {
		assert_in_range(times[kinds[i]], 0, 1);
		all += times[kinds[i]];
		times[kinds[i]] = 0;
	}
	for (unsigned int op = 0; op < COUNT_MAX_OPS; op++)
		assert_int_equal(times[op], 0);
	return all;
}

static void test_each_once(void **)
{
	struct deal d;

	for (unsigned int total = 1; total < 130; total++) {
		for (unsigned int workers = 2; workers <= 4; workers++) {
			for (uint64_t seed = 1; seed <= 5; seed++) {
				make(&d, seed, total, workers);
				assert_int_equal(dealt(&d, total),
						 total < KINDS ? total : KINDS);
			}
		}
	}
	make(&d, 1, 10000000, 4);
	assert_int_equal(dealt(&d, 10000000), KINDS);
}

static void test_seed_decides(void **)
{
	struct deal a, b;

	make(&a, 7, 60, 3);
	make(&b, 7, 60, 3);
	assert_memory_equal(&a, &b, sizeof(a));
	make(&b, 8, 60, 3);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_seed_decides),
	};

	return cmocka_run_group_tests_name("deal", tests, NULL, NULL);
}
