// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulates tasks, struct pids and namespaces, and emits the records of fork, exec,
 * exit, release and setsid(). tracegen_life.c and tracegen_setns.c have the other
 * operations.
 */
#include "tracegen.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "tracegen_parts.h"

#define LINKS_OFFSET	0x600
#define PID_BASE	0xffff888100000000ull
#define PID_SIZE	0x100
#define USER_NS_BASE	0xffff888300000000ull
#define START_NS	5000000000ull
/* Time of the first record: golden files have times, which do not depend on hooks. */
#define AFTER_HOOKS_NS	(START_NS + 31000)

uint64_t gen__links_of(const struct gen_task *t)
{
	return t->address + LINKS_OFFSET;
}

void gen__fill_task(struct wire_task *w, const struct gen_task *t)
{
	w->task = t->address;
	w->start = t->start;
	w->thread_pid = t->thread_pid ? t->thread_pid->address : 0;
	w->pids[WIRE_PID] = w->thread_pid;
	for (int i = WIRE_TGID; i < WIRE_PIDTYPES; i++)
		w->pids[i] = t->pids[i] ? t->pids[i]->address : 0;
	w->nsproxy = t->nsproxy;
	w->signal = t->signal;
	w->pid = t->pid;
	w->tgid = t->tgid;
	if (t->thread_pid)
		w->active_ns = gen__active_ns(t)->inum;
	if (t->nsproxy)
		w->children_ns = t->children_ns->inum;
	w->nr_threads = t->nr_threads;
	w->state = t->state | (t->pid == t->tgid ? WIRE_T_LEADER : 0);
	memcpy(w->comm, t->comm, sizeof(w->comm));
}

void gen__fill_lists(struct wire_lists *w, const struct gen_pid *p)
{
	w->tasks = p->address + GEN_HEADS;
	for (int t = 0; t < WIRE_PIDTYPES; t++)
		if (p->members[t] && p->first[t])
			w->first[t] = gen__links_of(p->first[t]) + 16 * t;
}

void gen__fill_image(struct gen *g, unsigned int i, const struct gen_pid *p)
{
	const struct wire_hdr *rec = &g->record.hdr;
	struct wire_pid *w = (struct wire_pid *)record__pid(rec, i);

	if (!p)
		return;
	w->address = p->address;
	w->level = p->level;
	w->count = p->count;
	for (uint32_t l = 0; l <= p->level; l++) {
		w->upid[l].nr = p->nr[l];
		w->upid[l].ns = p->ns[l]->inum;
		if (rec->type != WIRE_ALLOC_PID &&
		    rec->type != WIRE_SWEEP_TASK)
			continue;
		w->upid[l].allocated = p->ns[l]->pid_allocated;
		if (p->ns[l]->parent)
			w->upid[l].parent = p->ns[l]->parent->inum;
	}
}

void *gen__record(struct gen *g, unsigned int type, const struct gen_task *cur)
{
	struct wire_hdr *hdr = &g->record.hdr;

	memset(&g->record, 0, sizeof(g->record));
	hdr->type = (uint16_t)type;
	hdr->npids = type < WIRE_KERNEL_TYPES ? record_layouts[type].npids : 0;
	hdr->levels = hdr->npids ? GEN_LEVELS : 0;
	hdr->size = (uint16_t)(record__body_size(type) +
			       hdr->npids * WIRE_PID_SIZE(GEN_LEVELS));
	assert(hdr->size <= sizeof(g->record));
	hdr->flags = WIRE_F_TASKLIST_KNOWN;
	if (!g->unlocked)
		hdr->flags |= WIRE_F_TASKLIST_WRITE;
	hdr->cpu = g->cpu;
	hdr->ts_ns = g->ts_ns += 1000;
	if (cur) {
		hdr->current_task = cur->address;
		hdr->current_start = cur->start;
	}
	return hdr;
}

static void deliver(struct gen *g)
{
	struct wire_hdr *rec = &g->record.hdr;
	int err;

	assert(record__check(rec, rec->size) == rec->size);
	err = record_sink__record(g->sink, rec);
	if (err && !g->error)
		g->error = err;
}

void gen__emit(struct gen *g)
{
	struct wire_hdr *rec = &g->record.hdr;
	enum gen_fate fate = g->filter ? g->filter(g, rec) : GEN_EMIT;

	if (fate == GEN_VANISH)
		return;
	g->hits[rec->type]++;
	rec->seq = g->seq[rec->cpu]++;
	if (fate == GEN_LOSE) {
		g->lost[rec->type]++;
		return;
	}
	g->records++;
	deliver(g);
}

struct gen *gen__new(struct record_sink *sink, unsigned int max)
{
	struct gen *g = calloc(1, sizeof(*g));

	g->sink = sink;
	g->ts_ns = START_NS;
	g->max_tasks = g->max_pids = max;
	g->tasks = calloc(max, sizeof(*g->tasks));
	g->pids = calloc(max, sizeof(*g->pids));
	g->slab = calloc(max, sizeof(*g->slab));
	g->task_slab = calloc(max, sizeof(*g->task_slab));
	gen__ns(g, NULL, NULL);
	g->ns[0].pid_allocated++;
	g->init = &g->tasks[g->ntasks++];
	g->init->address = GEN_TASK(0);
	g->init->start = 1;
	g->init->signal = GEN_TASK(0) + 1;
	g->init->nsproxy = GEN_NS_BASE;
	g->init->pid = g->init->tgid = 1;
	g->init->nr_threads = 1;
	g->init->alive = true;
	g->init->children_ns = &g->ns[0];
	strcpy(g->init->comm, "init");
	g->init->thread_pid = &g->pids[g->npids++];
	*g->init->thread_pid = (struct gen_pid){
		.address = PID_BASE, .count = 1, .nr = { 1 },
		.ns = { &g->ns[0] },
	};
	for (int i = 0; i < WIRE_PIDTYPES; i++) {
		g->init->pids[i] = g->init->thread_pid;
		g->init->thread_pid->first[i] = g->init;
		g->init->thread_pid->members[i] = 1;
	}
	g->ns[0].child_reaper = g->init;
	g->ns[0].next_nr = 100;
	return g;
}

void gen__free(struct gen *g)
{
	free(g->tasks);
	free(g->pids);
	free(g->slab);
	free(g->task_slab);
	free(g);
}

void gen__begin(struct gen *g, int32_t command)
{
	for (unsigned int h = 0; h < WIRE_NHOOKS; h++) {
		struct wire_meta_hook *r = gen__record(g, WIRE_META_HOOK, NULL);

		r->hook = h;
		r->error = g->no_hooks & HOOK_BIT(h) ? -ENOENT : 0;
		if (g->partial_hooks & HOOK_BIT(h))
			r->hdr.flags = WIRE_F_PARTIAL;
		deliver(g);
	}
	g->ts_ns = AFTER_HOOKS_NS;
	if (command) {
		struct wire_meta_command *r = gen__record(g, WIRE_META_COMMAND, NULL);

		r->pid = command;
		r->ns = g->ns[0].inum;
		deliver(g);
	}
}

void gen__end(struct gen *g)
{
	struct wire_meta_end *e;

	for (unsigned int t = 0; t < WIRE_KERNEL_TYPES; t++) {
		struct wire_meta_stats *r = gen__record(g, WIRE_META_STATS, NULL);

		r->type = t;
		r->hits = r->tried = g->hits[t];
		r->lost_ring = g->lost[t];
		r->lost_map = g->lost_map[t];
		r->missed = g->missed[t];
		if (g->off[t])
			r->hdr.flags = WIRE_F_SWITCHED_OFF;
		deliver(g);
	}
	e = gen__record(g, WIRE_META_END, NULL);
	e->records = g->records;
	deliver(g);
}

/* --- namespaces and struct pids --- */

static struct gen_ns *take_ns(struct gen *g)
{
	for (unsigned int i = 0; g->reuse_ns && i < g->nns; i++)
		if (g->ns[i].gone)
			return &g->ns[i];
	assert(g->nns < ARRAY_SIZE(g->ns));
	return &g->ns[g->nns++];
}

struct gen_ns *gen__ns(struct gen *g, struct gen_task *cur,
		       struct gen_ns *parent)
{
	struct gen_ns *ns = take_ns(g);
	unsigned int i = (unsigned int)(ns - g->ns);

	*ns = (struct gen_ns){
		.inum = g->next_inum ? g->next_inum : 4026531836u + i,
		.parent = parent,
		.level = parent ? parent->level + 1 : 0,
		.pid_allocated = GEN_ADDING,
		.next_nr = 1,
		.user_ns = USER_NS_BASE + i,
	};
	g->next_inum = 0;
	if (cur)
		gen__pidns(g, WIRE_NS_NEW, cur, ns);
	return ns;
}

static struct gen_pid *take_pid(struct gen *g)
{
	struct gen_pid *p;

	if (g->nslab) {
		p = g->slab[--g->nslab];
	} else {
		assert(g->npids < g->max_pids);
		p = &g->pids[g->npids];
		p->address = PID_BASE + PID_SIZE * (uint64_t)g->npids++;
	}
	*p = (struct gen_pid){ .address = p->address, .count = 1 };
	return p;
}

static struct wire_alloc_pid *begin_alloc(struct gen *g, struct gen_task *cur,
					  struct gen_ns *ns)
{
	struct wire_alloc_pid *r;

	if (cur->inside)
		gen__stack(g, cur, WIRE_ALLOC_PID);
	r = gen__record(g, WIRE_ALLOC_PID, cur);
	if (cur->inside) {
		r->thread_pid = cur->thread_pid->address;
		r->group = cur->pids[WIRE_PGID]->address;
		r->session = cur->pids[WIRE_SID]->address;
		r->nr_threads = cur->nr_threads;
	}
	r->children_ns = cur->children_ns->inum;
	r->caller_pid = cur->pid;
	r->caller_tgid = cur->tgid;
	memcpy(r->caller_comm, cur->comm, sizeof(r->caller_comm));
	r->ns_address = gen__ns_address(g, ns);
	r->child_reaper = ns->child_reaper ? ns->child_reaper->address : 0;
	r->ns = ns->inum;
	r->ns_level = ns->level;
	r->pid_allocated = ns->pid_allocated;
	return r;
}

struct gen_pid *gen__alloc_pid(struct gen *g, struct gen_task *cur,
			       struct gen_ns *ns)
{
	struct gen_pid *p = take_pid(g);
	struct wire_alloc_pid *r;

	p->level = ns->level;
	for (struct gen_ns *n = ns; n; n = n->parent) {
		p->nr[n->level] = n->next_nr++;
		p->ns[n->level] = n;
		n->pid_allocated++;
	}
	r = begin_alloc(g, cur, ns);
	r->ret = p->address;
	gen__fill_image(g, 0, p);
	gen__emit(g);
	return p;
}

void gen__alloc_fails(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		      int error)
{
	struct wire_alloc_pid *r = begin_alloc(g, cur, ns);

	r->ret = (uint64_t)(int64_t)error;
	((struct wire_pid *)record__pid(&r->hdr, 0))->address = r->ret;
	gen__emit(g);
}

void gen__free_pid(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	struct wire_free_pid *r;

	if (g->unlocked || cur->inside)
		gen__stack(g, cur, WIRE_FREE_PID);
	r = gen__record(g, WIRE_FREE_PID, cur);
	r->pid_allocated = pid->ns[pid->level]->pid_allocated;
	gen__fill_lists(&r->lists, pid);
	gen__fill_image(g, 0, pid);
	gen__emit(g);
	for (uint32_t l = 0; l <= pid->level; l++)
		pid->ns[l]->pid_allocated--;
	assert(g->nfree < ARRAY_SIZE(g->free_list));
	g->free_list[g->nfree++] = pid;
	if (g->nfree == ARRAY_SIZE(g->free_list))
		gen__grace_period(g, cur);
}

void gen__grace_period(struct gen *g, struct gen_task *cur)
{
	while (g->nfree) {
		struct gen_pid *p = g->free_list[--g->nfree];
		struct wire_put_pid *r = gen__record(g, WIRE_PUT_PID, cur);

		r->pid = p->address;
		r->count = p->count + p->held;
		gen__emit(g);
		if (!p->held)
			gen__gone(g, cur, p);
	}
}

static struct gen_pid **slot(struct gen_task *t, enum wire_pidtype type)
{
	return type == WIRE_PID ? &t->thread_pid : &t->pids[type];
}

/* Emits ATTACH_PID or DETACH_PID of t, by cur. */
static void emit_link(struct gen *g, struct gen_task *cur, struct gen_task *t,
		      enum wire_pidtype type, unsigned int rec)
{
	struct wire_link_pid *r;

	if (g->unlocked ||
	    (rec == WIRE_DETACH_PID && t == cur && cur->inside))
		gen__stack(g, cur, rec);
	r = gen__record(g, rec, cur);
	r->task = t->address;
	r->start = t->start;
	r->pid = (*slot(t, type))->address;
	r->task_pid = t->pid;
	r->pidtype = type;
	gen__emit(g);
}

static void attach(struct gen *g, struct gen_task *cur, struct gen_task *t,
		   enum wire_pidtype type)
{
	struct gen_pid *p = *slot(t, type);

	emit_link(g, cur, t, type, WIRE_ATTACH_PID);
	p->members[type]++;
	p->first[type] = t;
}

/* Plays __change_pid(). Lists have no order: init stands for the next first member. */
static void leave_list(struct gen *g, struct gen_task *cur, struct gen_task *t,
		       enum wire_pidtype type, struct gen_pid *to)
{
	struct gen_pid *p = *slot(t, type);

	p->members[type]--;
	if (p->first[type] == t)
		p->first[type] = p->members[type] ? g->init : NULL;
	*slot(t, type) = to;
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		if (p->members[i])
			return;
	gen__free_pid(g, cur, p);
}

void gen__change_pid(struct gen *g, struct gen_task *cur, struct gen_task *t,
		     enum wire_pidtype type, struct gen_pid *pid)
{
	struct wire_change_pid *r;

	if (g->wants_stacks || (cur->inside && !cur->changes++))
		gen__stack(g, cur, WIRE_CHANGE_PID);
	r = gen__record(g, WIRE_CHANGE_PID, cur);
	gen__fill_task(&r->task, t);
	r->pidtype = type;
	r->sid_singular = t->pids[WIRE_SID]->members[WIRE_SID] == 1;
	gen__fill_image(g, 0, *slot(t, type));
	gen__fill_image(g, 1, pid);
	gen__emit(g);
	leave_list(g, cur, t, type, pid);
	attach(g, cur, t, type);
}

void gen__relink(struct gen *g, struct gen_task *cur, enum wire_pidtype type)
{
	emit_link(g, cur, cur, type, WIRE_DETACH_PID);
	emit_link(g, cur, cur, type, WIRE_ATTACH_PID);
}

/* --- tasks --- */

/* Makes a task, forked by cur, as a child of parent, with a number in ns. */
static struct gen_task *new_task(struct gen *g, struct gen_task *cur,
				 struct gen_task *parent, struct gen_ns *ns)
{
	struct gen_task *t;
	uint64_t address;

	if (g->ntask_slab) {
		t = g->task_slab[--g->ntask_slab];
		address = t->address;
	} else {
		assert(g->ntasks < g->max_tasks);
		t = &g->tasks[g->ntasks];
		address = GEN_TASK((uint64_t)g->ntasks++);
	}
	*t = *cur;
	t->alive = true;
	t->exit_state = 0;
	t->inside = t->waiting = false;
	t->address = address;
	t->start = g->ts_ns;
	t->state = 0;
	t->group_exit = t->out_of_memory = false;
	t->parent = parent;
	t->nchildren = 0;
	parent->nchildren++;
	t->children_ns = ns;
	t->thread_pid = gen__alloc_pid(g, cur, ns);
	t->pid = t->thread_pid->nr[0];
	return t;
}

/* Flags of glibc's fork() and pthread_create(), and what else @t differs by. */
static uint64_t clone_flags(const struct gen_task *cur, const struct gen_task *t)
{
	uint64_t flags = CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;

	if (t->pid != t->tgid)
		return CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		       CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
		       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	if (t->parent != cur)
		flags |= CLONE_PARENT;
	if (gen__active_ns(t) != cur->children_ns)
		flags |= CLONE_NEWPID;
	return flags;
}

static void emit_fork(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	struct wire_fork *r = gen__record(g, WIRE_FORK, cur);

	gen__fill_task(&r->task, t);
	r->parent = cur->address;
	r->parent_start = cur->start;
	r->real_parent = t->parent->address;
	r->parent_active_ns = gen__active_ns(cur)->inum;
	r->parent_pid = cur->pid;
	r->clone_flags = clone_flags(cur, t);
	if (t->parent == cur && t->pid == t->tgid)
		r->hdr.flags |= WIRE_F_OWN_CHILD;
	gen__fill_image(g, 0, t->thread_pid);
	gen__emit(g);
}

static struct gen_task *make_process(struct gen *g, struct gen_task *cur,
				     struct gen_task *parent, struct gen_ns *ns)
{
	struct gen_task *t = new_task(g, cur, parent, ns);

	t->signal = t->address + 1;
	t->tgid = t->pid;
	t->nr_threads = 1;
	t->pids[WIRE_TGID] = t->thread_pid;
	if (t->thread_pid->nr[t->thread_pid->level] == 1)
		gen__active_ns(t)->child_reaper = t;
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		attach(g, cur, t, i);
	parent->state |= WIRE_T_CHILDREN;
	emit_fork(g, cur, t);
	return t;
}

struct gen_task *gen__fork(struct gen *g, struct gen_task *cur)
{
	return make_process(g, cur, cur, cur->children_ns);
}

struct gen_task *gen__clone_parent(struct gen *g, struct gen_task *cur)
{
	return make_process(g, cur, cur->parent, cur->children_ns);
}

struct gen_task *gen__clone_newpid(struct gen *g, struct gen_task *cur)
{
	return make_process(g, cur, cur, gen__ns(g, cur, cur->children_ns));
}

struct gen_task *gen__clone_thread(struct gen *g, struct gen_task *cur)
{
	struct gen_task *t = new_task(g, cur, cur->parent, cur->children_ns);

	t->nr_threads = ++cur->nr_threads;
	attach(g, cur, t, WIRE_PID);
	emit_fork(g, cur, t);
	return t;
}

void gen__exit(struct gen *g, struct gen_task *cur, int code)
{
	cur->state |= WIRE_T_EXITING;
	cur->inside = false;
	cur->exit_code = code;
	/* The last thread of a process ends the process: synchronize_group_exit(). */
	if (!cur->group_exit && !gen__live(g, cur))
		gen__group_exit(g, cur, code);
	gen__emit_exit(g, cur, code);
	cur->nsproxy = 0;
	cur->exit_state = 32;	/* EXIT_ZOMBIE */
	gen__notify_pidfd(g, cur, cur);
	gen__reparent(g, cur);
}

void gen__release(struct gen *g, struct gen_task *cur, struct gen_task *dead)
{
	bool leader = dead->pid == dead->tgid;

	if (leader && gen__active_ns(cur) != gen__active_ns(dead))
		gen__wait(g, cur, dead);
	gen__emit_release(g, cur, dead);
	/* The kernel flushes last; here, the grace period may follow free_pid() at once. */
	gen__flush_pid(g, cur, dead->thread_pid, false);
	for (int i = 0; i < (leader ? WIRE_PIDTYPES : 1); i++) {
		emit_link(g, cur, dead, i, WIRE_DETACH_PID);
		leave_list(g, cur, dead, i, NULL);
	}
	dead->alive = false;
	dead->parent->nchildren--;
	g->task_slab[g->ntask_slab++] = dead;
	cur->state &= ~WIRE_T_CHILDREN;
}

void gen__setsid(struct gen *g, struct gen_task *cur)
{
	gen__change_pid(g, cur, cur, WIRE_SID, cur->thread_pid);
	gen__change_pid(g, cur, cur, WIRE_PGID, cur->thread_pid);
}

void gen__error_report(struct gen *g, struct gen_task *cur)
{
	struct wire_error_report *r = gen__record(g, WIRE_ERROR_REPORT, cur);

	r->detector = 2;
	r->stack[0] = 0xffffffff81000300;
	gen__emit(g);
}
