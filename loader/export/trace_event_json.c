// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes events in Chrome's "Trace Event Format" (JSON object form), one event a line.
 * Times are microseconds since the start with three digits of a fraction, and so exact
 * to a nanosecond.
 *
 * A flow is an event of its own, which viewers bind to the slice that is open: the
 * beginning of an arrow comes before the end of its slice.
 */
#include <string.h>

#include "loader/export/export_parts.h"
#include "loader/export/trace_event.h"

static const char phases[] = {
	[EVENT_BEGIN] = 'B', [EVENT_END] = 'E',
	[EVENT_INSTANT] = 'i', [EVENT_COUNTER] = 'C',
};

static void json_begin(struct exporter *x, struct trace_event_writer *w)
{
	buf__lit(w->buf, "{\"displayTimeUnit\":\"ns\",\"otherData\":{");
	exporter__run_json(x);
	buf__lit(w->buf, "},\n\"traceEvents\":[");
}

static void json_end(struct exporter *x, const char *cut)
{
	struct buf *t = &x->buf;

	buf__lit(t, "\n],\n\"metadata\":{\"records\":");
	buf__u64(t, x->index);
	if (cut) {
		buf__lit(t, ",\"cut\":\"");
		buf__json(t, cut, strlen(cut));
		buf__char(t, '"');
	}
	buf__lit(t, "}}\n");
}

/* Writes text without control characters as a string. */
static void put_string(struct buf *t, const char *s)
{
	buf__char(t, '"');
	for (size_t n; *s; s += n) {
		if (*s == '"' || *s == '\\')
			buf__char(t, '\\');
		n = 1 + strcspn(s + 1, "\"\\");
		buf__add(t, s, n);
	}
	buf__char(t, '"');
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

static void put_place(struct buf *t, uint64_t pid, uint64_t tid)
{
	buf__lit(t, ",\"pid\":");
	buf__u64(t, pid);
	if (tid) {
		buf__lit(t, ",\"tid\":");
		buf__u64(t, tid);
	}
}

static void put_phase(struct trace_event_writer *w, char ph)
{
	buf__str(w->buf, w->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
	buf__char(w->buf, ph);
	buf__char(w->buf, '"');
	w->any = true;
}

static void put_name(struct buf *t, const char *category, const char *name)
{
	buf__lit(t, ",\"cat\":\"");
	buf__str(t, category);
	buf__lit(t, "\",\"name\":");
	put_string(t, name);
}

/* Writes a description, which has no time, and the beginning of its only argument. */
static void put_metadata(struct trace_event_writer *w, const char *name,
			 uint64_t pid, uint64_t tid, const char *key)
{
	put_phase(w, 'M');
	put_name(w->buf, "__metadata", name);
	put_place(w->buf, pid, tid);
	buf__lit(w->buf, ",\"args\":{\"");
	buf__str(w->buf, key);
	buf__lit(w->buf, "\":");
}

static void json_process(struct trace_event_writer *w,
			 const struct trace_process *p)
{
	put_metadata(w, "process_name", p->pid, 0, "name");
	put_string(w->buf, p->name);
	buf__lit(w->buf, "}}");
	put_metadata(w, "process_sort_index", p->pid, 0, "sort_index");
	buf__u64(w->buf, p->rank);
	buf__lit(w->buf, "}}");
	if (!p->label)
		return;
	put_metadata(w, "process_labels", p->pid, 0, "labels");
	put_string(w->buf, p->label);
	buf__lit(w->buf, "}}");
}

static void json_thread(struct trace_event_writer *w,
			const struct trace_thread *t)
{
	put_metadata(w, "thread_name", t->pid, t->tid, "name");
	put_string(w->buf, t->name);
	buf__lit(w->buf, "}}");
}

static void put_list(struct buf *t, const struct trace_arg *a)
{
	buf__char(t, '[');
	for (uint32_t i = 0; i < a->count; i++) {
		buf__str(t, i ? "," : "");
		buf__s64(t, a->numbers[i]);
	}
	buf__char(t, ']');
}

static void put_args(struct trace_event_writer *w)
{
	const struct trace_event *e = &w->event;
	struct buf *t = w->buf;

	for (unsigned int i = 0; i < e->nargs; i++) {
		const struct trace_arg *a = &e->args[i];

		buf__str(t, i ? ",\"" : ",\"args\":{\"");
		buf__str(t, a->key);
		buf__lit(t, "\":");
		if (a->kind == ARG_NUMBER)
			buf__s64(t, a->number);
		else if (a->kind == ARG_NUMBERS)
			put_list(t, a);
		else if (a->kind == ARG_JSON)
			buf__str(t, w->text.bytes + a->text);
		else
			put_string(t, w->text.bytes + a->text);
	}
	buf__str(t, e->nargs ? "}}" : "}");
}

static void put_flow(struct trace_event_writer *w, char ph, uint64_t id)
{
	const struct trace_event *e = &w->event;

	put_phase(w, ph);
	put_name(w->buf, e->flow_name, e->flow_name);
	put_time(w->buf, w->now_ns);
	put_place(w->buf, e->pid, e->tid);
	buf__lit(w->buf, ",\"id\":");
	buf__u64(w->buf, id);
	/* "bp": bind to the enclosing slice */
	buf__str(w->buf, ph == 'f' ? ",\"bp\":\"e\"}" : "}");
}

static void json_event(struct trace_event_writer *w)
{
	const struct trace_event *e = &w->event;
	bool end = e->type == EVENT_END;

	if (e->flow_out && end)
		put_flow(w, 's', e->flow_out);
	put_phase(w, phases[e->type]);
	/* Viewers would look for a slice with the same category and name. */
	if (!end)
		put_name(w->buf, e->category, w->text.bytes);
	put_time(w->buf, w->now_ns);
	put_place(w->buf, e->pid, e->tid);
	if (e->type == EVENT_INSTANT) {
		buf__lit(w->buf, ",\"s\":\"");
		buf__char(w->buf, e->tid ? 't' : e->everywhere ? 'g' : 'p');
		buf__char(w->buf, '"');
	}
	put_args(w);
	if (e->flow_out && !end)
		put_flow(w, 's', e->flow_out);
	if (e->flow_in)
		put_flow(w, 'f', e->flow_in);
}

const struct trace_event_encoding trace_event_json = {
	.begin = json_begin,
	.end = json_end,
	.process = json_process,
	.thread = json_thread,
	.event = json_event,
};
