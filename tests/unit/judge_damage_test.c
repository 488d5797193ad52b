// SPDX-License-Identifier: GPL-2.0-only
/* Tests that a damaged trace never passes: cut short, or with misplaced records. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/array.h"
#include "rules_scenes.h"

static void test_cut_short(void **state)
{
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	s->res = judge__finish(s->j);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_false(s->res->whole);
	assert_true(scene__has_reason(s, "cut short"));
}

static void test_wrong_number_of_records(void **state)
{
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	s->g->records++;
	gen__end(s->g);
	s->res = judge__finish(s->j);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

/* --- damaged traces --- */

/* Adds a record of the loader between the last one and the end. */
static void judge_with(struct scene *s, unsigned int type, uint32_t a,
		       uint32_t b, uint64_t lost)
{
	union {
		struct wire_hdr hdr;
		struct wire_meta_hook hook;
		struct wire_meta_stats stats;
		struct wire_meta_end end;
	} r = { .hdr = { .type = (uint16_t)type } };

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r.hdr.size = (uint16_t)record__body_size(type);
	if (type == WIRE_META_HOOK) {
		r.hook.hook = a;
		r.hook.error = (int32_t)b;
	} else if (type == WIRE_META_STATS) {
		r.stats.type = a;
		r.stats.lost_ring = lost;
	} else {
		r.end.records = s->g->records;
	}
	assert_int_equal(record_sink__record(judge__sink(s->j), &r.hdr), 0);
	gen__end(s->g);
	s->res = judge__finish(s->j);
}

static void test_loader_records_twice(void **state)
{
	static const struct {
		unsigned int type;
		uint32_t a, b;
		uint64_t lost;
	} cases[] = {
		/*
		 * The second record must not revoke the loss that the first one
		 * admits.
		 */
		{ WIRE_META_STATS, WIRE_FORK, 0, 7 },
		{ WIRE_META_STATS, WIRE_FORK, 0, 0 },
		{ WIRE_META_HOOK, WIRE_HOOK_FORK, 0, 0 },
		{ WIRE_META_END, 0, 0, 0 },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		judge_with(s, cases[i].type, cases[i].a, cases[i].b,
			   cases[i].lost);
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
		assert_true(scene__has_reason(s, "are duplicated or out of place"));
	}
}

static void test_records_behind_the_end(void **state)
{
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	/* The number of records is right, but one of them comes after the end. */
	s->g->records++;
	gen__end(s->g);
	s->g->records--;
	gen__exec(s->g, s->g->init, "late");
	s->res = judge__finish(s->j);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(scene__has_reason(s, "follow the end of the trace"));
}

/* The missing statistics might have reported losses. */
static void test_statistics_missing(void **state)
{
	const struct wire_meta_stats stats = {
		.hdr = { .type = WIRE_META_STATS, .size = sizeof(stats) },
		.type = WIRE_FORK, .hits = 1,
	};
	struct wire_meta_end end = {
		.hdr = { .type = WIRE_META_END, .size = sizeof(end) },
	};
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	end.records = s->g->records;
	record_sink__record(judge__sink(s->j), &stats.hdr);
	record_sink__record(judge__sink(s->j), &end.hdr);
	s->res = judge__finish(s->j);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(scene__has_reason(s, "lacks the statistics of"));
}

static void test_odd_hook_error(void **state)
{
	static const int32_t errors[] = { INT32_MIN, -5000, 1, 5, INT32_MAX };
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		judge_with(s, WIRE_META_HOOK, WIRE_HOOK_FORK,
			   (uint32_t)errors[i], 0);
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
		assert_false(s->res->hooks[WIRE_HOOK_FORK].attached);
		assert_true(s->res->hooks[WIRE_HOOK_FORK].error > -4096);
		assert_true(s->res->hooks[WIRE_HOOK_FORK].error < 0);
	}
}

static void test_impossible_cpu(void **state)
{
	const struct wire_flush_pid rec = {
		.hdr = {
			.type = WIRE_FLUSH_PID, .size = sizeof(rec),
			.cpu = 1u << 20,
		},
	};
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	record_sink__record(judge__sink(s->j), &rec.hdr);
	s->g->records++;
	scene__end(s);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(s->res->nreasons, 1);
	assert_true(scene__has_reason(s, "name an impossible CPU"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_wrong_number_of_records),
		cmocka_unit_test(test_loader_records_twice),
		cmocka_unit_test(test_records_behind_the_end),
		cmocka_unit_test(test_statistics_missing),
		cmocka_unit_test(test_odd_hook_error),
		cmocka_unit_test(test_impossible_cpu),
	};

	return cmocka_run_group_tests_name("judge damage", tests, scene__setup,
					   scene__teardown);
}
