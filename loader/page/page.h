/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Draws a trace as one HTML page: a lane for each pid namespace, a line for each task,
 * a mark for each drawn record.
 *
 * The page collects a few dozen bytes and a line of text for each drawn record, and is
 * written after the last record. The events of tasks and namespaces are drawn, and each
 * record that breaks a rule, or that a violation names; with page_opts.everything, each record of the kernel side.
 */
#ifndef LOADER_PAGE_PAGE_H
#define LOADER_PAGE_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "loader/judge/judge.h"
#include "loader/trace/trace.h"

#define PAGE_EVENTS_MAX		2000000	/* more than a browser can hold */

struct page_opts {
	const char *title;
	const char *file;		/* its name, for display */
	bool everything;		/* also link records and the like */
	uint64_t first, last;		/* numbers of the records to draw */
	uint64_t max_events;		/* 0: PAGE_EVENTS_MAX */
};

struct page;

/* The strings of opts must outlive the page. */
struct page *page__new(const struct page_opts *opts, const struct trace_info *info);
void page__free(struct page *p);	/* NULL is legal */

/*
 * Callback of judge__watch(), with the page as its argument. A violation may name records
 * from long before it was found: the judge takes the whole stream, and finishes, before
 * the page takes its first record.
 */
void page__violation(void *page, const struct judge_finding *f);

struct record_sink *page__sink(struct page *p);

/* Notes that the trace is damaged or cut short; copies the reader's message. */
void page__cut(struct page *p, const char *why);

/* Ends the stream. Returns 0, or -E2BIG: page__wanted() is over the limit. */
int page__finish(struct page *p);

/* Returns the number of records to draw, without the limit. */
uint64_t page__wanted(const struct page *p);

/* To be called after page__finish(). ferror(out) reports a stream error. */
void page__write_json(struct page *p, const struct judge_result *res,
		      FILE *out);
void page__write_html(struct page *p, const struct judge_result *res,
		      FILE *out);

#endif /* LOADER_PAGE_PAGE_H */
