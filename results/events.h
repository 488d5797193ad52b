/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects test results as one stream of nested events: begin, diagnostic, end.
 *
 * Every output is made from such a stream, and never from another file: KTAP
 * (ktap_write.c), JUnit XML (junit.c), JSON (json.c). The input is KTAP (ktap_read.c)
 * or code of this project.
 *
 * The stream is kept in memory, so that a writer has at the beginning of a test what is
 * known only at its end (name, result, number of subtests). By construction, a failed
 * test that has subtests has a failed subtest, and a test that never ended is not ok.
 * All texts are UTF-8 without control characters, whatever the input was.
 */
#ifndef RESULTS_EVENTS_H
#define RESULTS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum test_result { TEST_OK, TEST_NOT_OK, TEST_SKIP };

/* Returns "ok", "not ok" or "skip". */
const char *test_result__name(enum test_result o);

/* Only tests without subtests are counted. */
struct totals {
	uint64_t ok, not_ok, skip;
};

enum event_type { EVENT_BEGIN, EVENT_DIAG, EVENT_END };

struct event {
	enum event_type type;
	char *text;		/* BEGIN: the name. DIAG: one line. END: the
				   reason for a failure or skip, or NULL */
	enum test_result result;	/* in BEGIN and END of a test that has ended */
	/* For the BEGIN of a test that has ended: */
	size_t children;	/* direct subtests */
	size_t end;		/* index of the END */
	struct totals totals;
};

#define FIRST_FAILED_MAX 200

/* All zero: empty. Event 0 is the root, which is not a test itself. */
struct events {
	struct event *v;
	size_t n, cap;
	size_t *open;		/* BEGINs without an END, outermost first */
	size_t depth, open_cap;
	struct totals totals;	/* so far */
	size_t last_failed;	/* index of the test's BEGIN; 0: none */
	char first_failed[FIRST_FAILED_MAX];	/* "" if none */
	char *host;		/* the machine that was tested, or NULL */
};

/* Names the machine that was tested; "" is no name. Only JUnit has a place for it. */
void events__host(struct events *ev, const char *name);

/* Begins a test. The name may be NULL until the test ends. */
void events__begin(struct events *ev, const char *name);
/* Names the test that is open, if it has no name yet. */
void events__name(struct events *ev, const char *name);
/* Adds diagnostics to the open test, one for each line. */
void events__diag(struct events *ev, const char *text);
/* Ends the open test. name NULL: keeps the name from the beginning. */
void events__end(struct events *ev, const char *name, enum test_result result,
		 const char *why);
/* Begins and ends a test without subtests. */
void events__test(struct events *ev, const char *name, enum test_result result,
		  const char *why);
/* Adds another stream, which has ended, as one test of this name. */
void events__graft(struct events *ev, const char *name,
		   const struct events *other);

/* Ends all open tests as not ok. */
void events__end_all(struct events *ev);
/* Ends the stream, and open tests as not ok. */
void events__finish(struct events *ev);
void events__free(struct events *ev);

/* --- the formats --- */

enum results_format { RESULTS_KTAP, RESULTS_JUNIT, RESULTS_JSON };

/*
 * Writes a stream that has ended. name is that of the root, in formats that have a
 * place for it. Returns 0, -ENODATA or -EIO.
 */
int results__write(const struct events *ev, const char *name,
		   enum results_format format, FILE *out);

#endif /* RESULTS_EVENTS_H */
