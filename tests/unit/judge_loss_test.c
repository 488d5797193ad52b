// SPDX-License-Identifier: GPL-2.0-only
/* Tests what a loss may and may not do to a verdict. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/array.h"
#include "rules_scenes.h"

/* --- loss --- */

/*
 * Loses each record of a correct run in turn: never FAIL, never PASS, and the loss
 * is counted.
 */
static void lose_each(struct scene *s, play_fn play)
{
	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		for (unsigned int nth = 1; nth < 40; nth++) {
			const struct mutation m[MAX_MUTATIONS] = {
				{ EDIT_LOSE, type, nth, 0, 0 },
			};
			bool hit;

			scene__play(s, play, &join_opts, WIRE_KNOB_ON, m, 0);
			hit = s->g->lost[type];
			for (size_t i = 0; i < s->res->nrules; i++)
				if (s->res->rules[i].violations)
					fail_msg("lost %s %u: %s",
						 record__name(type), nth,
						 s->res->rules[i].text);
			assert_int_equal(s->res->verdict, hit ?
					 VERDICT_INCONCLUSIVE : VERDICT_PASS);
			assert_int_equal(s->res->lost_ring, hit);
			if (!hit)
				break;
		}
	}
}

static void test_no_false_fail(void **state)
{
	static const play_fn plays[] = {
		scene_three_joins, scene_container, scene_inum_again,
		scene_zombie_outside, scene_outlived, scene_timers,
	};

	for (size_t i = 0; i < ARRAY_SIZE(plays); i++)
		lose_each(*state, plays[i]);
}

/* Loses all records of a type, without counters that report it. */
static void test_no_false_fail_massive(void **state)
{
	struct scene *s = *state;

	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++) {
		const struct mutation m[MAX_MUTATIONS] = {
			{ EDIT_LOSE, type, 0, 0, 0 },
		};

		scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
		s->res = judge__finish(s->j);	/* without statistics */
		assert_int_equal(scene__violated(s), 0);
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	}
}

/* The violation of a window without losses is certain. */
static void test_certain_with_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		LOSE(NS_CAPABLE, 1),
		VANISH(FLUSH_PID, 3),
	};
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I29")->state, RULE_VIOLATED);
	assert_int_equal(scene__rule(s, "I29")->violations, 1);
	assert_int_equal(scene__rule(s, "I11")->violations, 0);
	assert_int_equal(scene__rule(s, "I11")->unsure, 1);
	assert_int_equal(s->res->tainted, 1);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

/* A known loss of an alloc_pid() explains a fork without it: the hook missed nothing. */
static void test_certain_after_lost_fork(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		LOSE(ALLOC_PID, 1),
		VANISH(FLUSH_PID, 3),
	};
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I29")->violations, 1);
	assert_false(scene__has_reason(s, "missed calls"));
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

/* A single record can prove a violation, whatever else is lost. */
static void test_record_convicts(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		LOSE(CHANGE_PID, 0),
		SET32(SETNS_EXIT, 2, task.pid, 64),
	};
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I19")->state, RULE_VIOLATED);
	assert_int_equal(scene__violated(s), 1);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

/* After any loss, a count over the whole run proves no violation. */
static void test_ledger_with_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		LOSE(SWITCH_NS, 1),
		SET32(NS_FREE, 1, pid_allocated, 0),
		VANISH(FREE_PID, 1),
	};
	struct scene *s = *state;

	scene__play(s, scene_container, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I27")->violations, 0);
	assert_true(scene__rule(s, "I27")->unsure >= 1);
}

/* If any BPF program did not run, a violation based on several records does not count. */
static void test_missed(void **state)
{
	static const unsigned int types[] = { WIRE_FLUSH_PID, WIRE_EXEC };
	const struct mutation m[MAX_MUTATIONS] = { VANISH(FLUSH_PID, 3) };
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
		s->g->missed[types[i]] = 1;
		scene__end(s);
		assert_int_equal(s->res->missed, 1);
		assert_int_equal(scene__rule(s, "I29")->violations, 0);
		assert_int_equal(scene__rule(s, "I29")->unsure, 1);
		assert_true(scene__has_reason(s, "did not run 1 times"));
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	}
}

/* A fork without alloc_pid() proves that the hook missed the call: the ledger is wrong. */
static void test_uncounted(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { VANISH(ALLOC_PID, 2) };
	struct scene *s = *state;

	scene__play(s, scene_container_armed, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__violated(s), 0);
	assert_true(scene__has_reason(s, "fexit:alloc_pid missed calls: a task was forked"));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

/* The same while a switch of the kernel is off, which nothing counts. */
static void test_switched_off(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { VANISH(FLUSH_PID, 3) };
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	s->g->off[WIRE_FLUSH_PID] = s->g->off[WIRE_EXEC] = true;
	scene__end(s);
	assert_int_equal(s->res->switched_off, 2);
	assert_int_equal(scene__rule(s, "I29")->violations, 0);
	assert_int_equal(scene__rule(s, "I29")->unsure, 1);
	assert_true(scene__has_reason(s, "kernel.ftrace_enabled or kprobes/enabled was off"));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	/* A run without a violation is not a PASS, either. */
	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	s->g->off[WIRE_FLUSH_PID] = true;
	scene__end(s);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

/* A violation proved by a single record counts all the same. */
static void test_missed_and_certain(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { SET32(SETNS_EXIT, 1, task.pid, 64) };
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	s->g->missed[WIRE_EXEC] = 1;
	scene__end(s);
	assert_int_equal(scene__rule(s, "I19")->violations, 1);
	assert_int_equal(scene__rule(s, "I19")->unsure, 0);
	assert_non_null(strstr(scene__rule(s, "I19")->text,
			       "certain  records were lost, but none that this rests on"));
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

static void test_map_full(void **state)
{
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	s->g->lost_map[WIRE_SETNS_ENTER] = 2;
	scene__end(s);
	assert_int_equal(s->res->lost_map, 2);
	assert_true(scene__has_reason(s, "map was full"));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_false_fail),
		cmocka_unit_test(test_no_false_fail_massive),
		cmocka_unit_test(test_certain_with_loss),
		cmocka_unit_test(test_certain_after_lost_fork),
		cmocka_unit_test(test_record_convicts),
		cmocka_unit_test(test_ledger_with_loss),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_uncounted),
		cmocka_unit_test(test_switched_off),
		cmocka_unit_test(test_missed_and_certain),
		cmocka_unit_test(test_map_full),
	};

	return cmocka_run_group_tests_name("judge loss", tests, scene__setup,
					   scene__teardown);
}
