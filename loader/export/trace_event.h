/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes events of the "Trace Event Format" (JSON), one by one:
 *
 *	trace_event__begin(w, 'B', "life");
 *	... append the name to w->buf, as the inside of a string ...
 *	trace_event__at(w, 'B', pid, tid);
 *	trace_event__arg(w, "ns");
 *	... append a value to w->buf ...
 *
 * An event is open for arguments until the next event begins, or trace_event__end().
 */
#ifndef LOADER_EXPORT_TRACE_EVENT_H
#define LOADER_EXPORT_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "loader/lib/buf.h"

struct trace_event_writer {
	struct buf *buf;
	uint64_t now_ns;	/* the time of the next event */
	bool any;		/* an event was written before */
	bool open;		/* the last event may get more arguments */
	bool args;		/* ... and has some */
};

/* cat: the category, by which viewers filter. */
void trace_event__begin(struct trace_event_writer *w, char ph, const char *cat);

/* Adds time, pid and tid. tid 0: the whole process. Metadata ('M') has no time. */
void trace_event__at(struct trace_event_writer *w, char ph, uint64_t pid,
		     uint64_t tid);

/*
 * Writes the 'E' of the innermost slice, without category and name: viewers would look
 * for a slice with the same.
 */
void trace_event__end_slice(struct trace_event_writer *w, uint64_t pid,
			    uint64_t tid);

/* Does begin and at, with a name that needs no escapes. */
void trace_event__named(struct trace_event_writer *w, char ph, const char *cat,
			const char *name, uint64_t pid, uint64_t tid);
void trace_event__metadata(struct trace_event_writer *w, const char *name,
			   uint64_t pid, uint64_t tid);

void trace_event__arg(struct trace_event_writer *w, const char *key);
void trace_event__arg_str(struct trace_event_writer *w, const char *key,
			  const char *value);	/* value needs no escapes */
void trace_event__arg_num(struct trace_event_writer *w, const char *key,
			  int64_t value);

/* Ends the last event, if it is open. */
void trace_event__end(struct trace_event_writer *w);

#endif /* LOADER_EXPORT_TRACE_EVENT_H */
