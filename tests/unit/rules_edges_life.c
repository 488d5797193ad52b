// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays borderline scenes of rules: births of tasks, results of sweeps, and objects
 * that are left after others are gone.
 */
#include "rules_scenes.h"

/* --- births --- */

/* Mutations may change the whole scene. */
void scene_everyday_armed(struct scene *s)
{
	scene__arm(s);
	scene_everyday(s);
}

void scene_clones(struct scene *s)
{
	struct gen_task *t, *thread;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__clone_parent(s->g, t);
	thread = gen__clone_thread(s->g, t);
	gen__exit(s->g, thread, 0);
	gen__release(s->g, thread, thread);
	gen__clone_newpid(s->g, t);
}

void scene_clone_newpid(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	gen__clone_newpid(s->g, t);
}

/* A thread becomes the leader; then the process goes on. */
void scene_exec_by_thread(struct scene *s)
{
	struct gen_task *t, *thread;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	scene__arm(s);
	thread = gen__clone_thread(s->g, t);
	gen__exit(s->g, t, 0);
	gen__exec_thread(s->g, thread, t);
	gen__exec(s->g, thread, "true");
	scene_farewell(s, thread);
}

/* A child is born while the init is ending and another task is child_reaper. */
void scene_joiner_reaps_ending(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_stage(s, &ns);

	gen__setns_join(s->g, t, ns);
	gen__zap_enter(s->g, ns->child_reaper, ns);
	ns->child_reaper = t;
	gen__fork(s->g, t);
}

/* --- grace periods --- */

static void one_at_once(struct scene *s, uint32_t cpu)
{
	struct gen_task *t = gen__candidate(s->g, s->g->init);

	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	s->g->seq[cpu] = s->g->seq[0];
	s->g->cpu = cpu;
	gen__grace_period(s->g, s->g->init);
	s->g->cpu = 0;
}

/* Grace periods can end at once; 31 times are too few to prove a bug. */
void scene_grace_at_once(struct scene *s)
{
	for (int i = 0; i < 31; i++)
		one_at_once(s, 0);
}

/* 32 times, without a later one, are enough. */
void scene_grace_never(struct scene *s)
{
	for (int i = 0; i < 32; i++)
		one_at_once(s, 0);
}

/* Another CPU reports the end, with sequence numbers that happen to be consecutive. */
void scene_grace_elsewhere(struct scene *s)
{
	for (int i = 0; i < 40; i++)
		one_at_once(s, 1);
}

/* New tasks reuse the memory of earlier ones. */
void scene_reuse_armed(struct scene *s)
{
	scene__arm(s);
	for (int i = 0; i < 3; i++)
		scene_everyday(s);
}

/* A namespace made by init ends without being followed. */
void scene_inum_other(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	ns = gen__container(s->g, s->g->init);
	scene_container_dies(s, ns, NULL);
	gen__ns_ends(s->g, ns);
}

void scene_error_report_armed(struct scene *s)
{
	scene__arm(s);
	scene_error_report(s);
}

/* --- the ledger --- */

/* As scene_container(), but mutations may change the whole scene. */
void scene_container_armed(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	scene_command_ends(s);
}

/* A sweep of the second kind sees a count that is too low for a while. */
static void too_low(struct scene *s, enum wire_sweep_reason first,
		    enum wire_sweep_reason second)
{
	scene_everyday(s);
	gen__sweep(s->g, first);
	s->g->ns[0].pid_allocated--;
	gen__sweep(s->g, second);
	s->g->ns[0].pid_allocated++;
}

/* The sweep is periodic, after a final one. */
void scene_ledger_period(struct scene *s)
{
	too_low(s, WIRE_SWEEP_FINAL, WIRE_SWEEP_PERIOD);
}

/* The sweep is the first final one. */
void scene_ledger_final(struct scene *s)
{
	too_low(s, WIRE_SWEEP_PERIOD, WIRE_SWEEP_FINAL);
}

void scene_three_finals(struct scene *s)
{
	scene_everyday(s);
	gen__sweep(s->g, WIRE_SWEEP_FINAL);
}

/* The namespace was there before, with one number; then it gets another. */
void scene_ledger_unknown(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	scene__arm(s);
	ns = gen__container(s->g, s->g->init);
	gen__fork(s->g, ns->child_reaper);
}

/* Mutations may change what sweeps show of two live tasks. */
void scene_two_tasks(struct scene *s)
{
	scene_everyday(s);
	gen__fork(s->g, s->g->init);
	scene__arm(s);
}

/* --- the end of an init --- */

/* A sweep comes between zap_pid_ns_processes() and the kill. */
void scene_member_killed_later(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__setns_join(s->g, t, ns);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	t->state = 0;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	t->state = WIRE_T_KILL_PENDING;
}

/*
 * One number is left besides the init's, as if the init were a thread whose leader
 * is dead.
 */
void scene_over_with_two(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__setns_join(s->g, t, ns);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	gen__zap_exit(s->g, ns->child_reaper, ns);
}

/* The init has ended and waits to be reaped. */
void scene_init_unreaped(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns), *init = ns->child_reaper;

	scene_farewell(s, t);
	init->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, init, ns);
	gen__zap_exit(s->g, init, ns);
	gen__exit(s->g, init, 0);
}

/* The init waits alone, but for less than a sweep. */
static void waits_shortly(struct scene *s, bool zap_first)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns), *init = ns->child_reaper;

	s->finals = 1;
	gen__setns_join(s->g, t, ns);
	init->state |= WIRE_T_EXITING;
	if (!zap_first)
		scene_farewell(s, t);
	else
		gen__zap_enter(s->g, init, ns);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	if (!zap_first)
		gen__zap_enter(s->g, init, ns);
	else
		scene_farewell(s, t);
}

void scene_init_waits_since_now(struct scene *s)
{
	waits_shortly(s, false);
}

void scene_init_alone_since_now(struct scene *s)
{
	waits_shortly(s, true);
}

/* --- leftovers --- */

/* The lingering number does not belong to the command, and is not followed. */
void scene_other_number_left(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__alloc_pid(s->g, s->g->init, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
}

/* A dead task's struct pid is still the session of another task. */
void scene_number_in_use(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);
	struct gen_task *other = gen__fork(s->g, s->g->init);

	gen__change_pid(s->g, s->g->init, other, WIRE_SID, t->thread_pid);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
}

/* A number without a task and an empty namespace; the command still runs. */
void scene_left_meanwhile(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__alloc_pid(s->g, t, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
}

/* The namespace is empty, but another task's children would go there. */
void scene_namespace_in_use(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	ns->gone = true;
	gen__fork(s->g, s->g->init)->children_ns = ns;
	scene_command_ends(s);
}

/* A struct pid is referenced, and an unrelated namespace is left. */
void scene_two_left(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	t->thread_pid->held = 1;
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* A number without a task does not keep its namespace. */
void scene_number_left_inside(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__alloc_pid(s->g, t, ns);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* The reference is two levels down: it keeps both namespaces. */
void scene_reference_left_below(struct scene *s)
{
	struct gen_ns *outer, *inner;
	struct gen_task *t = scene_command(s, &outer);

	inner = gen__ns(s->g, outer->child_reaper, outer);
	outer->child_reaper->children_ns = inner;
	gen__fork(s->g, outer->child_reaper);
	inner->child_reaper->thread_pid->held = 1;
	scene_container_dies(s, inner, NULL);
	scene_container_dies(s, outer, NULL);
	scene_farewell(s, t);
	outer->gone = inner->gone = true;
	scene_command_ends(s);
}
