// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules_edges_life.c - scenes at the edge of what a rule looks at: how tasks are
 * born, what sweeps show, and what is left when others are gone.
 */
#include "rules_scenes.h"

/* --- births --- */

/* All of it can be edited. */
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

/* The init is ending when a child is born, and another task in its place. */
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

/* As it may happen, but not often enough to tell. */
void scene_grace_at_once(struct scene *s)
{
	for (int i = 0; i < 31; i++)
		one_at_once(s, 0);
}

/* ... and one more, none of them later */
void scene_grace_never(struct scene *s)
{
	for (int i = 0; i < 32; i++)
		one_at_once(s, 0);
}

/* Told by another CPU, with numbers that happen to follow. */
void scene_grace_elsewhere(struct scene *s)
{
	for (int i = 0; i < 40; i++)
		one_at_once(s, 1);
}

/* Others have used the memory of those that went. */
void scene_reuse_armed(struct scene *s)
{
	scene__arm(s);
	for (int i = 0; i < 3; i++)
		scene_everyday(s);
}

/* A namespace that init makes ends; nobody follows it. */
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

/* As scene_container, and all of it can be edited. */
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

/* A count that is too low for a while, with a look at it of this kind. */
static void too_low(struct scene *s, enum wire_sweep_reason first,
		    enum wire_sweep_reason second)
{
	scene_everyday(s);
	gen__sweep(s->g, first);
	s->g->ns[0].pid_allocated--;
	gen__sweep(s->g, second);
	s->g->ns[0].pid_allocated++;
}

/* ... a periodic one, after one of those at the end */
void scene_ledger_period(struct scene *s)
{
	too_low(s, WIRE_SWEEP_FINAL, WIRE_SWEEP_PERIOD);
}

/* ... the first of those at the end */
void scene_ledger_final(struct scene *s)
{
	too_low(s, WIRE_SWEEP_PERIOD, WIRE_SWEEP_FINAL);
}

void scene_three_finals(struct scene *s)
{
	scene_everyday(s);
	gen__sweep(s->g, WIRE_SWEEP_FINAL);
}

/* It was there before, with a number in it; now another is taken. */
void scene_ledger_unknown(struct scene *s)
{
	struct gen_ns *ns;

	scene_everyday(s);
	scene__arm(s);
	ns = gen__container(s->g, s->g->init);
	gen__fork(s->g, ns->child_reaper);
}

/* Two that live: what sweeps show of them can be edited. */
void scene_two_tasks(struct scene *s)
{
	scene_everyday(s);
	gen__fork(s->g, s->g->init);
	scene__arm(s);
}

/* --- the end of an init --- */

/* One sweep comes between the beginning of the end and the kill. */
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

/* One is left beside the init: as if that were a thread, and its leader dead. */
void scene_over_with_two(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__setns_join(s->g, t, ns);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	gen__zap_exit(s->g, ns->child_reaper, ns);
}

/* Its end is over; it waits to be reaped. */
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

/* It waits alone, but not for as long as a sweep. */
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

/* --- what is left --- */

/* Not of the command: nobody follows it. */
void scene_other_number_left(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__alloc_pid(s->g, s->g->init, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
}

/* Another task's session has the number of one that is gone. */
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

/* A number of nobody's, and an empty namespace; the command goes on. */
void scene_left_meanwhile(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t = scene_command(s, &ns);

	gen__alloc_pid(s->g, t, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
}

/* Nobody is in the namespace, but another task's children would go there. */
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

/* A struct pid is held, and a namespace that it is not in is left. */
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

/* A number in the namespace is nobody's; that does not keep the namespace. */
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

/* What is held is two levels down: it keeps both namespaces. */
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
