/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges a scene of tracegen, with some of its records changed, lost or left out:
 * scene__play(), checks of s->res, scene__free().
 */
#ifndef TESTS_UNIT_JUDGING_H
#define TESTS_UNIT_JUDGING_H

#include "loader/judge/judge.h"
#include "loader/rules/rules.h"
#include "tracegen.h"

enum edit {
	EDIT_SET64,
	EDIT_SET32,
	EDIT_VANISH,
	EDIT_LOSE,
};

/* A change to the nth record (from 1; 0: each) of a type after arm(). */
struct mutation {
	enum edit edit;
	unsigned int type;
	unsigned int nth;
	size_t offset;
	uint64_t value;
};

#define MAX_MUTATIONS 6

/* Offset of a field, and of a field of image i after a body. */
#define AT(st, field) offsetof(struct st, field)
#define IMAGE_AFTER(body, i, field) \
	(sizeof(body) + (i) * WIRE_PID_SIZE(GEN_LEVELS) + \
	 offsetof(struct wire_pid, field))

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

struct scene {
	struct gen *g;
	struct judge *j;
	const struct judge_result *res;
	struct mutation mutations[MAX_MUTATIONS];
	unsigned int count[WIRE_KERNEL_TYPES];
	bool armed;
	unsigned int finals;	/* sweeps at the end */
	/* what the steps of rules_scenes.c act on */
	struct gen_task *t, *other;
	struct gen_ns *ns, *outer;
	struct gen_pid *pid;
	int error;
};

/* The first task forked by a scene is the followed command. */
#define SCENE_COMMAND 100

typedef void (*play_fn)(struct scene *s);

extern const struct judge_opts join_opts, auto_opts;

/* Setup and teardown of a group of tests whose state is a scene. */
int scene__setup(void **state);
int scene__teardown(void **state);

/*
 * Plays fn with opts and judges it. mutations may be NULL; otherwise up to
 * MAX_MUTATIONS, ended by a zero type and edit. The scene is zero or was played before;
 * what it had is freed.
 */
void scene__play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 hook_mask no_hooks);
/* Like scene__play(), but the mutations count from the first record of fn. */
void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, hook_mask no_hooks);
void scene__free(struct scene *s);

/*
 * The parts of scene__play(). start: makes judge and machine, emits nothing. begin:
 * start, and all records of fn. end: the sweeps at the end, and the end of the trace.
 */
void scene__start(struct scene *s, const struct judge_opts *opts, uint32_t knob,
		  const struct mutation *mutations, hook_mask no_hooks);
void scene__begin(struct scene *s, play_fn fn, const struct judge_opts *opts,
		  uint32_t knob, const struct mutation *mutations,
		  hook_mask no_hooks);
void scene__end(struct scene *s);

/* Makes the mutations count records from now on. */
void scene__arm(struct scene *s);

const struct judge_rule *scene__rule(const struct scene *s, const char *id);
/* Returns the rule whose text explains a record that may violate several rules. */
const struct judge_rule *scene__reporting_rule(const struct scene *s, const char *id);

/* Tests whether one of the reasons of the verdict has this text. */
bool scene__has_reason(const struct scene *s, const char *text);

/* Returns the number of violated rules. */
unsigned int scene__violated(const struct scene *s);

#endif /* TESTS_UNIT_JUDGING_H */
