/* SPDX-License-Identifier: GPL-2.0-only */
/* Plays small traces with everything that a page shows. */
#ifndef TESTS_UNIT_PAGE_SCENES_H
#define TESTS_UNIT_PAGE_SCENES_H

#include <stdint.h>
#include "loader/trace/semantics.h"
#include "tracegen.h"

struct page_scene {
	const char *name;
	enum semantics semantics;
	uint32_t knob;
	void (*play)(struct gen *g, uint64_t records);
	enum gen_fate (*filter)(struct gen *g, struct wire_hdr *rec);
};

/* Returns the scene, or NULL if the name is unknown. */
const struct page_scene *page_scene__find(const char *name);

/*
 * Plays the whole scene into sink; records: approximate number, for scenes of
 * variable length.
 */
void page_scene__play(const struct page_scene *scene, struct record_sink *sink,
		      uint64_t records);

/* Time 0 of the traces, CLOCK_MONOTONIC. */
#define PAGE_SCENE_START_NS	5000000000ull

#endif /* TESTS_UNIT_PAGE_SCENES_H */
