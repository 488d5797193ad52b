// SPDX-License-Identifier: GPL-2.0-only
/* Tests that the stretches of a stream that lack records are found. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/array.h"
#include "loader/trace/loss.h"

static uint64_t feed(struct loss *l, uint64_t index, uint32_t cpu, uint32_t seq)
{
	struct wire_hdr rec = { .cpu = cpu, .seq = seq };

	loss__record(l, &rec, index, 0);
	return index + 1;
}

/* A short stream, what is missing from it, and which stretches a loss touches. */
struct stream {
	const char *name;
	struct { uint32_t cpu, seq; } records[6];
	unsigned int n;
	uint64_t counted;		/* losses that the counters report */
	uint64_t missing, repeated;
	struct { uint64_t from, to; bool touched; } stretches[4];
};

static const struct stream streams[] = {
	/* 2, 3, 4 are missing: between 3 and 5 */
	{ "test_hole",
	  {{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { 0, 5 }, { 0, 6 }}, 6, 3, 3, 0,
	  {{ 1, 6, true }, { 4, 5, true }, { 1, 3, false }, { 5, 6, false }} },
	/* A program was preempted between its sequence number and its record. */
	{ "test_swapped",
	  {{ 0, 1 }, { 0, 2 }, { 0, 0 }, { 0, 5 }, { 0, 4 }, { 0, 3 }}, 6, 0, 0, 0,
	  {{ 1, 6, false }} },
	{ "test_first_numbers_missing", {{ 0, 0 }, { 3, 7 }}, 2, 7, 7, 0,
	  {{ 1, 2, true }} },
	/*
	 * The counters report more losses than there are holes: the rest is at the end.
	 * At 1 to 2, both CPUs were present.
	 */
	{ "test_tail", {{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 0, 2 }}, 4, 1, 0, 0,
	  {{ 1, 2, false }, { 2, 4, true }} },
	{ "test_nothing_but_losses", {}, 0, 5, 0, 0, {{ 0, 1, true }} },
	{ "test_repeated", {{ 0, 0 }, { 0, 1 }, { 0, 1 }}, 3, 0, 0, 1, {} },
	{ "test_absurd_cpu", {{ UINT32_MAX, 0 }}, 1, 0, 0, 0, {{ 0, 1, true }} },
};

static void test_stream(void **state)
{
	const struct stream *t = *state;
	struct loss *l = loss__new();

	for (unsigned int i = 0; i < t->n; i++)
		feed(l, i + 1, t->records[i].cpu, t->records[i].seq);
	loss__end(l, t->counted);
	assert_int_equal(loss__missing(l), t->missing);
	assert_int_equal(loss__repeated(l), t->repeated);
	for (int i = 0; i < 4 && t->stretches[i].to; i++)
		assert_int_equal(loss__touches(l, t->stretches[i].from,
					       t->stretches[i].to),
				 t->stretches[i].touched);
	loss__free(l);
}

static void test_whole(void **state)
{
	struct loss *l = loss__new();
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

static void test_filled_in_the_middle(void **state)
{
	struct loss *l = loss__new();

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

/* With more holes than are kept, everything is suspect and the count stays right. */
static void test_too_many_holes(void **state)
{
	struct loss *l = loss__new();

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
	struct loss *l = loss__new();

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

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_filled_in_the_middle),
		cmocka_unit_test(test_too_many_holes),
		cmocka_unit_test(test_windows),
	};
	struct CMUnitTest tests[ARRAY_SIZE(streams) + ARRAY_SIZE(fixed)];

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		tests[i] = (struct CMUnitTest){ streams[i].name, test_stream, NULL, NULL,
						(void *)&streams[i] };
	memcpy(&tests[ARRAY_SIZE(streams)], fixed, sizeof(fixed));
	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
