/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page_parts.h - what the files of the page share; nobody else includes it.
 */
#ifndef LOADER_PAGE_PARTS_H
#define LOADER_PAGE_PARTS_H

#include "loss.h"
#include "model.h"
#include "page.h"
#include "table.h"

#define PAGE_NONE	UINT32_MAX	/* no such task, namespace, event */

/* A growing array; see page_array__add(). */
struct page_array {
	void *at;
	uint32_t n, room;
};

/* Times and records are kept by the event that is drawn there. */
struct page_ns {
	uint64_t address;		/* 0: not known */
	uint32_t inum;
	uint32_t parent;		/* index, or PAGE_NONE */
	uint32_t level;
	uint32_t made, freed;		/* events, PAGE_NONE: not seen */
	uint32_t zap, zapped;
	bool followed;
};

struct page_task {
	uint64_t task, start;
	uint32_t first;			/* event it begins at; PAGE_NONE: before */
	uint32_t exit, release;		/* events, PAGE_NONE: not seen */
	uint32_t leader;		/* index; its own, if it is no thread */
	uint32_t ns, label;		/* as it is now */
	bool drawn;
	bool thread;
	bool followed;
};

/* From this event on the task is called so, and in that namespace. */
struct page_segment {
	uint32_t event;			/* PAGE_NONE: before the first */
	uint32_t task, ns, label;
};

struct page_event {
	uint64_t ns;			/* since time 0 */
	uint64_t record;
	uint32_t task;			/* on whose line it is, or PAGE_NONE */
	uint32_t other;			/* the other one's; of a namespace's: it */
	uint32_t who;			/* label of who ran it */
	uint16_t cpu;
	uint8_t type;
};

struct page_violation {
	uint32_t event;			/* PAGE_NONE: when the trace had ended */
	uint32_t why;			/* string, or PAGE_NONE: there were many */
	const struct rule *rule;
};

struct page {
	struct record_sink sink;	/* first: the sink is the page */
	struct page_opts opts;
	struct trace_info info;
	struct model *model;
	struct loss *loss;
	uint64_t start_ns;
	bool has_command;
	char *cut;			/* or NULL */
	uint64_t records, wanted;
	struct page_array namespaces, tasks, segments, events, violations;
	uint64_t unmarked;		/* violations without room */
	uint32_t pending;		/* the last violations, of this record */
	/* By inum and by address; by task and by signal_struct: index + 1. */
	struct table ns_inum, ns_address, task_at, leader_of;
	uint32_t *free_tasks;		/* slots of those that were never drawn */
	uint32_t nfree, free_room;
	/* Strings, each with its NUL: labels, and the events' lines in order. */
	FILE *strings, *lines;
	char *strings_at, *lines_at;
	size_t strings_len, lines_len;
	struct page_array string_pos;	/* where each begins, uint64_t */
	struct table string_ids;	/* hash of a string to its id + 1 */
};

#define PAGE_AT(array, type, i) (&((type *)(array)->at)[i])

/* page_assets.c: what the page is made of besides the data, NUL-terminated. */
extern const char page_html[], page_css[], page_js[];

#endif /* LOADER_PAGE_PARTS_H */
