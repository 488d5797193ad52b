/* SPDX-License-Identifier: GPL-2.0-only */
/* Plays the behaviour of kernels, right and wrong: scene_join(), scene_mainline() ... */
#ifndef TESTS_UNIT_RULES_SCENES_H
#define TESTS_UNIT_RULES_SCENES_H

#include "judging.h"

#define ENOUGH_FLUSHES 40	/* joins of scene_join_many: more than I29 requires */

/* Lets t exit and be reaped. */
void scene_farewell(struct scene *s, struct gen_task *t);

#define SCENE(name, ...) void scene_##name(struct scene *s);
#include "rules_scenes.inc"
#undef SCENE

#endif /* TESTS_UNIT_RULES_SCENES_H */
