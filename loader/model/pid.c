// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the table of struct pids, from alloc_pid() until their memory is freed.
 *
 * A struct pid from before the run is known from its free_pid() on, and dropped when
 * its grace period is over: no hook reports when its memory is freed.
 */
#include "loader/model/parts.h"

#include <string.h>

static void pid_drop(struct model *m, struct model_pid *p)
{
	m->last_pid = NULL;
	table__del(&m->pids, p->address);
	pool__put(&m->free_pids, p);
}

/* The struct pid keeps its reference to the innermost namespace that it had. */
static void set_numbers(struct model_pid *p, const struct wire_pid *img, uint32_t level)
{
	if (!p->holds || level > p->level)
		p->holds = img->upid[level].ns;
	p->level = level;
	p->ns = img->upid[level].ns;
	p->nr = img->upid[level].nr;
}

/* Updates p from the record's image; creates it if the address is unknown. */
static struct model_pid *pid_get(struct model *m, const struct wire_hdr *rec,
				 struct model_pid *p)
{
	const struct wire_pid *img = record__pid(rec, 0);
	unsigned int n = record__levels(rec, img);

	if (!n)
		return NULL;
	if (!p) {
		p = pool__get(&m->free_pids, sizeof(*p));
		memset(p, 0, sizeof(*p));
		p->address = img->address;
		table__add(&m->pids, p->address, p);
	}
	m->last_pid = p;
	set_numbers(p, img, n - 1);
	return p;
}

static void pid_born(struct model *m, const struct model_view *v)
{
	struct model_pid *p = v->pid;

	if (p)
		p->holds = 0;
	p = pid_get(m, v->rec, p);
	if (!p)
		return;
	p->born = v->index;
	p->born_level = p->level;
	p->freed = p->put = p->replaced = p->deepened = p->undeepened = 0;
	p->released = 0;
	p->used = 0;
	p->followed = v->current && v->current->followed;
	p->late = !(((const struct wire_alloc_pid *)v->rec)->pid_allocated &
		    MODEL_ADDING);
}

/* Notes that a struct pid of the command is going away. */
static void note_end(struct model *m, const struct model_view *v)
{
	if (v->pid && v->pid->followed)
		m->drained = v->index;
}

static void pid_freed(struct model *m, const struct model_view *v)
{
	struct model_pid *p;

	note_end(m, v);
	/* The image may be of the moment before a pid_undeepen() by another task. */
	p = v->pid && v->pid->undeepened ? v->pid : pid_get(m, v->rec, v->pid);
	if (!p)
		return;
	m->last_pid = p;
	p->freed = v->index;
	p->freed_cpu = v->rec->cpu;
	p->freed_seq = v->rec->seq;
}

static void pid_replaced(struct model *m, const struct model_view *v)
{
	const struct wire_setns_exit *x = (const void *)v->rec;
	struct model_pid *p;

	if (!v->window || !model_window__moved(v->window, x))
		return;
	p = model__find_pid(m, v->window->old.address);
	if (p)
		p->replaced = v->index;
}

/*
 * A struct pid gets a number between the records DEEPEN and PUBLISH_NR. Where these were
 * lost, the end of the setns shows the number.
 */
static void pid_deepened(struct model *m, const struct model_view *v)
{
	struct model_pid *p = model__find_pid(m, record__pid(v->rec, 0)->address);

	if (!p || record__pid(v->rec, 0)->level == p->level)
		return;
	pid_get(m, v->rec, p);
	p->deepened = v->index;
}

static void pid_undeepened(struct model *m, const struct model_view *v)
{
	const struct wire_undeepen *r = (const void *)v->rec;
	const struct wire_pid *img = record__pid(v->rec, 0);

	(void)m;
	if (!v->pid || r->level >= record__levels(v->rec, img))
		return;
	set_numbers(v->pid, img, r->level);
	v->pid->undeepened = v->index;
}

/* Only a struct pid that was deepened is of interest after its task. */
static void task_released(struct model *m, const struct model_view *v)
{
	const struct wire_release *r = (const void *)v->rec;
	struct model_pid *p = m->totals.keep_seen ?
			      model__find_pid(m, r->thread_pid) : NULL;

	if (!p || !p->deepened)
		return;
	p->released = v->index;
	p->releaser = r->hdr.current_task;
	p->releaser_start = r->hdr.current_start;
}

static void setns_left(struct model *m, const struct model_view *v)
{
	pid_replaced(m, v);
	pid_deepened(m, v);
}

static void find_imaged(const struct model *m, struct model_view *v)
{
	v->pid = model__find_pid(m, record__pid(v->rec, 0)->address);
}

static void find_put(const struct model *m, struct model_view *v)
{
	v->pid = model__find_pid(m, ((const struct wire_put_pid *)v->rec)->pid);
}

static void find_gone(const struct model *m, struct model_view *v)
{
	v->pid = model__find_pid(m, ((const struct wire_pid_gone *)v->rec)->pid);
}

model_finder *const model_pid_finders[WIRE_KERNEL_TYPES] = {
	[WIRE_ALLOC_PID] = find_imaged,
	[WIRE_FREE_PID] = find_imaged,
	[WIRE_PUT_PID] = find_put,
	[WIRE_PID_GONE] = find_gone,
	[WIRE_UNDEEPEN] = find_imaged,
};

static void pid_put(struct model *m, const struct model_view *v)
{
	struct model_pid *p = v->pid;

	if (!p)
		return;
	note_end(m, v);
	m->last_pid = p;
	if (p->freed > m->grace)
		m->grace = p->freed;
	if (!m->sees_gone || !p->born)
		pid_drop(m, p);
	else
		p->put = v->index;
}

static void pid_gone(struct model *m, const struct model_view *v)
{
	if (!v->pid)
		return;
	note_end(m, v);
	pid_drop(m, v->pid);
}

model_step *const model_pid_steps[WIRE_KERNEL_TYPES] = {
	[WIRE_ALLOC_PID] = pid_born,
	[WIRE_FREE_PID] = pid_freed,
	[WIRE_PUT_PID] = pid_put,
	[WIRE_PID_GONE] = pid_gone,
	[WIRE_SETNS_EXIT] = setns_left,
	[WIRE_RELEASE] = task_released,
	[WIRE_PUBLISH_NR] = pid_deepened,
	[WIRE_UNDEEPEN] = pid_undeepened,
};

bool model__grace_since(const struct model *m, uint64_t index)
{
	const struct model_sweep *s = &m->sweep;

	return index < m->grace ||
	       (s->reason == WIRE_SWEEP_FINAL && index < s->before_begin);
}

size_t model__pids(const struct model *m)
{
	return m->pids.count;
}

const struct model_pid *model__pid(const struct model *m, uint64_t address)
{
	return model__find_pid(m, address);
}

const struct model_pid *model__next_pid(const struct model *m, size_t *pos)
{
	return table__next(&m->pids, pos);
}
