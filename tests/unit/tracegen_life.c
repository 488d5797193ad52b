// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records the ends of tasks, struct pids and namespaces, and the sweeps over live
 * tasks.
 */
#include <stdio.h>
#include <string.h>

#include "tracegen_parts.h"

void gen__pidns(struct gen *g, unsigned int type, const struct gen_task *cur,
		const struct gen_ns *ns)
{
	struct wire_pidns *r = gen__record(g, type, cur);

	r->ns = gen__ns_address(g, ns);
	r->child_reaper = ns->child_reaper ? ns->child_reaper->address : 0;
	r->inum = ns->inum;
	r->parent = ns->parent ? ns->parent->inum : 0;
	r->level = ns->level;
	r->pid_allocated = ns->pid_allocated;
	gen__emit(g);
}

void gen__ns_ends(struct gen *g, struct gen_ns *ns)
{
	gen__pidns(g, WIRE_NS_FREE, g->init, ns);
	ns->gone = true;
}

void gen__gone(struct gen *g, struct gen_task *cur, struct gen_pid *p)
{
	struct wire_pid_gone *r;
	bool hashed = false;

	for (int t = 0; t < WIRE_PIDTYPES; t++)
		hashed |= p->members[t];
	if (hashed)
		gen__stack(g, cur, WIRE_PID_GONE);
	r = gen__record(g, WIRE_PID_GONE, cur);
	r->pid = p->address;
	for (int t = 0; t < WIRE_PIDTYPES; t++)
		if (p->members[t])
			r->hashed |= 1u << t;
	gen__emit(g);
	g->slab[g->nslab++] = p;
}

void gen__reparent(struct gen *g, struct gen_task *dead)
{
	struct gen_task *thread = gen__live_thread(g, dead);
	struct gen_ns *ns = gen__active_ns(dead);
	/* The end of a namespace makes no orphans. */
	bool orphans = !thread && ns->child_reaper != dead;
	struct gen_task *to = thread ? thread : orphans ? ns->child_reaper : g->init;

	if (thread && ns->child_reaper == dead)
		ns->child_reaper = thread;
	/* Most tasks have no children, which saves the search. */
	for (unsigned int i = 0; dead->nchildren && i < g->ntasks; i++) {
		if (!g->tasks[i].alive || g->tasks[i].parent != dead)
			continue;
		g->tasks[i].parent = to;
		to->nchildren++;
		dead->nchildren--;
		if (orphans && g->tasks[i].pid == g->tasks[i].tgid)
			gen__orphaned(g, dead, &g->tasks[i]);
	}
}

/* --- the end of an init --- */

static bool has_number_in(const struct gen_task *t, const struct gen_ns *ns)
{
	const struct gen_pid *p = t->thread_pid;

	return p->level >= ns->level && p->ns[ns->level] == ns;
}

static bool lives_in(const struct gen_task *t, const struct gen_ns *ns)
{
	return t->alive && has_number_in(t, ns);
}

/* The kernel sends no second SIGKILL to a process, nor one to a zombie. */
static void zap(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	if (!t->group_exit && !t->exit_state)
		gen__kill_by_kernel(g, cur, t);
	t->state |= WIRE_T_KILL_PENDING | WIRE_T_GROUP_EXIT;
}

void gen__zap_enter(struct gen *g, struct gen_task *cur, struct gen_ns *ns)
{
	gen__pidns(g, WIRE_ZAP_ENTER, cur, ns);
	cur->waiting = true;
	ns->pid_allocated &= ~GEN_ADDING;
	for (unsigned int i = 0; i < g->ntasks; i++)
		if (&g->tasks[i] != cur && lives_in(&g->tasks[i], ns))
			zap(g, cur, &g->tasks[i]);
}

void gen__zap_exit(struct gen *g, struct gen_task *cur, struct gen_ns *ns)
{
	cur->waiting = false;
	gen__pidns(g, WIRE_ZAP_EXIT, cur, ns);
}

/* --- exec by a thread: de_thread() --- */

static void two_tasks(struct gen *g, unsigned int type, struct gen_task *cur,
		      struct gen_task *from, struct gen_task *to,
		      enum wire_pidtype pidtype)
{
	struct wire_two_tasks *r = gen__record(g, type, cur);

	gen__fill_task(&r->from, from);
	gen__fill_task(&r->to, to);
	r->pidtype = pidtype;
	gen__emit(g);
}

static void exchange(struct gen_task *a, struct gen_task *b)
{
	struct gen_pid *pid = a->thread_pid;
	int32_t nr = a->pid;

	a->thread_pid = b->thread_pid;
	a->pid = b->pid;
	b->thread_pid = pid;
	b->pid = nr;
	a->thread_pid->first[WIRE_PID] = a;
	b->thread_pid->first[WIRE_PID] = b;
}

void gen__exec_as(struct gen *g, struct gen_task *cur, const struct gen_exec *exec)
{
	struct wire_exec *r = gen__record(g, WIRE_EXEC, cur);
	size_t n = exec->args_size;

	gen__fill_task(&r->task, cur);
	r->old_pid = exec->old_pid;
	r->args_size = n;
	strncpy(r->path, exec->path, sizeof(r->path) - 1);
	memcpy(r->args, exec->args, n < sizeof(r->args) ? n : sizeof(r->args));
	gen__fill_image(g, 0, cur->thread_pid);
	gen__emit(g);
}

void gen__exec(struct gen *g, struct gen_task *cur, const char *comm)
{
	char path[WIRE_PATH_LEN];

	memset(cur->comm, 0, sizeof(cur->comm));
	strncpy(cur->comm, comm, sizeof(cur->comm) - 1);
	snprintf(path, sizeof(path), "/bin/%s", comm);
	gen__exec_as(g, cur, &(struct gen_exec){
		.old_pid = cur->pid,
		.path = path,
		.args = comm,
		.args_size = strlen(comm) + 1,
	});
}

void gen__exec_thread(struct gen *g, struct gen_task *cur,
		      struct gen_task *leader)
{
	int32_t old = cur->pid;

	cur->start = leader->start;
	two_tasks(g, WIRE_EXCHANGE_TIDS, cur, cur, leader, WIRE_PID);
	exchange(cur, leader);
	for (int t = WIRE_TGID; t < WIRE_PIDTYPES; t++) {
		two_tasks(g, WIRE_TRANSFER_PID, cur, leader, cur, t);
		cur->pids[t]->first[t] = cur;
	}
	cur->nr_threads = 1;
	gen__release(g, cur, leader);
	gen__exec_as(g, cur, &(struct gen_exec){
		.old_pid = old,
		.path = "/bin/threads",
		.args = "threads",
		.args_size = sizeof("threads"),
	});
}

/* --- records of a task made by other tasks --- */

void gen__wait(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	struct wire_wait_child *r;

	if (!has_number_in(t, gen__active_ns(cur)))
		gen__stack(g, cur, WIRE_WAIT_CHILD);
	r = gen__record(g, WIRE_WAIT_CHILD, cur);
	r->task = t->address;
	r->start = t->start;
	r->pid = t->pid;
	r->exit_state = t->exit_state;
	r->waiter_ns = gen__active_ns(cur)->inum;
	r->waiter_level = cur->thread_pid->level;
	gen__fill_image(g, 0, t->thread_pid);
	gen__emit(g);
}

void gen__notify_pidfd(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	struct wire_notify_pidfd *r;

	if (!t->exit_state)
		gen__stack(g, cur, WIRE_NOTIFY_PIDFD);
	r = gen__record(g, WIRE_NOTIFY_PIDFD, cur);
	r->task = t->address;
	r->start = t->start;
	r->pid = t->thread_pid->address;
	r->exit_state = t->exit_state;
	r->task_pid = t->pid;
	gen__emit(g);
}

void gen__timer_lock(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		     struct gen_task *ret, uint64_t head)
{
	uint64_t link = ret ? gen__links_of(ret) + 16 : 0;
	uint64_t first = pid->members[WIRE_TGID] ?
			 gen__links_of(pid->first[WIRE_TGID]) + 16 : 0;
	struct wire_timer_lock *r;

	if (ret ? first != link : head != 0)
		gen__stack(g, cur, WIRE_TIMER_LOCK);
	r = gen__record(g, WIRE_TIMER_LOCK, cur);
	r->pid = pid->address;
	r->pidtype = WIRE_TGID;
	r->first = first;
	r->ret = ret ? ret->address : 0;
	r->link = link;
	r->head = head;
	gen__emit(g);
}

void gen__stack(struct gen *g, struct gen_task *cur, unsigned int type)
{
	struct wire_stack *r = gen__record(g, WIRE_STACK, cur);

	/* The same hook makes both records: no time passes. */
	r->hdr.ts_ns = g->ts_ns -= 1000;
	r->type = type;
	r->stack[0] = GEN_STACK(type);
	gen__emit(g);
}

void gen__emit_exit(struct gen *g, struct gen_task *t, int code)
{
	struct wire_exit *r = gen__record(g, WIRE_EXIT, t);

	gen__fill_task(&r->task, t);
	r->exit_code = code;
	r->real_parent = t->parent ? t->parent->address : 0;
	r->status = t->group_exit ? t->group_code : code;
	r->live = gen__live(g, t);
	if (t->subreaper_above)
		r->hdr.flags |= WIRE_F_SUBREAPER;
	if (t->out_of_memory)
		r->hdr.flags |= WIRE_F_OOM_VICTIM;
	gen__fill_image(g, 0, t->thread_pid);
	gen__emit(g);
}

void gen__emit_release(struct gen *g, struct gen_task *cur, const struct gen_task *t)
{
	struct wire_release *r = gen__record(g, WIRE_RELEASE, cur);
	const struct gen_pid *pid = t->thread_pid;

	r->task = t->address;
	r->start = t->start;
	r->thread_pid = pid ? pid->address : 0;
	r->signal = t->signal;
	r->real_parent = t->parent ? t->parent->address : 0;
	r->pid = t->pid;
	r->tgid = t->tgid;
	r->nr = pid ? pid->nr[pid->level] : 0;
	r->leader = t->pid == t->tgid;
	r->exit_code = t->exit_code;
	r->status = t->group_exit ? t->group_code : t->exit_code;
	gen__emit(g);
}

/* --- sweeps --- */

void gen__fill_relative(struct wire_relative *w, const struct gen_task *t)
{
	w->task = t->address;
	w->start = t->start;
	w->pid = t->pid;
	w->ns = gen__active_ns(t)->inum;
	w->level = t->thread_pid->level;
	w->tgid = t->tgid;
}

static uint32_t visit_flags(const struct gen_task *t)
{
	const struct gen_task *p = t->parent ? t->parent : t;
	uint32_t flags = 0;

	if (t->state & WIRE_T_KILL_PENDING)
		flags |= WIRE_SWEEP_SIGKILL;
	if (t->waiting)
		flags |= WIRE_SWEEP_WAITING;
	if (t->subreaper_above)
		flags |= WIRE_SWEEP_SUBREAPER;
	if (!p->exit_state)
		flags |= WIRE_SWEEP_LIVE_ABOVE;
	if (p->pids[WIRE_TGID]->nr[p->pids[WIRE_TGID]->level] == 1)
		flags |= WIRE_SWEEP_INIT_ABOVE;
	return flags;
}

static void fill_reaper(struct wire_sweep_task *r, const struct gen_task *t)
{
	const struct gen_pid *p = t->thread_pid;

	for (int l = (int)p->level; l >= 0; l--) {
		const struct gen_task *reaper = p->ns[l]->child_reaper;
		int32_t nr = reaper && reaper->alive ?
			     reaper->pids[WIRE_TGID]->nr[l] : 0;

		if (l < (int)p->level && nr == 1)
			continue;
		r->reaper = reaper ? reaper->address : 0;
		r->reaper_ns = p->ns[l]->inum;
		r->reaper_level = l;
		r->reaper_nr = nr;
		if (nr != 1)
			break;
	}
}

static void visit(struct gen *g, const struct gen_task *t)
{
	struct wire_sweep_task *r = gen__record(g, WIRE_SWEEP_TASK, g->init);
	const struct gen_task *up = t;

	gen__fill_task(&r->task, t);
	gen__fill_relative(&r->real_parent, t->parent ? t->parent : t);
	gen__fill_relative(&r->parent, t->parent ? t->parent : t);
	r->id = g->sweeps;
	r->exit_state = t->exit_state;
	r->status = t->group_exit ? t->group_code : t->exit_code;
	for (; up->parent && r->steps < 100; up = up->parent)
		r->steps++;
	if (!up->parent)
		r->flags |= WIRE_SWEEP_ROOT;
	r->flags |= visit_flags(t);
	fill_reaper(r, t);
	gen__fill_image(g, 0, t->thread_pid);
	gen__emit(g);
}

static void mark(struct gen *g, enum wire_sweep_phase phase,
		 enum wire_sweep_reason reason, uint32_t tasks)
{
	struct wire_sweep *r = gen__record(g, WIRE_SWEEP, g->init);

	r->id = g->sweeps;
	r->phase = phase;
	r->reason = reason;
	r->tasks = tasks;
	gen__emit(g);
}

void gen__sweep(struct gen *g, enum wire_sweep_reason reason)
{
	uint32_t n = 0;

	if (g->no_hooks & HOOK_BIT(WIRE_HOOK_SWEEP))
		return;
	g->sweeps++;
	mark(g, WIRE_SWEEP_BEGIN, reason, 0);
	for (unsigned int i = 0; i < g->ntasks; i++) {
		if (!g->tasks[i].alive)
			continue;
		visit(g, &g->tasks[i]);
		n++;
	}
	mark(g, WIRE_SWEEP_END, reason, n);
}
