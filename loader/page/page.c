// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns records into what a page draws: lanes, lines and marks.
 *
 * The order matters. A mark belongs to the line as it was before the record; then the
 * model takes the record, and the line goes on with the new numbers. A fork and an exec
 * name the task, so the model takes these records before they are drawn.
 */
#include "loader/page/page.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/memory.h"
#include "loader/model/history.h"
#include "loader/page/page_parts.h"
#include "loader/view/exec.h"
#include "loader/view/printer_parts.h"

#define VIOLATIONS_MAX	200000	/* further violations are only counted */
#define VIOLATION_TEXTS	20000	/* further violations have no text */

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

static void name_record(struct page *p, uint64_t record)
{
	if (record)
		*PAGE_ADD(&p->namings, struct page_naming) = (struct page_naming){
			.record = record, .violation = p->violations.n - 1,
			.event = PAGE_NONE,
		};
}

void page__violation(void *page, const struct judge_finding *f)
{
	struct page *p = page;
	uint32_t text = PAGE_NONE;

	if (p->violations.n == VIOLATIONS_MAX) {
		p->unmarked++;
		return;
	}
	if (p->violations.n < VIOLATION_TEXTS)
		text = page_string__id(p, f->why);
	*PAGE_ADD(&p->violations, struct page_violation) = (struct page_violation){
		.why = text, .ns = f->ns, .at_end = !f->record, .rule = f->rule,
	};
	name_record(p, f->record);
	for (int i = 0; i < JUDGE_NAMED; i++)
		name_record(p, f->named[i]);
}

/* --- records that violations name --- */

static struct page_naming *naming_at(const struct page *p, uint32_t i)
{
	return PAGE_AT(&p->namings, struct page_naming, i);
}

static int compare_namings(const void *a, const void *b)
{
	const struct page_naming *x = a, *y = b;

	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return x->violation < y->violation ? -1 : x->violation > y->violation;
}

/* Finds the namings of the record that was just counted. */
static void find_namings(struct page *p)
{
	if (p->records == 1 && p->namings.n)
		qsort(p->namings.at, p->namings.n, sizeof(struct page_naming),
		      compare_namings);
	p->naming += p->nnamings;
	p->nnamings = 0;
	while (p->naming + p->nnamings < p->namings.n &&
	       naming_at(p, p->naming + p->nnamings)->record == p->records)
		p->nnamings++;
}

/* Gives the mark the violations of the current record. */
static void set_violations(struct page *p, uint32_t event)
{
	for (uint32_t i = 0; i < p->nnamings; i++)
		naming_at(p, p->naming + i)->event = event;
}

/* --- marks --- */

static bool in_range(const struct page *p)
{
	return p->records >= p->opts.first && p->records <= p->opts.last;
}

static bool is_drawn(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_ENTER:
	case WIRE_COMMIT_JOIN:
	case WIRE_PID_REWRITE:
	case WIRE_DEEPEN:
	case WIRE_DEEPENED:
	case WIRE_COMMIT_DEEPEN:
	case WIRE_EXCHANGE_TIDS:
	case WIRE_ZAP_EXIT:
		return true;
	case WIRE_STACK:
		return false;
	}
	return print_text__has_line(type);
}

/* Writes the record as `replay --print -e all' does, then the operation. */
static void event_line(struct page *p, const struct model_view *v)
{
	struct printed op = { .out = p->lines, .model = p->model, .view = v };
	struct model_event e;

	model_event__set(&e, v->rec, v->index);
	model_event__detail(&e, p->lines);
	exec__add(v->rec, p->lines);
	if (print_text__has_line(v->rec->type)) {
		fputc('\n', p->lines);
		if (v->rec->type == WIRE_CHANGE_PID)
			op.change = change_kind__of(v);
		print_text__line(&op);
	}
	fputc('\0', p->lines);
}

/* Adds the mark of a record. Returns PAGE_NONE if there is none, or no more room. */
static uint32_t event_add(struct page *p, const struct model_view *v)
{
	const struct wire_hdr *rec = v->rec;
	struct page_event *e;

	if (!in_range(p) ||
	    !(p->nnamings || p->opts.everything || is_drawn(rec->type)))
		return PAGE_NONE;
	if (p->wanted++ >= p->opts.max_events)
		return PAGE_NONE;
	event_line(p, v);
	e = PAGE_ADD(&p->events, struct page_event);
	*e = (struct page_event){
		.ns = rec->ts_ns > p->start_ns ? rec->ts_ns - p->start_ns : 0,
		.record = v->index,
		.task = PAGE_NONE,
		.other = PAGE_NONE,
		.cpu = (uint16_t)rec->cpu,
		.type = (uint8_t)rec->type,
	};
	e->who = page_string__of_current(p, v);
	return p->events.n - 1;
}

/* Puts the mark on the line of the subject, or else of current; draws both lines. */
static void set_tasks(struct page *p, uint32_t event, uint32_t subject,
		      uint32_t current)
{
	uint32_t on = subject != PAGE_NONE ? subject : current;
	struct page_event *e = PAGE_AT(&p->events, struct page_event, event);
	bool born = e->type == WIRE_FORK && subject != PAGE_NONE;

	e->task = on;
	if (current != on)
		e->other = current;
	page_task__draw(p, on, born ? event : PAGE_NONE);
	page_task__draw(p, current, PAGE_NONE);
}

/*
 * Returns the namespace whose lane has the mark of a record that is drawn only because
 * a violation of no task names it: such a record has little to do with the task that
 * was interrupted for it. Returns PAGE_NONE if a task's line has the mark.
 */
static uint32_t lane_of_named(struct page *p, unsigned int type)
{
	const struct page_violation *v = NULL;

	for (uint32_t i = 0; i < p->nnamings; i++) {
		v = PAGE_AT(&p->violations, struct page_violation,
			    naming_at(p, p->naming + i)->violation);
		if (!v->at_end)
			return PAGE_NONE;
	}
	return v && !is_drawn(type) ? page_ns__get(p, v->ns) : PAGE_NONE;
}

/* --- records --- */

/* Returns the newest mark: a change of a record without a mark is drawn there. */
static uint32_t newest_event(const struct page *p)
{
	return p->events.n ? p->events.n - 1 : PAGE_NONE;
}

static bool is_of_namespace(unsigned int type)
{
	return type == WIRE_NS_NEW || type == WIRE_NS_FREE ||
	       type == WIRE_ZAP_ENTER || type == WIRE_ZAP_EXIT;
}

/*
 * Updates lines and lanes. Called after model__apply(); for WIRE_RELEASE before, because
 * model__apply() drops the released task.
 */
static void collect(struct page *p, const struct model_view *v, uint32_t event)
{
	unsigned int type = v->rec->type;
	uint32_t subject = PAGE_NONE, current = PAGE_NONE, ns = PAGE_NONE;
	bool known, on_line;

	if (v->current)
		current = page_task__find(p, v->current);
	if (v->subject)
		subject = v->subject == v->current ? current :
			  page_task__find(p, v->subject);
	if (event != PAGE_NONE)
		ns = lane_of_named(p, type);
	on_line = event != PAGE_NONE && ns == PAGE_NONE;
	if (type == WIRE_FORK && current != PAGE_NONE)
		page_task__show_parent(p, current, (const void *)v->rec);
	/* The line of a known task begins with its state before the record. */
	known = subject != PAGE_NONE && page_task__at(p, subject)->ns != PAGE_NONE;
	if (known && on_line)
		set_tasks(p, event, subject, current);
	if (subject != PAGE_NONE && v->task)
		page_task__show(p, v, subject, event != PAGE_NONE ? event :
				newest_event(p));
	if (!known && on_line)
		set_tasks(p, event, subject, current);
	if (is_of_namespace(type))
		ns = page_ns__record(p, v, event);
	if (event != PAGE_NONE && (is_of_namespace(type) || !on_line))
		PAGE_AT(&p->events, struct page_event, event)->other = ns;
	set_violations(p, event);
	if (subject != PAGE_NONE)
		page_task__end(p, subject, type, event);
}

static int page_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct page *p = (struct page *)sink;
	struct model_view v;
	uint32_t event;
	bool early;

	p->records++;
	find_namings(p);
	model__resolve(p->model, rec, &v);
	if (rec->type >= WIRE_META) {
		p->has_command |= rec->type == WIRE_META_COMMAND;
		if (rec->type == WIRE_META_MACHINE)
			p->machine = *(const struct wire_meta_machine *)rec;
		model__apply(p->model, &v);
		return 0;
	}
	if (!p->start_ns)
		p->start_ns = rec->ts_ns;
	loss__record(p->loss, rec, p->records, /* open_windows */ 0);
	/* printer.c does the same. */
	early = rec->type == WIRE_FORK || rec->type == WIRE_EXEC;
	if (early)
		model__apply(p->model, &v);
	event = event_add(p, &v);
	if (rec->type == WIRE_RELEASE)
		collect(p, &v, event);
	if (!early)
		model__apply(p->model, &v);
	if (rec->type != WIRE_RELEASE)
		collect(p, &v, event);
	if (ferror(p->lines) || ferror(p->strings))
		out_of_memory();
	return 0;
}

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
	free(p->namings.at);
	free(p->free_tasks.at);
	free(p->cut);
	table__clear(&p->ns_inum);
	table__clear(&p->ns_address);
	table__clear(&p->leader_of);
	table__clear(&p->string_ids);
	model__free(p->model);
	loss__free(p->loss);
	free(p);
}

int page__finish(struct page *p)
{
	loss__end(p->loss, 0);
	if (fflush(p->strings) || fflush(p->lines))
		out_of_memory();
	return p->wanted > p->opts.max_events ? -E2BIG : 0;
}
