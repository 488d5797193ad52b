/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings against a kernel, by name: a violated rule, a failed test, a splat, a
 * panic, a hang. Catchers select the findings that end a run.
 */
#ifndef VMTEST_TRIAGE_FINDING_H
#define VMTEST_TRIAGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

enum finding_kind {
	FINDING_RULE,		/* "I17" */
	FINDING_TEST,		/* the test's name */
	FINDING_SPLAT,		/* the console's line */
	FINDING_PANIC,		/* the console's line */
	FINDING_HANG,		/* no text: "" */
	FINDING_NR,
};

struct finding {
	enum finding_kind kind;
	char *text;
	double at_s;		/* seconds since the start of the run */
};

struct findings {
	struct finding *v;	/* each once, in the order found */
	size_t n;
};

/* Adds a finding. Returns it, or NULL if already known or if the list is full. */
const struct finding *findings__add(struct findings *f, enum finding_kind kind,
				    const char *text, double at_s);
/* Adds the findings of @from, with @later_s added to their times. */
void findings__join(struct findings *f, const struct findings *from,
		    double later_s);
/* Removes the findings for which keep() returns false. */
void findings__retain(struct findings *f,
		      bool (*keep)(void *ctx, const struct finding *f), void *ctx);
void findings__free(struct findings *f);

/* Returns "I17", "test: a name", "splat: BUG: x" or "hang"; free it. */
char *finding__name(const struct finding *f);

/*
 * Selects findings of a kind by the whole text (RULE, TEST), by its beginning
 * (TEST with @prefix), or by any part of it (others).
 */
struct catcher {
	enum finding_kind kind;
	char *text;		/* "" matches any text of the other kinds */
	bool prefix;
	bool any;		/* selects each finding of each kind */
};

#define CATCHER_ANY "any"

struct catchers {
	struct catcher *v;
	size_t n;
};

/*
 * Parses @word and adds a catcher: "I17", "test:NAME", "test:START*",
 * "splat:TEXT", "panic:TEXT", "hang"; "splat" and "panic" alone match any text, and
 * "any" each finding.
 * Returns 0, or -EINVAL if @word is invalid.
 */
int catchers__add(struct catchers *c, const char *word);
void catchers__free(struct catchers *c);

/* Returns the catcher like finding__name(), with "*" after a prefix, or "any"; free it. */
char *catcher__name(const struct catcher *c);

/* Returns true for a rule, a test, or the text of a splat, which identify the fault. */
bool catcher__names_fault(const struct catcher *c);

/* Returns true if one of the catchers selects each finding. */
bool catchers__take_any(const struct catchers *c);

bool catchers__fit(const struct catchers *c, const struct finding *f);

#endif /* VMTEST_TRIAGE_FINDING_H */
