// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tracegen.h"

#define TASK_BASE	GEN_TASK(0)
#define LINKS_OFFSET	0x600
#define PID_BASE	0xffff888100000000ull
#define PID_SIZE	0x100
#define HEADS_OFFSET	0x20
#define NS_BASE		0xffff888200000000ull
#define USER_NS_BASE	0xffff888300000000ull

/* A record with room for its images. */
union buffer {
	struct wire_hdr hdr;
	char bytes[1024];
};

static uint64_t links_of(const struct gen_task *t)
{
	return t->address + LINKS_OFFSET;
}

static void fill_task(struct wire_task *w, const struct gen_task *t)
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
		w->active_ns = t->thread_pid->ns[t->thread_pid->level]->inum;
	if (t->nsproxy)
		w->children_ns = t->children_ns->inum;
	w->nr_threads = t->nr_threads;
	w->state = t->state | (t->pid == t->tgid ? WIRE_T_LEADER : 0);
	memcpy(w->comm, t->comm, sizeof(w->comm));
}

static void fill_image(struct wire_hdr *rec, unsigned int i,
		       const struct gen_pid *p)
{
	struct wire_pid *w = (struct wire_pid *)record__pid(rec, i);

	if (!p)
		return;
	w->address = p->address;
	w->level = p->level;
	w->count = p->count;
	w->tasks = p->address + HEADS_OFFSET;
	for (int t = 0; t < WIRE_PIDTYPES; t++)
		if (p->members[t] && p->first[t])
			w->first[t] = links_of(p->first[t]) + 16 * t;
	for (uint32_t l = 0; l <= p->level; l++) {
		w->upid[l].nr = p->nr[l];
		w->upid[l].ns = p->ns[l]->inum;
		if (rec->type == WIRE_ALLOC_PID && p->ns[l]->parent)
			w->upid[l].parent = p->ns[l]->parent->inum;
	}
}

static void fill_links(struct wire_links *w, const struct gen_task *t)
{
	w->base = links_of(t);
	for (int i = 0; i < WIRE_PIDTYPES; i++) {
		const struct gen_pid *p = i ? t->pids[i] : t->thread_pid;

		w->pprev[i] = p->address + HEADS_OFFSET + 8 * i;
		if (p->members[i] > 1)
			w->next[i] = TASK_BASE;	/* somebody */
	}
}

/* An empty record of a type, run by cur. */
static void *begin(struct gen *g, union buffer *b, unsigned int type,
		   unsigned int npids, const struct gen_task *cur)
{
	memset(b, 0, sizeof(*b));
	b->hdr.type = (uint16_t)type;
	b->hdr.npids = (uint8_t)npids;
	b->hdr.levels = npids ? GEN_LEVELS : 0;
	b->hdr.size = (uint16_t)(record__body_size(type) +
				 npids * WIRE_PID_SIZE(GEN_LEVELS));
	assert(b->hdr.size <= sizeof(*b));
	b->hdr.flags = WIRE_F_TASKLIST_KNOWN;
	if (!g->unlocked)
		b->hdr.flags |= WIRE_F_TASKLIST_WRITE;
	b->hdr.cpu = g->cpu;
	b->hdr.ts_ns = g->ts_ns += 1000;
	if (cur) {
		b->hdr.current_task = cur->address;
		b->hdr.current_start = cur->start;
	}
	return b;
}

static void deliver(struct gen *g, struct wire_hdr *rec)
{
	int err;

	assert(record__check(rec, rec->size) == rec->size);
	err = record_sink__record(g->sink, rec);
	if (err && !g->error)
		g->error = err;
}

static void emit(struct gen *g, union buffer *b)
{
	enum gen_fate fate = g->filter ? g->filter(g, &b->hdr) : GEN_EMIT;

	if (fate == GEN_VANISH)
		return;
	g->hits[b->hdr.type]++;
	b->hdr.seq = g->seq[b->hdr.cpu]++;
	if (fate == GEN_LOSE) {
		g->lost[b->hdr.type]++;
		return;
	}
	g->records++;
	deliver(g, &b->hdr);
}

struct gen *gen__new(struct record_sink *sink, unsigned int max)
{
	struct gen *g = calloc(1, sizeof(*g));

	g->sink = sink;
	g->ts_ns = 5000000000ull;
	g->max_tasks = g->max_pids = max;
	g->tasks = calloc(max, sizeof(*g->tasks));
	g->pids = calloc(max, sizeof(*g->pids));
	g->slab = calloc(max, sizeof(*g->slab));
	g->task_slab = calloc(max, sizeof(*g->task_slab));
	gen__ns(g, NULL);
	g->init = &g->tasks[g->ntasks++];
	g->init->address = TASK_BASE;
	g->init->start = 1;
	g->init->signal = TASK_BASE + 1;
	g->init->nsproxy = NS_BASE;
	g->init->pid = g->init->tgid = 1;
	g->init->nr_threads = 1;
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
	union buffer b;

	for (unsigned int h = 0; h < WIRE_NHOOKS; h++) {
		struct wire_meta_hook *r = begin(g, &b, WIRE_META_HOOK, 0, NULL);

		r->hook = h;
		r->error = g->no_hooks & 1u << h ? -2 : 0;
		deliver(g, &b.hdr);
	}
	if (command) {
		struct wire_meta_command *r =
			begin(g, &b, WIRE_META_COMMAND, 0, NULL);

		r->pid = command;
		r->ns = g->ns[0].inum;
		deliver(g, &b.hdr);
	}
}

void gen__end(struct gen *g)
{
	union buffer b;
	struct wire_meta_end *e;

	for (unsigned int t = 0; t < WIRE_KERNEL_TYPES; t++) {
		struct wire_meta_stats *r =
			begin(g, &b, WIRE_META_STATS, 0, NULL);

		r->type = t;
		r->hits = r->tried = g->hits[t];
		r->lost_ring = g->lost[t];
		deliver(g, &b.hdr);
	}
	e = begin(g, &b, WIRE_META_END, 0, NULL);
	e->records = g->records;
	deliver(g, &b.hdr);
}

/* --- struct pids --- */

struct gen_ns *gen__ns(struct gen *g, struct gen_ns *parent)
{
	struct gen_ns *ns = &g->ns[g->nns];

	assert(g->nns < sizeof(g->ns) / sizeof(*g->ns));
	*ns = (struct gen_ns){
		.inum = 4026531836u + g->nns,
		.parent = parent,
		.level = parent ? parent->level + 1 : 0,
		.pid_allocated = GEN_ADDING,
		.next_nr = 1,
		.user_ns = USER_NS_BASE + g->nns,
	};
	g->nns++;
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

static struct wire_alloc_pid *begin_alloc(struct gen *g, union buffer *b,
					  struct gen_task *cur,
					  struct gen_ns *ns)
{
	struct wire_alloc_pid *r = begin(g, b, WIRE_ALLOC_PID, 1, cur);

	fill_task(&r->task, cur);
	r->ns_address = NS_BASE + ns->inum;
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
	union buffer b;

	p->level = ns->level;
	for (struct gen_ns *n = ns; n; n = n->parent) {
		p->nr[n->level] = n->next_nr++;
		p->ns[n->level] = n;
		n->pid_allocated++;
	}
	r = begin_alloc(g, &b, cur, ns);
	r->ret = p->address;
	fill_image(&b.hdr, 0, p);
	emit(g, &b);
	return p;
}

void gen__alloc_fails(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		      int error)
{
	union buffer b;
	struct wire_alloc_pid *r = begin_alloc(g, &b, cur, ns);

	r->ret = (uint64_t)(int64_t)error;
	((struct wire_pid *)record__pid(&b.hdr, 0))->address = r->ret;
	emit(g, &b);
}

void gen__free_pid(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	union buffer b;
	struct wire_free_pid *r = begin(g, &b, WIRE_FREE_PID, 1, cur);

	r->pid_allocated = pid->ns[pid->level]->pid_allocated;
	fill_image(&b.hdr, 0, pid);
	emit(g, &b);
	for (uint32_t l = 0; l <= pid->level; l++)
		pid->ns[l]->pid_allocated--;
	assert(g->nfree < sizeof(g->free_list) / sizeof(*g->free_list));
	g->free_list[g->nfree++] = pid;
	if (g->nfree == sizeof(g->free_list) / sizeof(*g->free_list))
		gen__grace_period(g, cur);
}

void gen__grace_period(struct gen *g, struct gen_task *cur)
{
	while (g->nfree) {
		struct gen_pid *p = g->free_list[--g->nfree];
		union buffer b;
		struct wire_put_pid *r = begin(g, &b, WIRE_PUT_PID, 0, cur);

		r->pid = p->address;
		r->count = p->count;
		emit(g, &b);
		g->slab[g->nslab++] = p;
	}
}

static struct gen_pid **slot(struct gen_task *t, enum wire_pidtype type)
{
	return type == WIRE_PID ? &t->thread_pid : &t->pids[type];
}

static void link_record(struct gen *g, struct gen_task *cur,
			struct gen_task *t, enum wire_pidtype type,
			unsigned int rec)
{
	union buffer b;
	struct wire_link_pid *r = begin(g, &b, rec, 0, cur);

	r->task = t->address;
	r->start = t->start;
	r->pid = (*slot(t, type))->address;
	r->task_pid = t->pid;
	r->pidtype = type;
	emit(g, &b);
}

static void attach(struct gen *g, struct gen_task *cur, struct gen_task *t,
		   enum wire_pidtype type)
{
	struct gen_pid *p = *slot(t, type);

	link_record(g, cur, t, type, WIRE_ATTACH_PID);
	p->members[type]++;
	p->first[type] = t;
}

/* __change_pid() */
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
	union buffer b;
	struct wire_change_pid *r = begin(g, &b, WIRE_CHANGE_PID, 2, cur);

	fill_task(&r->task, t);
	r->pidtype = type;
	r->sid_singular = t->pids[WIRE_SID]->members[WIRE_SID] == 1;
	r->stack[0] = 0xffffffff81000100;
	r->stack[1] = 0xffffffff81000200;
	fill_image(&b.hdr, 0, *slot(t, type));
	fill_image(&b.hdr, 1, pid);
	emit(g, &b);
	leave_list(g, cur, t, type, pid);
	attach(g, cur, t, type);
}

/* --- tasks --- */

static struct gen_task *new_task(struct gen *g, struct gen_task *cur)
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
	t->address = address;
	t->start = g->ts_ns;
	t->state = 0;
	t->parent = cur;
	t->thread_pid = gen__alloc_pid(g, cur, cur->children_ns);
	t->pid = t->thread_pid->nr[0];
	return t;
}

static void born(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	union buffer b;
	struct wire_fork *r = begin(g, &b, WIRE_FORK, 1, cur);

	fill_task(&r->task, t);
	r->parent = cur->address;
	r->parent_start = cur->start;
	r->real_parent = t->parent->address;
	r->parent_active_ns =
		cur->thread_pid->ns[cur->thread_pid->level]->inum;
	r->parent_pid = cur->pid;
	fill_image(&b.hdr, 0, t->thread_pid);
	emit(g, &b);
}

struct gen_task *gen__fork(struct gen *g, struct gen_task *cur)
{
	struct gen_task *t = new_task(g, cur);

	t->signal = t->address + 1;
	t->tgid = t->pid;
	t->nr_threads = 1;
	t->pids[WIRE_TGID] = t->thread_pid;
	if (t->thread_pid->nr[t->thread_pid->level] == 1) {
		t->thread_pid->ns[t->thread_pid->level]->child_reaper = t;
	}
	for (int i = 0; i < WIRE_PIDTYPES; i++)
		attach(g, cur, t, i);
	cur->state |= WIRE_T_CHILDREN;
	born(g, cur, t);
	return t;
}

struct gen_task *gen__clone_thread(struct gen *g, struct gen_task *cur)
{
	struct gen_task *t = new_task(g, cur);

	t->nr_threads = ++cur->nr_threads;
	attach(g, cur, t, WIRE_PID);
	born(g, cur, t);
	return t;
}

static void life(struct gen *g, struct gen_task *cur, struct gen_task *t,
		 unsigned int type, int code)
{
	union buffer b;
	struct wire_life *r = begin(g, &b, type, 1, cur);

	fill_task(&r->task, t);
	r->exit_code = code;
	r->old_pid = t->pid;
	r->real_parent = t->parent ? t->parent->address : 0;
	fill_image(&b.hdr, 0, t->thread_pid);
	emit(g, &b);
}

void gen__exec(struct gen *g, struct gen_task *cur, const char *comm)
{
	memset(cur->comm, 0, sizeof(cur->comm));
	strncpy(cur->comm, comm, sizeof(cur->comm) - 1);
	life(g, cur, cur, WIRE_EXEC, 0);
}

void gen__exit(struct gen *g, struct gen_task *cur, int code)
{
	cur->state |= WIRE_T_EXITING;
	life(g, cur, cur, WIRE_EXIT, code);
	cur->nsproxy = 0;
}

void gen__release(struct gen *g, struct gen_task *cur, struct gen_task *dead)
{
	bool leader = dead->pid == dead->tgid;

	life(g, cur, dead, WIRE_RELEASE, 0);
	for (int i = 0; i < (leader ? WIRE_PIDTYPES : 1); i++) {
		link_record(g, cur, dead, i, WIRE_DETACH_PID);
		leave_list(g, cur, dead, i, NULL);
	}
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
	union buffer b;
	struct wire_error_report *r = begin(g, &b, WIRE_ERROR_REPORT, 0, cur);

	r->detector = 2;
	r->stack[0] = 0xffffffff81000300;
	emit(g, &b);
}

/* --- parts of a setns --- */

static void enter(struct gen *g, struct gen_task *cur, uint32_t flags,
		  uint32_t type, uint32_t inum)
{
	union buffer b;
	struct wire_setns_enter *r = begin(g, &b, WIRE_SETNS_ENTER, 1, cur);

	fill_task(&r->task, cur);
	r->fd = 3;
	r->flags = flags;
	r->fd_kind = WIRE_FD_NSFS;
	r->fd_ns_type = type;
	r->fd_ns = inum;
	r->knob = g->knob;
	fill_image(&b.hdr, 0, cur->thread_pid);
	cur->entry = cur->thread_pid;
	cur->entry_nr = cur->thread_pid->nr[0];
	emit(g, &b);
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
	union buffer b;
	struct wire_ns_capable *r = begin(g, &b, WIRE_NS_CAPABLE, 0, cur);

	r->user_ns = user_ns;
	r->cap = 21;
	r->ret = granted;
	emit(g, &b);
}

void gen__installed(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		    int ret)
{
	union buffer b;
	struct wire_pidns_install *r =
		begin(g, &b, WIRE_PIDNS_INSTALL, 1, cur);

	fill_task(&r->task, cur);
	r->target = NS_BASE + target->inum;
	r->target_user_ns = target->user_ns;
	r->cred_user_ns = g->ns[0].user_ns;
	r->active_user_ns =
		cur->thread_pid->ns[cur->thread_pid->level]->user_ns;
	r->ret = ret;
	r->target_ns = target->inum;
	r->target_parent = target->parent ? target->parent->inum : 0;
	r->target_level = target->level;
	r->child_reaper = target->child_reaper ?
			  target->child_reaper->address : 0;
	r->knob = g->knob;
	fill_image(&b.hdr, 0, cur->thread_pid);
	emit(g, &b);
}

void gen__switch_ns(struct gen *g, struct gen_task *cur, struct gen_ns *to)
{
	union buffer b;
	struct wire_switch_ns *r = begin(g, &b, WIRE_SWITCH_NS, 1, cur);

	fill_task(&r->task, cur);
	r->new_nsproxy = cur->nsproxy + 0x100;
	r->new_children_ns = to->inum;
	fill_image(&b.hdr, 0, cur->thread_pid);
	emit(g, &b);
	cur->nsproxy += 0x100;
	cur->children_ns = to;
}

static void flush(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	union buffer b;
	struct wire_flush_pid *r = begin(g, &b, WIRE_FLUSH_PID, 0, cur);

	r->pid = pid->address;
	b.hdr.flags &= ~WIRE_F_TASKLIST_WRITE;
	emit(g, &b);
}

static void rewritten(struct gen *g, struct gen_task *cur,
		      struct gen_pid *from, struct gen_pid *to)
{
	union buffer b;
	struct wire_pid_rewrite *r = begin(g, &b, WIRE_PID_REWRITE, 2, cur);

	fill_task(&r->task, cur);
	fill_image(&b.hdr, 0, from);
	fill_image(&b.hdr, 1, to);
	emit(g, &b);
}

/* pidns_commit_join(); pid NULL: nothing to commit, the hook fires anyway */
void gen__commit(struct gen *g, struct gen_task *cur, struct gen_pid *pid)
{
	struct gen_pid *old = cur->thread_pid;
	union buffer b;
	struct wire_commit_join *r;

	if (pid) {
		for (int t = 0; t < WIRE_PIDTYPES; t++)
			gen__change_pid(g, cur, cur, t, pid);
		cur->pid = cur->tgid = pid->nr[0];
		if (!(pid->ns[pid->level]->pid_allocated & GEN_ADDING))
			cur->state |= WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING;
		rewritten(g, cur, old, pid);
		flush(g, cur, old);
	}
	r = begin(g, &b, WIRE_COMMIT_JOIN, 1, cur);
	fill_task(&r->task, cur);
	fill_links(&r->links, cur);
	r->pid_allocated =
		cur->thread_pid->ns[cur->thread_pid->level]->pid_allocated;
	fill_image(&b.hdr, 0, cur->thread_pid);
	emit(g, &b);
}

void gen__leave(struct gen *g, struct gen_task *cur, uint32_t flags,
		int64_t ret)
{
	bool moved = cur->thread_pid != cur->entry;
	union buffer b;
	struct wire_setns_exit *r = begin(g, &b, WIRE_SETNS_EXIT, 2, cur);

	fill_task(&r->task, cur);
	fill_links(&r->links, cur);
	r->ret = ret;
	r->fd = 3;
	r->flags = flags;
	r->found_known = 1;
	r->found_new = cur->address;
	r->found_old = moved ? 0 : cur->address;
	r->knob = g->knob;
	fill_image(&b.hdr, 0, cur->thread_pid);
	fill_image(&b.hdr, 1, cur->entry);
	emit(g, &b);
}

/* --- whole calls --- */

static uint64_t active_user_ns(const struct gen_task *cur)
{
	return cur->thread_pid->ns[cur->thread_pid->level]->user_ns;
}

/* Up to pidns_install(), with the checks of mainline. */
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
	gen__capable(g, cur, active_user_ns(cur), true);
	pid = gen__alloc_pid(g, cur, target);
	gen__installed(g, cur, target, 0);
	return pid;
}

void gen__setns_join(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target)
{
	struct gen_pid *pid = prepare_join(g, cur, target);

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
	struct gen_pid *pid = prepare_join(g, cur, target);

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
	struct gen_ns *ns = gen__ns(g, cur->children_ns);
	struct gen_task *t;

	t = gen__fork(g, cur);
	/* clone(CLONE_NEWPID) by that one, so that cur stays childless. */
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
