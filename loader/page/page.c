// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns records into lanes, lines and marks.
 *
 * Each change of a task's numbers or name begins a new segment of its line. Only the
 * task's own records count: a snapshot by another task in the middle of a join shows
 * half of either. A join is therefore drawn where its setns returns.
 *
 * A task without any event (seen by a sweep only) is not drawn, and its slot is reused
 * after its release.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lib/memory.h"
#include "loader/model/history.h"
#include "loader/page/page_parts.h"
#include "loader/trace/record.h"
#include "loader/view/printer_parts.h"

#define VIOLATIONS_MAX	200000	/* marks; further violations are only counted */
#define VIOLATION_TEXTS	20000	/* ... with a text */
#define LABEL_LEN	640	/* a comm with 16 escapes, and 33 numbers */

static void *page_array__add(struct page_array *a, size_t size)
{
	if (a->n == a->room) {
		a->room = a->room ? a->room * 2 : 64;
		a->at = xrealloc(a->at, a->room * size);
	}
	return memset((char *)a->at + a->n++ * size, 0, size);
}

#define ADD(array, type) ((type *)page_array__add(array, sizeof(type)))

static struct page_task *task_at(const struct page *p, uint32_t i)
{
	return PAGE_AT(&p->tasks, struct page_task, i);
}

static struct page_ns *ns_at(const struct page *p, uint32_t i)
{
	return PAGE_AT(&p->namespaces, struct page_ns, i);
}

/* Table values are indices + 1, because a value must not be NULL. */
static uint32_t index_find(const struct table *t, uint64_t key)
{
	return (uint32_t)(uintptr_t)table__find(t, key) - 1;
}

static void index_set(struct table *t, uint64_t key, uint32_t i)
{
	if (table__find(t, key))
		table__del(t, key);
	table__add(t, key, (void *)(uintptr_t)(i + 1));
}

static int page_record(struct record_sink *sink, const struct wire_hdr *rec);

struct page *page__new(const struct page_opts *opts, const struct trace_info *info)
{
	struct page *p = xcalloc(1, sizeof(*p));

	p->sink.record = page_record;
	p->opts = *opts;
	if (!p->opts.max_events)
		p->opts.max_events = PAGE_EVENTS_MAX;
	if (!p->opts.last)
		p->opts.last = UINT64_MAX;
	p->info = *info;
	p->start_ns = info->start_monotonic_ns;
	p->strings = xmemstream(&p->strings_at, &p->strings_len);
	p->lines = xmemstream(&p->lines_at, &p->lines_len);
	p->model = model__new(false);
	p->loss = loss__new();
	return p;
}

void page__free(struct page *p)
{
	if (!p)
		return;
	fclose(p->strings);
	fclose(p->lines);
	free(p->strings_at);
	free(p->lines_at);
	free(p->namespaces.at);
	free(p->tasks.at);
	free(p->segments.at);
	free(p->events.at);
	free(p->violations.at);
	free(p->string_pos.at);
	free(p->free_tasks);
	free(p->cut);
	table__clear(&p->ns_inum);
	table__clear(&p->ns_address);
	table__clear(&p->task_at);
	table__clear(&p->leader_of);
	table__clear(&p->string_ids);
	model__free(p->model);
	loss__free(p->loss);
	free(p);
}

struct record_sink *page__sink(struct page *p)
{
	return &p->sink;
}

uint64_t page__wanted(const struct page *p)
{
	return p->wanted;
}

void page__cut(struct page *p, const char *why)
{
	free(p->cut);
	p->cut = xstrdup(why);
}

/* --- strings --- */

/* Returns the same id for the same text, which a 64-bit hash identifies. */
static uint32_t string_id(struct page *p, const char *s)
{
	size_t len = strlen(s);
	uint64_t hash = XXH3_64bits(s, len);
	uint32_t id = index_find(&p->string_ids, hash);

	if (id != PAGE_NONE)
		return id;
	id = p->string_pos.n;
	*ADD(&p->string_pos, uint64_t) = ftello(p->strings);
	fwrite(s, len + 1, 1, p->strings);
	index_set(&p->string_ids, hash, id);
	return id;
}

static uint32_t task_label(struct page *p, const struct model_task *t)
{
	char text[LABEL_LEN];
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out)
		out_of_memory();
	print_text__task(out, t);
	fclose(out);
	return string_id(p, text);
}

static uint32_t who_label(struct page *p, const struct model_view *v)
{
	char text[32];

	if (v->current)
		return task_label(p, v->current);
	snprintf(text, sizeof(text), "task 0x%llx",
		 (unsigned long long)v->rec->current_task);
	return string_id(p, text);
}

/* --- namespaces --- */

static uint32_t ns_new(struct page *p, uint32_t inum, uint32_t parent,
		       uint32_t level)
{
	struct page_ns *ns = ADD(&p->namespaces, struct page_ns);

	ns->inum = inum;
	ns->parent = parent;
	ns->level = level;
	ns->made = ns->freed = ns->zap = ns->zapped = PAGE_NONE;
	index_set(&p->ns_inum, inum, p->namespaces.n - 1);
	return p->namespaces.n - 1;
}

/* Returns PAGE_NONE for inum 0. */
static uint32_t ns_get(struct page *p, uint32_t inum)
{
	uint32_t i = index_find(&p->ns_inum, inum);

	return i != PAGE_NONE || !inum ? i : ns_new(p, inum, PAGE_NONE, 0);
}

/* The parents in a damaged trace may form a cycle. */
static void ns_set_parent(struct page *p, uint32_t i, uint32_t parent)
{
	if (ns_at(p, i)->parent != PAGE_NONE)
		return;
	for (uint32_t a = parent; a != PAGE_NONE; a = ns_at(p, a)->parent)
		if (a == i)
			return;
	ns_at(p, i)->parent = parent;
}

/* An image names all namespaces of a task, the outermost first. */
static uint32_t ns_of_image(struct page *p, const struct wire_hdr *rec,
			    const struct wire_pid *img)
{
	unsigned int levels = img ? record__levels(rec, img) : 0;
	uint32_t i = PAGE_NONE, above;

	for (unsigned int l = 0; l < levels; l++) {
		above = i;
		i = ns_get(p, img->upid[l].ns);
		if (i == PAGE_NONE)
			continue;
		ns_set_parent(p, i, above);
		ns_at(p, i)->level = l;
	}
	return i;
}

/* --- tasks --- */

static uint32_t task_slot(struct page *p)
{
	if (p->nfree)
		return p->free_tasks[--p->nfree];
	ADD(&p->tasks, struct page_task);
	return p->tasks.n - 1;
}

static void task_give_back(struct page *p, uint32_t i)
{
	if (p->nfree == p->free_room) {
		p->free_room = p->free_room ? p->free_room * 2 : 64;
		p->free_tasks = xrealloc(p->free_tasks, p->free_room *
					sizeof(*p->free_tasks));
	}
	p->free_tasks[p->nfree++] = i;
}

static bool in_range(const struct page *p)
{
	return p->records >= p->opts.first && p->records <= p->opts.last;
}

/* Returns the last event so far, where a change without an event is drawn. */
static uint32_t now(const struct page *p)
{
	return p->events.n ? p->events.n - 1 : PAGE_NONE;
}

static uint32_t task_new(struct page *p, const struct model_task *t)
{
	uint32_t i = task_slot(p);

	*task_at(p, i) = (struct page_task){
		.task = t->task,
		.start = t->start,
		.first = PAGE_NONE,
		.exit = PAGE_NONE,
		.release = PAGE_NONE,
		.leader = i,
		.ns = PAGE_NONE,
		.label = task_label(p, t),
	};
	index_set(&p->task_at, t->task, i);
	return i;
}

static uint32_t task_find(struct page *p, const struct model_task *t,
			  unsigned int type)
{
	uint32_t i = index_find(&p->task_at, t->task);

	if (i != PAGE_NONE && task_at(p, i)->start != t->start) {
		/* An exec by a thread gives the thread the leader's start time. */
		if (type != WIRE_EXCHANGE_TIDS)
			return task_new(p, t);
		task_at(p, i)->start = t->start;
	}
	return i != PAGE_NONE ? i : task_new(p, t);
}

static void segment_add(struct page *p, uint32_t task, uint32_t event)
{
	const struct page_task *t = task_at(p, task);

	*ADD(&p->segments, struct page_segment) = (struct page_segment){
		.event = event,
		.task = task,
		.ns = t->ns,
		.label = t->label,
	};
}

/* Begins the line of a task that has its first event. */
static void task_draw(struct page *p, uint32_t i, uint32_t event)
{
	struct page_task *t;

	if (i == PAGE_NONE || task_at(p, i)->drawn)
		return;
	t = task_at(p, i);
	t->drawn = true;
	t->first = event;
	segment_add(p, i, event);
	/* The place of a thread depends on its leader. */
	if (t->leader != i)
		task_draw(p, t->leader, PAGE_NONE);
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
		return true;
	}
	return false;
}

static void task_leader(struct page *p, uint32_t i, const struct model_view *v)
{
	const struct wire_task *wt = v->task;
	struct page_task *t = task_at(p, i);
	uint32_t leader;

	if (wt->state & WIRE_T_LEADER) {
		t->leader = i;
		t->thread = false;
		if (index_find(&p->leader_of, wt->signal) != i)
			index_set(&p->leader_of, wt->signal, i);
		return;
	}
	t->thread = true;
	leader = index_find(&p->leader_of, wt->signal);
	/* A drawn thread keeps its place if the leader is not drawn. */
	if (leader != PAGE_NONE && (!t->drawn || task_at(p, leader)->drawn))
		t->leader = leader;
}

/* Updates a task from the snapshot in a record. */
static void task_show(struct page *p, const struct model_view *v, uint32_t i,
		      uint32_t event)
{
	const struct wire_pid *img = record__pid(v->rec, 0);
	struct page_task *t = task_at(p, i);
	uint32_t ns = t->ns, label;

	t->followed |= v->subject->followed;
	if (is_shown(v) || (v->rec->type == WIRE_SWEEP_TASK && !t->drawn &&
			    !v->subject->window))
		ns = ns_of_image(p, v->rec, img);
	else if (ns != PAGE_NONE)
		return;
	if (ns == PAGE_NONE)
		ns = ns_get(p, v->task->active_ns);
	t = task_at(p, i);
	label = task_label(p, v->subject);
	task_leader(p, i, v);
	if (ns == t->ns && label == t->label)
		return;
	t->ns = ns;
	t->label = label;
	if (t->drawn)
		segment_add(p, i, event);
}

/* --- events --- */

static bool is_drawn(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_ENTER:
	case WIRE_SETNS_EXIT:
	case WIRE_CHANGE_PID:
	case WIRE_COMMIT_JOIN:
	case WIRE_PID_REWRITE:
	case WIRE_EXCHANGE_TIDS:
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_RELEASE:
	case WIRE_ERROR_REPORT:
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT:
		return true;
	}
	return false;
}

static bool is_of_namespace(unsigned int type)
{
	return type == WIRE_NS_NEW || type == WIRE_NS_FREE ||
	       type == WIRE_ZAP_ENTER || type == WIRE_ZAP_EXIT;
}

/* Returns true if print_text__line() has a line for the type. */
static bool is_operation(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_EXIT:
	case WIRE_CHANGE_PID:
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_RELEASE:
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ERROR_REPORT:
	case WIRE_STACK:
		return true;
	}
	return false;
}

/* Writes the record as `replay --print -e all' does, then the operation. */
static void event_line(struct page *p, const struct model_view *v)
{
	struct printed op = { .out = p->lines, .model = p->model, .view = v };
	struct model_event e;

	model_event__set(&e, v->rec, v->index);
	model_event__detail(&e, p->lines);
	if (is_operation(v->rec->type)) {
		fputc('\n', p->lines);
		if (v->rec->type == WIRE_CHANGE_PID)
			op.change = change_kind__of(v);
		print_text__line(&op);
	}
	fputc('\0', p->lines);
}

/* Returns PAGE_NONE if the record is not drawn. */
static uint32_t event_add(struct page *p, const struct model_view *v)
{
	const struct wire_hdr *rec = v->rec;
	struct page_event *e;

	if (!in_range(p) ||
	    !(p->pending || p->opts.everything || is_drawn(rec->type)))
		return PAGE_NONE;
	if (p->wanted++ >= p->opts.max_events)
		return PAGE_NONE;
	event_line(p, v);
	e = ADD(&p->events, struct page_event);
	*e = (struct page_event){
		.ns = rec->ts_ns > p->start_ns ? rec->ts_ns - p->start_ns : 0,
		.record = v->index,
		.task = PAGE_NONE,
		.other = PAGE_NONE,
		.cpu = (uint16_t)rec->cpu,
		.type = (uint8_t)rec->type,
	};
	e->who = who_label(p, v);
	return p->events.n - 1;
}

static void event_tasks(struct page *p, uint32_t event, uint32_t subject,
			uint32_t current)
{
	uint32_t on = subject != PAGE_NONE ? subject : current;
	struct page_event *e = PAGE_AT(&p->events, struct page_event, event);
	bool born = e->type == WIRE_FORK && subject != PAGE_NONE;

	e->task = on;
	if (current != on)
		e->other = current;
	task_draw(p, on, born ? event : PAGE_NONE);
	task_draw(p, current, PAGE_NONE);
}

static void event_violations(struct page *p, uint32_t event)
{
	for (; p->pending; p->pending--)
		PAGE_AT(&p->violations, struct page_violation,
			p->violations.n - p->pending)->event = event;
}

void page__violation(void *page, const struct rule *rule, const char *why,
		     uint64_t record)
{
	struct page *p = page;
	struct page_violation v;

	if (p->violations.n == VIOLATIONS_MAX) {
		p->unmarked++;
		return;
	}
	v = (struct page_violation){
		.event = PAGE_NONE,
		.why = p->violations.n < VIOLATION_TEXTS ? string_id(p, why) :
							   PAGE_NONE,
		.rule = rule,
	};
	*ADD(&p->violations, struct page_violation) = v;
	p->pending += record != 0;
}

/* --- records of namespaces --- */

/* The address distinguishes namespaces that used the same inum. */
static uint32_t ns_of_record(struct page *p, const struct wire_pidns *r)
{
	uint32_t i = index_find(&p->ns_address, r->ns);

	if (i != PAGE_NONE && ns_at(p, i)->inum == r->inum)
		return i;
	i = ns_get(p, r->inum);
	if (i == PAGE_NONE)
		return i;
	ns_at(p, i)->address = r->ns;
	index_set(&p->ns_address, r->ns, i);
	return i;
}

static uint32_t ns_record(struct page *p, const struct model_view *v,
			  uint32_t event)
{
	const struct wire_pidns *r = (const void *)v->rec;
	uint32_t above = PAGE_NONE, i;

	if (r->hdr.type == WIRE_NS_NEW) {
		if (r->parent != r->inum)
			above = ns_get(p, r->parent);
		i = ns_new(p, r->inum, above, r->level);
		ns_at(p, i)->address = r->ns;
		ns_at(p, i)->made = event;
		ns_at(p, i)->followed = v->current && v->current->followed;
		index_set(&p->ns_address, r->ns, i);
		return i;
	}
	i = ns_of_record(p, r);
	if (i == PAGE_NONE)
		return i;
	if (r->hdr.type == WIRE_NS_FREE)
		ns_at(p, i)->freed = event;
	else if (r->hdr.type == WIRE_ZAP_ENTER)
		ns_at(p, i)->zap = event;
	else
		ns_at(p, i)->zapped = event;
	return i;
}

/* --- one record --- */

static void task_ends(struct page *p, uint32_t i, unsigned int type,
		      uint32_t event)
{
	struct page_task *t = task_at(p, i);

	if (type == WIRE_EXIT) {
		t->exit = event;
		return;
	}
	if (type != WIRE_RELEASE)
		return;
	t->release = event;
	if (index_find(&p->task_at, t->task) == i)
		table__del(&p->task_at, t->task);
	if (!t->drawn)
		task_give_back(p, i);
}

/* Called after model__apply(); for RELEASE before, because the model drops the task. */
static void collect(struct page *p, const struct model_view *v, uint32_t event)
{
	unsigned int type = v->rec->type;
	uint32_t subject = PAGE_NONE, current = PAGE_NONE;
	bool known;

	if (v->current)
		current = task_find(p, v->current, type);
	if (v->subject)
		subject = v->subject == v->current ? current :
			  task_find(p, v->subject, type);
	/* The line of a known task begins with its state before the record. */
	known = subject != PAGE_NONE && task_at(p, subject)->ns != PAGE_NONE;
	if (known && event != PAGE_NONE)
		event_tasks(p, event, subject, current);
	if (subject != PAGE_NONE && v->task)
		task_show(p, v, subject, event != PAGE_NONE ? event : now(p));
	if (!known && event != PAGE_NONE)
		event_tasks(p, event, subject, current);
	if (is_of_namespace(type)) {
		uint32_t ns = ns_record(p, v, event);

		if (event != PAGE_NONE)
			PAGE_AT(&p->events, struct page_event, event)->other = ns;
	}
	if (event != PAGE_NONE)
		event_violations(p, event);
	if (subject != PAGE_NONE)
		task_ends(p, subject, type, event);
	p->pending = 0;
}

static int page_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct page *p = (struct page *)sink;
	struct model_view v;
	uint32_t event;

	p->records++;
	model__resolve(p->model, rec, &v);
	if (rec->type >= WIRE_META) {
		p->has_command |= rec->type == WIRE_META_COMMAND;
		model__apply(p->model, &v);
		return 0;
	}
	if (!p->start_ns)
		p->start_ns = rec->ts_ns;
	loss__record(p->loss, rec, p->records, /* open_windows */ 0);
	/* As in printer.c: the model takes these records first, as they name a task. */
	if (rec->type == WIRE_FORK || rec->type == WIRE_EXEC) {
		model__apply(p->model, &v);
		collect(p, &v, event_add(p, &v));
		return 0;
	}
	event = event_add(p, &v);
	if (rec->type == WIRE_RELEASE)
		collect(p, &v, event);
	model__apply(p->model, &v);
	if (rec->type != WIRE_RELEASE)
		collect(p, &v, event);
	if (ferror(p->lines) || ferror(p->strings))
		out_of_memory();
	return 0;
}

int page__finish(struct page *p)
{
	loss__end(p->loss, 0);
	if (fflush(p->strings) || fflush(p->lines))
		out_of_memory();
	return p->wanted > p->opts.max_events ? -E2BIG : 0;
}
