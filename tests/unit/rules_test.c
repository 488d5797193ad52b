// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules_test.c - each rule, broken by hand in each of its ways: it fires and
 * names itself; deselected it is silent. And what a correct kernel may do that
 * looks like a violation: nothing fires, and the verdict is PASS.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rules_scenes.h"

/* --- broken kernels --- */

#define J SEMANTICS_JOIN
#define ON WIRE_KNOB_ON
#define OFF WIRE_KNOB_OFF
#define NONE WIRE_KNOB_NONE

static const struct broken {
	const char *rule;
	const char *how;
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	struct mutation mutations[MAX_MUTATIONS];
} broken[] = {
	{ "I1", "alloc_pid with the knob off", scene_alloc_in_mainline, J, OFF, {} },
	{ "I1", "alloc_pid on a stock kernel", scene_alloc_in_mainline,
	  SEMANTICS_AUTO, NONE, {} },
	{ "I1", "alloc_pid for another namespace", scene_alloc_in_other, J, ON, {} },
	{ "I1", "a join with the knob off", scene_join, J, OFF, {} },
	{ "I1", "a join judged as mainline", scene_join, SEMANTICS_MAINLINE, ON, {} },
	{ "I1", "thread_pid differs", scene_mainline, J, OFF,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.thread_pid), 64 }} },
	{ "I1", "pids[TGID] differs", scene_mainline, J, OFF,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 }} },
	{ "I1", "pids[SID] differs", scene_mainline, J, OFF,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_SID]), 64 }} },
	{ "I1", "task->pid differs", scene_mainline, J, OFF,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pid), 64 }} },
	{ "I1", "task->tgid differs", scene_other_namespace, J, OFF,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.tgid), 64 }} },
	{ "I2", "moved, then failed", scene_fails_after_rewrite, J, ON, {} },
	{ "I2", "nsproxy differs", scene_late_failure, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.nsproxy), 64 }} },
	{ "I2", "pids[TGID] differs", scene_refused_no_leader, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 }} },
	{ "I3", "not freed", scene_late_failure, J, ON,
	  {{ EDIT_VANISH, WIRE_FREE_PID, 1, 0, 0 }} },
	{ "I3", "given to the task", scene_fails_after_rewrite, J, ON, {} },
	{ "I4", "no alloc_pid", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_ALLOC_PID, 1, 0, 0 }} },
	{ "I4", "another namespace", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_ALLOC_PID, 1, AT(wire_alloc_pid, ns), 64 }} },
	{ "I4", "chosen numbers", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_ALLOC_PID, 1, AT(wire_alloc_pid, set_tid_size), 1 }} },
	{ "I4", "the new one is freed", scene_new_pid_freed, J, ON, {} },
	{ "I4", "0 after an error", scene_wrong_alloc_error, J, ON, {} },
	{ "I4", "as seed: no alloc_pid", scene_join, SEMANTICS_SEED, NONE,
	  {{ EDIT_VANISH, WIRE_ALLOC_PID, 1, 0, 0 }} },
	{ "I5", "an init joins", scene_join_by_init, J, ON, {} },
	{ "I5", "EPERM for an init", scene_refused_init, J, ON,
	  {{ EDIT_SET32, WIRE_PIDNS_INSTALL, 1, AT(wire_pidns_install, ret), -EPERM }} },
	{ "I6", "a grandchild namespace", scene_join_of_cousin, J, ON, {} },
	{ "I6", "EINVAL for it", scene_refused_cousin, J, ON,
	  {{ EDIT_SET32, WIRE_PIDNS_INSTALL, 1, AT(wire_pidns_install, ret), -EINVAL }} },
	{ "I7", "no leader joins", scene_join_by_no_leader, J, ON, {} },
	{ "I7", "EBUSY for it", scene_refused_no_leader, J, ON,
	  {{ EDIT_SET32, WIRE_PIDNS_INSTALL, 1, AT(wire_pidns_install, ret), -EBUSY }} },
	{ "I8", "two threads", scene_join_by_threads, J, ON, {} },
	{ "I8", "two threads, seed", scene_join_by_threads, SEMANTICS_SEED, NONE, {} },
	{ "I9", "children", scene_join_with_children, J, ON, {} },
	{ "I9", "tracees", scene_join_with_tracees, J, ON, {} },
	{ "I10", "terminal", scene_join_with_tty, J, ON, {} },
	{ "I10", "POSIX timers", scene_join_with_timers, J, ON, {} },
	{ "I10", "shared session", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_CHANGE_PID, 1, AT(wire_change_pid, sid_singular), 0 }} },
	{ "I11", "target", scene_no_capability_target, J, ON, {} },
	{ "I11", "credentials and caller's", scene_no_capability_active, J, ON, {} },
	{ "I11", "another capability", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_NS_CAPABLE, 1, AT(wire_ns_capable, cap), 12 }} },
	{ "I12", "another error", scene_alloc_fails, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, ret), (uint64_t)-EPERM }} },
	{ "I12", "no error", scene_wrong_alloc_error, J, ON, {} },
	{ "I13", "no init", scene_join_of_initless, J, ON, {} },
	{ "I13", "number 1", scene_join_as_number_one, J, ON, {} },
	{ "I14", "TGID missing", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_CHANGE_PID, 2, 0, 0 }} },
	{ "I14", "PGID twice", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_CHANGE_PID, 4, AT(wire_change_pid, pidtype), WIRE_PGID }} },
	{ "I14", "another struct pid", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_CHANGE_PID, 3, IMAGE(wire_change_pid, 1, address), 64 }} },
	{ "I14", "another task", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_CHANGE_PID, 4, AT(wire_change_pid, task.task), 64 }} },
	{ "I15", "lock not held", scene_unlocked, SEMANTICS_AUTO, NONE, {} },
	{ "I15", "siglock not held", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_CHANGE_PID, 1, AT(wire_hdr, npids),
	     2 | GEN_LEVELS << 8 | (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE | WIRE_F_SIGLOCK_FREE) << 16 }} },
	{ "I16", "detach of itself", scene_detach_inside, J, ON,
	  {{ EDIT_SET64, WIRE_DETACH_PID, 1, AT(wire_link_pid, task), GEN_TASK(1) }} },
	{ "I16", "thread_pid NULL at exit", scene_mainline, J, OFF,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.thread_pid), 0 }} },
	{ "I16", "thread_pid NULL on the way", scene_mainline, J, OFF,
	  {{ EDIT_SET64, WIRE_SWITCH_NS, 1, AT(wire_switch_ns, task.thread_pid), 0 }} },
	{ "I17", "TGID old", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 }} },
	{ "I17", "PGID old", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_PGID]), 64 }} },
	{ "I17", "SID old", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pids[WIRE_SID]), 64 }} },
	{ "I17", "not moved", scene_mainline, J, ON, {} },
	{ "I17", "not the allocated one", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_ALLOC_PID, 1, AT(wire_alloc_pid, ret), 64 }} },
	{ "I18", "empty list", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, IMAGE(wire_setns_exit, 0, first[WIRE_TGID]), 0 }} },
	{ "I18", "not alone", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, links.next[WIRE_SID]), 64 }} },
	{ "I18", "pprev", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, links.pprev[WIRE_PID]), 64 }} },
	{ "I18", "at the commit", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_COMMIT_JOIN, 1, IMAGE(wire_commit_join, 0, first[WIRE_PGID]), 64 }} },
	{ "I19", "task->pid old", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.pid), 64 }} },
	{ "I19", "task->tgid old", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.tgid), 64 }} },
	{ "I19", "at fork", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_FORK, 1, AT(wire_fork, task.pid), 64 }} },
	{ "I20", "level", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_ALLOC_PID, 1, AT(wire_alloc_pid, ns_level), 3 }} },
	{ "I20", "own namespace", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_ALLOC_PID, 1, IMAGE(wire_alloc_pid, 0, upid[1].ns), 64 }} },
	{ "I20", "chain", scene_join_nested, J, ON,
	  {{ EDIT_SET32, WIRE_ALLOC_PID, 1, IMAGE(wire_alloc_pid, 0, upid[1].parent), 64 }} },
	{ "I21", "TGID list", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_FREE_PID, 1, 0, 0 },
	   { EDIT_SET64, WIRE_SETNS_EXIT, 1, IMAGE(wire_setns_exit, 1, first[WIRE_TGID]), 64 }} },
	{ "I22", "nobody", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, found_new), 0 }} },
	{ "I22", "still old", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, found_old), GEN_TASK(3) }} },
	{ "I23", "children later", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_CHANGE_PID, 1, AT(wire_change_pid, task.children_ns), 64 }} },
	{ "I23", "children never", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, AT(wire_setns_exit, task.children_ns), 64 }} },
	{ "I24", "failure after the rewrite", scene_fails_after_rewrite, J, ON, {} },
	{ "I25", "twice", scene_freed_twice, SEMANTICS_AUTO, NONE, {} },
	{ "I25", "with a task", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_FREE_PID, 1, IMAGE(wire_free_pid, 0, first[WIRE_SID]), 64 }} },
	{ "I25", "a live new one", scene_new_pid_freed, J, ON, {} },
	{ "I26", "count 0 at put", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_PUT_PID, 1, AT(wire_put_pid, count), 0 }} },
	{ "I26", "count 0 while attached", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_SETNS_EXIT, 1, IMAGE(wire_setns_exit, 0, count), 0 }} },
	{ "I26", "given out alive", scene_reused_alive, SEMANTICS_AUTO, NONE, {} },
	{ "I25", "after its grace period", scene_freed_after_grace,
	  SEMANTICS_AUTO, NONE, {} },
	{ "I26", "memory of a live one goes", scene_gone_early, SEMANTICS_AUTO,
	  NONE, {} },
	{ "I26", "memory goes with a count", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_PID_GONE, 1, AT(wire_pid_gone, count), 1 }} },
	{ "I26", "memory goes with a task", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_PID_GONE, 1, AT(wire_pid_gone, hashed), 2 }} },
	{ "I26", "memory goes without free_pid", scene_container, J, ON,
	  {{ EDIT_VANISH, WIRE_FREE_PID, 1, 0, 0 }} },
	{ "I26", "memory goes before the grace period is over", scene_container,
	  J, ON, {{ EDIT_VANISH, WIRE_PUT_PID, 1, 0, 0 }} },
	{ "I26", "given out before the grace period is over",
	  scene_given_out_early, SEMANTICS_AUTO, NONE, {} },
	{ "I27", "the namespace above", scene_ledger_above, J, ON, {} },
	{ "I27", "a namespace ends with a number taken", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_NS_FREE, 1, AT(wire_pidns, pid_allocated), 1 }} },
	{ "I27", "a namespace ends with one too many", scene_container, J, ON,
	  {{ EDIT_VANISH, WIRE_FREE_PID, 2, 0, 0 }} },
	{ "I28", "the memory of one of many stays", scene_old_reference_left, J, ON, {} },
	{ "I30", "real_parent elsewhere", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 2, AT(wire_sweep_task, real_parent.ns), 64 }} },
	{ "I30", "tracer elsewhere", scene_mainline, SEMANTICS_AUTO, NONE,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 1, AT(wire_sweep_task, parent.ns), 64 }} },
	{ "I31", "does not end", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 2, AT(wire_sweep_task, flags), 0 }} },
	{ "I31", "its own", scene_mainline, SEMANTICS_AUTO, NONE,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 1, AT(wire_sweep_task, flags), WIRE_SWEEP_ROOT | WIRE_SWEEP_SELF_PARENT }} },
	{ "I31", "its own, at its exit", scene_container, J, ON,
	  {{ EDIT_SET64, WIRE_EXIT, 1, AT(wire_life, task.task), 64 },
	   { EDIT_SET64, WIRE_EXIT, 1, AT(wire_life, real_parent), 64 }} },
	{ "I32", "a child above", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_WAIT_CHILD, 2, AT(wire_wait_child, waiter_ns), 64 }} },
	{ "I32", "a child above, stock kernel", scene_container_mainline,
	  SEMANTICS_AUTO, NONE,
	  {{ EDIT_SET32, WIRE_WAIT_CHILD, 1, AT(wire_wait_child, waiter_ns), 64 }} },
	{ "I33", "no child_reaper", scene_container, J, ON,
	  {{ EDIT_SET64, WIRE_SWEEP_TASK, 3, AT(wire_sweep_task, reaper), 0 }} },
	{ "I33", "not number 1", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 3, AT(wire_sweep_task, reaper_nr), 2 }} },
	{ "I33", "one that joined", scene_container, J, ON,
	  {{ EDIT_SET64, WIRE_SWEEP_TASK, 8, AT(wire_sweep_task, reaper), GEN_TASK(3) }} },
	{ "I33", "one that joined, when a child is born", scene_joiner_reaps, J,
	  ON, {} },
	{ "I26", "no grace periods", scene_no_grace, SEMANTICS_AUTO, NONE, {} },
	{ "I35", "tracer not woken", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_CHANGE_PID, 1, AT(wire_change_pid, task.state), WIRE_T_TRACED },
	   { EDIT_SET64, WIRE_WAKE_PARENT, 1, AT(wire_wake_parent, ptrace_parent), 64 }} },
	{ "I35", "woken too late", scene_woken_late, J, ON, {} },
	{ "I35", "not woken", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_WAKE_PARENT, 1, 0, 0 }} },
	{ "I35", "somebody else is woken", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_WAKE_PARENT, 1, AT(wire_wake_parent, parent), 64 }} },
	{ "I35", "with another task", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_WAKE_PARENT, 1, AT(wire_wake_parent, task), 64 }} },
	{ "I36", "of a task that lives", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_NOTIFY_PIDFD, 1, AT(wire_notify_pidfd, exit_state), 0 }} },
	{ "I37", "not killed", scene_member_spared, J, ON, {} },
	{ "I37", "over too early by its count", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_ZAP_EXIT, 1, AT(wire_pidns, pid_allocated), 3 }} },
	{ "I37", "over too early", scene_over_early, J, ON, {} },
	{ "I37", "waits alone", scene_init_waits, J, ON, {} },
	{ "I38", "memory of one struct pid of many", scene_reference_left, J, ON, {} },
	{ "I38", "a namespace", scene_namespace_left, J, ON, {} },
	{ "I38", "a namespace, stock kernel", scene_namespace_left,
	  SEMANTICS_AUTO, NONE, {} },
	{ "I38", "a number", scene_never_freed, J, ON, {} },
	{ "I38", "a grace period that does not end", scene_container, J, ON,
	  {{ EDIT_VANISH, WIRE_PUT_PID, 2, 0, 0 },
	   { EDIT_VANISH, WIRE_PID_GONE, 2, 0, 0 }} },
	{ "I39", "an old timer reaches the joiner", scene_timer_follows, J, ON, {} },
	{ "I39", "... before it is back", scene_timer_in_flight, J, ON, {} },
	{ "I39", "a queued timer without a task", scene_timers, J, ON,
	  {{ EDIT_SET64, WIRE_TIMER_LOCK, 2, AT(wire_timer_lock, head), 64 }} },
	{ "I19", "seen by a sweep", scene_container, J, ON,
	  {{ EDIT_SET32, WIRE_SWEEP_TASK, 6, AT(wire_sweep_task, task.pid), 64 }} },
	{ "I28", "not freed", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_FREE_PID, 1, 0, 0 }} },
	{ "I29", "not flushed", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_FLUSH_PID, 1, 0, 0 }} },
	{ "I29", "under the lock", scene_join_many, J, ON,
	  {{ EDIT_SET32, WIRE_FLUSH_PID, 0, AT(wire_hdr, npids), (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE) << 16 }} },
	{ "I34", "lives on", scene_survivor, J, ON,
	  {{ EDIT_SET32, WIRE_COMMIT_JOIN, 1, AT(wire_commit_join, pid_allocated), 3 }} },
	{ "I34", "lives to the end", scene_survivor_at_end, J, ON,
	  {{ EDIT_SET32, WIRE_COMMIT_JOIN, 1, AT(wire_commit_join, pid_allocated), 3 }} },
	{ "I39", "CPU timer", scene_join_with_cpu_timers, J, ON, {} },
	{ "I40", "a report", scene_error_report, SEMANTICS_AUTO, NONE, {} },
	{ "I41", "none", scene_join, J, ON,
	  {{ EDIT_VANISH, WIRE_PID_REWRITE, 1, 0, 0 }} },
	{ "I41", "old pid wrong", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_PID_REWRITE, 1, IMAGE(wire_pid_rewrite, 0, address), 64 }} },
	{ "I41", "task->pid old", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_PID_REWRITE, 1, AT(wire_pid_rewrite, task.pid), 64 }} },
	{ "I41", "without a join", scene_rewrite_in_mainline, J, OFF, {} },
	{ "I42", "child in the parent's old namespace", scene_child_above, J, ON, {} },
	{ "I42", "grandchildren elsewhere", scene_join, J, ON,
	  {{ EDIT_SET32, WIRE_FORK, 1, AT(wire_fork, task.children_ns), 64 }} },
	{ "I42", "exec splits TGID", scene_join, J, ON,
	  {{ EDIT_SET64, WIRE_EXEC, 1, AT(wire_life, task.pids[WIRE_TGID]), 64 }} },
};

#define NBROKEN (sizeof(broken) / sizeof(*broken))

static void play_broken(const struct broken *b, struct scene *s,
			const char *rules)
{
	struct judge_opts opts = {
		.semantics = b->semantics,
		.rules = rules,
		.seed = 4711,
	};

	scene__play(s, b->play, &opts, b->knob, b->mutations, 0);
}

static void test_broken(void **state)
{
	const struct broken *b = *state;
	const struct judge_rule *r;
	struct scene s;

	play_broken(b, &s, NULL);
	r = scene__rule(&s, b->rule);
	assert_int_equal(r->state, RULE_VIOLATED);
	assert_true(r->violations >= 1);
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	assert_non_null(r->text);
	assert_int_equal(strncmp(r->text, b->rule, strlen(b->rule)), 0);
	assert_non_null(strstr(r->text, r->rule->statement));
	assert_non_null(strstr(r->text, "4711"));
	scene__free(&s);
}

static void test_deselected(void **state)
{
	const struct broken *b = *state;
	const struct judge_rule *r;
	char rules[16];
	struct scene s;

	snprintf(rules, sizeof(rules), "-%s", b->rule);
	play_broken(b, &s, rules);
	r = scene__rule(&s, b->rule);
	assert_int_equal(r->state, RULE_DESELECTED);
	assert_int_equal(r->checked, 0);
	assert_int_equal(r->violations, 0);
	assert_null(r->text);
	scene__free(&s);
}

/* Every rule in the catalogue has a bad trace above. */
static void test_all_covered(void **state)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < NBROKEN; k++)
			found |= !strcmp(broken[k].rule, all[i]->id);
		if (!found)
			fail_msg("%s has no bad trace", all[i]->id);
	}
}

/* --- correct kernels --- */

static const struct good {
	const char *what;
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	const char *checked;	/* a rule that must have been put to the test */
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
	  "I34", {{ EDIT_SET32, WIRE_COMMIT_JOIN, 1,
		    AT(wire_commit_join, pid_allocated), 3 }} },
	{ "others hold the lock at most flushes", scene_join_many_but_one, J, ON,
	  "I29",
	  {{ EDIT_SET32, WIRE_FLUSH_PID, 0, AT(wire_hdr, npids),
	     (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE) << 16 }} },
	{ "stale image of the freed struct pid", scene_join, J, ON, "I21",
	  {{ EDIT_SET64, WIRE_SETNS_EXIT, 1, IMAGE(wire_setns_exit, 1, first[WIRE_TGID]), 64 },
	   { EDIT_SET32, WIRE_SETNS_EXIT, 1, IMAGE(wire_setns_exit, 1, level), 0x5a5a5a5a }} },
};

#define NGOOD (sizeof(good) / sizeof(*good))

static void test_good(void **state)
{
	const struct good *t = *state;
	struct judge_opts opts = { .semantics = t->semantics };
	struct scene s;

	scene__play(&s, t->play, &opts, t->knob, t->mutations, 0);
	for (size_t i = 0; i < s.res->nrules; i++)
		if (s.res->rules[i].text)
			fail_msg("%s", s.res->rules[i].text);
	for (size_t i = 0; i < s.res->nreasons; i++)
		fail_msg("%s", s.res->reasons[i]);
	assert_int_equal(s.res->verdict, VERDICT_PASS);
	assert_int_equal(scene__rule(&s, t->checked)->state, RULE_OK);
	assert_true(scene__rule(&s, t->checked)->checked > 0);
	scene__free(&s);
}

/* --- the literal port of 2012 --- */

static void test_seed(void **state)
{
	static const char *const guilty[] = {
		"I14", "I17", "I18", "I19", "I21", "I23", "I28", "I29", "I35",
		"I42",
	};
	struct judge_opts opts = { .semantics = SEMANTICS_SEED };
	struct scene s;

	(void)state;
	scene__play(&s, scene_seed, &opts, WIRE_KNOB_NONE, NULL, 0);
	for (size_t i = 0; i < sizeof(guilty) / sizeof(*guilty); i++)
		assert_int_equal(scene__rule(&s, guilty[i])->state,
				 RULE_VIOLATED);
	assert_int_equal(scene__violated(&s),
			 sizeof(guilty) / sizeof(*guilty));
	assert_int_equal(scene__rule(&s, "I41")->state, RULE_NOT_APPLICABLE);
	assert_int_equal(s.res->joins, 1);
	assert_int_equal(s.res->rewrites, 3);
	assert_int_equal(s.res->verdict, VERDICT_FAIL);
	scene__free(&s);
}

/* The same kernel, not called the seed: it must not rewrite at all. */
static void test_seed_as_stock(void **state)
{
	struct judge_opts opts = { .semantics = SEMANTICS_AUTO };
	struct scene s;

	(void)state;
	scene__play(&s, scene_seed, &opts, WIRE_KNOB_NONE, NULL, 0);
	assert_int_equal(scene__rule(&s, "I1")->state, RULE_VIOLATED);
	assert_int_equal(scene__rule(&s, "I17")->state, RULE_NOT_APPLICABLE);
	scene__free(&s);
}

static void test_repeats_counted(void **state)
{
	struct judge_opts opts = { .semantics = SEMANTICS_JOIN };
	struct mutation m[MAX_MUTATIONS] = {
		{ EDIT_SET64, WIRE_SETNS_EXIT, 0,
		  AT(wire_setns_exit, task.pids[WIRE_TGID]), 64 },
	};
	char times[32];
	struct scene s;

	(void)state;
	scene__play(&s, scene_join_many, &opts, WIRE_KNOB_ON, m, 0);
	assert_int_equal(scene__rule(&s, "I17")->violations, ENOUGH_FLUSHES);
	snprintf(times, sizeof(times), "repeated %d times", ENOUGH_FLUSHES);
	assert_non_null(strstr(scene__rule(&s, "I17")->text, times));
	scene__free(&s);
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
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
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

/* Each row says all that `pidnstrace rules` prints. */
static void test_catalogue(void **state)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);

	(void)state;
	assert_int_equal(n, 42);
	for (size_t i = 0; i < n; i++) {
		assert_true(all[i]->statement && *all[i]->statement);
		assert_true(all[i]->why && *all[i]->why);
		assert_non_null(all[i]->hazards);
		assert_non_null(all[i]->notes);
		assert_true(all[i]->hooks && all[i]->where && all[i]->types);
		assert_ptr_equal(rules__find(all[i]->id), all[i]);
		if (i)
			assert_true(atoi(all[i]->id + 1) >
				    atoi(all[i - 1]->id + 1));
	}
}

#define NFIXED 6

int main(void)
{
	static struct CMUnitTest tests[2 * NBROKEN + NGOOD + NFIXED];
	static char names[2 * NBROKEN + NGOOD][128];
	size_t n = 0;

	for (size_t i = 0; i < NBROKEN; i++) {
		snprintf(names[n], sizeof(names[n]), "%s fires: %s",
			 broken[i].rule, broken[i].how);
		tests[n] = (struct CMUnitTest){ names[n], test_broken, NULL,
						NULL, (void *)&broken[i] };
		n++;
		snprintf(names[n], sizeof(names[n]), "%s deselected: %s",
			 broken[i].rule, broken[i].how);
		tests[n] = (struct CMUnitTest){ names[n], test_deselected,
						NULL, NULL,
						(void *)&broken[i] };
		n++;
	}
	for (size_t i = 0; i < NGOOD; i++) {
		snprintf(names[n], sizeof(names[n]), "passes: %s",
			 good[i].what);
		tests[n] = (struct CMUnitTest){ names[n], test_good, NULL,
						NULL, (void *)&good[i] };
		n++;
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_all_covered);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_seed);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_seed_as_stock);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_repeats_counted);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_select);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_catalogue);
	return _cmocka_run_group_tests("rules", tests, n, NULL, NULL);
}
