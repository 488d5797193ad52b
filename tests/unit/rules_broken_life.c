// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays the lives of tasks, struct pids and namespaces in broken kernels, for
 * rules_test.c: freed twice or too early, spared by a kill, or never freed.
 */
#include "rules_scenes.h"
#include "tracegen_parts.h"

void scene_freed_twice(struct scene *s)
{
	struct gen_task *t;
	struct gen_pid *pid;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	gen__free_pid(s->g, s->g->init, pid);
}

/* The last reference to a task's struct pid is dropped: the slab reuses it. */
void scene_reused_alive(struct scene *s)
{
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	s->g->slab[s->g->nslab++] = t->thread_pid;
	gen__fork(s->g, s->g->init);
}

/* The kill pass missed a task, and a grace period has passed since. */
static struct gen_task *survivor(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	scene__arm(s);
	gen__setns_join(s->g, t, ns);
	scene_farewell(s, gen__fork(s->g, s->g->init));
	return t;
}

void scene_survivor(struct scene *s)
{
	struct gen_task *t = survivor(s);

	gen__exec(s->g, t, "sh");
	scene_farewell(s, t);
}

/* A sweep sees the survivor, which does nothing itself. */
void scene_survivor_seen(struct scene *s)
{
	survivor(s);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

void scene_joiner_reaps(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	ns->child_reaper = t;
	gen__exec(s->g, t, "sh");
	gen__fork(s->g, t);
}

/* delayed_put_pid() without call_rcu() */
void scene_no_grace(struct scene *s)
{
	for (int i = 0; i < 40; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__exit(s->g, t, 0);
		gen__release(s->g, s->g->init, t);
		gen__grace_period(s->g, s->g->init);
	}
}

/* The kill pass overlooks a task. */
void scene_member_spared(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__zap_enter(s->g, ns->child_reaper, ns);
	t->state = 0;
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
	gen__sweep(s->g, WIRE_SWEEP_PERIOD);
}

/* The init stops waiting while other tasks remain. */
void scene_over_early(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	gen__fork(s->g, t);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	gen__zap_exit(s->g, ns->child_reaper, ns);
}

/* The init is alone, but pid_allocated is too high. */
void scene_init_waits(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	scene__arm(s);
	t = scene_command(s, &ns);
	gen__setns_join(s->g, t, ns);
	ns->child_reaper->state |= WIRE_T_EXITING;
	gen__zap_enter(s->g, ns->child_reaper, ns);
	scene_farewell(s, t);
}

/* A put_pid() too many: the memory is freed although a task uses it. */
void scene_gone_early(struct scene *s)
{
	scene_everyday(s);
	gen__gone(s->g, s->g->init, gen__fork(s->g, s->g->init)->thread_pid);
}

/* A struct pid is reused before its grace period is over. */
void scene_given_out_early(struct scene *s)
{
	struct gen_pid *pid;
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
	s->g->slab[s->g->nslab++] = pid;
	gen__exec(s->g, s->g->init, "init");
	gen__fork(s->g, s->g->init);
}

/* The struct pid is freed again; a pidfd keeps it known after its grace period. */
void scene_freed_after_grace(struct scene *s)
{
	struct gen_pid *pid;
	struct gen_task *t;

	scene_everyday(s);
	t = gen__fork(s->g, s->g->init);
	pid = t->thread_pid;
	pid->held = 1;
	scene_farewell(s, t);
	gen__free_pid(s->g, s->g->init, pid);
}

/* A join counts its new number in the target, but not above. */
void scene_ledger_above(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_stage(s, &ns);
	gen__setns_join(s->g, t, ns);
	s->g->ns[0].pid_allocated--;
}

/* Number of tasks that exited before, without leaving anything. */
#define MANY 100

static struct gen_task *command_after(struct scene *s, struct gen_ns **ns,
				      unsigned int gone)
{
	struct gen_task *t = scene_command(s, ns);

	while (gone--)
		scene_farewell(s, gen__fork(s->g, t));
	t->state &= ~WIRE_T_CHILDREN;
	return t;
}

/* The joiner's last pid is still referenced, and thereby the namespace. */
static void leave_reference(struct scene *s, unsigned int gone)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = command_after(s, &ns, gone);
	gen__setns_join(s->g, t, ns);
	t->thread_pid->held = 1;
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* The joiner's pid from before the join is still referenced. */
static void leave_old_reference(struct scene *s, unsigned int gone)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = command_after(s, &ns, gone);
	t->thread_pid->held = 1;
	gen__setns_join(s->g, t, ns);
	gen__grace_period(s->g, s->g->init);
	scene_container_dies(s, ns, t);
	scene_command_ends(s);
}

/* A struct pid is left when the command is gone. */
void scene_reference_left(struct scene *s)
{
	leave_reference(s, 0);
}

void scene_reference_of_many_left(struct scene *s)
{
	leave_reference(s, MANY);
}

void scene_old_reference_left(struct scene *s)
{
	leave_old_reference(s, 0);
}

void scene_old_reference_of_many_left(struct scene *s)
{
	leave_old_reference(s, MANY);
}

/* The namespace is left when the command is gone. */
void scene_namespace_left(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	ns->gone = true;
	scene_command_ends(s);
}

/* A number without a task is left when the command is gone. */
void scene_never_freed(struct scene *s)
{
	struct gen_ns *ns;
	struct gen_task *t;

	t = scene_command(s, &ns);
	gen__alloc_pid(s->g, t, &s->g->ns[0]);
	scene_container_dies(s, ns, NULL);
	scene_farewell(s, t);
	scene_command_ends(s);
}
