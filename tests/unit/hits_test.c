// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that the judge reports a hook that is attached but never hit if records of
 * other hooks show that it should have been hit, and not otherwise.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "rules_cases.h"
#include "test.h"
#include "tracegen_parts.h"

/* The scene that a test plays; the next test frees it. */
static struct scene scene;

/* --- evidence of other hooks --- */

static const struct blind {
	unsigned int type;		/* no record of this type is made */
	const char *rules;		/* these see no violation */
	play_fn play;
	uint32_t knob;
	const char *reason;		/* NULL: no reason */
	struct mutation also[2];
} blind[] = {
	{ WIRE_FORK, "I19", scene_three_joins, ON, "nothing was forked", {} },
	{ WIRE_EXIT, "I19", scene_three_joins, ON, "nothing exited", {} },
	{ WIRE_ALLOC_PID, "I20", scene_everyday, ON, "alloc_pid was never hit", {} },
	{ WIRE_ATTACH_PID, "all", scene_three_joins, ON, "attach_pid was never hit", {} },
	{ WIRE_DETACH_PID, "I15", scene_many_exits, ON, "detach_pid was never hit", {} },
	{ WIRE_DETACH_PID, "all", scene_everyday, ON, "not detached from all", {} },
	{ WIRE_FREE_PID, "I25", scene_many_exits, ON, "free_pid was never hit", {} },
	{ WIRE_FREE_PID, "I25", scene_everyday, ON, NULL, {} },
	{ WIRE_SETNS_ENTER, "I2", scene_three_joins, ON, "setns was called", {} },
	{ WIRE_SETNS_EXIT, "I2", scene_three_joins, ON, "setns was entered", {} },
	{ WIRE_PIDNS_INSTALL, "I1", scene_mainline, OFF,
	  "pidns_install was never hit", {} },
	{ WIRE_NS_CAPABLE, "I5", scene_mainline, OFF, "ns_capable was never hit", {} },
	{ WIRE_NS_CAPABLE, "-I5,-I11", scene_three_joins, ON, NULL, {} },
	{ WIRE_CHANGE_PID, "I3,I15", scene_three_joins, ON,
	  "change_pid was never hit", {} },
	{ WIRE_FREE_PID, "I3", scene_three_joins, ON, "free_pid was never hit", {} },
	{ WIRE_FLUSH_PID, "-I29,-I47", scene_three_joins, ON, NULL, {} },
	{ WIRE_COMMIT_JOIN, "I34", scene_three_joins, ON,
	  "pidns_commit_join was never hit", {} },
	{ WIRE_RESERVE_NR, "I34", scene_three_joins, KEEP, NULL, {} },
	{ WIRE_RESERVE_NR, "I49", scene_three_joins, KEEP, "pid_reserve_nr was never hit", {} },
	{ WIRE_DEEPEN, "I24", scene_three_joins, KEEP, "pid_deepen was never hit", {} },
	{ WIRE_PUBLISH_NR, "I57", scene_three_joins, KEEP, "pid_publish_nr was never hit", {} },
	{ WIRE_DEEPENED, "I55", scene_three_joins, KEEP, "tp_btf:pid_deepen was never hit", {} },
	{ WIRE_COMMIT_DEEPEN, "I34", scene_three_joins, KEEP,
	  "pidns_commit_deepen was never hit", {} },
	{ WIRE_COMMIT_JOIN, "I34", scene_three_joins, KEEP, NULL, {} },
	{ WIRE_EXEC, "I19", scene_everyday, ON, "a command was run", {} },
	{ WIRE_RELEASE, "all", scene_everyday, ON, "release_task was never hit", {} },
	{ WIRE_NOTIFY_PIDFD, "all", scene_join, ON, NULL, {} },
	{ WIRE_NOTIFY_PIDFD, "all", scene_thread_ends, ON, NULL, {} },
	{ WIRE_NS_NEW, "-I42", scene_clones, ON, NULL,
	  { SET64(FORK, 5, hdr.current_task, 64) } },
	{ WIRE_NS_NEW, "-I42", scene_clones, ON, NULL,
	  { IMG32(FORK, 5, 0, upid[1].nr, 2) } },
	{ WIRE_NS_NEW, "I27", scene_number_one, ON, NULL,
	  { IMG32(FORK, 3, 0, upid[0].nr, 1), SET32(FORK, 3, task.active_ns, 64) } },
	{ WIRE_NS_NEW, "all", scene_unshare, ON, NULL,
	  { SET64(SWITCH_NS, 1, task, 64) } },
	{ WIRE_NS_NEW, "all", scene_unshare_other, ON, NULL,
	  { SET32(SWITCH_NS, 2, new_children_ns, 0) } },
	{ WIRE_NS_NEW, "all", scene_clones, ON, "copy_pid_ns was never hit", {} },
	{ WIRE_NS_NEW, "all", scene_unshare, ON, "copy_pid_ns was never hit", {} },
	{ WIRE_NS_NEW, "all", scene_unshare_other, ON, NULL, {} },
	{ WIRE_NS_NEW, "all", scene_made_by_old, ON, "copy_pid_ns missed calls", {} },
	{ WIRE_NS_NEW, "all", scene_first_child, ON, NULL, {} },
	{ WIRE_NS_NEW, "all", scene_mainline, OFF, NULL, {} },
	{ WIRE_NS_FREE, "all", scene_memory_again, ON, "delayed_free_pidns was never hit",
	  { SET64(NS_NEW, 3, ns, GEN_NS_BASE + 0x2000) } },
	{ WIRE_NS_FREE, "all", scene_memory_again, ON, NULL, {} },
	{ WIRE_ZAP_ENTER, "all", scene_init_ends, ON,
	  "fentry:zap_pid_ns_processes was never hit", {} },
	{ WIRE_ZAP_EXIT, "all", scene_init_ends, ON,
	  "fexit:zap_pid_ns_processes was never hit", {} },
	{ WIRE_ZAP_ENTER, "all", scene_no_init_ends, ON, NULL, {} },
	{ WIRE_WAIT_CHILD, "all", scene_waited_for, ON,
	  "wait_consider_task was never hit", {} },
	{ WIRE_WAIT_CHILD, "all", scene_not_waited_for, ON, NULL, {} },
	{ WIRE_WAIT_CHILD, "all", scene_exec_by_thread, ON, NULL, {} },
	{ WIRE_TIMER_LOCK, "all", scene_with_cpu_timers, ON,
	  "timer_lock_sighand was never hit", {} },
	{ WIRE_TIMER_LOCK, "all", scene_with_old_timers, ON, NULL, {} },
	{ WIRE_EXCHANGE_TIDS, "all", scene_exec_by_thread, ON,
	  "exchange_tids was never hit", {} },
	{ WIRE_TRANSFER_PID, "all", scene_exec_by_thread, ON,
	  "transfer_pid was never hit", {} },
	{ WIRE_TRANSFER_PID, "all", scene_three_joins, ON, NULL, {} },
};

static void test_blind(void **state)
{
	const struct blind *b = *state;
	struct judge_opts opts = { .semantics = J, .rules = b->rules };
	struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_VANISH, b->type, 0, 0, 0 }, b->also[0], b->also[1],
	};

	scene__play_armed(&scene, b->play, &opts, b->knob, m, 0);
	for (size_t i = 0; i < scene.res->nrules; i++)
		if (scene.res->rules[i].text)
			fail_msg("%s", scene.res->rules[i].text);
	if (b->reason && !scene__has_reason(&scene, b->reason))
		fail_msg("not \"%s\"", b->reason);
	for (size_t i = 0; i < scene.res->nreasons && !b->reason; i++)
		fail_msg("%s", scene.res->reasons[i]);
	assert_int_equal(scene.res->verdict, b->reason ? VERDICT_INCONCLUSIVE :
						     VERDICT_PASS);
}

/* A hook that was hit without keeping a record is not blind. */
static void test_hit_without_record(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { LOSE(RELEASE, 0) };
	struct scene *s = *state;

	scene__play_armed(s, scene_everyday, &auto_opts, NONE, m, 0);
	assert_false(scene__has_reason(s, "never hit"));
	assert_int_equal(s->res->hooks[WIRE_HOOK_RELEASE].hits, 1);
}

/* --- pairs: absent_test.c has the others --- */

static const struct broken_pair {
	const char *name;
	play_fn play;
	uint32_t knob;
	const char *reason;
	struct mutation mutation;
} broken_pairs[] = {
	{ "one check of a capability of two", scene_mainline, OFF,
	  "fexit:ns_capable missed calls", VANISH(NS_CAPABLE, 1) },
	{ "one flush of three", scene_reuse_armed, NONE,
	  "fentry:proc_flush_pid missed calls", VANISH(FLUSH_PID, 2) },
	{ "the end of a namespace", scene_memory_again, NONE,
	  "fentry:delayed_free_pidns missed calls",
	  SET64(NS_NEW, 3, ns, GEN_NS_BASE + 0x2000) },
	{ "one CPU timer of two", scene_two_with_cpu_timers, ON,
	  "fexit:timer_lock_sighand missed calls", VANISH(TIMER_LOCK, 2) },
	{ "an exec by a thread", scene_exec_by_thread, NONE,
	  "sched_process_exec missed calls", VANISH(EXEC, 2) },
};

static void test_broken_pair(void **state)
{
	const struct broken_pair *b = *state;
	const struct mutation m[MAX_MUTATIONS] = { b->mutation };

	scene__play_armed(&scene, b->play, &auto_opts, b->knob, NULL, 0);
	for (size_t i = 0; i < scene.res->nreasons; i++)
		assert_null(strstr(scene.res->reasons[i], b->reason));
	scene__play_armed(&scene, b->play, &auto_opts, b->knob, m, 0);
	if (!scene__has_reason(&scene, b->reason))
		fail_msg("not \"%s\"", b->reason);
	assert_int_equal(scene.res->verdict, VERDICT_INCONCLUSIVE);
}

/* Only an exec may enter a namespace without a record of switch_task_namespaces(). */
static void test_exec_in_time_ns(void **state)
{
	static const char missed[] = "fentry:switch_task_namespaces missed calls";
	struct scene *s = *state;

	scene__play_armed(s, scene_exec_in_time_ns, &auto_opts, NONE, NULL, 0);
	assert_false(scene__has_reason(s, missed));
	scene__play_armed(s, scene_exit_in_time_ns, &auto_opts, NONE, NULL, 0);
	assert_true(scene__has_reason(s, missed));
}

/*
 * A task that ends releases its dead children without a lock: it may be reaped itself before
 * it has detached them, or before it has flushed their numbers.
 */
static void test_reaped_while_it_reaps(void **state)
{
	static const struct mutation late[][MAX_MUTATIONS] = {
		{ VANISH(FLUSH_PID, 1) }, { VANISH(DETACH_PID, 1) },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(late); i++) {
		scene__play(s, scene_reaped_while_it_reaps, &auto_opts, NONE, late[i], 0);
		for (size_t k = 0; k < s->res->nreasons; k++)
			fail_msg("%s", s->res->reasons[k]);
	}
}

static bool names_rule(const struct scene *s, const char *reason, const char *id)
{
	for (size_t i = 0; i < s->res->nreasons; i++)
		if (strstr(s->res->reasons[i], reason))
			return strstr(s->res->reasons[i], id);
	return false;
}

/*
 * A missing hook is not reported as blind too; rules that do not need it are not
 * named.
 */
static void test_not_attached(void **state)
{
	const struct mutation m[MAX_MUTATIONS] = { VANISH(RELEASE, 0) };
	struct judge_opts opts = { .semantics = AUTO, .rules = "-I27" };
	struct scene *s = *state;

	scene__play_armed(s, scene_many_exits, &opts, NONE, m, HOOK(RELEASE));
	assert_true(scene__has_reason(s, "release_task is not attached"));
	assert_false(scene__has_reason(s, "never hit"));
	scene__play(s, scene_everyday, &opts, NONE, NULL, HOOK(NS_FREE));
	assert_true(names_rule(s, "delayed_free_pidns is not attached", " I38"));
	assert_false(names_rule(s, "delayed_free_pidns is not attached", " I27"));
	scene__play(s, scene_everyday, &opts, NONE, NULL, HOOK(SWITCH_NS));
	assert_int_equal(s->res->nreasons, 0);
}

/* Plays a scene without two records, on a kernel whose @partial_hooks are partial. */
static void play_partial(struct scene *s, const struct judge_opts *opts,
			 hook_mask partial_hooks)
{
	const struct mutation m[MAX_MUTATIONS] = {
		VANISH(PUT_PID, 2), VANISH(PID_GONE, 2),
	};

	scene__start(s, opts, ON, m, 0);
	s->g->partial_hooks = partial_hooks;
	gen__begin(s->g, SCENE_COMMAND);
	gen__sweep(s->g, WIRE_SWEEP_START);
	scene__arm(s);
	scene_container(s);
	scene__end(s);
}

/*
 * A record that a partial hook missed is not a leak; rules that need the hook report
 * it.
 */
static void test_partial(void **state)
{
	struct scene *s = *state;

	play_partial(s, &auto_opts, 0);
	assert_int_equal(s->res->verdict, VERDICT_FAIL);
	play_partial(s, &auto_opts, HOOK(PID_GONE));
	assert_int_equal(s->res->verdict, VERDICT_INCONCLUSIVE);
	assert_true(names_rule(s, "put_pid may miss events", " I38"));
}

/* A trace without its first or last records: the existing ones count. */
static void test_no_frame(void **state)
{
	struct scene *s = *state;

	scene__start(s, &auto_opts, NONE, NULL, 0);
	scene_everyday(s);
	s->res = judge__finish(s->j);
	assert_true(scene__has_reason(s, "does not say which hooks were attached"));
	assert_false(scene__has_reason(s, "is not attached"));
	assert_int_equal(s->res->hooks[WIRE_HOOK_FORK].hits, 1);
}

/* --- sweeps --- */

static const struct swept {
	const char *what;
	unsigned int sweeps[3];		/* START, PERIOD, FINAL */
	const char *rules;
	const char *reason;
	struct mutation mutation;
} swept[] = {
	{ "all", { 1, 1, 2 }, NULL, NULL, {} },
	{ "no periodic one", { 1, 0, 1 }, NULL, NULL, {} },
	{ "not before", { 0, 1, 2 }, NULL, "made before the run: needed by I19 I27 I30",
	  {} },
	{ "not after", { 1, 1, 0 }, NULL, "made after the run: needed by I19 I27 I30", {} },
	{ "only after", { 0, 0, 1 }, NULL, "made before the run", {} },
	{ "only periodic ones", { 0, 2, 0 }, NULL, "made before the run", {} },
	{ "none", { 0, 0, 0 }, NULL, "no sweep over all threads was made (--sweep 0)", {} },
	{ "none is needed", { 0, 0, 0 }, "I1..I18,I20..I26,I29,I40", NULL, {} },
	{ "the last is not whole", { 1, 0, 1 }, NULL, "made after the run", VANISH(SWEEP, 2) },
	{ "of no kind that is known", { 1, 0, 1 }, NULL, "made after the run",
	  SET32(SWEEP, 0, reason, 3) },
};

static void sweep(struct scene *s, unsigned int n, enum wire_sweep_reason reason)
{
	while (n--)
		gen__sweep(s->g, reason);
}

static void play_swept(struct scene *s, const struct swept *t)
{
	struct judge_opts opts = { .semantics = AUTO, .rules = t->rules };
	const struct mutation m[MAX_MUTATIONS] = { t->mutation };

	scene__start(s, &opts, NONE, m, 0);
	gen__begin(s->g, 0);
	sweep(s, t->sweeps[0], WIRE_SWEEP_START);
	scene_everyday(s);
	scene__arm(s);
	sweep(s, t->sweeps[1], WIRE_SWEEP_PERIOD);
	s->finals = t->sweeps[2];
	scene__end(s);
}

static void test_swept(void **state)
{
	const struct swept *t = *state;

	play_swept(&scene, t);
	if (t->reason) {
		assert_true(scene__has_reason(&scene, t->reason));
		assert_int_equal(scene.res->nreasons, 1);
		assert_int_equal(scene.res->verdict, VERDICT_INCONCLUSIVE);
	} else {
		assert_int_equal(scene.res->nreasons, 0);
		assert_int_equal(scene.res->verdict, VERDICT_PASS);
	}
}

/* A sweep without a begin is not whole, and lacks a record. */
static void test_swept_without_begin(void **state)
{
	static const struct swept t = {
		"the last has no begin", { 1, 0, 1 }, NULL, NULL, VANISH(SWEEP, 1),
	};

	(void)state;
	play_swept(&scene, &t);
	assert_true(scene__has_reason(&scene, "made after the run"));
	assert_true(scene__has_reason(&scene, "an end without a begin"));
	assert_int_equal(scene.res->verdict, VERDICT_INCONCLUSIVE);
}

/* A truncated trace lacks its last sweeps: this is reported once. */
static void test_swept_and_cut(void **state)
{
	struct scene *s = *state;

	scene__start(s, &auto_opts, NONE, NULL, 0);
	gen__begin(s->g, 0);
	scene_everyday(s);
	s->res = judge__finish(s->j);
	assert_true(scene__has_reason(s, "cut short"));
	assert_false(scene__has_reason(s, "sweep"));
}

/* A kernel without the iterator is reported with the hooks. */
static void test_no_sweeper(void **state)
{
	struct scene *s = *state;

	scene__play(s, scene_everyday, &auto_opts, NONE, NULL, HOOK(SWEEP));
	assert_true(scene__has_reason(s, "hook iter:task is not attached"));
	assert_false(scene__has_reason(s, "no sweep"));
}

#define NBLIND (ARRAY_SIZE(blind))
#define NPAIRS (ARRAY_SIZE(broken_pairs))
#define NSWEPT (ARRAY_SIZE(swept))

static int free_scene(void **state)
{
	(void)state;
	scene__free(&scene);
	return 0;
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test_prestate(test_hit_without_record, &scene),
		cmocka_unit_test_prestate(test_exec_in_time_ns, &scene),
		cmocka_unit_test_prestate(test_reaped_while_it_reaps, &scene),
		cmocka_unit_test_prestate(test_not_attached, &scene),
		cmocka_unit_test_prestate(test_partial, &scene),
		cmocka_unit_test_prestate(test_no_frame, &scene),
		cmocka_unit_test_prestate(test_swept_without_begin, &scene),
		cmocka_unit_test_prestate(test_swept_and_cut, &scene),
		cmocka_unit_test_prestate(test_no_sweeper, &scene),
	};
	static struct CMUnitTest tests[NBLIND + NPAIRS + NSWEPT +
				       ARRAY_SIZE(fixed)];
	static char names[NBLIND + NSWEPT][80];
	size_t n = 0;

	for (size_t i = 0; i < NBLIND; i++, n++) {
		snprintf(names[n], sizeof(names[n]), "%zu: %s %s", i,
			 record__name(blind[i].type),
			 blind[i].reason ? "is missed" : "is not missed");
		tests[n] = (struct CMUnitTest){ names[n], test_blind, NULL,
						NULL, (void *)&blind[i] };
	}
	for (size_t i = 0; i < NSWEPT; i++, n++) {
		snprintf(names[n], sizeof(names[n]), "sweeps: %s", swept[i].what);
		tests[n] = (struct CMUnitTest){ names[n], test_swept, NULL,
						NULL, (void *)&swept[i] };
	}
	for (size_t i = 0; i < NPAIRS; i++)
		tests[n++] = ROW_TEST(test_broken_pair, &broken_pairs[i]);
	memcpy(&tests[n], fixed, sizeof(fixed));
	return _cmocka_run_group_tests("hits", tests,
				       n + ARRAY_SIZE(fixed),
				       NULL, free_scene);
}
