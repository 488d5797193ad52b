// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects what a task does between entry to and exit from setns.
 *
 * A record belongs to a window if the window's task ran the hook. Changes that other
 * tasks make to the window's task meanwhile (a parent's setpgid(), say) are counted
 * apart: the setns did not cause them.
 */
#include "loader/model/parts.h"

#include <string.h>

void model_window__close(struct model *m, struct model_task *t)
{
	pool__put(&m->free_windows, t->window);
	t->window = NULL;
}

void model_window__open(struct model *m, const struct model_view *v)
{
	const struct wire_setns_enter *e = (const void *)v->rec;
	struct model_task *t = v->current;
	struct model_window *w;
	struct model_pid *leader;

	if (!t || t != v->subject)
		return;
	if (t->window)		/* the SETNS_EXIT was lost */
		model_window__close(m, t);
	w = pool__get(&m->free_windows, sizeof(*w));
	memset((char *)w + offsetof(struct model_window, tgid_known), 0,
	       offsetof(struct model_window, install) -
	       offsetof(struct model_window, tgid_known));
	w->task = t;
	w->index = v->index;
	w->enter = *e;
	model_numbers__set(&w->old, v->rec, record__pid(v->rec, 0));
	if (e->task.pids[WIRE_TGID] == w->old.address && w->old.levels) {
		w->tgid_known = true;
		w->tgid_nr = w->old.upid[w->old.levels - 1].nr;
	} else {
		leader = model__find_pid(m, e->task.pids[WIRE_TGID]);
		w->tgid_known = leader && leader->ns == e->task.active_ns;
		w->tgid_nr = leader ? leader->nr : 0;
	}
	t->window = w;
}

/* Only the first change_pid() of a window has a stack, unless all have. */
static bool is_kept(const struct model_window *w, unsigned int i, uint32_t type)
{
	return i == MODEL_KEPT_STACKS || (i < w->nkept && type == WIRE_CHANGE_PID);
}

/* Stacks are kept for the first MODEL_KEPT_STACKS types only. */
void model_window__keep(struct model_window *w, uint32_t type,
			const __u64 *stack)
{
	unsigned int i = 0;

	while (i < w->nkept && w->kept[i].type != type)
		i++;
	if (is_kept(w, i, type))
		return;
	w->kept[i].type = type;
	memcpy(w->kept[i].stack, stack, sizeof(w->kept[i].stack));
	if (i == w->nkept)
		w->nkept++;
}

static void take_cap(struct model_window *w, const struct wire_ns_capable *r)
{
	if (w->ncaps < MODEL_CAPS)
		w->caps[w->ncaps] = (struct model_cap){
			.user_ns = r->user_ns,
			.cap = r->cap,
			.granted = r->ret,
			.before_alloc = !w->nallocs && !w->nkeep.reserves,
		};
	w->ncaps++;
}

static void take_alloc(struct model_window *w, const struct model_view *v)
{
	const struct wire_alloc_pid *r = (const void *)v->rec;
	struct model_alloc *a;

	if (wire_is_err(r->ret) || !r->ret) {
		w->failed_allocs++;
		w->alloc_error = (int32_t)(int64_t)r->ret;
		w->failed_alloc = *r;
		return;
	}
	if (w->nallocs < MODEL_ALLOCS) {
		a = &w->allocs[w->nallocs];
		a->rec = *r;
		a->freed = 0;
		model_numbers__set(&a->numbers, v->rec, record__pid(v->rec, 0));
	}
	w->nallocs++;
}

static void take_free(struct model_window *w, const struct model_view *v)
{
	uint64_t address = record__pid(v->rec, 0)->address;

	w->freed++;
	if (address == w->old.address)
		w->freed_old++;
	for (unsigned int i = 0; i < w->nallocs && i < MODEL_ALLOCS; i++)
		if (w->allocs[i].rec.ret == address)
			w->allocs[i].freed++;
}

static void take_change(struct model_window *w, const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;
	const struct wire_pid *to = record__pid(v->rec, 1);

	if (!w->changes++) {
		w->first_change = *r;
		model_numbers__set(&w->first_new, v->rec, to);
	}
	if (r->task.task != w->task->task) {
		w->others++;
		return;
	}
	if (r->pidtype >= WIRE_PIDTYPES)
		return;
	w->per_type[r->pidtype]++;
	w->change_new[r->pidtype] = to->address;
	if (r->pidtype == WIRE_PID) {
		w->traced = r->task.state & WIRE_T_TRACED;
		w->flush_early = w->flushed_old;
	}
	if (r->pidtype == WIRE_TGID)
		w->cpu_timers = r->task.state & WIRE_T_CPU_TIMERS;
}

static void take_flush(struct model_window *w, const struct wire_flush_pid *r)
{
	if (r->pid != w->old.address)
		return;
	w->flushed_old++;
	w->flush_lock_known = r->hdr.flags & WIRE_F_TASKLIST_KNOWN;
	w->flush_locked = r->hdr.flags & WIRE_F_TASKLIST_WRITE;
	w->flush_inodes = r->inodes;
}

static void take_rewrite(struct model_window *w, const struct model_view *v)
{
	w->rewrites++;
	w->rewrite = *(const struct wire_pid_rewrite *)v->rec;
	w->rewrite_old = record__pid(v->rec, 0)->address;
	w->rewrite_new = record__pid(v->rec, 1)->address;
}

/* Every successful setns calls pidns_commit_join(), mostly with nothing to do. */
static void take_commit(struct model_window *w, const struct model_view *v)
{
	const struct wire_commit_join *r = (const void *)v->rec;

	if (r->task.thread_pid == w->enter.task.thread_pid)
		return;
	w->commits++;
	w->commit = *r;
}

/* A parent that waits for the old number must be woken before the number goes. */
static void take_wake(struct model_window *w, const struct wire_wake_parent *r)
{
	bool late = w->per_type[WIRE_PID];

	if (r->task != w->task->task)
		return;
	w->nkeep.notices++;
	w->woken += r->parent == r->real_parent && !late;
	w->woken_late += r->parent == r->real_parent && late;
	w->woken_tracer += r->parent == r->ptrace_parent && !late;
}

/* Returns false if the record shows that the task has no thread_pid. */
static bool has_thread_pid(const struct model_window *w, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_PIDNS_INSTALL:
		return ((const struct wire_pidns_install *)v->rec)->thread_pid;
	case WIRE_ALLOC_PID:
		return ((const struct wire_alloc_pid *)v->rec)->thread_pid;
	case WIRE_SWITCH_NS:
		return v->subject != w->task ||
		       ((const struct wire_switch_ns *)v->rec)->thread_pid;
	}
	return !v->task || v->task->task != w->task->task || v->task->thread_pid;
}

static void take_own(struct model_window *w, const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_PIDNS_INSTALL:
		w->installs++;
		w->install = *(const struct wire_pidns_install *)v->rec;
		break;
	case WIRE_NS_CAPABLE:
		take_cap(w, (const void *)v->rec);
		break;
	case WIRE_ALLOC_PID:
		take_alloc(w, v);
		break;
	case WIRE_FREE_PID:
		take_free(w, v);
		break;
	case WIRE_CHANGE_PID:
		take_change(w, v);
		break;
	case WIRE_DETACH_PID:
		w->detaches += ((const struct wire_link_pid *)v->rec)->task ==
			       w->task->task;
		break;
	case WIRE_FLUSH_PID:
		take_flush(w, (const void *)v->rec);
		break;
	case WIRE_WAKE_PARENT:
		take_wake(w, (const void *)v->rec);
		break;
	case WIRE_PID_REWRITE:
		take_rewrite(w, v);
		break;
	case WIRE_SWITCH_NS:
		w->switches++;
		break;
	case WIRE_COMMIT_JOIN:
		take_commit(w, v);
		break;
	default:
		model_keep__record(w, v);
	}
	w->null_pids += !has_thread_pid(w, v);
}

void model_window__record(const struct model_view *v)
{
	if (v->window)
		take_own(v->window, v);
	if (v->rec->type == WIRE_CHANGE_PID && v->subject &&
	    v->subject != v->current && v->subject->window)
		v->subject->window->foreign++;
}
