// SPDX-License-Identifier: GPL-2.0-only
/* Tests which records prove a violation: the loss of one of them may have faked it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/array.h"
#include "rules_cases.h"

/* A trace that violates a rule, and the loss of a record before or among its proof. */
struct loss_case {
	const char *rule;
	play_fn play;
	bool certain;
	struct mutation mutations[MAX_MUTATIONS];
};

static const struct loss_case losses[] = {
	{ "I15", scene_join, false,
	  { FLAGS(CHANGE_PID, 5, 2, HELD | WIRE_F_SIGLOCK_FREE),
	    LOSE(NS_CAPABLE, 1) } },
	/* A visit depends on all records since the previous sweep. */
	{ "I19", scene_container, true,
	  { SET32(SWEEP_TASK, 6, task.pid, 64), LOSE(EXEC, 1) } },
	{ "I19", scene_container, false,
	  { SET32(SWEEP_TASK, 6, task.pid, 64), LOSE(WAKE_PARENT, 1) } },
	{ "I25", scene_freed_after_grace, false, { LOSE(PUT_PID, 2) } },
	{ "I26", scene_container, false,
	  { VANISH(FREE_PID, 1), LOSE(WAKE_PARENT, 1) } },
	{ "I26", scene_container, false,
	  { VANISH(PUT_PID, 1), LOSE(COMMIT_JOIN, 1) } },
	{ "I26", scene_reused_alive, false, { LOSE(ATTACH_PID, 5) } },
	{ "I26", scene_given_out_early, false, { LOSE(EXEC, 2) } },
	{ "I27", scene_container, false,
	  { VANISH(FREE_PID, 3), LOSE(WAKE_PARENT, 1) } },
	{ "I27", scene_ledger_above, false, { LOSE(EXEC, 1) } },
	{ "I28", scene_old_reference_left, false,
	  { LOSE(NOTIFY_PIDFD, 1) } },
	{ "I33", scene_container, true,
	  { SET32(SWEEP_TASK, 3, reaper_nr, 2), LOSE(EXEC, 1) } },
	{ "I33", scene_container, false,
	  { SET32(SWEEP_TASK, 3, reaper_nr, 2), LOSE(ATTACH_PID, 5) } },
	/* Without its birth, any lost record may concern the namespace. */
	{ "I33", scene_container, false,
	  { SET32(SWEEP_TASK, 3, reaper_nr, 2), LOSE(EXEC, 1),
	    VANISH(NS_NEW, 1) } },
	{ "I33", scene_container, false,
	  { SET64(SWEEP_TASK, 8, reaper, GEN_TASK(3)), LOSE(PUT_PID, 1) } },
	{ "I33", scene_joiner_reaps, false, { LOSE(EXEC, 2) } },
	{ "I34", scene_survivor, false,
	  { SET32(COMMIT_JOIN, 1, pid_allocated, 3),
	    LOSE(NOTIFY_PIDFD, 2) } },
	{ "I37", scene_member_spared, false, { LOSE(SWEEP_TASK, 1) } },
	{ "I37", scene_over_early, false,
	  { SET32(ZAP_EXIT, 1, pid_allocated, 1), LOSE(WAKE_PARENT, 1) } },
	{ "I37", scene_init_waits, false, { LOSE(WAKE_PARENT, 1) } },
	{ "I38", scene_reference_left, false, { LOSE(NOTIFY_PIDFD, 1) } },
	{ "I38", scene_namespace_left, false, { LOSE(NOTIFY_PIDFD, 1) } },
	{ "I39", scene_timer_in_flight, true, { LOSE(EXEC, 1) } },
	{ "I39", scene_timer_in_flight, false, { LOSE(PIDNS_INSTALL, 1) } },
	{ "I42", scene_everyday, false,
	  { SET32(ALLOC_PID, 1, children_ns, 64), LOSE(ATTACH_PID, 1) } },
	{ "I42", scene_exec_by_thread, false,
	  { SET64(EXEC, 2, task.pids[WIRE_TGID], 64),
	    SET64(EXEC, 2, task.thread_pid, 64),
	    SET64(EXEC, 3, task.pids[WIRE_TGID], 64),
	    SET64(EXEC, 3, task.thread_pid, 64), LOSE(RELEASE, 2) } },
	{ "I43", scene_zombie_kept, false, { LOSE(SWEEP_TASK, 1) } },
	{ "I43", scene_init_miscounted, false, { LOSE(NOTIFY_PIDFD, 1) } },
	{ "I45", scene_born_second, false, { LOSE(ATTACH_PID, 5) } },
	{ "I45", scene_born_second, true, { LOSE(ATTACH_PID, 1) } },
	{ "I46", scene_orphan_outside, false, { LOSE(NOTIFY_PIDFD, 1) } },
	{ "I46", scene_orphan_to_uncle_seen, false, { LOSE(NOTIFY_PIDFD, 1) } },
};

/*
 * A loss among the records that prove a violation makes it unsure; an earlier loss
 * does not.
 */
static void test_since(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		const struct loss_case *c = &losses[i];
		const struct judge_rule *r;

		scene__play_armed(s, c->play, &join_opts, ON, c->mutations, 0);
		r = scene__rule(s, c->rule);
		if ((r->violations > 0) != c->certain ||
		    (r->unsure > 0) == c->certain)
			fail_msg("%s, case %zu: %d certain, %d unsure",
				 c->rule, i, (int)r->violations, (int)r->unsure);
	}
}

/* Plays the first sweep: no sweep comes before it. */
static void first_sweep(struct scene *s, const struct mutation *m)
{

	scene__start(s, &auto_opts, NONE, m, 0);
	gen__begin(s->g, 0);
	scene__arm(s);
	gen__fork(s->g, s->g->init);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	s->finals = 0;
	scene__end(s);
}

static void test_first_sweep(void **state)
{
	const struct mutation wrong[MAX_MUTATIONS] = {
		SET32(SWEEP_TASK, 2, task.pid, 64),
	};
	const struct mutation lossy[MAX_MUTATIONS] = {
		SET32(SWEEP_TASK, 2, task.pid, 64), LOSE(ATTACH_PID, 1),
	};
	struct scene *s = *state;

	first_sweep(s, wrong);
	assert_int_equal(scene__rule(s, "I19")->violations, 1);
	first_sweep(s, lossy);
	assert_int_equal(scene__rule(s, "I19")->violations, 0);
	assert_int_equal(scene__rule(s, "I19")->unsure, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_first_sweep),
	};

	return cmocka_run_group_tests_name("rules_loss", tests, scene__setup,
					   scene__teardown);
}
