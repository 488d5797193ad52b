/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judging.h - a scene of tracegen put before the judge, with some of its
 * records changed, lost or left out.
 */
#ifndef TESTS_JUDGING_H
#define TESTS_JUDGING_H

#include "../../loader/judge.h"
#include "../../loader/rules.h"
#include "tracegen.h"

enum edit {
	EDIT_SET64,
	EDIT_SET32,
	EDIT_CLEAR,	/* bits of a 64 bit word */
	EDIT_VANISH,
	EDIT_LOSE,
};

/* A change to the nth record (from 1, 0: each) of a type after arm(). */
struct mutation {
	enum edit edit;
	unsigned int type;
	unsigned int nth;
	size_t offset;
	uint64_t value;
};

#define MAX_MUTATIONS 6

/* Offsets of fields, and of those of image i behind a body. */
#define AT(st, field) offsetof(struct st, field)
#define IMAGE(st, i, field) \
	(sizeof(struct st) + (i) * WIRE_PID_SIZE(GEN_LEVELS) + \
	 offsetof(struct wire_pid, field))

struct scene {
	struct gen *g;
	struct judge *j;
	const struct judge_result *res;
	struct mutation mutations[MAX_MUTATIONS];
	unsigned int count[WIRE_KERNEL_TYPES];
	bool armed;
	unsigned int finals;	/* sweeps at the end */
};

/* The first task that a scene forks is the command that is followed. */
#define SCENE_COMMAND 100

typedef void (*play_fn)(struct scene *s);

/*
 * Plays fn under opts and judges it. mutations may be NULL; else up to
 * MAX_MUTATIONS, those of a zero type and edit end the list.
 */
void scene__play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 uint32_t no_hooks);
/* The same, with the mutations counting from the first record of fn on. */
void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, uint32_t no_hooks);
void scene__free(struct scene *s);

/* The first part of it: judge and machine, nothing emitted; *s is set up. */
void scene__start(struct scene *s, const struct judge_opts *opts,
		  uint32_t knob, uint32_t no_hooks);

/* From here on the mutations count records. */
void scene__arm(struct scene *s);

const struct judge_rule *scene__rule(const struct scene *s, const char *id);

/* Number of rules that are violated. */
unsigned int scene__violated(const struct scene *s);

#endif /* TESTS_JUDGING_H */
