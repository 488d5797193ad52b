// SPDX-License-Identifier: GPL-2.0-only
/* The names of the states of rules. */
#include "loader/judge/result.h"

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
