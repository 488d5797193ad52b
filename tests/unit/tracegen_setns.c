// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays setns(2) of mainline, of the join series and of the posting of 2012, call by
 * call.
 */
#include <string.h>

#include "tracegen_parts.h"

static void fill_links(struct wire_links *w, const struct gen_task *t)
{
	w->base = gen__links_of(t);
	for (int i = 0; i < WIRE_PIDTYPES; i++) {
		const struct gen_pid *p = i ? t->pids[i] : t->thread_pid;

		w->pprev[i] = p->address + GEN_HEADS + 8 * i;
		if (p->members[i] > 1)
			w->next[i] = GEN_TASK(0);	/* any task */
	}
}

/* --- parts of a setns --- */

static void enter(struct gen *g, struct gen_task *cur, uint32_t flags,
		  uint32_t type, uint32_t inum)
{
	struct wire_setns_enter *r = gen__record(g, WIRE_SETNS_ENTER, cur);

	gen__fill_task(&r->task, cur);
	r->fd = 3;
	r->flags = flags;
	r->fd_kind = WIRE_FD_NSFS;
	r->fd_ns_type = type;
	r->fd_ns = inum;
	r->knob = g->knob;
	r->knob_writes = g->knob_writes;
	gen__fill_image(g, 0, cur->thread_pid);
	cur->entry = cur->thread_pid;
	cur->entry_nr = cur->thread_pid->nr[0];
	cur->inside = true;
	cur->flushes = cur->changes = 0;
	gen__emit(g);
}

void gen__enter(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		uint32_t flags)
{
	enter(g, cur, flags, GEN_NEWPID, target->inum);
}

void gen__enter_other(struct gen *g, struct gen_task *cur)
{
	enter(g, cur, GEN_NEWNET, GEN_NEWNET, 4026531900u);
}

void gen__capable(struct gen *g, struct gen_task *cur, uint64_t user_ns,
		  bool granted)
{
	struct wire_ns_capable *r = gen__record(g, WIRE_NS_CAPABLE, cur);

	r->user_ns = user_ns;
	r->cap = 21;
	r->ret = granted;
	gen__emit(g);
}

/* Returns the owner of the outermost namespace in which a join changes the number. */
static uint64_t outer_user_ns(const struct gen_task *cur)
{
	return cur->thread_pid->ns[0]->user_ns;
}

void gen__installed_by(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		       uint64_t user_ns, int ret)
{
	struct wire_pidns_install *r = gen__record(g, WIRE_PIDNS_INSTALL, cur);

	r->thread_pid = cur->thread_pid->address;
	r->group = cur->pids[WIRE_PGID]->address;
	r->session = cur->pids[WIRE_SID]->address;
	r->nr_threads = cur->nr_threads;
	if (ret)
		r->state = cur->state;
	r->target = gen__ns_address(g, target);
	r->target_user_ns = target->user_ns;
	r->cred_user_ns = user_ns;
	r->outer_user_ns = outer_user_ns(cur);
	r->ret = ret;
	r->target_ns = target->inum;
	r->target_parent = target->parent ? target->parent->inum : 0;
	r->target_level = target->level;
	r->child_reaper = target->child_reaper ?
			  target->child_reaper->address : 0;
	r->knob = g->knob;
	r->knob_writes = g->knob_writes;
	gen__emit(g);
}

void gen__installed(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		    int ret)
{
	gen__installed_by(g, cur, target, g->ns[0].user_ns, ret);
}

void gen__switch_ns(struct gen *g, struct gen_task *cur, struct gen_ns *to)
{
	struct wire_switch_ns *r = gen__record(g, WIRE_SWITCH_NS, cur);

	r->task = cur->address;
	r->start = cur->start;
	r->thread_pid = cur->thread_pid->address;
	r->nsproxy = cur->nsproxy;
	r->new_nsproxy = cur->nsproxy + 0x100;
	r->children_ns = cur->children_ns->inum;
	r->new_children_ns = to->inum;
	gen__emit(g);
	cur->nsproxy += 0x100;
	cur->children_ns = to;
}

void gen__flush_pid(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		    bool locked)
{
	struct wire_flush_pid *r;

	if (cur->inside && (cur->flushes++ || pid->inodes ||
			    pid != cur->entry || pid == cur->thread_pid))
		gen__stack(g, cur, WIRE_FLUSH_PID);
	r = gen__record(g, WIRE_FLUSH_PID, cur);
	r->pid = pid->address;
	r->inodes = pid->inodes;
	r->count = pid->count + pid->held + 1;	/* the caller has one */
	if (!locked)
		r->hdr.flags &= ~WIRE_F_TASKLIST_WRITE;
	gen__emit(g);
	pid->inodes = 0;
}

void gen__pid_rewrite(struct gen *g, struct gen_task *cur,
		      struct gen_pid *from, struct gen_pid *to)
{
	struct wire_pid_rewrite *r = gen__record(g, WIRE_PID_REWRITE, cur);

	gen__fill_task(&r->task, cur);
	gen__fill_image(g, 0, from);
	gen__fill_image(g, 1, to);
	gen__emit(g);
}

void gen__wake_parent(struct gen *g, struct gen_task *cur)
{
	struct wire_wake_parent *r;

	if (cur->thread_pid != cur->entry)
		gen__stack(g, cur, WIRE_WAKE_PARENT);
	r = gen__record(g, WIRE_WAKE_PARENT, cur);
	r->task = cur->address;
	r->start = cur->start;
	r->parent = r->real_parent = r->ptrace_parent = cur->parent->address;
	gen__fill_image(g, 0, cur->thread_pid);
	gen__emit(g);
}

/* pidns_commit_join(); pid NULL: nothing to commit, but the hook still fires */
void gen__commit(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	struct gen_pid *old = cur->thread_pid;
	struct wire_commit_join *r;

	if (pid) {
		gen__wake_parent(g, cur);
		for (int t = 0; t < WIRE_PIDTYPES; t++)
			gen__change_pid(g, cur, cur, t, pid);
		cur->pid = cur->tgid = pid->nr[0];
		if (!(pid->ns[pid->level]->pid_allocated & GEN_ADDING))
			cur->state |= WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;
		gen__pid_rewrite(g, cur, old, pid);
		gen__flush_pid(g, cur, old, false);
	}
	r = gen__record(g, WIRE_COMMIT_JOIN, cur);
	gen__fill_task(&r->task, cur);
	fill_links(&r->links, cur);
	r->pid_allocated = gen__active_ns(cur)->pid_allocated;
	gen__fill_lists(&r->lists, cur->thread_pid);
	gen__fill_image(g, 0, cur->thread_pid);
	gen__emit(g);
}

void gen__leave(struct gen *g, struct gen_task *cur, uint32_t flags,
		int64_t ret)
{
	bool moved = cur->thread_pid != cur->entry;
	struct wire_setns_exit *r = gen__record(g, WIRE_SETNS_EXIT, cur);

	gen__fill_task(&r->task, cur);
	fill_links(&r->links, cur);
	r->ret = ret;
	r->fd = 3;
	r->flags = flags;
	r->found_known = 1;
	r->found_new = cur->address;
	r->found_old = moved ? 0 : cur->address;
	r->knob = g->knob;
	r->old_pid = cur->entry->address;
	gen__fill_lists(&r->lists, cur->thread_pid);
	if (moved)
		gen__fill_lists(&r->old_lists, cur->entry);
	gen__fill_image(g, 0, cur->thread_pid);
	cur->inside = false;
	gen__emit(g);
}

/* --- whole calls --- */

/* Plays a call up to pidns_install(), with the checks of mainline. */
static void start_call(struct gen *g, struct gen_task *cur,
		       struct gen_ns *target)
{
	gen__enter(g, cur, target, GEN_NEWPID);
	gen__capable(g, cur, target->user_ns, true);
	gen__capable(g, cur, g->ns[0].user_ns, true);
}

void gen__setns_mainline(struct gen *g, struct gen_task *cur,
			 struct gen_ns *target)
{
	start_call(g, cur, target);
	gen__installed(g, cur, target, 0);
	gen__switch_ns(g, cur, target);
	if (g->knob != WIRE_KNOB_NONE)
		gen__commit(g, cur, NULL);
	gen__leave(g, cur, GEN_NEWPID, 0);
}

static struct gen_pid *prepare_join(struct gen *g, struct gen_task *cur,
				    struct gen_ns *target)
{
	struct gen_pid *pid;

	start_call(g, cur, target);
	gen__capable(g, cur, outer_user_ns(cur), true);
	pid = gen__alloc_pid(g, cur, target);
	gen__installed(g, cur, target, 0);
	return pid;
}

void gen__setns_join(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target)
{
	struct gen_pid *pid;

	if (g->knob == WIRE_KNOB_KEEP) {
		gen__setns_keep(g, cur, target);
		return;
	}
	pid = prepare_join(g, cur, target);
	gen__switch_ns(g, cur, target);
	gen__commit(g, cur, pid);
	gen__leave(g, cur, GEN_NEWPID, 0);
}

void gen__setns_refused(struct gen *g, struct gen_task *cur,
			struct gen_ns *target, int error)
{
	start_call(g, cur, target);
	gen__installed(g, cur, target, error);
	gen__leave(g, cur, GEN_NEWPID, error);
}

void gen__setns_late(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target, int error)
{
	struct gen_pid *pid;

	if (g->knob == WIRE_KNOB_KEEP) {
		gen__setns_keep_late(g, cur, target, error);
		return;
	}
	pid = prepare_join(g, cur, target);
	gen__free_pid(g, cur, pid);
	gen__leave(g, cur, GEN_NEWPID, error);
}

void gen__setns_seed(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target)
{
	struct gen_pid *pid;

	start_call(g, cur, target);
	pid = gen__alloc_pid(g, cur, target);
	gen__change_pid(g, cur, cur, WIRE_PID, pid);
	gen__change_pid(g, cur, cur, WIRE_PGID, pid);
	gen__change_pid(g, cur, cur, WIRE_SID, pid);
	gen__installed(g, cur, target, 0);
	gen__switch_ns(g, cur, target);
	gen__leave(g, cur, GEN_NEWPID, 0);
}

struct gen_ns *gen__container(struct gen *g, struct gen_task *cur)
{
	struct gen_ns *ns = gen__ns(g, cur, cur->children_ns);
	struct gen_task *t;

	t = gen__fork(g, cur);
	/* The new task calls clone(CLONE_NEWPID), so that cur has no child. */
	t->children_ns = ns;
	gen__fork(g, t);
	return ns;
}

struct gen_task *gen__candidate(struct gen *g, struct gen_task *cur)
{
	struct gen_task *t = gen__fork(g, cur);

	gen__setsid(g, t);
	return t;
}
