// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds the stream of test events in memory, and keeps its results consistent: a test
 * with a failed subtest has failed.
 */
#include "results/events.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "results/text.h"

#define NO_NAME "(without a name)"

const char *test_result__name(enum test_result o)
{
	static const char *const names[] = {
		[TEST_OK] = "ok",
		[TEST_NOT_OK] = "not ok",
		[TEST_SKIP] = "skip",
	};

	return names[o];
}

static void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? *cap * 2 : 16;
	return xrealloc(p, *cap * size);
}

static struct event *push(struct events *ev, enum event_type type, char *text)
{
	ev->v = grow(ev->v, ev->n, &ev->cap, sizeof(*ev->v));
	ev->v[ev->n] = (struct event){ .type = type, .text = text };
	return &ev->v[ev->n++];
}

static void open_last(struct events *ev)
{
	ev->open = grow(ev->open, ev->depth, &ev->open_cap, sizeof(*ev->open));
	ev->open[ev->depth++] = ev->n - 1;
}

/* Removes the blanks at both ends, too. */
static char *clean(const char *text)
{
	size_t len;

	text += strspn(text, " ");
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	return text__clean(text, len);
}

static bool ready(struct events *ev)
{
	if (!ev->n) {
		push(ev, EVENT_BEGIN, NULL);
		open_last(ev);
	}
	return ev->depth;
}

static struct event *innermost(struct events *ev)
{
	return &ev->v[ev->open[ev->depth - 1]];
}

void events__host(struct events *ev, const char *name)
{
	free(ev->host);
	ev->host = *name ? clean(name) : NULL;
}

void events__begin(struct events *ev, const char *name)
{
	if (!ready(ev))
		return;
	push(ev, EVENT_BEGIN, name && *name ? clean(name) : NULL);
	open_last(ev);
}

void events__name(struct events *ev, const char *name)
{
	if (!ready(ev) || ev->depth < 2 || innermost(ev)->text)
		return;
	innermost(ev)->text = clean(name);
}

void events__diag(struct events *ev, const char *text)
{
	if (!ready(ev))
		return;
	do {
		size_t n = strcspn(text, "\n");

		push(ev, EVENT_DIAG, text__clean(text, n));
		text += n + (text[n] == '\n');
	} while (*text);
}

static void count(struct totals *t, enum test_result o)
{
	t->ok += o == TEST_OK;
	t->not_ok += o == TEST_NOT_OK;
	t->skip += o == TEST_SKIP;
}

static void add(struct totals *t, const struct totals *more)
{
	t->ok += more->ok;
	t->not_ok += more->not_ok;
	t->skip += more->skip;
}

static void note_failed(struct events *ev, const char *name)
{
	if (!*ev->first_failed)
		snprintf(ev->first_failed, sizeof(ev->first_failed), "%s",
			 name);
}

/* Adds a failed subtest if only the test itself failed: some readers see leaves only. */
static void blame(struct events *ev, const char *name, const char *why)
{
	char *whole = xasprintf("%s as a whole", name);

	note_failed(ev, name);
	events__test(ev, whole, TEST_NOT_OK, why);
	free(whole);
}

static void close_innermost(struct events *ev, enum test_result result,
			    const char *why)
{
	size_t begin = ev->open[ev->depth - 1];
	struct event *b;

	/* The exit status cannot make up for a failed subtest. */
	if (ev->v[begin].totals.not_ok)
		result = TEST_NOT_OK;
	if (!why || !*why || result == TEST_OK)
		why = NULL;
	push(ev, EVENT_END, why ? clean(why) : NULL);
	b = &ev->v[begin];
	b->end = ev->n - 1;
	b->result = ev->v[b->end].result = result;
	ev->depth--;
	if (!b->children && begin) {
		count(&b->totals, result);
		count(&ev->totals, result);
		if (result == TEST_NOT_OK) {
			note_failed(ev, b->text);
			ev->last_failed = begin;
		}
	}
	if (ev->depth) {
		innermost(ev)->children++;
		add(&innermost(ev)->totals, &b->totals);
	}
}

void events__end(struct events *ev, const char *name, enum test_result result,
		 const char *why)
{
	struct event *b;

	if (!ready(ev) || ev->depth < 2)
		return;
	b = innermost(ev);
	if (name && *name) {
		free(b->text);
		b->text = clean(name);
	}
	if (!b->text || !*b->text) {
		free(b->text);
		b->text = clean(NO_NAME);
	}
	if (result == TEST_NOT_OK && b->children && !b->totals.not_ok)
		blame(ev, b->text, why);
	close_innermost(ev, result, why);
}

void events__test(struct events *ev, const char *name, enum test_result result,
		  const char *why)
{
	events__begin(ev, name);
	events__end(ev, NULL, result, why);
}

void events__graft(struct events *ev, const char *name,
		   const struct events *other)
{
	events__begin(ev, name);
	for (size_t i = 1; i + 1 < other->n; i++) {
		const struct event *e = &other->v[i];

		if (e->type == EVENT_BEGIN)
			events__begin(ev, e->text);
		else if (e->type == EVENT_DIAG)
			events__diag(ev, e->text);
		else
			events__end(ev, NULL, e->result, e->text);
	}
	events__end(ev, NULL, other->n ? other->v[0].result : TEST_NOT_OK,
		    NULL);
}

void events__end_all(struct events *ev)
{
	while (ready(ev) && ev->depth > 1)
		events__end(ev, NULL, TEST_NOT_OK, "it never ended");
}

void events__finish(struct events *ev)
{
	events__end_all(ev);
	if (ready(ev))
		close_innermost(ev, TEST_OK, NULL);
}

void events__free(struct events *ev)
{
	for (size_t i = 0; i < ev->n; i++)
		free(ev->v[i].text);
	free(ev->v);
	free(ev->open);
	free(ev->host);
	memset(ev, 0, sizeof(*ev));
}
