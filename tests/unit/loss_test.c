// SPDX-License-Identifier: GPL-2.0-only
/* Tests that the stretches of a stream that lack records are found. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "loader/trace/loss.h"

static uint64_t feed(struct loss *l, uint64_t index, uint32_t cpu, uint32_t seq)
{
	struct wire_hdr rec = { .cpu = cpu, .seq = seq };

	loss__record(l, &rec, index, 0);
	return index + 1;
}

static struct loss *fresh(void)
{
	struct loss *l;

	l = loss__new();
	return l;
}

static void test_whole(void **state)
{
	struct loss *l = fresh();
	uint64_t i = 1;

	(void)state;
	for (uint32_t s = 0; s < 100; s++)
		for (uint32_t cpu = 0; cpu < 4; cpu++)
			i = feed(l, i, cpu, s);
	loss__end(l, 0);
	assert_int_equal(loss__missing(l), 0);
	assert_false(loss__touches(l, 1, i));
	loss__free(l);
}

static void test_hole(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 0);
	feed(l, 2, 1, 0);
	feed(l, 3, 0, 1);
	feed(l, 4, 1, 1);
	feed(l, 5, 0, 5);	/* 2, 3, 4 are missing: between 3 and 5 */
	feed(l, 6, 0, 6);
	loss__end(l, 3);
	assert_int_equal(loss__missing(l), 3);
	assert_true(loss__touches(l, 1, 6));
	assert_true(loss__touches(l, 4, 5));
	assert_false(loss__touches(l, 1, 3));
	assert_false(loss__touches(l, 5, 6));
	loss__free(l);
}

/* A program was preempted between its sequence number and its record. */
static void test_swapped(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 1);
	feed(l, 2, 0, 2);
	feed(l, 3, 0, 0);
	feed(l, 4, 0, 5);
	feed(l, 5, 0, 4);
	feed(l, 6, 0, 3);
	loss__end(l, 0);
	assert_int_equal(loss__missing(l), 0);
	assert_int_equal(loss__repeated(l), 0);
	assert_false(loss__touches(l, 1, 6));
	loss__free(l);
}

static void test_filled_in_the_middle(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 0);
	feed(l, 2, 0, 10);
	feed(l, 3, 0, 5);
	assert_int_equal(loss__missing(l), 8);
	feed(l, 4, 0, 9);
	feed(l, 5, 0, 1);
	loss__end(l, 6);
	assert_int_equal(loss__missing(l), 6);
	assert_true(loss__touches(l, 1, 2));
	assert_false(loss__touches(l, 2, 5));
	loss__free(l);
}

static void test_first_numbers_missing(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 0);
	feed(l, 2, 3, 7);
	loss__end(l, 7);
	assert_int_equal(loss__missing(l), 7);
	assert_true(loss__touches(l, 1, 2));
	loss__free(l);
}

/* The counters report more losses than there are holes: the rest is at the end. */
static void test_tail(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 0);
	feed(l, 2, 1, 0);
	feed(l, 3, 0, 1);
	feed(l, 4, 0, 2);
	loss__end(l, 1);
	assert_int_equal(loss__missing(l), 0);
	assert_false(loss__touches(l, 1, 2));	/* both CPUs were present then */
	assert_true(loss__touches(l, 2, 4));
	loss__free(l);
}

static void test_nothing_but_losses(void **state)
{
	struct loss *l = fresh();

	(void)state;
	loss__end(l, 5);
	assert_true(loss__touches(l, 0, 1));
	loss__free(l);
}

static void test_repeated(void **state)
{
	struct loss *l = fresh();

	(void)state;
	feed(l, 1, 0, 0);
	feed(l, 2, 0, 1);
	feed(l, 3, 0, 1);
	loss__end(l, 0);
	assert_int_equal(loss__repeated(l), 1);
	loss__free(l);
}

/* With more holes than are kept, everything is suspect and the count stays right. */
static void test_too_many_holes(void **state)
{
	struct loss *l = fresh();

	(void)state;
	for (uint32_t s = 0; s < 10000; s++)
		feed(l, s + 1, 0, 2 * s);
	loss__end(l, 9999);
	assert_int_equal(loss__missing(l), 9999);
	assert_true(loss__touches(l, 9998, 9999));
	loss__free(l);
}

static void test_windows(void **state)
{
	struct wire_hdr rec = { .cpu = 0 };
	struct loss *l = fresh();

	(void)state;
	loss__record(l, &rec, 1, 0);
	loss__window(l, 2, 4);		/* touched: the hole begins at 1 */
	loss__window(l, 6, 8);
	rec.seq = 3;
	loss__record(l, &rec, 9, 2);	/* and two open windows */
	loss__window(l, 10, 12);
	loss__end(l, 2);
	assert_int_equal(loss__windows(l), 4);
	loss__free(l);
}

static void test_absurd_cpu(void **state)
{
	struct wire_hdr rec = { .cpu = UINT32_MAX };
	struct loss *l = fresh();

	(void)state;
	loss__record(l, &rec, 1, 0);
	loss__end(l, 0);
	assert_true(loss__touches(l, 0, 1));
	loss__free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_filled_in_the_middle),
		cmocka_unit_test(test_first_numbers_missing),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_nothing_but_losses),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_too_many_holes),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_absurd_cpu),
	};

	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
