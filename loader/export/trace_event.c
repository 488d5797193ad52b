// SPDX-License-Identifier: GPL-2.0-only
/*
 * Appends trace events to a buffer, one event a line. Times are microseconds with three
 * digits of a fraction, and so exact to a nanosecond.
 *
 * Bad at: escaping. Names and values are written as they are.
 */
#include "loader/export/trace_event.h"

static void begin(struct trace_event_writer *w, char ph)
{
	struct buf *t = w->buf;

	trace_event__end(w);
	buf__str(t, w->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
	buf__char(t, ph);
	buf__char(t, '"');
	w->any = w->open = true;
	w->args = false;
}

void trace_event__begin(struct trace_event_writer *w, char ph, const char *cat)
{
	begin(w, ph);
	buf__lit(w->buf, ",\"cat\":\"");
	buf__str(w->buf, cat);
	buf__lit(w->buf, "\",\"name\":\"");
}

static void put_time(struct buf *t, uint64_t ns)
{
	unsigned int fraction = ns % 1000;

	buf__lit(t, ",\"ts\":");
	buf__u64(t, ns / 1000);
	buf__char(t, '.');
	buf__char(t, '0' + fraction / 100);
	buf__char(t, '0' + fraction / 10 % 10);
	buf__char(t, '0' + fraction % 10);
}

static void put_place(struct trace_event_writer *w, char ph, uint64_t pid,
		      uint64_t tid)
{
	struct buf *t = w->buf;

	if (ph != 'M')
		put_time(t, w->now_ns);
	buf__lit(t, ",\"pid\":");
	buf__u64(t, pid);
	if (tid) {
		buf__lit(t, ",\"tid\":");
		buf__u64(t, tid);
	}
}

void trace_event__at(struct trace_event_writer *w, char ph, uint64_t pid,
		     uint64_t tid)
{
	buf__char(w->buf, '"');
	put_place(w, ph, pid, tid);
}

void trace_event__end_slice(struct trace_event_writer *w, uint64_t pid,
			    uint64_t tid)
{
	begin(w, 'E');
	put_place(w, 'E', pid, tid);
}

void trace_event__named(struct trace_event_writer *w, char ph, const char *cat,
			const char *name, uint64_t pid, uint64_t tid)
{
	trace_event__begin(w, ph, cat);
	buf__str(w->buf, name);
	trace_event__at(w, ph, pid, tid);
}

void trace_event__metadata(struct trace_event_writer *w, const char *name,
			   uint64_t pid, uint64_t tid)
{
	trace_event__named(w, 'M', "__metadata", name, pid, tid);
}

void trace_event__arg(struct trace_event_writer *w, const char *key)
{
	buf__str(w->buf, w->args ? ",\"" : ",\"args\":{\"");
	buf__str(w->buf, key);
	buf__lit(w->buf, "\":");
	w->args = true;
}

void trace_event__arg_str(struct trace_event_writer *w, const char *key,
			  const char *value)
{
	trace_event__arg(w, key);
	buf__char(w->buf, '"');
	buf__str(w->buf, value);
	buf__char(w->buf, '"');
}

void trace_event__arg_num(struct trace_event_writer *w, const char *key,
			  int64_t value)
{
	trace_event__arg(w, key);
	buf__s64(w->buf, value);
}

void trace_event__end(struct trace_event_writer *w)
{
	if (w->open)
		buf__str(w->buf, w->args ? "}}" : "}");
	w->open = false;
}
