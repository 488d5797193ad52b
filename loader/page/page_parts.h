/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares internals shared by page*.c; no other file includes this header. */
#ifndef LOADER_PAGE_PAGE_PARTS_H
#define LOADER_PAGE_PAGE_PARTS_H

#include "loader/lib/table.h"
#include "loader/model/model.h"
#include "loader/page/page.h"
#include "loader/trace/loss.h"

#define PAGE_NONE	UINT32_MAX	/* no such task, namespace, event */

/* A growing array. */
struct page_array {
	void *at;
	uint32_t n, room;
};

/* The index of a drawn event stands for its time and its record. */
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
	uint32_t first;			/* event of the birth; PAGE_NONE: older */
	uint32_t exit, release;		/* events, PAGE_NONE: not seen */
	uint32_t leader;		/* index; its own if the task is not a thread */
	uint32_t ns, label;		/* current values */
	bool drawn;
	bool thread;
	bool followed;
};

/* From this event on the task has this label, in this namespace. */
struct page_segment {
	uint32_t event;			/* PAGE_NONE: before the first */
	uint32_t task, ns, label;
};

struct page_event {
	uint64_t ns;			/* since time 0 */
	uint64_t record;
	uint32_t task;			/* task whose line has the mark, or PAGE_NONE */
	uint32_t other;			/* current task, or namespace of the record */
	uint32_t who;			/* label of the current task */
	uint16_t cpu;
	uint8_t type;
};

struct page_violation {
	uint32_t why;			/* string, or PAGE_NONE: too many texts */
	uint32_t ns;			/* inum of its namespace, 0: none */
	bool at_end;			/* found after the last record */
	const struct rule *rule;
};

/* A record that a violation names: where it was found, or of the object it is about. */
struct page_naming {
	uint64_t record;
	uint32_t violation;		/* index */
	uint32_t event;			/* PAGE_NONE: not drawn */
};

struct page {
	struct record_sink sink;	/* first member: cast to the page */
	struct page_opts opts;
	struct trace_info info;
	struct model *model;
	struct loss *loss;
	uint64_t start_ns;
	struct wire_meta_machine machine;	/* hdr.size 0: not known */
	bool has_command;
	char *cut;			/* or NULL */
	uint64_t records, wanted;
	struct page_array namespaces, tasks, segments, events, violations;
	struct page_array namings;	/* sorted by record once a record was taken */
	uint64_t unmarked;		/* violations beyond the limit */
	uint32_t naming, nnamings;	/* those of the current record */
	/* Values are index + 1. Keys: inum, address, signal_struct. */
	struct table ns_inum, ns_address, leader_of;
	struct page_array free_tasks;	/* slots of tasks that were never drawn */
	/* NUL-terminated strings: labels, and the lines of the events in order. */
	FILE *strings, *lines;
	char *strings_at, *lines_at;
	size_t strings_len, lines_len;
	uint32_t nstrings;
	struct table string_ids;	/* hash of a string to its id + 1 */
};

#define PAGE_AT(array, type, i) (&((type *)(array)->at)[i])

static inline struct page_task *page_task__at(const struct page *p, uint32_t i)
{
	return PAGE_AT(&p->tasks, struct page_task, i);
}

/* --- tables --- */

/* Returns a new last element of @size bytes, zeroed. */
void *page_array__add(struct page_array *a, size_t size);
#define PAGE_ADD(array, type) ((type *)page_array__add(array, sizeof(type)))

/* Indices by key. page_index__find() returns PAGE_NONE for an unknown key. */
uint32_t page_index__find(const struct table *t, uint64_t key);
void page_index__set(struct table *t, uint64_t key, uint32_t i);

/* Return the id of a text, of a task's label, of the label of the current task. */
uint32_t page_string__id(struct page *p, const char *s);
uint32_t page_string__of_task(struct page *p, struct model_task *t);
uint32_t page_string__of_current(struct page *p, const struct model_view *v);

/* --- namespaces: functions return the index, or PAGE_NONE --- */

/* Finds a namespace by its inum, or adds it. Returns PAGE_NONE for inum 0. */
uint32_t page_ns__get(struct page *p, uint32_t inum);

/* Adds all namespaces of an image, the outermost first, and returns the innermost. */
uint32_t page_ns__of_image(struct page *p, const struct wire_hdr *rec,
			   const struct wire_pid *img);

/* Takes a record of a namespace; @event: its mark, or PAGE_NONE. */
uint32_t page_ns__record(struct page *p, const struct model_view *v,
			 uint32_t event);

/* --- tasks --- */

/* Finds the line of a task, or adds it. */
uint32_t page_task__find(struct page *p, struct model_task *t);

/* Begins the line of a task that has its first event. */
void page_task__draw(struct page *p, uint32_t i, uint32_t event);

/* Updates a task from the snapshot in a record. */
void page_task__show(struct page *p, const struct model_view *v, uint32_t i,
		     uint32_t event);

/*
 * Sets the namespace of the task that forks, unless it is known: a task older than the
 * trace may have no record of its own before.
 */
void page_task__show_parent(struct page *p, uint32_t i, const struct wire_fork *r);

/* Ends the line of a task if a record of @type does so. */
void page_task__end(struct page *p, uint32_t i, unsigned int type,
		    uint32_t event);

#endif /* LOADER_PAGE_PAGE_PARTS_H */
