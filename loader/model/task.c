// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of tasks: their numbers, which of them belong to the command, and the last
 * records of each.
 *
 * Facts about the order of records that this file relies on:
 * - alloc_pid() and attach_pid() of a child come before its FORK, so a child
 *   is unknown until then; detach_pid() comes after RELEASE. Link records
 *   therefore never create a task.
 * - de_thread() gives the exec'ing thread the leader's start time before
 *   exchange_tids(): a new start time there is the same task (fs/exec.c).
 */
#include "loader/model/parts.h"

#include <string.h>

#include "loader/model/history.h"

/* Any of these bits: the task is being killed. */
#define KILL_BITS (WIRE_T_GROUP_EXIT | WIRE_T_KILL_PENDING)

struct model_task *model_task__find(const struct model *m, uint64_t task)
{
	return table__find(&m->tasks, task);
}

struct model_task *model_task__current(struct model *m, const struct wire_hdr *rec)
{
	struct model_task *t = m->last_current;

	if (!t || t->task != rec->current_task)
		t = model_task__find(m, rec->current_task);
	m->last_current = t;
	/* With another start, the pointer was reused, and the FORK was lost. */
	return t && t->start == rec->current_start ? t : NULL;
}

void model_task__drop(struct model *m, struct model_task *t)
{
	if (m->last_current == t)
		m->last_current = NULL;
	if (t->window)
		model_window__close(m, t);
	m->nfollowed -= t->followed;
	model_scope__forget(t);
	model_process__forget(m, t);
	table__del(&m->tasks, t->task);
	pool__put(&m->free_tasks, t);
}

static struct model_task *add_task(struct model *m, const struct wire_task *wt)
{
	struct model_task *t = pool__get(&m->free_tasks, sizeof(*t));

	memset(t, 0, offsetof(struct model_task, nr));
	t->task = wt->task;
	t->start = wt->start;
	table__add(&m->tasks, t->task, t);
	m->unknown = 0;
	return t;
}

static void update(struct model_task *t, const struct wire_task *wt)
{
	t->pid = wt->pid;
	t->tgid = wt->tgid;
	t->thread_pid = wt->thread_pid;
	t->signal = wt->signal;
	memcpy(t->comm, wt->comm, sizeof(t->comm));
	if (wt->state & KILL_BITS)
		t->late_join = 0;
}

/* Notes the process whose exit will give the child another real_parent. */
static void note_parent(const struct model *m, const struct model_view *v)
{
	const struct wire_fork *r = (const void *)v->rec;
	const struct model_task *p = v->current;

	if (!p || p->task != r->real_parent)
		p = model_task__find(m, r->real_parent);

	v->subject->forked = v->index;
	v->subject->parent_tgid = p && p->levels ? p->tgid : 0;
	v->subject->parent_ns = p && p->levels ? p->ns[p->levels - 1] : 0;
}

static void note_children(struct model_task *t, uint32_t ns, uint64_t index)
{
	t->children_ns = ns;
	t->children_shown = index;
}

/*
 * A snapshot by another task may show half of a change. A task does not change
 * while it makes its own record, and a new child does not run yet.
 */
static void update_own(const struct model *m, const struct model_view *v)
{
	struct model_task *t = v->subject;

	if (v->rec->type == WIRE_FORK) {
		t->born = v->task->state & WIRE_T_LEADER ||
			  (v->current && v->current->born);
		note_parent(m, v);
		/* The child has the parent's current name, which may be new. */
		if (v->current)
			memcpy(v->current->comm, t->comm, sizeof(t->comm));
	} else if (t != v->current) {
		return;
	}
	t->exiting |= v->rec->type == WIRE_EXIT;
	t->shown = v->index;
	t->process = v->task->pids[WIRE_TGID];
	note_children(t, v->task->children_ns, v->index);
}

static void update_numbers(struct model_task *t, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	t->levels = record__levels(rec, img);
	for (uint32_t i = 0; i < t->levels; i++) {
		t->nr[i] = img->upid[i].nr;
		t->ns[i] = img->upid[i].ns;
	}
}

/*
 * Returns true if a task that is not known is added by a record of this type. Only these
 * types prove that it is alive: a late record must not revive a dead task.
 */
static bool adds_task(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_ENTER:
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_CHANGE_PID:
	case WIRE_EXIT:
		return true;
	}
	return false;
}

/*
 * Returns true if the sweep before the run shows that the task is alive: its RELEASE is
 * still to come.
 */
static bool existed_before(const struct model *m, const struct wire_hdr *rec)
{
	const struct wire_sweep_task *r = (const void *)rec;

	return rec->type == WIRE_SWEEP_TASK && !r->exit_state &&
	       m->sweep.reason == WIRE_SWEEP_START;
}

/* Handles a snapshot of a task that is not known, or was another task so far. */
static __attribute__((noinline))
struct model_task *snapshot_news(struct model *m, const struct wire_hdr *rec,
				 const struct wire_task *wt, struct model_task *t)
{
	if (t) {
		if (rec->type == WIRE_EXCHANGE_TIDS) {
			t->start = wt->start;
			return t;
		}
		if (rec->type == WIRE_SWEEP_TASK)
			return NULL;	/* seen in the middle of de_thread() */
		model_task__drop(m, t);
	}
	if (adds_task(rec->type) || existed_before(m, rec))
		return add_task(m, wt);
	return NULL;
}

static struct model_task *snapshot_task(struct model *m, const struct wire_hdr *rec,
				  const struct wire_task *wt)
{
	struct model_task *t = m->last_current;

	if (!t || t->task != wt->task)
		t = model_task__find(m, wt->task);
	if (t && t->start == wt->start)
		return t;
	return snapshot_news(m, rec, wt, t);
}

/* --- following the command --- */

static bool image_is(const struct wire_hdr *rec, const struct wire_pid *img,
		     int32_t nr, uint32_t ns)
{
	unsigned int n = record__levels(rec, img);

	for (unsigned int i = 0; i < n; i++)
		if (img->upid[i].ns == ns && img->upid[i].nr == nr)
			return true;
	return false;
}

static void follow(struct model *m, struct model_task *t)
{
	m->nfollowed += !t->followed;
	t->followed = true;
}

static void follow_command(struct model *m, const struct model_view *v)
{
	struct model_task *t = v->subject;

	if (v->rec->type == WIRE_FORK && v->current && v->current->followed)
		follow(m, t);
	/* Later tasks may get the command's number: only the first is the command. */
	if (m->follow && (v->task->state & WIRE_T_LEADER) &&
	    image_is(v->rec, record__pid(v->rec, 0), m->command_pid,
		     m->command_ns)) {
		follow(m, t);
		m->follow = false;
	}
}

/* --- the subject of a record --- */

/*
 * Finds the task of a link record. A task that is not known, as its FORK is still to
 * come or its RELEASE has come, has several of these records in a row.
 */
static struct model_task *linked_task(struct model *m, uint64_t task)
{
	struct model_task *t;

	if (task == m->unknown)
		return NULL;
	t = model_task__find(m, task);
	if (!t)
		m->unknown = task;
	return t;
}

/* Returns the task that called alloc_pid(), which may be older than the recording. */
static struct model_task *caller(struct model *m, const struct wire_alloc_pid *r)
{
	struct wire_task wt = {
		.task = r->hdr.current_task, .start = r->hdr.current_start,
		.pid = r->caller_pid, .tgid = r->caller_tgid,
	};
	struct model_task *t = model_task__current(m, &r->hdr);

	if (t)
		return t;
	t = model_task__find(m, wt.task);
	if (t)
		model_task__drop(m, t);	/* its RELEASE was lost */
	t = add_task(m, &wt);
	memcpy(wt.comm, r->caller_comm, sizeof(wt.comm));
	update(t, &wt);
	return t;
}

/* Returns the subject of a record that has no snapshot of a task, or NULL. */
static struct model_task *named_task(struct model *m, const struct wire_hdr *rec)
{
	const struct wire_named *named = (const void *)rec;
	struct model_task *t;

	if (rec->type == WIRE_ATTACH_PID || rec->type == WIRE_DETACH_PID)
		return linked_task(m, ((const struct wire_link_pid *)rec)->task);
	if (rec->type == WIRE_ALLOC_PID)
		return caller(m, (const void *)rec);
	if (rec->type == WIRE_TIMER_LOCK)
		return model_task__find(m, ((const struct wire_timer_lock *)rec)->ret);
	if (!record__has(rec->type, WIRE_NAMED))
		return NULL;
	t = model_task__find(m, named->task);
	return t && t->start == named->start ? t : NULL;
}

/* --- history --- */

/*
 * The slot to prefetch, counted from the current one. More records of a task usually
 * follow, and with many live tasks no cache has their histories: a prefetch shortens the
 * wait of later writes. At the end of the array, the prefetch is of no use.
 */
#define EVENTS_AHEAD 4

static struct model_event *next_event(struct model_task *t)
{
	struct model_event *e = &t->history[t->nhistory++ % MODEL_HISTORY];

	__builtin_prefetch(e + EVENTS_AHEAD, /* for writing */ 1);
	return e;
}

/* Adds the record to the histories of the current task and of the subject. */
static void add_to_histories(const struct model_view *v)
{
	struct model_task *other = v->subject != v->current ? v->subject : NULL;
	struct model_event *e;

	if (!v->current && !other)
		return;
	e = next_event(v->current ? v->current : other);
	model_event__set(e, v->rec, v->index);
	if (v->current && other)
		*next_event(other) = *e;
}

static void add_links(struct model_task *t, const struct wire_links_pid *links,
		      uint64_t index)
{
	unsigned int n = links->n, at = t->nhistory;

	for (unsigned int i = 0; i < n; i++)
		model_event__set_link(&t->history[(at + i) % MODEL_HISTORY], links, i,
				      index);
	t->nhistory += n;
}

void model_task__links(const struct model_view *v, const struct wire_links_pid *links,
		       uint64_t index)
{
	if (v->current)
		add_links(v->current, links, index);
	if (v->subject && v->subject != v->current)
		add_links(v->subject, links, index);
}

/* --- changes of numbers --- */

/* setsid() changes SID, then PGID, to the same pid (set_special_pids()). */
static void note_setsid(struct model *m, const struct model_view *v)
{
	const struct wire_change_pid *r = (const void *)v->rec;
	struct model_task *t = v->subject;

	(void)m;
	t->sid_just_set = r->pidtype == WIRE_SID ?
			  record__pid(v->rec, 1)->address : 0;
}

/* Notes the record around which another task's snapshot may show half of a change. */
static void note_renumbering(struct model *m, const struct model_view *v)
{
	(void)m;
	if (v->subject)
		v->subject->renumbered = v->index;
	if (v->current)
		v->current->renumbered = v->index;
}

static void note_joined(struct model *m, const struct model_view *v)
{
	if (v->window && v->subject &&
	    model_window__joined(v->window, (const void *)v->rec))
		v->subject->joined = v->index;
	note_renumbering(m, v);
}

static void note_cgroup(struct model *m, const struct model_view *v)
{
	(void)m;
	if (v->subject)
		v->subject->cgroup = record__cgroup(v->rec) ?: v->subject->cgroup;
}

static void note_release(struct model *m, const struct model_view *v)
{
	(void)m;
	if (v->current)
		v->current->released = v->index;
}

static void note_birthplace(struct model *m, const struct model_view *v)
{
	const struct wire_alloc_pid *r = (const void *)v->rec;

	(void)m;
	note_children(v->subject, r->children_ns, v->index);
}

model_step *const model_task_changes[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = note_renumbering,
	[WIRE_SETNS_EXIT] = note_joined,
	[WIRE_ALLOC_PID] = note_birthplace,
	[WIRE_CHANGE_PID] = note_setsid,
	[WIRE_EXCHANGE_TIDS] = note_renumbering,
	[WIRE_EXEC] = note_renumbering,
	[WIRE_RELEASE] = note_release,
	[WIRE_CGROUP_MOVE] = note_cgroup,
};

/* Notes a join into a namespace whose kill pass may already be over. */
static void note_late(const struct model_view *v, uint32_t pid_allocated)
{
	if (v->subject && v->window && !(pid_allocated & MODEL_ADDING) &&
	    !(v->task->state & KILL_BITS))
		v->subject->late_join = v->index;
}

static void note_late_join(const struct model_view *v)
{
	const struct wire_commit_join *r = (const void *)v->rec;

	if (v->rec->type == WIRE_COMMIT_DEEPEN)
		note_late(v, ((const struct wire_commit_deepen *)v->rec)->pid_allocated);
	else if (v->window &&
		 r->task.thread_pid != v->window->enter.task.thread_pid)
		note_late(v, r->pid_allocated);
}

struct model_task *model_task__subject(struct model *m, const struct wire_hdr *rec,
				       const struct wire_task *wt)
{
	return wt ? snapshot_task(m, rec, wt) : named_task(m, rec);
}

static __attribute__((noinline))
void update_subject(struct model *m, const struct model_view *v)
{
	unsigned int type = v->rec->type;
	struct model_task *t = v->subject;

	update(t, v->task);
	update_own(m, v);
	if (record__has(type, WIRE_NUMBERS))
		update_numbers(t, v->rec);
	if (record__has(type, WIRE_CGROUP))
		note_cgroup(m, v);
	if (type == WIRE_FORK || type == WIRE_EXEC)
		follow_command(m, v);
	if (type == WIRE_COMMIT_JOIN || type == WIRE_COMMIT_DEEPEN)
		note_late_join(v);
	if (v->task->state & WIRE_T_LEADER && t->leads != t->signal)
		model_process__lead(m, t);
}

void model_task__record(struct model *m, const struct model_view *v)
{
	if (v->subject && v->task)
		update_subject(m, v);
	if (!record__has(v->rec->type, WIRE_QUIET))
		add_to_histories(v);
}
