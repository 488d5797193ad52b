/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_event.h - one event of the "Trace Event Format" (JSON) after the other.
 *
 *	trace_event__begin(w, 'B', "life");
 *	... its name, into w->buf, as the inside of a string ...
 *	trace_event__at(w, pid, tid);
 *	trace_event__arg(w, "ns");
 *	... a value, into w->buf ...
 *	trace_event__end(w);
 */
#ifndef LOADER_TRACE_EVENT_H
#define LOADER_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "buf.h"

struct trace_event_writer {
	struct buf *buf;
	uint64_t now_ns;	/* the time of what is written */
	bool any;		/* an event was written */
	bool args;		/* the present one has arguments */
};

/* cat: a category, by which viewers filter. */
void trace_event__begin(struct trace_event_writer *w, char ph, const char *cat);

/* Where it belongs. tid 0: to the whole process. Metadata ('M') has no time. */
void trace_event__at(struct trace_event_writer *w, char ph, uint64_t pid,
		     uint64_t tid);

/*
 * The 'E' of the innermost slice. Without category and name: viewers would look
 * for one that has the same.
 */
void trace_event__end_slice(struct trace_event_writer *w, uint64_t pid,
			    uint64_t tid);

/* Both, with a name that needs no escapes. */
void trace_event__named(struct trace_event_writer *w, char ph, const char *cat,
			const char *name, uint64_t pid, uint64_t tid);

void trace_event__arg(struct trace_event_writer *w, const char *key);
void trace_event__arg_str(struct trace_event_writer *w, const char *key,
			  const char *value);	/* needs no escapes */
void trace_event__arg_num(struct trace_event_writer *w, const char *key,
			  int64_t value);
void trace_event__end(struct trace_event_writer *w);

#endif /* LOADER_TRACE_EVENT_H */
