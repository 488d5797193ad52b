// SPDX-License-Identifier: GPL-2.0-only
/* The table of debugging aids, and the sum of the needs of one kernel's aids. */
#include "vmtest/image/sanitizer.h"

#include <string.h>

const struct sanitizer sanitizers[] = {
	/*
	 * A report means corrupted memory, and every later report may be a
	 * consequence: the first report ends the run, and so does a WARN.
	 */
	{ "CONFIG_KASAN", "panic_on_warn=1", NULL, NULL, 768, 3.0 },
	/* Lockdep disables itself after a report, or when its tables are full. */
	{ "CONFIG_PROVE_LOCKING", NULL, "lockdep", NULL, 128, 2.0 },
	/* verbose prints the objects on the console, not only their number. */
	{ "CONFIG_DEBUG_KMEMLEAK", "kmemleak=on kmemleak.verbose=1",
	  "kmemleak", NULL, 128, 1.2 },
	/* No panic_on_warn, as a reported race may be in the allow list. */
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
