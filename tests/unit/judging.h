/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges a scene of tracegen, with some of its records changed, lost or left out. A test
 * calls scene__play(), checks s->res, and calls scene__free().
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

/* A change to the nth record (from 1; 0: each) of a type after scene__arm(). */
struct mutation {
	enum edit edit;
	unsigned int type;
	unsigned int nth;
	size_t offset;
	uint64_t value;
};

#define MAX_MUTATIONS 6

/* The offsets of a field of a record, and of a field of the image i after a body. */
#define AT(st, field) offsetof(struct st, field)
#define IMAGE_AFTER(body, i, field) \
	(sizeof(body) + (i) * WIRE_PID_SIZE(GEN_LEVELS) + \
	 offsetof(struct wire_pid, field))

/* OF_TYPE is the struct of records of a type: OF_ATTACH_PID is struct wire_link_pid. */
#define X(e, name, body, ...) typedef struct wire_##body OF_##e;
WIRE_TYPES(X)
#undef X

/*
 * Mutations of the nth record of a type (0: of each). SET changes a field of the record,
 * IMG a field of the struct pid in image i. VANISH: the kernel did not make the record.
 * LOSE: the ring lost the record.
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
 * Sets hdr.flags to f in a record with n images. The 32 bits written also contain npids
 * and levels. HELD are the flags of a record made with tasklist_lock held for writing.
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
	unsigned int finals;	/* number of sweeps at the end */
	/* set and used by the steps of rules_scenes.c */
	struct gen_task *t, *other;
	struct gen_ns *ns, *outer;
	struct gen_pid *pid;
	int error;
	int32_t nr;		/* reserved in a namespace */
};

/* The pid of the first task that a scene forks: the followed command. */
#define SCENE_COMMAND 100

typedef void (*play_fn)(struct scene *s);

extern const struct judge_opts join_opts, keep_opts, auto_opts;

/* Setup and teardown of a group of tests whose state is a scene. */
int scene__setup(void **state);
int scene__teardown(void **state);

/*
 * Plays fn, which may call scene__arm(), and judges the records by opts. mutations is
 * NULL, or an array of MAX_MUTATIONS elements, of which the used ones come first and the
 * others are zero. The scene is zero, or was played before and is freed first.
 */
void scene__play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 hook_mask no_hooks);
/* Calls scene__arm() for fn: the mutations count from the first record of fn. */
void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, hook_mask no_hooks);
void scene__free(struct scene *s);

/*
 * The parts of scene__play(). scene__start() makes the judge and the generator, and emits
 * nothing. scene__begin() calls scene__start(), and emits all records up to the last of
 * fn. scene__end() emits the sweeps at the end and the end of the trace, and sets s->res.
 */
void scene__start(struct scene *s, const struct judge_opts *opts, uint32_t knob,
		  const struct mutation *mutations, hook_mask no_hooks);
void scene__begin(struct scene *s, play_fn fn, const struct judge_opts *opts,
		  uint32_t knob, const struct mutation *mutations,
		  hook_mask no_hooks);
void scene__end(struct scene *s);

/* Makes the mutations count records from here on; before, they change none. */
void scene__arm(struct scene *s);

const struct judge_rule *scene__rule(const struct scene *s, const char *id);
/* The same, but if the text of rule id refers to another rule, returns the other one. */
const struct judge_rule *scene__reporting_rule(const struct scene *s, const char *id);

/* Tests whether one of the reasons of the verdict has this text. */
bool scene__has_reason(const struct scene *s, const char *text);

/* Returns the number of violated rules. */
unsigned int scene__violated(const struct scene *s);

#endif /* TESTS_UNIT_JUDGING_H */
