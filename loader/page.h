/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page.h - a trace as one HTML page: a lane for each pid namespace, a line for
 * each task, a mark for each record that is drawn.
 *
 * Collected while the records come, a few dozen bytes and a line of text for each
 * that is drawn; written when they have ended. What is drawn: what happens to
 * tasks and namespaces, and each record that breaks a rule; with everything, each
 * record of the kernel side.
 */
#ifndef LOADER_PAGE_H
#define LOADER_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "judge.h"
#include "trace.h"

#define PAGE_EVENTS_MAX		2000000	/* more than a browser can hold */

struct page_opts {
	const char *title;
	const char *file;		/* its name, to be shown */
	bool everything;		/* link records and the like, too */
	uint64_t first, last;		/* numbers of the records to draw */
	uint64_t max_events;		/* 0: PAGE_EVENTS_MAX */
};

struct page;

/* opts' strings must outlive it. 0 or -ENOMEM. */
int page__new(struct page **out, const struct page_opts *opts,
	      const struct trace_info *info);
void page__free(struct page *p);	/* NULL is legal */

/* The judge of the same records must get each of them before. */
struct record_sink *page__sink(struct page *p);

/* For judge__watch(), with the page as its argument. */
void page__violation(void *page, const struct rule *rule, const char *why,
		     uint64_t record);

/* The trace is damaged or cut short: what the reader says of it (copied). */
void page__cut(struct page *p, const char *why);

/* No record follows. -E2BIG: page__wanted() is more than it may have. */
int page__finish(struct page *p);

/* Records that it draws, or would. */
uint64_t page__wanted(const struct page *p);

/* After page__finish(). A stream error shows in ferror(out). */
void page__write_json(struct page *p, const struct judge_result *res,
		      FILE *out);
void page__write_html(struct page *p, const struct judge_result *res,
		      FILE *out);

#endif /* LOADER_PAGE_H */
