// SPDX-License-Identifier: GPL-2.0-only
/* Reads the lists of harmless splats, which the console scan does not count. */
#include "vmtest/triage/allow.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "vmtest/lib/util.h"

#define BAR " | "

static int take_line(void *ctx, const char *path, int nr, char *line)
{
	char *bar = strstr(line, BAR);
	struct allow *a = ctx;

	if (!bar) {
		msg__error("%s:%d: expected \"PATTERN | REASON\"", path, nr);
		return -EINVAL;
	}
	*bar = '\0';
	a->v = xrealloc(a->v, (a->n + 1) * sizeof(*a->v));
	a->v[a->n++] = (struct allow_entry){
		.pattern = xstrdup(strip(line)),
		.reason = xstrdup(strip(bar + strlen(BAR))),
	};
	return 0;
}

int allow__read(struct allow *a, const char *path)
{
	return each_line(path, take_line, a);
}

const struct allow_entry *allow__find(const struct allow *a, const char *line)
{
	for (size_t i = 0; a && i < a->n; i++) {
		if (!fnmatch(a->v[i].pattern, line, 0))
			return &a->v[i];
	}
	return NULL;
}

void allow__free(struct allow *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].pattern);
		free(a->v[i].reason);
	}
	free(a->v);
	memset(a, 0, sizeof(*a));
}
