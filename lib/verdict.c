// SPDX-License-Identifier: GPL-2.0-only
/* Exit status 2 is for usage and environment errors: EXIT_USAGE in lib/msg.h. */
#include "lib/verdict.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	int exit_status;
} verdicts[VERDICT_NR] = {
	[VERDICT_PASS] = { "PASS", 0 },
	[VERDICT_INCONCLUSIVE] = { "INCONCLUSIVE", 3 },
	[VERDICT_LOST] = { "LOST", 7 },
	[VERDICT_FAIL] = { "FAIL", 1 },
	[VERDICT_SPLAT] = { "SPLAT", 4 },
	[VERDICT_HANG] = { "HANG", 6 },
	[VERDICT_PANIC] = { "PANIC", 5 },
};

const char *verdict__name(enum verdict v)
{
	return verdicts[v].name;
}

int verdict__parse(const char *name, enum verdict *out)
{
	for (int i = 0; i < VERDICT_NR; i++) {
		if (!strcmp(name, verdicts[i].name)) {
			*out = (enum verdict)i;
			return 0;
		}
	}
	return -EINVAL;
}

int verdict__exit_status(enum verdict v)
{
	return verdicts[v].exit_status;
}

enum verdict verdict__worse(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}
