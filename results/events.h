/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.h - what came of tests, as one stream: begin, diagnostic, end, nested.
 *
 * Everything that says what came of tests is made of such a stream, and never
 * of another file: KTAP (ktap_write.c), JUnit XML (junit.c), JSON (json.c).
 * What comes in is KTAP (ktap_read.c) or code of ours.
 *
 * The stream is kept, so that what is known only at the end of a test (its
 * name and result, how many tests it had) is told at its beginning too. It
 * holds by construction: a test that has tests and failed has one that failed,
 * and what never ended is not ok. Texts in it are UTF-8 without control
 * characters, whatever they were before.
 */
#ifndef RESULTS_EVENTS_H
#define RESULTS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum test_result { TEST_OK, TEST_NOT_OK, TEST_SKIP };

/* "ok", "not ok", "skip" */
const char *test_result__name(enum test_result o);

/* Only tests that have no tests of their own are counted. */
struct totals {
	uint64_t ok, not_ok, skip;
};

enum event_type { EVENT_BEGIN, EVENT_DIAG, EVENT_END };

struct event {
	enum event_type type;
	char *text;		/* BEGIN: the name. DIAG: one line. END: why
				   it failed or was skipped, or NULL */
	enum test_result result;	/* at both ends of a test that has ended */
	/* Of a BEGIN, once it has ended: */
	size_t children;	/* tests that are its own */
	size_t end;		/* the index of its END */
	struct totals totals;
};

#define FIRST_FAILED_MAX 200

/* A zeroed one is empty. Event 0 is the root, which is no test itself. */
struct events {
	struct event *v;
	size_t n, cap;
	size_t *open;		/* BEGINs without an END, outermost first */
	size_t depth, open_cap;
	struct totals totals;	/* so far */
	size_t last_failed;	/* the BEGIN of the test; 0: none */
	char first_failed[FIRST_FAILED_MAX];	/* "" if none */
	bool nomem;		/* something is missing in it */
};

/* Without a name it is told at the end. */
void events__begin(struct events *ev, const char *name);
/* Names the test that is open, if it has no name yet. */
void events__name(struct events *ev, const char *name);
/* Of the test that is open; each line is one. */
void events__diag(struct events *ev, const char *text);
/* name NULL: as at the beginning. */
void events__end(struct events *ev, const char *name, enum test_result result,
		 const char *why);
/* A test that has none of its own, begin to end. */
void events__test(struct events *ev, const char *name, enum test_result result,
		  const char *why);
/* All of another stream, which has ended, as one test of this name. */
void events__graft(struct events *ev, const char *name,
		   const struct events *other);

/* Ends all that is open but the stream, as not ok. */
void events__end_all(struct events *ev);
/* Ends the stream, and what is still open as not ok. -ENOMEM or 0. */
int events__finish(struct events *ev);
void events__free(struct events *ev);

/* --- the formats; of a stream that has ended. -EIO, -ENOMEM or 0 --- */

enum results_format { RESULTS_KTAP, RESULTS_JUNIT, RESULTS_JSON };

/* name is that of the whole, where a format has a place for it. */
int results__write(const struct events *ev, const char *name,
		   enum results_format format, FILE *out);

#endif /* RESULTS_EVENTS_H */
