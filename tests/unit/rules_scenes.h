/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plays the behaviour of kernels, right and wrong. Each scene is a whole run; its
 * comment in rules_scenes.c or rules_broken_*.c describes the special case.
 */
#ifndef TESTS_UNIT_RULES_SCENES_H
#define TESTS_UNIT_RULES_SCENES_H

#include "judging.h"

#define ENOUGH_FLUSHES 40	/* joins of scene_join_many: more than I29 requires */

/* Lets t exit and be reaped. */
void scene_farewell(struct scene *s, struct gen_task *t);

/* Starts the command and its container; returns a child that may join. */
struct gen_task *scene_command(struct scene *s, struct gen_ns **ns);
/* Ends the init of ns, with member; then the command, with the remaining namespaces. */
void scene_container_dies(struct scene *s, struct gen_ns *ns,
			  struct gen_task *member);
void scene_command_ends(struct scene *s);

/* Starts of scenes: a container and a task that may join it; nested containers. */
struct gen_task *scene_stage(struct scene *s, struct gen_ns **ns);
struct gen_ns *scene_nest(struct scene *s, struct gen_ns **outer);

void scene_everyday(struct scene *s);
void scene_join(struct scene *s);
void scene_join_nested(struct scene *s);
void scene_join_looked_up(struct scene *s);
void scene_join_many(struct scene *s);
void scene_join_many_but_one(struct scene *s);
void scene_container(struct scene *s);
void scene_container_mainline(struct scene *s);
void scene_outlived(struct scene *s);
void scene_zombie_outside(struct scene *s);
void scene_inum_again(struct scene *s);
void scene_timers(struct scene *s);
void scene_visited_inside(struct scene *s);
void scene_mainline(struct scene *s);
void scene_other_namespace(struct scene *s);
void scene_refused_init(struct scene *s);
void scene_refused_init_by_capability(struct scene *s);
void scene_refused_cousin(struct scene *s);
void scene_refused_no_leader(struct scene *s);
void scene_refused_no_init(struct scene *s);
void scene_refused_threads(struct scene *s);
void scene_refused_children(struct scene *s);
void scene_late_failure(struct scene *s);
void scene_alloc_fails(struct scene *s);
void scene_setpgid_by_parent(struct scene *s);
void scene_softirq_inside(struct scene *s);
void scene_release_by_other(struct scene *s);
void scene_reuse(struct scene *s);
void scene_knob_flips(struct scene *s);
void scene_knob_of_target(struct scene *s);
void scene_dying_target(struct scene *s);
void scene_dying_target_late_kill(struct scene *s);
void scene_survivor(struct scene *s);
void scene_survivor_seen(struct scene *s);
void scene_join_by_init(struct scene *s);
void scene_join_of_cousin(struct scene *s);
void scene_join_by_no_leader(struct scene *s);
void scene_join_by_threads(struct scene *s);
void scene_join_with_children(struct scene *s);
void scene_join_with_tracees(struct scene *s);
void scene_join_with_tty(struct scene *s);
void scene_join_with_timers(struct scene *s);
void scene_join_with_cpu_timers(struct scene *s);
void scene_join_of_initless(struct scene *s);
void scene_join_as_number_one(struct scene *s);
void scene_alloc_in_mainline(struct scene *s);
void scene_alloc_in_other(struct scene *s);
void scene_fails_after_rewrite(struct scene *s);
void scene_new_pid_freed(struct scene *s);
void scene_flushed_early(struct scene *s);
void scene_freed_twice(struct scene *s);
void scene_reused_alive(struct scene *s);
void scene_detach_inside(struct scene *s);
void scene_unlocked(struct scene *s);
void scene_wrong_alloc_error(struct scene *s);
void scene_no_capability_target(struct scene *s);
void scene_no_capability_active(struct scene *s);
void scene_capable_of_own_only(struct scene *s);
void scene_error_report(struct scene *s);
void scene_rewrite_in_mainline(struct scene *s);
void scene_child_above(struct scene *s);
void scene_timer_follows(struct scene *s);
void scene_timer_in_flight(struct scene *s);
void scene_joiner_reaps(struct scene *s);
void scene_no_grace(struct scene *s);
void scene_woken_late(struct scene *s);
void scene_member_spared(struct scene *s);
void scene_over_early(struct scene *s);
void scene_init_waits(struct scene *s);
void scene_gone_early(struct scene *s);
void scene_given_out_early(struct scene *s);
void scene_freed_after_grace(struct scene *s);
void scene_ledger_above(struct scene *s);
void scene_reference_left(struct scene *s);
void scene_reference_of_many_left(struct scene *s);
void scene_old_reference_left(struct scene *s);
void scene_old_reference_of_many_left(struct scene *s);
void scene_namespace_left(struct scene *s);
void scene_never_freed(struct scene *s);
void scene_seed(struct scene *s);

/* Borderline scenes. */
void scene_alloc_twice(struct scene *s);
void scene_alloc_again(struct scene *s);
void scene_change_after_error(struct scene *s);
void scene_capable_late(struct scene *s);
void scene_capable_often(struct scene *s);
void scene_capable_of_nothing(struct scene *s);
void scene_refusal_lost(struct scene *s);
void scene_init_alloc_fails(struct scene *s);
void scene_init_mainline(struct scene *s);
void scene_refused_thread_of_init(struct scene *s);
void scene_refused_init_cousin(struct scene *s);
void scene_change_in_other(struct scene *s);
void scene_change_of_child(struct scene *s);
void scene_sessions(struct scene *s);
void scene_told_twice(struct scene *s);
void scene_timer_before_change(struct scene *s);
void scene_timer_everyday(struct scene *s);
void scene_flushes(struct scene *s);
void scene_flushes_few_exits(struct scene *s);
void scene_flushes_contended(struct scene *s);
void scene_flushes_few_joins(struct scene *s);
void scene_flushes_no_exits(struct scene *s);
void scene_visited_long_inside(struct scene *s);
void scene_visited_after(struct scene *s);
void scene_doomed_exits(struct scene *s);
void scene_survivor_exits(struct scene *s);
void scene_old_in_use(struct scene *s);
void scene_old_held_meanwhile(struct scene *s);
void scene_everyday_armed(struct scene *s);
void scene_clones(struct scene *s);
void scene_clone_newpid(struct scene *s);
void scene_exec_by_thread(struct scene *s);
void scene_joiner_reaps_ending(struct scene *s);
void scene_grace_at_once(struct scene *s);
void scene_grace_never(struct scene *s);
void scene_grace_elsewhere(struct scene *s);
void scene_reuse_armed(struct scene *s);
void scene_inum_other(struct scene *s);
void scene_error_report_armed(struct scene *s);
void scene_container_armed(struct scene *s);
void scene_other_old_held(struct scene *s);
void scene_ledger_period(struct scene *s);
void scene_ledger_final(struct scene *s);
void scene_three_finals(struct scene *s);
void scene_ledger_unknown(struct scene *s);
void scene_two_tasks(struct scene *s);
void scene_member_killed_later(struct scene *s);
void scene_over_with_two(struct scene *s);
void scene_init_unreaped(struct scene *s);
void scene_init_waits_since_now(struct scene *s);
void scene_init_alone_since_now(struct scene *s);
void scene_other_number_left(struct scene *s);
void scene_number_in_use(struct scene *s);
void scene_left_meanwhile(struct scene *s);
void scene_namespace_in_use(struct scene *s);
void scene_two_left(struct scene *s);
void scene_number_left_inside(struct scene *s);
void scene_reference_left_below(struct scene *s);

#endif /* TESTS_UNIT_RULES_SCENES_H */
