// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects the events of a page, which are its marks: the drawn records, each with its
 * lines of text, and the violations.
 */
#include "loader/page/page_parts.h"

#include "loader/model/history.h"
#include "loader/view/printer_parts.h"

#define VIOLATIONS_MAX	200000	/* marks; further violations are only counted */
#define VIOLATION_TEXTS	20000	/* ... with a text */

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
	if (print_text__has_line(v->rec->type)) {
		fputc('\n', p->lines);
		if (v->rec->type == WIRE_CHANGE_PID)
			op.change = change_kind__of(v);
		print_text__line(&op);
	}
	fputc('\0', p->lines);
}

uint32_t page_event__add(struct page *p, const struct model_view *v)
{
	const struct wire_hdr *rec = v->rec;
	struct page_event *e;

	if (!in_range(p) ||
	    !(p->pending || p->opts.everything || is_drawn(rec->type)))
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

void page_event__set_tasks(struct page *p, uint32_t event, uint32_t subject,
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

void page_event__set_violations(struct page *p, uint32_t event)
{
	for (; p->pending; p->pending--)
		PAGE_AT(&p->violations, struct page_violation,
			p->violations.n - p->pending)->event = event;
}

void page__violation(void *page, const struct rule *rule, const char *why,
		     uint64_t record)
{
	struct page *p = page;
	uint32_t text = PAGE_NONE;

	if (p->violations.n == VIOLATIONS_MAX) {
		p->unmarked++;
		return;
	}
	if (p->violations.n < VIOLATION_TEXTS)
		text = page_string__id(p, why);
	*PAGE_ADD(&p->violations, struct page_violation) = (struct page_violation){
		.event = PAGE_NONE, .why = text, .rule = rule,
	};
	p->pending += record != 0;
}
