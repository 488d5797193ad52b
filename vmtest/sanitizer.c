// SPDX-License-Identifier: GPL-2.0-only
/* See sanitizer.h. */
#include "sanitizer.h"

#include <string.h>

const struct sanitizer sanitizers[] = {
	/*
	 * What it finds has corrupted memory, and every later report may be a
	 * consequence: the first one ends the run, and so does a WARN.
	 */
	{ "CONFIG_KASAN", "panic_on_warn=1", NULL, NULL, 768, 3.0 },
	/* Switches itself off with the first report, and without a table left */
	{ "CONFIG_PROVE_LOCKING", NULL, "lockdep", NULL, 128, 2.0 },
	/* verbose: the objects, not only their number, are on the console. */
	{ "CONFIG_DEBUG_KMEMLEAK", "kmemleak=on kmemleak.verbose=1",
	  "kmemleak", NULL, 128, 1.2 },
	/* Not panic_on_warn: a report may be of a race that is allowed. */
	{ "CONFIG_KCSAN", NULL, "kcsan", "kcsan", 256, 3.0 },
};
const size_t sanitizers_nr = ARRAY_SIZE(sanitizers);

void sanitizing__init(struct sanitizing *s)
{
	*s = (struct sanitizing){ .slower = 1.0 };
}

void sanitizing__add(struct sanitizing *s, const struct sanitizer *one)
{
	s->mib += one->mib;
	s->slower *= one->slower;
	if (one->params)
		strv__add(&s->params, one->params);
	if (one->check)
		strv__add(&s->checks, one->check);
	if (one->allow)
		strv__add(&s->allow, one->allow);
}

void sanitizing__free(struct sanitizing *s)
{
	strv__free(&s->params);
	strv__free(&s->checks);
	strv__free(&s->allow);
	memset(s, 0, sizeof(*s));
}
