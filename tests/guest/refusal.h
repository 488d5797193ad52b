/* SPDX-License-Identifier: GPL-2.0-only */
/* A setns() that the kernel refuses, and what the refusal must not change. */
#ifndef TESTS_GUEST_REFUSAL_H
#define TESTS_GUEST_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "scene.h"

/* The number of ways to name a pid namespace in a call of setns(). */
#define REFUSAL_WAYS 3

/*
 * Tries the first @nr ways, up to the first unexpected result. Only facts that begin
 * with @changes may change (NULL: none).
 */
void refusal__try(const struct scene *s, size_t nr, long wanted,
		  const char *changes);

/*
 * Combines the conditions of two scenes in one scene. Returns false if both set the
 * same field, or if no scene can have both.
 */
bool refusal__combine(const struct scene_spec *a, const struct scene_spec *b,
		      struct scene_spec *both);

#endif /* TESTS_GUEST_REFUSAL_H */
