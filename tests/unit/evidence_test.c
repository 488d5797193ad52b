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
#include "rules_scenes.h"

static const struct judge_opts join_opts = { .semantics = SEMANTICS_JOIN };

/* If a record breaks several rules, only the first explains it. Returns that rule. */
static const struct judge_rule *reporting_rule(const struct scene *s,
					    const char *rule)
{
	const struct judge_rule *r = scene__rule(s, rule);
	const char *same = strstr(r->text, "the same as for ");
	char id[8];

	if (!same || sscanf(same, "the same as for %7s", id) != 1)
		return r;
	return scene__rule(s, id);
}

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

/* A recorded stack belongs to one record, not to the next one. */
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

/* Stacks recorded inside a setns() are shown when it is judged. */
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

/* A record that looks wrong has a stack wherever it occurs. */

static void flushed_twice(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	gen__enter(s->g, t, ns, GEN_NEWPID);
	gen__installed(s->g, t, ns, 0);
	gen__commit(s->g, t, gen__alloc_pid(s->g, t, ns));
	gen__flush_pid(s->g, t, t->entry, false);
	gen__leave(s->g, t, GEN_NEWPID, 0);
}

static enum gen_fate leave_inode(struct gen *g, struct wire_hdr *rec)
{
	(void)g;
	if (rec->type == WIRE_SETNS_EXIT)
		((struct wire_setns_exit *)rec)->inodes_left = GEN_INODE;
	return GEN_EMIT;
}

static void inode_left(struct scene *s)
{
	s->g->filter = leave_inode;
	scene_join_looked_up(s);
}

static void aborted_twice(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);
	struct gen_pid *pid;

	gen__enter(s->g, t, ns, GEN_NEWPID);
	pid = gen__alloc_pid(s->g, t, ns);
	gen__installed(s->g, t, ns, 0);
	gen__free_pid(s->g, t, pid);
	gen__free_pid(s->g, t, pid);
	gen__leave(s->g, t, GEN_NEWPID, -EUSERS);
}

static void relinked_inside(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);

	gen__enter_other(s->g, t);
	gen__relink(s->g, t, WIRE_PID);
	gen__leave(s->g, t, GEN_NEWNET, 0);
}

static void waited_for_from_below(struct scene *s)
{
	struct gen_ns *ns = gen__container(s->g, s->g->init);

	gen__wait(s->g, ns->child_reaper, s->g->init);
}

static void notified_alive(struct scene *s)
{
	gen__notify_pidfd(s->g, s->g->init, gen__fork(s->g, s->g->init));
}

static void test_each_rule(void **state)
{
	static const struct {
		const char *rule;
		unsigned int type;
		play_fn play;
	} cases[] = {
		{ "I3", WIRE_FREE_PID, aborted_twice },
		{ "I5", WIRE_ALLOC_PID, scene_join_by_init },
		{ "I6", WIRE_ALLOC_PID, scene_join_of_cousin },
		{ "I7", WIRE_ALLOC_PID, scene_join_by_no_leader },
		{ "I8", WIRE_ALLOC_PID, scene_join_by_threads },
		{ "I11", WIRE_ALLOC_PID, scene_no_capability_active },
		{ "I12", WIRE_ALLOC_PID, scene_wrong_alloc_error },
		{ "I13", WIRE_ALLOC_PID, scene_join_as_number_one },
		{ "I15", WIRE_ATTACH_PID, scene_unlocked },
		{ "I16", WIRE_DETACH_PID, relinked_inside },
		{ "I29", WIRE_FLUSH_PID, flushed_twice },
		{ "I29", WIRE_FLUSH_PID, inode_left },
		{ "I32", WIRE_WAIT_CHILD, waited_for_from_below },
		{ "I35", WIRE_WAKE_PARENT, scene_woken_late },
		{ "I36", WIRE_NOTIFY_PIDFD, notified_alive },
		{ "I39", WIRE_TIMER_LOCK, scene_timer_follows },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct judge_rule *r;
		struct scene s;

		scene__play(&s, cases[i].play, &join_opts, WIRE_KNOB_ON, NULL,
			    0);
		r = scene__rule(&s, cases[i].rule);
		assert_int_equal(r->state, RULE_VIOLATED);
		r = reporting_rule(&s, cases[i].rule);
		if (stacks(r, cases[i].type) != 1)
			fail_msg("%s\n%s", cases[i].rule, r->text);
		scene__free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_one_record),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_each_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
