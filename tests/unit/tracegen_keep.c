// SPDX-License-Identifier: GPL-2.0-only
/* Plays setns(2) of the series keep, which adds a number to the caller's struct pid. */
#include "tracegen_parts.h"

int32_t gen__reserve_nr(struct gen *g, struct gen_task *cur, struct gen_ns *ns)
{
	struct wire_reserve_nr *r = gen__record(g, WIRE_RESERVE_NR, cur);
	int32_t nr = ns->next_nr++;

	ns->pid_allocated++;
	r->thread_pid = cur->thread_pid->address;
	r->ns = gen__ns_address(g, ns);
	r->child_reaper = ns->child_reaper ? ns->child_reaper->address : 0;
	r->ret = nr;
	r->inum = ns->inum;
	r->level = ns->level;
	r->parent = ns->parent ? ns->parent->inum : 0;
	r->pid_allocated = ns->pid_allocated;
	r->nr_threads = cur->nr_threads;
	r->state = cur->state;
	r->references = 10 + ns->references;
	gen__emit(g);
	return nr;
}

void gen__reserve_fails(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
			int error)
{
	struct wire_reserve_nr *r = gen__record(g, WIRE_RESERVE_NR, cur);

	r->thread_pid = cur->thread_pid->address;
	r->ns = gen__ns_address(g, ns);
	r->child_reaper = ns->child_reaper ? ns->child_reaper->address : 0;
	r->ret = error;
	r->inum = ns->inum;
	r->level = ns->level;
	r->pid_allocated = ns->pid_allocated;
	r->nr_threads = cur->nr_threads;
	gen__emit(g);
}

void gen__unreserve_nr(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		       int32_t nr)
{
	struct wire_unreserve_nr *r = gen__record(g, WIRE_UNRESERVE_NR, cur);

	r->thread_pid = cur->thread_pid->address;
	r->ns = gen__ns_address(g, ns);
	r->nr = nr;
	r->inum = ns->inum;
	r->pid_allocated = ns->pid_allocated;
	r->level = ns->level;
	gen__emit(g);
	ns->pid_allocated--;
}

void gen__deepen(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		 struct gen_ns *ns, int32_t nr)
{
	struct wire_deepen *r = gen__record(g, WIRE_DEEPEN, cur);

	gen__fill_task(&r->task, cur);
	r->ns = gen__ns_address(g, ns);
	r->nr = nr;
	r->inum = ns->inum;
	r->level = ns->level;
	r->parent = ns->parent ? ns->parent->inum : 0;
	gen__fill_image(g, 0, pid);
	gen__emit(g);
	/* A kernel with a bug may skip a level. */
	for (const struct gen_ns *n = ns->parent; n && n->level > pid->level; n = n->parent) {
		pid->nr[n->level] = 0;
		pid->ns[n->level] = (struct gen_ns *)n;
	}
	pid->level = ns->level;
	pid->nr[pid->level] = nr;
	pid->ns[pid->level] = ns;
}

void gen__publish_nr(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	struct wire_publish_nr *r = gen__record(g, WIRE_PUBLISH_NR, cur);

	r->thread_pid = cur->thread_pid->address;
	gen__fill_image(g, 0, pid);
	gen__emit(g);
}

void gen__undeepen(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		   uint32_t level)
{
	struct wire_undeepen *r = gen__record(g, WIRE_UNDEEPEN, cur);

	r->level = r->alloc_level = level;
	gen__fill_image(g, 0, pid);
	gen__emit(g);
	for (; pid->level > level; pid->level--)
		pid->ns[pid->level]->pid_allocated--;
}

static uint32_t outer_references(const struct gen_pid *pid)
{
	const struct gen_ns *outer = pid->ns[pid->level]->parent;

	return outer ? 10 + outer->references : 0;
}

void gen__pid_deepen(struct gen *g, struct gen_task *cur)
{
	struct gen_pid *pid = cur->thread_pid;
	struct wire_deepened *r = gen__record(g, WIRE_DEEPENED, cur);

	gen__fill_task(&r->task, cur);
	r->found = pid->address;
	r->references = 10 + pid->ns[pid->level]->references;
	r->outer_references = outer_references(pid);
	gen__fill_image(g, 0, pid);
	gen__emit(g);
}

void gen__commit_keep(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		      int32_t nr)
{
	struct gen_pid *pid = cur->thread_pid;
	struct wire_commit_deepen *r;

	gen__deepen(g, cur, pid, ns, nr);
	gen__publish_nr(g, cur, pid);
	if (!(ns->pid_allocated & GEN_ADDING))
		cur->state |= WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;
	gen__pid_deepen(g, cur);
	if (ns->parent && ns->parent->parent)
		ns->parent->references--;
	r = gen__record(g, WIRE_COMMIT_DEEPEN, cur);
	gen__fill_task(&r->task, cur);
	r->pid_allocated = ns->pid_allocated;
	r->references = 10 + ns->references;
	r->outer_references = outer_references(pid);
	gen__fill_image(g, 0, pid);
	gen__emit(g);
}

int32_t gen__prepare_keep(struct gen *g, struct gen_task *cur, struct gen_ns *target)
{
	int32_t nr;

	gen__enter(g, cur, target, GEN_NEWPID);
	gen__capable(g, cur, target->user_ns, true);
	gen__capable(g, cur, g->ns[0].user_ns, true);
	nr = gen__reserve_nr(g, cur, target);
	target->references += 1 + (cur->children_ns != target);
	gen__installed(g, cur, target, 0);
	return nr;
}

void gen__setns_keep(struct gen *g, struct gen_task *cur, struct gen_ns *target)
{
	int32_t nr = gen__prepare_keep(g, cur, target);

	gen__switch_ns(g, cur, target);
	gen__commit_keep(g, cur, target, nr);
	gen__leave(g, cur, GEN_NEWPID, 0);
}

void gen__setns_keep_late(struct gen *g, struct gen_task *cur, struct gen_ns *target,
			  int error)
{
	int32_t nr = gen__prepare_keep(g, cur, target);

	gen__unreserve_nr(g, cur, target, nr);
	gen__leave(g, cur, GEN_NEWPID, error);
}
