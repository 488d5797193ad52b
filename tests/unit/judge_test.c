// SPDX-License-Identifier: GPL-2.0-only
/* Tests what prevents PASS, and the text of a violation. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/array.h"
#include "rules_scenes.h"

static void test_pass(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
	assert_int_equal(s->res->nreasons, 0);
	assert_int_equal(s->res->joins, 3);
	assert_int_equal(s->res->setns, 3);
	assert_int_equal(s->res->rewrites, 12);
	assert_true(s->res->whole);
	for (int h = 0; h < WIRE_NHOOKS; h++)
		assert_true(s->res->hooks[h].attached);
	assert_true(s->res->hooks[WIRE_HOOK_COMMIT_JOIN].needed);
	assert_int_equal(s->res->hooks[WIRE_HOOK_COMMIT_JOIN].hits, 3);
}

/* A stock kernel has no hooks of the series, and does not need them. */
static void test_stock_needs_no_join_hooks(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_everyday, &auto_opts, WIRE_KNOB_NONE, NULL,
		    HOOK(COMMIT_JOIN) | HOOK(PID_REWRITE));
	assert_int_equal(s->res->verdict, VERDICT_PASS);
	assert_false(s->res->hooks[WIRE_HOOK_COMMIT_JOIN].needed);
	assert_false(s->res->hooks[WIRE_HOOK_COMMIT_JOIN].attached);
	assert_int_equal(scene__rule(s, "I41")->state, RULE_NOT_APPLICABLE);
}

static void test_knob_written_meanwhile(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_knob_not_written, &auto_opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
	assert_int_equal(scene__rule(s, "I4")->state, RULE_VIOLATED);
	scene__play(s, scene_knob_written_twice, &auto_opts, WIRE_KNOB_ON, NULL, 0);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
}

static void test_nothing_seen(void **state)
{
	struct scene *s = *state;

	/* arm emits no record */
	scene__play(s, scene__arm, &join_opts, WIRE_KNOB_ON, NULL, HOOK(SWEEP));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(scene__has_reason(s, "no kernel record was received"));
}

static void test_missing_hook(void **state)
{
	struct judge_opts opts = join_opts;
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &opts, WIRE_KNOB_ON, NULL,
		    HOOK(PID_REWRITE));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(scene__rule(s, "I41")->state, RULE_UNAVAILABLE);
	assert_int_equal(scene__rule(s, "I17")->state, RULE_OK);
	assert_true(scene__has_reason(s, "tp_btf:pid_rewrite"));
	assert_true(scene__has_reason(s, "I41"));

	opts.rules = "-I41";
	scene__play(s, scene_three_joins, &opts, WIRE_KNOB_ON, NULL,
		    HOOK(PID_REWRITE));
	assert_int_equal(s->res->verdict, VERDICT_PASS);
	assert_false(s->res->hooks[WIRE_HOOK_PID_REWRITE].needed);
}

/* Rules about all tasks need the sweeps; rules about windows do not. */
static void test_missing_sweep(void **state)
{
	static const char *const blind[] = { "I19", "I27", "I30", "I31", "I33",
					     "I37", "I38" };
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL,
		    HOOK(SWEEP));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	for (size_t i = 0; i < ARRAY_SIZE(blind); i++)
		assert_int_equal(scene__rule(s, blind[i])->state,
				 RULE_UNAVAILABLE);
	assert_int_equal(scene__rule(s, "I17")->state, RULE_OK);
	assert_true(scene__has_reason(s, "iter:task"));
}

/* A stock kernel may lack hooks that only rules about joins need. */
static void test_stock_needs_few_hooks(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_container_mainline, &auto_opts, WIRE_KNOB_NONE, NULL,
		    HOOK(COMMIT_JOIN) | HOOK(PID_REWRITE) |
		    HOOK(NOTIFY_PIDFD) | HOOK(WAKE_PARENT) | HOOK(TIMER_LOCK));
	assert_int_equal(s->res->nreasons, 0);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
	assert_int_equal(scene__rule(s, "I36")->state, RULE_NOT_APPLICABLE);
	assert_int_equal(scene__rule(s, "I38")->state, RULE_OK);
}

/* Without pidns_install() the target of a setns() is unknown: no false FAIL. */
static void test_missing_install_hook(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL,
		    HOOK(PIDNS_INSTALL));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(scene__violated(s), 0);
}

/* --- the text of a violation --- */

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		n++;
	return n;
}

/*
 * A record with one fault has one text: that of the first rule, which names the
 * others.
 */
static void test_one_story(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		VANISH(CHANGE_PID, 2),
		SET64(SETNS_EXIT, 1, task.pids[WIRE_TGID], 64),
	};
	const struct judge_rule *first, *second;
	struct scene *s = *state;

	scene__play(s, scene_join, &join_opts, WIRE_KNOB_ON, m, 0);
	first = scene__rule(s, "I14");
	second = scene__rule(s, "I17");
	assert_non_null(strstr(first->text, "breaks   I17: pids[TGID] is "));
	assert_int_equal(count(first->text, "last records before it"), 1);
	assert_non_null(strstr(second->text, "record   the same as for I14"));
	assert_int_equal(count(second->text, "last records before it"), 0);
	assert_non_null(strstr(second->text, second->rule->statement));
	assert_int_equal(first->violations, 1);
	assert_int_equal(second->violations, 1);
}

/* The text of a possible loss does not replace that of a certain violation. */
static void test_own_story_after_loss(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = {
		LOSE(CHANGE_PID, 2),
		SET32(SETNS_EXIT, 1, task.pid, 64),
	};
	const struct judge_rule *r;
	struct scene *s = *state;

	scene__play(s, scene_join, &join_opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I14")->violations, 0);
	assert_true(scene__rule(s, "I14")->unsure);
	r = scene__rule(s, "I19");
	assert_int_equal(r->violations, 1);
	assert_int_equal(count(r->text, "last records before it"), 1);
}

/* A lingering reference is reported with all that is known about it. */
static void test_left_over(void **state)
{
	const struct judge_rule *r;
	struct scene *s = *state;

	scene__play(s, scene_reference_left, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(s, "I38");
	assert_int_equal(r->violations, 1);
	assert_non_null(strstr(r->text, "number 2 in pid:[4026531837]"));
	assert_non_null(strstr(r->text, "alloc_pid() record "));
	scene__play(s, scene_namespace_left, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(s, "I38");
	assert_int_equal(r->violations, 1);
	assert_non_null(strstr(r->text, "pid:[4026531837], level 1"));
}

static void test_fact_not_told(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { SET32(SETNS_EXIT, 0, found_known, 0) };
	struct judge_opts opts = join_opts;
	struct scene *s = *state;

	scene__play(s, scene_three_joins, &opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(s, "I22")->state, RULE_UNAVAILABLE);
	assert_true(scene__has_reason(s, "I22"));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	opts.rules = "-I22";
	scene__play(s, scene_three_joins, &opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
}

static void test_note(void **state)
{
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
	judge__reason(s->j, "the disk was %s", "full");
	scene__end(s);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(s->res->reasons[0], "the disk was full");
	assert_false(s->res->command.ran);
}

/* A command that fails by itself may not have done what was to be judged. */
static void test_command(void **state)
{
	static const struct {
		struct judge_command command;
		const char *reason;		/* NULL: PASS */
	} cases[] = {
		{ { .ran = true }, NULL },
		{ { .ran = true, .exit = 3 }, "the command failed (exit status 3)" },
		{ { .ran = true, .exit = -1, .signal = 9 },
		  "the command failed (killed by signal 9 (Killed))" },
		{ { .ran = true, .exit = 3, .any_status = true }, NULL },
		{ { .ran = true, .exit = -1, .signal = 15, .stopped = true }, NULL },
		{ { .ran = true, .exit = 143, .stopped = true }, NULL },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, NULL, 0);
		judge__command(s->j, &cases[i].command);
		scene__end(s);
		assert_int_equal(s->res->nreasons, cases[i].reason != NULL);
		if (cases[i].reason)
			assert_true(scene__has_reason(s, cases[i].reason));
		assert_int_equal(s->res->verdict, cases[i].reason ?
				 VERDICT_INCONCLUSIVE : VERDICT_PASS);
		assert_int_equal(s->res->command.exit, cases[i].command.exit);
	}
}

/* The failure of the command does not hide a violation, nor is it one. */
static void test_command_and_violation(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { SET32(SETNS_EXIT, 1, task.pid, 64) };
	struct scene *s = *state;

	scene__begin(s, scene_three_joins, &join_opts, WIRE_KNOB_ON, m, 0);
	judge__command(s->j, &(struct judge_command){ .ran = true, .exit = 1 });
	scene__end(s);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
	assert_true(scene__has_reason(s, "the command failed"));
}

static void test_exit_status(void **state)
{
	(void)state;
	assert_int_equal(verdict__exit_status(VERDICT_PASS), 0);
	assert_int_equal(verdict__exit_status(VERDICT_FAIL), 1);
	assert_int_equal(verdict__exit_status(VERDICT_INCONCLUSIVE), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_stock_needs_no_join_hooks),
		cmocka_unit_test(test_knob_written_meanwhile),
		cmocka_unit_test(test_nothing_seen),
		cmocka_unit_test(test_missing_hook),
		cmocka_unit_test(test_missing_sweep),
		cmocka_unit_test(test_stock_needs_few_hooks),
		cmocka_unit_test(test_missing_install_hook),
		cmocka_unit_test(test_one_story),
		cmocka_unit_test(test_own_story_after_loss),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_fact_not_told),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_command_and_violation),
		cmocka_unit_test(test_exit_status),
	};

	return cmocka_run_group_tests_name("judge", tests, scene__setup, scene__teardown);
}
