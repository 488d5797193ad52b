// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects the tasks of a page, which are its lines, and the segments of the lines.
 *
 * Each change of a task's numbers or name begins a new segment of its line. Only the
 * task's own records count: a snapshot by another task in the middle of a join shows
 * half of either. A join is therefore drawn where its setns returns.
 *
 * A task without any event (seen by a sweep only) is not drawn, and its slot is reused
 * after its release.
 */
#include "loader/page/page_parts.h"

#include "loader/trace/record.h"

static uint32_t task_slot(struct page *p)
{
	if (p->free_tasks.n)
		return *PAGE_AT(&p->free_tasks, uint32_t, --p->free_tasks.n);
	PAGE_ADD(&p->tasks, struct page_task);
	return p->tasks.n - 1;
}

uint32_t page_task__find(struct page *p, struct model_task *t)
{
	uint32_t i = t->line - 1;

	if (t->line)
		return i;
	i = task_slot(p);
	*page_task__at(p, i) = (struct page_task){
		.first = PAGE_NONE,
		.exit = PAGE_NONE,
		.release = PAGE_NONE,
		.leader = i,
		.ns = PAGE_NONE,
		.label = page_string__of_task(p, t),
	};
	t->line = i + 1;
	return i;
}

static void segment_add(struct page *p, uint32_t task, uint32_t event)
{
	const struct page_task *t = page_task__at(p, task);

	*PAGE_ADD(&p->segments, struct page_segment) = (struct page_segment){
		.event = event,
		.task = task,
		.ns = t->ns,
		.label = t->label,
	};
}

void page_task__draw(struct page *p, uint32_t i, uint32_t event)
{
	struct page_task *t;

	if (i == PAGE_NONE || page_task__at(p, i)->drawn)
		return;
	t = page_task__at(p, i);
	t->drawn = true;
	t->first = event;
	segment_add(p, i, event);
	/* The place of a thread depends on its leader. */
	if (t->leader != i)
		page_task__draw(p, t->leader, PAGE_NONE);
}

/* Returns true if the first image is the subject's current and whole thread_pid. */
static bool is_shown(const struct model_view *v)
{
	switch (v->rec->type) {
	case WIRE_FORK:
	case WIRE_SETNS_ENTER:
	case WIRE_SETNS_EXIT:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_CLONE_FAILED:
	case WIRE_CLONE3_FAILED:
	case WIRE_UNSHARE_FAILED:
		return true;
	}
	return false;
}

static void task_leader(struct page *p, uint32_t i, const struct model_view *v)
{
	const struct wire_task *wt = v->task;
	struct page_task *t = page_task__at(p, i);
	uint32_t leader;

	if (wt->state & WIRE_T_LEADER) {
		t->leader = i;
		t->thread = false;
		if (page_index__find(&p->leader_of, wt->signal) != i)
			page_index__set(&p->leader_of, wt->signal, i);
		return;
	}
	t->thread = true;
	leader = page_index__find(&p->leader_of, wt->signal);
	/* A drawn thread keeps its place if the leader is not drawn. */
	if (leader != PAGE_NONE && (!t->drawn || page_task__at(p, leader)->drawn))
		t->leader = leader;
}

void page_task__show(struct page *p, const struct model_view *v, uint32_t i,
		     uint32_t event)
{
	const struct wire_pid *img = record__pid(v->rec, 0);
	struct page_task *t = page_task__at(p, i);
	uint32_t ns = t->ns, label;

	t->followed |= v->subject->followed;
	if (is_shown(v) || (v->rec->type == WIRE_SWEEP_TASK && !t->drawn &&
			    !v->subject->window))
		ns = page_ns__of_image(p, v->rec, img);
	else if (ns != PAGE_NONE && v->rec->type != WIRE_RENAME)
		return;
	if (ns == PAGE_NONE)
		ns = page_ns__get(p, v->task->active_ns);
	t = page_task__at(p, i);
	label = page_string__of_task(p, v->subject);
	task_leader(p, i, v);
	if (ns == t->ns && label == t->label)
		return;
	t->ns = ns;
	t->label = label;
	if (t->drawn)
		segment_add(p, i, event);
}

void page_task__show_parent(struct page *p, uint32_t i, const struct wire_fork *r)
{
	struct page_task *t = page_task__at(p, i);

	if (t->ns == PAGE_NONE)
		t->ns = page_ns__get(p, r->parent_active_ns);
}

void page_task__end(struct page *p, uint32_t i, unsigned int type,
		     uint32_t event)
{
	struct page_task *t = page_task__at(p, i);

	if (type == WIRE_EXIT) {
		t->exit = event;
		return;
	}
	if (type != WIRE_RELEASE)
		return;
	t->release = event;
	if (!t->drawn)
		*PAGE_ADD(&p->free_tasks, uint32_t) = i;
}
