/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page_scenes.h - what a page is made of in tests: small traces with all that it
 * draws.
 */
#ifndef TESTS_PAGE_SCENES_H
#define TESTS_PAGE_SCENES_H

#include <stdint.h>
#include "../../loader/semantics.h"
#include "tracegen.h"

struct page_scene {
	const char *name;
	enum semantics semantics;
	uint32_t knob;
	void (*play)(struct gen *g, uint64_t records);
	enum gen_fate (*filter)(struct gen *g, struct wire_hdr *rec);
};

/* NULL: there is no such scene. */
const struct page_scene *page_scene__find(const char *name);

/* All of it into sink; records: about how many, where a scene can be longer. */
void page_scene__play(const struct page_scene *scene, struct record_sink *sink,
		      uint64_t records);

/* The time 0 of their traces, CLOCK_MONOTONIC. */
#define PAGE_SCENE_START_NS	5000000000ull

#endif /* TESTS_PAGE_SCENES_H */
