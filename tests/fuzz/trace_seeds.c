// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the fuzzer's seeds: a trace of each scene of the unit tests, and a trace with
 * one record for each record type.
 *
 * The usage is trace_seeds DIR.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/trace/trace.h"
#include "tests/unit/rules_scenes.h"
#include "tests/unit/tracegen_parts.h"

/* Larger seeds add nothing new, and cost time. */
#define SEED_MAX (24 << 10)

static const struct {
	const char *name;
	play_fn fn;
} scenes[] = {
#define SCENE(name, ...) { "scene_" #name, scene_##name },
#include "tests/unit/rules_scenes.inc"
};

static const char *dir;

static struct trace_writer *open_seed(const char *name, char *path, size_t len)
{
	const struct trace_info info = {
		.semantics = strstr(name, "mainline") ? SEMANTICS_AUTO :
			     strstr(name, "seed") ? SEMANTICS_SEED :
			     SEMANTICS_JOIN,
	};
	struct trace_writer *w;
	int ret;

	snprintf(path, len, "%s/%s", dir, name);
	ret = trace_writer__open(&w, path, &info);
	if (ret)
		errx(2, "%s: %s", path, strerror(-ret));
	return w;
}

static void close_seed(struct trace_writer *w, const char *path)
{
	bool large = trace_writer__bytes(w) > SEED_MAX;

	if (trace_writer__close(w))
		errx(2, "%s: cannot write", path);
	if (large)
		unlink(path);
}

static void play(const char *name, play_fn fn)
{
	struct scene s = { 0 };
	char path[512];
	struct trace_writer *w = open_seed(name, path, sizeof(path));

	s.g = gen__new(trace_writer__sink(w), 2048);
	s.g->knob = strstr(name, "mainline") ? WIRE_KNOB_OFF : WIRE_KNOB_ON;
	gen__begin(s.g, 1);
	fn(&s);
	gen__end(s.g);
	gen__free(s.g);
	close_seed(w, path);
}

/* The type of the record: an existing task makes the record about itself. */
static unsigned int odd_type;

static void odd_scene(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);
	struct wire_hdr *rec = gen__record(s->g, odd_type, t);
	struct wire_task *task = (void *)record__task(rec);

	for (unsigned int i = sizeof(*rec) / 8; i < rec->size / 8u; i++)
		((uint64_t *)rec)[i] = i % 3;
	if (task) {
		task->task = t->address;
		task->start = t->start;
		task->thread_pid = t->thread_pid->address;
	}
	for (unsigned int i = 0; i < rec->npids; i++) {
		struct wire_pid *p = (void *)record__pid(rec, i);

		p->address = t->thread_pid->address;
		p->level = 1;
	}
	if (odd_type < WIRE_META)
		gen__emit(s->g);
	else
		record_sink__record(s->g->sink, rec);
	gen__exit(s->g, t, 0);
}

int main(int argc, char **argv)
{
	char name[64];

	if (argc != 2)
		errx(2, "usage: trace_seeds DIR");
	dir = argv[1];
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		play(scenes[i].name, scenes[i].fn);
	for (odd_type = 0; odd_type < WIRE_META_LAST; odd_type++) {
		if (!record__body_size(odd_type))
			continue;
		snprintf(name, sizeof(name), "record_%s",
			 record__name(odd_type));
		play(name, odd_scene);
	}
	return 0;
}
