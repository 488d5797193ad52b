/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds the events that a viewer of traces shows, one by one, and has each written in
 * an encoding (trace_event_json.c, trace_event_proto.c):
 *
 *	trace_event__begin(w, EVENT_BEGIN, "life", pid, tid);
 *	... append the name to w->text ...
 *	trace_event__arg_num(w, "fd", 3);
 *	trace_event__arg(w, "ns");
 *	... append the value to w->text ...
 *
 * An event is open for arguments until the next event or description begins, or
 * trace_event__end(). Texts have no control characters: what comes from a task is added
 * with buf__escaped().
 */
#ifndef LOADER_EXPORT_TRACE_EVENT_H
#define LOADER_EXPORT_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "loader/lib/buf.h"
#include "loader/trace/record.h"

#define TRACE_EVENT_ARGS 16

enum trace_event_type {
	EVENT_BEGIN,		/* begins a slice */
	EVENT_END,		/* ends the innermost slice; has no name */
	EVENT_INSTANT,
	EVENT_COUNTER,		/* the first argument is the value */
};

enum trace_arg_kind {
	ARG_NUMBER,
	ARG_TEXT,
	ARG_NUMBERS,		/* a list */
	ARG_JSON,		/* text that is a JSON value */
};

struct trace_arg {
	const char *key;
	enum trace_arg_kind kind;
	int64_t number;
	size_t text;		/* offset in the writer's text */
	uint32_t count;		/* filled elements of numbers[] */
	int32_t numbers[WIRE_MAX_LEVELS];
};

struct trace_event {
	enum trace_event_type type;
	const char *category;	/* by which viewers filter */
	uint64_t pid;		/* the viewer's process */
	uint64_t tid;		/* the viewer's thread; 0: the whole process */
	bool everywhere;	/* the instant concerns all processes */
	/* An arrow that leaves or reaches the event's slice; 0: none. */
	uint64_t flow_out, flow_in;
	const char *flow_name;
	unsigned int nargs;
	struct trace_arg args[TRACE_EVENT_ARGS];
};

struct trace_process {
	uint64_t pid;
	const char *name;
	const char *label;	/* NULL: none */
	uint32_t rank;		/* processes are sorted by it */
};

struct trace_thread {
	uint64_t pid, tid;
	const char *name;
};

struct trace_event_writer {
	const struct trace_event_encoding *encoding;
	struct buf *buf;	/* the output */
	uint64_t start_ns;	/* CLOCK_MONOTONIC at time 0 */
	uint64_t now_ns;	/* the time of the next event, since start_ns */
	bool any;		/* something was written before */
	bool open;		/* the event may get more arguments */
	struct trace_event event;
	struct buf text;	/* the event's name and texts, each ends in a NUL */
};

struct exporter;

struct trace_event_encoding {
	/* Writes what is before and after the events. cut: see exporter__finish() */
	void (*begin)(struct exporter *x, struct trace_event_writer *w);
	void (*end)(struct exporter *x, const char *cut);
	/* May be repeated for the same process or thread; the last one counts. */
	void (*process)(struct trace_event_writer *w, const struct trace_process *p);
	void (*thread)(struct trace_event_writer *w, const struct trace_thread *t);
	/* The event is w->event, its name the first text. */
	void (*event)(struct trace_event_writer *w);
};

extern const struct trace_event_encoding trace_event_json, trace_event_proto;

void trace_event__begin(struct trace_event_writer *w, enum trace_event_type type,
			const char *category, uint64_t pid, uint64_t tid);
/* Does the same for an event with this name. */
void trace_event__named(struct trace_event_writer *w, enum trace_event_type type,
			const char *category, const char *name, uint64_t pid,
			uint64_t tid);

/* Begins an argument whose value is the text that the caller appends to w->text. */
void trace_event__arg(struct trace_event_writer *w, const char *key);
void trace_event__arg_json(struct trace_event_writer *w, const char *key);
void trace_event__arg_str(struct trace_event_writer *w, const char *key,
			  const char *value);
void trace_event__arg_num(struct trace_event_writer *w, const char *key,
			  int64_t value);
/* Returns the argument, whose list the caller fills. */
struct trace_arg *trace_event__arg_list(struct trace_event_writer *w,
					const char *key);

/* Writes the open event, if there is one. */
void trace_event__end(struct trace_event_writer *w);

void trace_event__process(struct trace_event_writer *w,
			  const struct trace_process *p);
void trace_event__thread(struct trace_event_writer *w,
			 const struct trace_thread *t);

void trace_event__free(struct trace_event_writer *w);

#endif /* LOADER_EXPORT_TRACE_EVENT_H */
