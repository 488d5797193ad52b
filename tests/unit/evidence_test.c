// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the kernel stack shown with a violation: the stack of the record that proves
 * it, if one was recorded.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "rules_cases.h"

/* Counts how often the stack of a record of this type is shown. */
static unsigned int stacks(const struct judge_rule *r, unsigned int type)
{
	unsigned int n = 0;
	char first[24];

	snprintf(first, sizeof(first), "0x%llx\n",
		 (unsigned long long)GEN_STACK(type));
	for (const char *p = r->text; (p = strstr(p, first)); p++)
		n++;
	return n;
}

/* A recorded stack belongs to one record, not to the next one. */
static void test_of_one_record(void **state)
{
	const struct judge_rule *r;
	struct scene *s = *state;

	scene__play(s, scene_freed_with_stack, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(s, "I25");
	assert_int_equal(r->violations, 2);
	assert_non_null(strstr(r->text, "stack of free_pid:"));
	assert_int_equal(stacks(r, WIRE_FREE_PID), 1);
}

/* Stacks recorded inside a setns() are shown when it is judged. */
static void test_inside(void **state)
{
	const struct judge_rule *r;
	struct scene *s = *state;

	scene__play(s, scene_new_pid_freed, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(s, "I4");
	assert_non_null(strstr(r->text, "stack of the first change_pid():"));
	assert_non_null(strstr(r->text, "stack of the last free_pid():"));
	assert_int_equal(stacks(r, WIRE_FREE_PID), 1);
}

/* A record that looks wrong has a stack wherever it occurs. */
static void test_each_rule(void **state)
{
	static const struct {
		const char *rule;
		unsigned int type;
		play_fn play;
		struct mutation mutations[MAX_MUTATIONS];
	} cases[] = {
		{ "I3", WIRE_FREE_PID, scene_aborted_twice, {} },
		{ "I5", WIRE_ALLOC_PID, scene_join_by_init, {} },
		{ "I6", WIRE_ALLOC_PID, scene_join_of_cousin, {} },
		{ "I7", WIRE_ALLOC_PID, scene_join_by_no_leader, {} },
		{ "I8", WIRE_ALLOC_PID, scene_join_by_threads, {} },
		{ "I11", WIRE_ALLOC_PID, scene_no_capability_active, {} },
		{ "I12", WIRE_ALLOC_PID, scene_wrong_alloc_error, {} },
		{ "I13", WIRE_ALLOC_PID, scene_join_as_number_one, {} },
		{ "I15", WIRE_ATTACH_PID, scene_unlocked, {} },
		{ "I16", WIRE_DETACH_PID, scene_relinked_inside, {} },
		{ "I29", WIRE_FLUSH_PID, scene_flushed_twice, {} },
		{ "I29", WIRE_FLUSH_PID, scene_join_looked_up,
		  { SET64(SETNS_EXIT, 1, inodes_left, GEN_INODE) } },
		{ "I32", WIRE_WAIT_CHILD, scene_waited_for_from_below, {} },
		{ "I35", WIRE_WAKE_PARENT, scene_woken_late, {} },
		{ "I36", WIRE_NOTIFY_PIDFD, scene_notified_alive, {} },
		{ "I39", WIRE_TIMER_LOCK, scene_timer_follows, {} },
	};

	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct judge_rule *r;

		scene__play(s, cases[i].play, &join_opts, WIRE_KNOB_ON,
			    cases[i].mutations, 0);
		r = scene__rule(s, cases[i].rule);
		assert_int_equal(r->state, RULE_VIOLATED);
		r = scene__reporting_rule(s, cases[i].rule);
		if (stacks(r, cases[i].type) != 1)
			fail_msg("%s\n%s", cases[i].rule, r->text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_one_record),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_each_rule),
	};

	return cmocka_run_group_tests(tests, scene__setup, scene__teardown);
}
