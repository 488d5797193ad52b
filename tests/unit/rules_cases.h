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

/* OF_type is the struct of a record type: OF_ATTACH_PID is struct wire_link_pid. */
#define X(e, name, body, ...) typedef struct wire_##body OF_##e;
WIRE_TYPES(X)
#undef X

/*
 * Edits of the nth record of a type (0: of every record). SET changes a field of the
 * record, IMG a field of the struct pid in image i. VANISH: the kernel did not make the
 * record. LOSE: the ring lost the record.
 */
#define SET32(type, nth, field, v) \
	{ EDIT_SET32, WIRE_##type, nth, offsetof(OF_##type, field), v }
#define SET64(type, nth, field, v) \
	{ EDIT_SET64, WIRE_##type, nth, offsetof(OF_##type, field), v }
#define IMG32(type, nth, i, field, v) \
	{ EDIT_SET32, WIRE_##type, nth, IMAGE_AFTER(OF_##type, i, field), v }
#define IMG64(type, nth, i, field, v) \
	{ EDIT_SET64, WIRE_##type, nth, IMAGE_AFTER(OF_##type, i, field), v }
#define VANISH(type, nth) { EDIT_VANISH, WIRE_##type, nth, 0, 0 }
#define LOSE(type, nth) { EDIT_LOSE, WIRE_##type, nth, 0, 0 }

/*
 * Sets hdr.flags of a record with n images; npids and levels are in the same word. The
 * flags HELD mean that tasklist_lock is held for writing.
 */
#define FLAGS(type, nth, n, f) \
	SET32(type, nth, hdr.npids, \
	      (n) | ((n) ? GEN_LEVELS : 0) << 8 | (uint32_t)(f) << 16)
#define HELD (WIRE_F_TASKLIST_KNOWN | WIRE_F_TASKLIST_WRITE)

#endif /* TESTS_UNIT_RULES_CASES_H */
