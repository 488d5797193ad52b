// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence_test.c - the kernel stack that a violation is shown with: that of
 * the record it rests on, if one was told.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "rules_scenes.h"

static const struct judge_opts join_opts = { .semantics = SEMANTICS_JOIN };

/* How often the stack of a record of this type is shown. */
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

static void freed_twice(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);
	struct gen_pid *pid = t->thread_pid;

	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__stack(s->g, s->g->init, WIRE_FREE_PID);
	gen__stack(s->g, t, WIRE_FREE_PID);
	gen__free_pid(s->g, s->g->init, pid);
	gen__free_pid(s->g, s->g->init, pid);
}

/* The stack that was told for the record; it is not that of the next one. */
static void test_of_one_record(void **state)
{
	const struct judge_rule *r;
	struct scene s;

	(void)state;
	scene__play(&s, freed_twice, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(&s, "I25");
	assert_int_equal(r->violations, 2);
	assert_non_null(strstr(r->text, "stack of free_pid:"));
	assert_int_equal(stacks(r, WIRE_FREE_PID), 1);
	scene__free(&s);
}

/* Those told inside a setns are shown when it is judged. */
static void test_inside(void **state)
{
	const struct judge_rule *r;
	struct scene s;

	(void)state;
	scene__play(&s, scene_new_pid_freed, &join_opts, WIRE_KNOB_ON, NULL, 0);
	r = scene__rule(&s, "I4");
	assert_non_null(strstr(r->text, "stack of the first change_pid():"));
	assert_non_null(strstr(r->text, "stack of the last free_pid():"));
	assert_int_equal(stacks(r, WIRE_FREE_PID), 1);
	scene__free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_one_record),
		cmocka_unit_test(test_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
