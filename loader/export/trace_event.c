// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects an event until all of it is known, because the encodings need a flow before
 * the name, or the length of the whole before its first byte.
 */
#include "loader/export/trace_event.h"

#include <assert.h>

void trace_event__end(struct trace_event_writer *w)
{
	if (!w->open)
		return;
	w->open = false;
	buf__char(&w->text, '\0');
	w->encoding->event(w);
	w->any = true;
}

void trace_event__begin(struct trace_event_writer *w, enum trace_event_type type,
			const char *category, uint64_t pid, uint64_t tid)
{
	struct trace_event *e = &w->event;

	trace_event__end(w);
	w->open = true;
	w->text.len = 0;
	e->type = type;
	e->category = category;
	e->pid = pid;
	e->tid = tid;
	e->everywhere = false;
	e->flow_out = e->flow_in = 0;
	e->nargs = 0;
}

void trace_event__named(struct trace_event_writer *w, enum trace_event_type type,
			const char *category, const char *name, uint64_t pid,
			uint64_t tid)
{
	trace_event__begin(w, type, category, pid, tid);
	buf__str(&w->text, name);
}

static struct trace_arg *arg(struct trace_event_writer *w, const char *key,
			     enum trace_arg_kind kind)
{
	struct trace_arg *a = &w->event.args[w->event.nargs];

	assert(w->open && w->event.nargs < TRACE_EVENT_ARGS);
	w->event.nargs++;
	buf__char(&w->text, '\0');	/* ends the text before this one */
	a->key = key;
	a->kind = kind;
	a->text = w->text.len;
	a->count = 0;
	return a;
}

void trace_event__arg(struct trace_event_writer *w, const char *key)
{
	arg(w, key, ARG_TEXT);
}

void trace_event__arg_json(struct trace_event_writer *w, const char *key)
{
	arg(w, key, ARG_JSON);
}

void trace_event__arg_str(struct trace_event_writer *w, const char *key,
			  const char *value)
{
	trace_event__arg(w, key);
	buf__str(&w->text, value);
}

void trace_event__arg_num(struct trace_event_writer *w, const char *key,
			  int64_t value)
{
	arg(w, key, ARG_NUMBER)->number = value;
}

struct trace_arg *trace_event__arg_list(struct trace_event_writer *w,
					const char *key)
{
	return arg(w, key, ARG_NUMBERS);
}

void trace_event__process(struct trace_event_writer *w,
			  const struct trace_process *p)
{
	trace_event__end(w);
	w->encoding->process(w, p);
	w->any = true;
}

void trace_event__thread(struct trace_event_writer *w,
			 const struct trace_thread *t)
{
	trace_event__end(w);
	w->encoding->thread(w, t);
	w->any = true;
}

void trace_event__free(struct trace_event_writer *w)
{
	buf__free(&w->text);
}
