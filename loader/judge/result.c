// SPDX-License-Identifier: GPL-2.0-only
/* The names and exit statuses of results. */
#include "loader/judge/result.h"

const char *verdict__name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_PASS] = "PASS",
		[VERDICT_FAIL] = "FAIL",
		[VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
	};

	return names[v];
}

int verdict__exit_status(enum verdict v)
{
	return v == VERDICT_PASS ? 0 : v == VERDICT_FAIL ? 1 : 3;
}

const char *rule_state__name(enum rule_state s)
{
	static const char *const names[] = {
		[RULE_OK] = "ok",
		[RULE_VIOLATED] = "violated",
		[RULE_UNAVAILABLE] = "unavailable",
		[RULE_DESELECTED] = "deselected",
		[RULE_NOT_APPLICABLE] = "not-applicable",
		[RULE_NOT_EXERCISED] = "not-exercised",
	};

	return names[s];
}
