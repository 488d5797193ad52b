// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a scene as a trace, for tests of `pidnstrace report'. The usage is page_make
 * SCENE TRACE [RECORDS].
 */
#include <err.h>
#include <stdlib.h>

#include "loader/trace/trace.h"
#include "page_scenes.h"

int main(int argc, char **argv)
{
	struct trace_info info = {
		.seed = 7,
		.start_realtime_ns = 1700000000ull * 1000000000,
		.start_monotonic_ns = PAGE_SCENE_START_NS,
		.release = "6.12.0-test",
	};
	const struct page_scene *scene;
	struct trace_writer *w;

	if (argc < 3)
		errx(2, "usage: page_make SCENE TRACE [RECORDS]");
	scene = page_scene__find(argv[1]);
	if (!scene)
		errx(2, "%s: no such scene", argv[1]);
	info.semantics = scene->semantics;
	if (trace_writer__open(&w, argv[2], &info))
		err(2, "%s", argv[2]);
	page_scene__play(scene, trace_writer__sink(w),
			 argc > 3 ? strtoull(argv[3], NULL, 10) : 0);
	return trace_writer__close(w) ? 2 : 0;
}
