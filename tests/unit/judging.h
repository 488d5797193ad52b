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
	EDIT_CLEAR,	/* bits of a 64-bit word */
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

/* Offsets of fields, and of those of image i after a body. */
#define AT(st, field) offsetof(struct st, field)
#define IMAGE(st, i, field) IMAGE_AFTER(struct st, i, field)
#define IMAGE_AFTER(body, i, field) \
	(sizeof(body) + (i) * WIRE_PID_SIZE(GEN_LEVELS) + \
	 offsetof(struct wire_pid, field))

struct scene {
	struct gen *g;
	struct judge *j;
	const struct judge_result *res;
	struct mutation mutations[MAX_MUTATIONS];
	unsigned int count[WIRE_KERNEL_TYPES];
	bool armed;
	unsigned int finals;	/* sweeps at the end */
	/* the cast of rules_scenes.c */
	struct gen_task *t, *other;
	struct gen_ns *ns, *outer;
	struct gen_pid *pid;
	int error;
};

/* The first task forked by a scene is the followed command. */
#define SCENE_COMMAND 100

typedef void (*play_fn)(struct scene *s);

/*
 * Plays fn with opts and judges it. mutations may be NULL; otherwise up to
 * MAX_MUTATIONS, ended by a zero type and edit.
 */
void scene__play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 hook_mask no_hooks);
/* Like scene__play(), but the mutations count from the first record of fn. */
void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, hook_mask no_hooks);
void scene__free(struct scene *s);

/* First step of scene__play(): makes judge and machine, emits nothing; *s is set up. */
void scene__start(struct scene *s, const struct judge_opts *opts,
		  uint32_t knob, hook_mask no_hooks);

/* Makes the mutations count records from now on. */
void scene__arm(struct scene *s);

const struct judge_rule *scene__rule(const struct scene *s, const char *id);

/* Returns the number of violated rules. */
unsigned int scene__violated(const struct scene *s);

#endif /* TESTS_UNIT_JUDGING_H */
