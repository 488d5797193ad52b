/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declares two tables of traces. rules_guilty has a trace that violates each clause of
 * each rule. rules_silent has, for each condition of a rule, a trace that the rule must
 * accept.
 */
#ifndef TESTS_UNIT_RULES_CASES_H
#define TESTS_UNIT_RULES_CASES_H

#include "rules_scenes.h"

/* A trace that violates a clause of a rule. */
struct guilty {
	const char *rule;
	const char *how;
	const char *says;		/* the violation's text must contain this */
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	struct mutation mutations[MAX_MUTATIONS];
};

#define ANY_NUMBER (-1)

/* A trace that a rule must accept, whatever other rules report. */
struct silent {
	const char *rule;
	const char *where;
	play_fn play;
	enum semantics semantics;
	uint32_t knob;
	int checked;			/* times the rule was checked, or ANY_NUMBER */
	struct mutation mutations[MAX_MUTATIONS];
};

extern const struct guilty rules_guilty[];
extern const struct silent rules_silent[];
extern const size_t rules_guilty_count, rules_silent_count;

/* --- short names, for the tables --- */

#define J SEMANTICS_JOIN
#define AUTO SEMANTICS_AUTO
#define SEED SEMANTICS_SEED
#define ON WIRE_KNOB_ON
#define OFF WIRE_KNOB_OFF
#define NONE WIRE_KNOB_NONE

/* A kernel with the series keep, and its knob at 2. */
#define K SEMANTICS_KEEP
#define KEEP WIRE_KNOB_KEEP

#endif /* TESTS_UNIT_RULES_CASES_H */
