// SPDX-License-Identifier: GPL-2.0-only
/* Converts the kernel semantics to and from their names. */
#include "loader/trace/semantics.h"

#include <errno.h>
#include <string.h>

static const char *const names[SEMANTICS_COUNT] = {
	[SEMANTICS_AUTO] = "auto",
	[SEMANTICS_MAINLINE] = "mainline",
	[SEMANTICS_JOIN] = "join",
	[SEMANTICS_SEED] = "seed",
	[SEMANTICS_KEEP] = "keep",
};

const char *semantics__name(enum semantics s)
{
	return (unsigned int)s < SEMANTICS_COUNT ? names[s] : "?";
}

int semantics__parse(const char *text, enum semantics *out)
{
	for (int i = 0; i < SEMANTICS_COUNT; i++) {
		if (!strcmp(text, names[i])) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}
