/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What speaks against a kernel, by name: a violated rule, a test that is not
 * ok, a splat, a panic, a hang. And which of that is looked for.
 */
#ifndef VMTEST_FINDING_H
#define VMTEST_FINDING_H

#include <stdbool.h>
#include <stddef.h>

enum finding_kind {
	FINDING_RULE,		/* "I17" */
	FINDING_TEST,		/* the test's name */
	FINDING_SPLAT,		/* the console's line */
	FINDING_PANIC,		/* the same */
	FINDING_HANG,		/* what did not move */
	FINDING_NR,
};

struct finding {
	enum finding_kind kind;
	char *text;
	double at_s;		/* since the start of the run */
};

struct findings {
	struct finding *v;	/* each once, in the order found */
	size_t n;
};

/* Adds it, unless it is known, or there are very many. Returns it, or NULL. */
const struct finding *findings__add(struct findings *f, enum finding_kind kind,
				    const char *text, double at_s);
/* Adds those of from, each found later_s seconds after its time there. */
void findings__join(struct findings *f, const struct findings *from,
		    double later_s);
void findings__free(struct findings *f);

/* "I17", "test: a name", "splat: BUG: x", "hang"; free it. */
char *finding__name(const struct finding *f);

/* A kind, and the text, or what it begins with (TEST) or has in it (others). */
struct catcher {
	enum finding_kind kind;
	char *text;		/* "" fits all */
	bool prefix;
};

struct catchers {
	struct catcher *v;
	size_t n;
};

/*
 * Adds what a word stands for: "I17", "test:NAME", "test:START*", "splat:TEXT",
 * "panic:TEXT", "hang"; "splat" and "panic" alone are any. Returns 0, or -EINVAL: it is none.
 */
int catchers__add(struct catchers *c, const char *word);
void catchers__free(struct catchers *c);

bool catchers__fit(const struct catchers *c, const struct finding *f);

#endif
