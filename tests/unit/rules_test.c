// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that each rule, violated in each of its ways (rules_guilty.c), fires, names
 * itself, and reports the fault; a deselected rule is silent. A rule is also silent on
 * traces outside its scope (rules_silent.c). On correct behaviour that looks like a
 * violation no rule fires, and the verdict is PASS.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "rules_cases.h"

/* The scene that a test plays; the next test frees it. */
static struct scene scene;

/* --- violations of a rule --- */

static void play_guilty(const struct guilty *b, struct scene *s,
			const char *rules)
{
	struct judge_opts opts = {
		.semantics = b->semantics,
		.rules = rules,
		.seed = 4711,
	};

	scene__play(s, b->play, &opts, b->knob, b->mutations, 0);
}

/* Additional evidence, by the type of the record that shows the violation. */
static const struct {
	const char *record;
	const char *told[6];
} evidence[] = {
	{ "setns_exit", { "\n  call     setns(3, 0x", "\n  before   struct pid 0x",
			  "\n  after    ", "thread_pid 0x", ", TGID 0x",
			  "children to pid:[" } },
	{ "change_pid", { "\n  struct   struct pid 0x", "\n  second   struct pid 0x" } },
	{ "error_report", { "stack of the report:\n    0x" } },
	{ "pid_gone", { "\n  struct   0x", "alloc_pid() record " } },
	{ "delayed_put_pid", { "\n  run by   task 0x" } },
	{ "free_pid", { "\n  struct   struct pid 0x", " in pid:[" } },
	{ "alloc_pid", { "\n  struct   struct pid 0x" } },
	{ "fork", { "\n  struct   struct pid 0x", "\n  task     thread_pid 0x" } },
	{ "exec", { "\n  struct   struct pid 0x", "\n  task     thread_pid 0x" } },
	{ "sweep_task", { "\n  struct   struct pid 0x",
			  "\n  task     thread_pid 0x" } },
	{ "wait_consider_task", { "\n  struct   struct pid 0x" } },
	{ "pidns_free", { "\n  pidns    pid:[", "made at record " } },
	{ "zap_exit", { "\n  pidns    pid:[", "made at record " } },
};

static void assert_told(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("\"%s\" is not told: %s", what, text);
}

/* RCU callbacks run on top of any task: the current task is unrelated. */
static bool is_of_a_task(const char *record)
{
	return strcmp(record, "delayed_put_pid") && strcmp(record, "pid_gone") &&
	       strcmp(record, "pidns_free");
}

static void check_evidence(const char *text)
{
	const char *at = strstr(text, "\n  record   #");
	char record[32] = "";

	if (!at) {	/* a lingering at the end */
		assert_true(strstr(text, "\n  struct   0x") ||
			    strstr(text, "\n  pidns    pid:["));
		return;
	}
	assert_int_equal(sscanf(at, "\n  record   #%*u %*f cpu%*u %31[a-z_]",
				record), 1);
	if (is_of_a_task(record)) {
		assert_told(text, "\n  task     ");
		assert_told(text, ", task 0x");
		assert_told(text, ", numbers ");
		assert_told(text, "last records before it");
		assert_told(text, ":\n    #");
	}
	for (size_t i = 0; i < ARRAY_SIZE(evidence); i++)
		for (int k = 0; k < 6 && evidence[i].told[k]; k++)
			if (!strcmp(evidence[i].record, record))
				assert_told(text, evidence[i].told[k]);
	/* Only a join calls change_pid(PID). */
	if (!strcmp(record, "setns_exit") && strstr(text, " change_pid(PID)"))
		assert_told(text, "stack of the first change_pid():\n    0x");
}

static void test_guilty(void **state)
{
	const struct guilty *b = *state;
	const struct judge_rule *r;

	play_guilty(b, &scene, NULL);
	r = scene__rule(&scene, b->rule);
	assert_int_equal(r->state, RULE_VIOLATED);
	assert_true(r->violations >= 1);
	assert_int_equal(scene.res->verdict, VERDICT_FAIL);
	assert_non_null(r->text);
	assert_int_equal(strncmp(r->text, b->rule, strlen(b->rule)), 0);
	if (!strstr(r->text, b->says))
		fail_msg("not \"%s\": %s", b->says, r->text);
	assert_non_null(strstr(r->text, r->rule->statement));
	assert_non_null(strstr(r->text, "\n  seed     4711"));
	check_evidence(scene__reporting_rule(&scene, b->rule)->text);
}

/* A rule counts each fault once, and does not count its consequences. */
static void test_times(void **state)
{
	static const struct {
		const char *rule;
		play_fn play;
		uint64_t times;
		struct mutation mutations[MAX_MUTATIONS];
	} cases[] = {
		{ "I28", scene_old_reference_left, 1, {} },
		{ "I29", scene_flushes, 1, { FLAGS(FLUSH_PID, 0, 0, HELD) } },
		{ "I29", scene_join_many, ENOUGH_FLUSHES - 31,
		  { FLAGS(FLUSH_PID, 0, 0, HELD) } },
		{ "I43", scene_zombie_kept, 1, {} },
		{ "I43", scene_init_not_woken, 1, {} },
		{ "I43", scene_init_miscounted, 1, {} },
		{ "I38", scene_reference_left, 1, {} },
		{ "I38", scene_reference_left_below, 1, {} },
		{ "I38", scene_two_left, 2, {} },
		{ "I38", scene_number_left_inside, 2, {} },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scene__play(s, cases[i].play, &join_opts, ON, cases[i].mutations, 0);
		assert_int_equal(scene__rule(s, cases[i].rule)->violations,
				 cases[i].times);
	}
}

static void test_deselected(void **state)
{
	const struct guilty *b = *state;
	const struct judge_rule *r;
	char rules[16];

	snprintf(rules, sizeof(rules), "-%s", b->rule);
	play_guilty(b, &scene, rules);
	r = scene__rule(&scene, b->rule);
	assert_int_equal(r->state, RULE_DESELECTED);
	assert_int_equal(r->checked, 0);
	assert_int_equal(r->violations, 0);
	assert_null(r->text);
}

/* Every rule in the catalogue has a bad trace. */
static void test_all_covered(void **state)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < rules_guilty_count; k++)
			found |= !strcmp(rules_guilty[k].rule, all[i]->id);
		if (!found)
			fail_msg("%s has no bad trace", all[i]->id);
	}
}

/* --- traces that a rule must accept --- */

static void test_silent(void **state)
{
	const struct silent *t = *state;
	struct judge_opts opts = { .semantics = t->semantics };
	const struct judge_rule *r;

	scene__play(&scene, t->play, &opts, t->knob, t->mutations, 0);
	r = scene__rule(&scene, t->rule);
	if (r->text)
		fail_msg("%s", r->text);
	assert_int_equal(r->violations, 0);
	assert_int_equal(r->unsure, 0);
	if (t->checked != ANY_NUMBER)
		assert_int_equal(r->checked, t->checked);
}

/* --- correct kernels --- */

static const struct good {
	const char *what;
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	const char *checked;	/* a rule that must have been checked */
	struct mutation mutations[MAX_MUTATIONS];
} good[] = {
	{ "nothing but forks", scene_everyday, SEMANTICS_AUTO, NONE, "I19", {} },
	{ "nothing but forks, join kernel", scene_everyday, J, NONE, "I42", {} },
	{ "join", scene_join, J, ON, "I17", {} },
	{ "join, found by the knob", scene_join, SEMANTICS_AUTO, ON, "I17", {} },
	{ "join twice, level by level", scene_join_nested, J, ON, "I18", {} },
	{ "a container's life", scene_container, J, ON, "I37", {} },
	{ "... its numbers", scene_container, J, ON, "I27", {} },
	{ "... its end", scene_container, J, ON, "I38", {} },
	{ "... those who wait", scene_container, J, ON, "I32", {} },
	{ "... its tasks", scene_container, J, ON, "I33", {} },
	{ "... their parents", scene_container, J, ON, "I30", {} },
	{ "... up to the root", scene_container, J, ON, "I31", {} },
	{ "... woken parents", scene_container, J, ON, "I35", {} },
	{ "... pidfds", scene_container, J, ON, "I36", {} },
	{ "a container's life, stock kernel", scene_container_mainline,
	  SEMANTICS_AUTO, NONE, "I38", {} },
	{ "the command is outlived", scene_outlived, J, ON, "I38", {} },
	{ "an init waits for a parent outside", scene_zombie_outside, J, ON,
	  "I37", {} },
	{ "an inum is used again", scene_inum_again, J, ON, "I27", {} },
	{ "timers of neighbours", scene_timers, J, ON, "I39", {} },
	{ "a visit in the midst of a join", scene_visited_inside, J, ON, "I19",
	  {} },
	{ "many joins", scene_join_many, J, ON, "I29", {} },
	{ "stock kernel", scene_mainline, SEMANTICS_AUTO, NONE, "I1", {} },
	{ "knob off", scene_mainline, J, OFF, "I1", {} },
	{ "another namespace", scene_other_namespace, J, ON, "I1", {} },
	{ "another namespace, seed", scene_other_namespace, SEMANTICS_SEED, NONE,
	  "I1", {} },
	{ "refused: init", scene_refused_init, J, ON, "I5", {} },
	{ "refused: init without capability", scene_refused_init_by_capability, J,
	  ON, "I2", {} },
	{ "refused: cousin", scene_refused_cousin, J, ON, "I6", {} },
	{ "refused: no leader", scene_refused_no_leader, J, ON, "I7", {} },
	{ "refused: no init wins over no leader", scene_refused_no_init, J, ON,
	  "I2", {} },
	{ "refused: threads", scene_refused_threads, J, ON, "I2", {} },
	{ "refused: children", scene_refused_children, J, ON, "I2", {} },
	{ "late failure", scene_late_failure, J, ON, "I3", {} },
	{ "alloc_pid fails", scene_alloc_fails, J, ON, "I12", {} },
	{ "setpgid by the parent meanwhile", scene_setpgid_by_parent, J, ON, "I2",
	  {} },
	{ "grace period ends inside", scene_softirq_inside, J, ON, "I2", {} },
	{ "others are reaped meanwhile", scene_release_by_other, J, ON, "I2", {} },
	{ "memory is used again", scene_reuse, SEMANTICS_AUTO, NONE, "I26", {} },
	{ "knob flips", scene_knob_flips, J, ON, "I16", {} },
	{ "knob of the target is off", scene_knob_of_target, J, ON, "I17", {} },
	{ "target dies, joiner killed", scene_dying_target, J, ON, "I34", {} },
	{ "target dies, joiner killed later", scene_dying_target_late_kill, J, ON,
	  "I34", { SET32(COMMIT_JOIN, 1, pid_allocated, 3) } },
	{ "join that keeps", scene_join, K, KEEP, "I48", {} },
	{ "... its number", scene_join, K, KEEP, "I49", {} },
	{ "... found late enough", scene_join, K, KEEP, "I50", {} },
	{ "... by current", scene_join, K, KEEP, "I54", {} },
	{ "... found by the knob", scene_join, SEMANTICS_AUTO, KEEP, "I51", {} },
	{ "... judged as join", scene_join, J, KEEP, "I51", {} },
	{ "... with a new struct pid there", scene_join, K, ON, "I17", {} },
	{ "... with the knob off there", scene_mainline, K, OFF, "I1", {} },
	{ "... twice, level by level", scene_join_nested, K, KEEP, "I55", {} },
	{ "... many times", scene_keep_many, K, KEEP, "I55", {} },
	{ "... many times, nested", scene_keep_many_nested, K, KEEP, "I55", {} },
	{ "... in a container's life", scene_container, K, KEEP, "I27", {} },
	{ "... and its end", scene_container, K, KEEP, "I38", {} },
	{ "... with a terminal and timers", scene_keep_tied, K, KEEP, "I53", {} },
	{ "... by no leader", scene_join_by_no_leader, K, KEEP, "I48", {} },
	{ "... too late", scene_late_failure, K, KEEP, "I52", {} },
	{ "... without a number", scene_reserve_fails, K, KEEP, "I12", {} },
	{ "... of an init, refused", scene_refused_init, K, KEEP, "I5", {} },
	{ "... of a cousin, refused", scene_refused_cousin, K, KEEP, "I6", {} },
	{ "... into a dying target", scene_dying_target, K, KEEP, "I34", {} },
	{ "... and the group lives on", scene_keep_leader_released, K, KEEP, "I57", {} },
	{ "... with children, refused", scene_refused_children, K, KEEP, "I2", {} },
	{ "in /proc before", scene_join_looked_up, J, ON, "I29", {} },
	{ "a lookup in /proc overtaken by the join", scene_join_looked_up, J, ON,
	  "I29", { SET64(SETNS_EXIT, 1, inodes_left, GEN_INODE + 64) } },
	{ "... that was the first one", scene_join, J, ON, "I29",
	  { SET64(SETNS_EXIT, 1, inodes_left, GEN_INODE) } },
	{ "others hold the lock at most flushes", scene_join_many_but_one, J, ON,
	  "I29", { FLAGS(FLUSH_PID, 0, 0, HELD) } },
	{ "stale image of the freed struct pid", scene_join, J, ON, "I21",
	  { SET64(SETNS_EXIT, 1, old_lists.first[WIRE_TGID], 64),
	    IMG32(SETNS_EXIT, 1, 1, level, 0x5a5a5a5a) } },
};

#define NGOOD (ARRAY_SIZE(good))

static void test_good(void **state)
{
	const struct good *t = *state;
	struct judge_opts opts = { .semantics = t->semantics };

	scene__play(&scene, t->play, &opts, t->knob, t->mutations, 0);
	for (size_t i = 0; i < scene.res->nrules; i++)
		if (scene.res->rules[i].text)
			fail_msg("%s", scene.res->rules[i].text);
	for (size_t i = 0; i < scene.res->nreasons; i++)
		fail_msg("%s", scene.res->reasons[i]);
	assert_int_equal(scene.res->verdict, VERDICT_PASS);
	assert_int_equal(scene__rule(&scene, t->checked)->state, RULE_OK);
	assert_true(scene__rule(&scene, t->checked)->checked > 0);
}

/*
 * A run with one join, over the whole life of a container, exercises all but a few
 * rules.
 */
static void test_exercised(void **state)
{
	static const char *const idle[] = {
		"I1", "I2", "I3", "I5", "I6", "I7", "I12",
	};
	struct scene *s = *state;

	scene__play(s, scene_container, &join_opts, ON, NULL, 0);
	for (size_t i = 0; i < s->res->nrules; i++) {
		const struct judge_rule *r = &s->res->rules[i];
		bool is_idle = false;

		for (size_t k = 0; k < ARRAY_SIZE(idle); k++)
			is_idle |= !strcmp(idle[k], r->rule->id);
		/* This kernel does not have the knob's value 2. */
		if (!(r->rule->where & ~RULE_KEEP)) {
			assert_int_equal(r->state, RULE_NOT_APPLICABLE);
			continue;
		}
		if (r->state != (is_idle ? RULE_NOT_EXERCISED : RULE_OK))
			fail_msg("%s is %s", r->rule->id,
				 rule_state__name(r->state));
	}
}

/* The same for a join that keeps the struct pid. */
static void test_exercised_by_keep(void **state)
{
	static const char *const idle[] = {
		"I1", "I2", "I3", "I5", "I6", "I12", "I52",
		/* Rules of joins with a new struct pid. */
		"I4", "I7", "I10", "I14", "I17", "I18", "I21", "I22", "I28", "I29",
		"I35", "I39", "I41", "I47",
		/* The rule of a group whose leader is gone. */
		"I57",
	};
	struct scene *s = *state;

	scene__play(s, scene_container, &keep_opts, KEEP, NULL, 0);
	for (size_t i = 0; i < s->res->nrules; i++) {
		const struct judge_rule *r = &s->res->rules[i];
		bool is_idle = false;

		for (size_t k = 0; k < ARRAY_SIZE(idle); k++)
			is_idle |= !strcmp(idle[k], r->rule->id);
		if (r->state != (is_idle ? RULE_NOT_EXERCISED : RULE_OK))
			fail_msg("%s is %s", r->rule->id,
				 rule_state__name(r->state));
	}
}

/* Without the hooks of a join that keeps, its rules and those of its numbers do not pass. */
static void test_keep_without_hooks(void **state)
{
	static const char *const unavailable[] = {
		"I1", "I5", "I9", "I15", "I27", "I34", "I37", "I43", "I51", "I56",
	};
	const hook_mask none = HOOK(RESERVE_NR) | HOOK(UNRESERVE_NR) | HOOK(DEEPEN) |
			       HOOK(PUBLISH_NR) | HOOK(DEEPENED) | HOOK(COMMIT_DEEPEN);
	struct scene *s = *state;

	scene__play(s, scene_container, &auto_opts, KEEP, NULL, none);
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	for (size_t i = 0; i < ARRAY_SIZE(unavailable); i++)
		if (scene__rule(s, unavailable[i])->state != RULE_UNAVAILABLE)
			fail_msg("%s is %s", unavailable[i],
				 rule_state__name(scene__rule(s, unavailable[i])->state));
	/* The other kernels lack them. */
	scene__play(s, scene_container, &auto_opts, ON, NULL, none);
	assert_int_equal(s->res->verdict, VERDICT_PASS);
}

/* A run without a join does not check the rules about joins. */
static void test_not_exercised(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_mainline, &join_opts, OFF, NULL, 0);
	for (size_t i = 0; i < s->res->nrules; i++) {
		const struct judge_rule *r = &s->res->rules[i];

		/* The pidfd of each process that exits is notified. */
		if (r->rule->where & RULE_MAINLINE ||
		    !(r->rule->where & ~RULE_KEEP) ||
		    !strcmp(r->rule->id, "I36"))
			continue;
		if (r->state != RULE_NOT_EXERCISED)
			fail_msg("%s is %s", r->rule->id,
				 rule_state__name(r->state));
	}
}

/* If the kernel did not give a fact, the rule does not claim to hold. */
static void test_no_fact(void **state)
{
	static const struct {
		const char *rule;
		struct mutation mutations[MAX_MUTATIONS];
	} cases[] = {
		{ "I15", { FLAGS(ATTACH_PID, 0, 0, 0) } },
		{ "I18", { SET64(SETNS_EXIT, 1, links.base, 0) } },
		{ "I22", { SET32(SETNS_EXIT, 1, found_known, 0) } },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scene__play(s, scene_join, &join_opts, ON, cases[i].mutations, 0);
		assert_int_equal(scene__rule(s, cases[i].rule)->state,
				 RULE_UNAVAILABLE);
		assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	}
}

/* --- the literal port of 2012 --- */

static void test_seed(void **state)
{
	static const char *const guilty[] = {
		"I14", "I17", "I18", "I19", "I21", "I23", "I28", "I29", "I35",
		"I42",
	};
	struct judge_opts opts = { .semantics = SEMANTICS_SEED };
	struct scene *s = *state;

	scene__play(s, scene_seed, &opts, WIRE_KNOB_NONE, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(guilty); i++)
		assert_int_equal(scene__rule(s, guilty[i])->state,
				 RULE_VIOLATED);
	assert_int_equal(scene__violated(s), ARRAY_SIZE(guilty));
	assert_int_equal(scene__rule(s, "I41")->state, RULE_NOT_APPLICABLE);
	assert_int_equal(s->res->joins, 1);
	assert_int_equal(s->res->rewrites, 3);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
}

/* The same kernel, judged as a stock kernel, must not rewrite anything. */
static void test_seed_as_stock(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_seed, &auto_opts, WIRE_KNOB_NONE, NULL, 0);
	assert_int_equal(scene__rule(s, "I1")->state, RULE_VIOLATED);
	assert_int_equal(scene__rule(s, "I17")->state, RULE_NOT_APPLICABLE);
}

static void test_repeats_counted(void **state)
{
	struct mutation m[MAX_MUTATIONS] = {
		SET64(SETNS_EXIT, 0, task.pids[WIRE_TGID], 64),
	};
	char times[32];
	struct scene *s = *state;

	scene__play(s, scene_join_many, &join_opts, ON, m, 0);
	assert_int_equal(scene__rule(s, "I17")->violations, ENOUGH_FLUSHES);
	snprintf(times, sizeof(times), "repeated %d times", ENOUGH_FLUSHES);
	assert_non_null(strstr(scene__rule(s, "I17")->text, times));
}

static void test_select(void **state)
{
	static const struct {
		const char *list;
		int ret;
		const char *in, *out;
	} cases[] = {
		{ "I17", 0, "I17", "I18" },
		{ "17,i18", 0, "I18", "I19" },
		{ "I1..I8", 0, "I5", "I9" },
		{ "-I40", 0, "I17", "I40" },
		{ "all,-I17", 0, "I18", "I17" },
		{ "I1..I8,-I5", 0, "I6", "I5" },
		{ "I99", -EINVAL, NULL, NULL },
		{ "", -EINVAL, NULL, NULL },
		{ ",", -EINVAL, NULL, NULL },
		{ "I17x", -EINVAL, NULL, NULL },
		{ "I8..I1", -EINVAL, NULL, NULL },
		{ "seventeen", -EINVAL, NULL, NULL },
	};
	bool selected[64];
	size_t n;
	const struct rule *const *all = rules__all(&n);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char err[256] = "";

		assert_int_equal(rules__select(cases[i].list, selected, err,
					       sizeof(err)), cases[i].ret);
		assert_int_equal(!err[0], !cases[i].ret);
		for (size_t k = 0; k < n && !cases[i].ret; k++) {
			if (!strcmp(all[k]->id, cases[i].in))
				assert_true(selected[k]);
			if (!strcmp(all[k]->id, cases[i].out))
				assert_false(selected[k]);
		}
	}
}

/* Each row has everything that `pidnstrace rules` prints. */
static void test_catalogue(void **state)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);

	(void)state;
	assert_true(n >= 42);
	for (size_t i = 0; i < n; i++) {
		assert_true(all[i]->statement && *all[i]->statement);
		assert_true(all[i]->why && *all[i]->why);
		assert_true(all[i]->hooks && all[i]->where && all[i]->types);
		assert_ptr_equal(rules__find(all[i]->id), all[i]);
		if (i)
			assert_true(atoi(all[i]->id + 1) >
				    atoi(all[i - 1]->id + 1));
	}
}

static size_t add_tests(struct CMUnitTest *tests, size_t n, const char *name,
			CMUnitTestFunction fn, const void *arg)
{
	tests[n] = (struct CMUnitTest){ name, fn, NULL, NULL, (void *)arg };
	return n + 1;
}

static const char *named(const char *a, const char *b, const char *c)
{
	char *name = NULL;

	if (asprintf(&name, "%s%s%s", a, b, c) < 0)
		abort();
	return name;
}

static int free_scene(void **state)
{
	(void)state;
	scene__free(&scene);
	return 0;
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test_prestate(test_times, &scene),
		cmocka_unit_test_prestate(test_exercised, &scene),
		cmocka_unit_test_prestate(test_exercised_by_keep, &scene),
		cmocka_unit_test_prestate(test_keep_without_hooks, &scene),
		cmocka_unit_test_prestate(test_not_exercised, &scene),
		cmocka_unit_test_prestate(test_no_fact, &scene),
		cmocka_unit_test_prestate(test_all_covered, &scene),
		cmocka_unit_test_prestate(test_seed, &scene),
		cmocka_unit_test_prestate(test_seed_as_stock, &scene),
		cmocka_unit_test_prestate(test_repeats_counted, &scene),
		cmocka_unit_test_prestate(test_select, &scene),
		cmocka_unit_test_prestate(test_catalogue, &scene),
	};
	const size_t nfixed = ARRAY_SIZE(fixed);
	static struct CMUnitTest tests[1024];
	size_t n = 0;

	assert(2 * rules_guilty_count + rules_silent_count + NGOOD + nfixed <=
	       ARRAY_SIZE(tests));
	for (size_t i = 0; i < rules_guilty_count; i++) {
		const struct guilty *b = &rules_guilty[i];

		n = add_tests(tests, n, named(b->rule, " fires: ", b->how),
			      test_guilty, b);
		n = add_tests(tests, n, named(b->rule, " deselected: ", b->how),
			      test_deselected, b);
	}
	for (size_t i = 0; i < rules_silent_count; i++)
		n = add_tests(tests, n, named(rules_silent[i].rule, " is silent: ",
					      rules_silent[i].where),
			      test_silent, &rules_silent[i]);
	for (size_t i = 0; i < NGOOD; i++)
		n = add_tests(tests, n, named("passes: ", good[i].what, ""),
			      test_good, &good[i]);
	memcpy(&tests[n], fixed, sizeof(fixed));
	return _cmocka_run_group_tests("rules", tests, n + nfixed,
				       NULL, free_scene);
}
