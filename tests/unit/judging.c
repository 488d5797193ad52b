// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays a scene between a sweep at its start and sweeps at its end, edits its records
 * by the mutations, and judges them.
 */
#include "judging.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static enum gen_fate edit(const struct mutation *m, struct wire_hdr *rec)
{
	char *p = (char *)rec + m->offset;
	uint32_t v32 = (uint32_t)m->value;
	uint64_t v64;

	switch (m->edit) {
	case EDIT_VANISH:
		return GEN_VANISH;
	case EDIT_LOSE:
		return GEN_LOSE;
	case EDIT_SET32:
		memcpy(p, &v32, sizeof(v32));
		break;
	case EDIT_SET64:
		memcpy(p, &m->value, sizeof(m->value));
		break;
	case EDIT_CLEAR:
		memcpy(&v64, p, sizeof(v64));
		v64 &= ~m->value;
		memcpy(p, &v64, sizeof(v64));
		break;
	}
	return GEN_EMIT;
}

static bool is_set(const struct mutation *m)
{
	return m->edit || m->type || m->nth || m->offset || m->value;
}

static enum gen_fate mutate(struct gen *g, struct wire_hdr *rec)
{
	struct scene *s = g->arg;
	enum gen_fate fate = GEN_EMIT;
	unsigned int n;

	if (!s->armed)
		return GEN_EMIT;
	n = ++s->count[rec->type];
	for (int i = 0; i < MAX_MUTATIONS && is_set(&s->mutations[i]); i++) {
		const struct mutation *m = &s->mutations[i];
		enum gen_fate f;

		if (m->type != rec->type || (m->nth && m->nth != n))
			continue;
		f = edit(m, rec);
		if (f != GEN_EMIT)
			fate = f;
	}
	return fate;
}

void scene__arm(struct scene *s)
{
	s->armed = true;
}

void scene__start(struct scene *s, const struct judge_opts *opts,
		  uint32_t knob, hook_mask no_hooks)
{
	char err[256] = "";

	if (judge__new(&s->j, opts, err, sizeof(err)))
		fail_msg("judge__new: %s", err);
	s->g = gen__new(judge__sink(s->j), 2048);
	s->g->filter = mutate;
	s->g->arg = s;
	s->g->knob = knob;
	s->g->no_hooks = no_hooks;
}

static void play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 hook_mask no_hooks, bool armed)
{
	memset(s, 0, sizeof(*s));
	if (mutations)
		memcpy(s->mutations, mutations, sizeof(s->mutations));
	s->finals = 2;
	scene__start(s, opts, knob, no_hooks);
	gen__begin(s->g, SCENE_COMMAND);
	gen__sweep(s->g, WIRE_SWEEP_START);
	s->armed = armed;
	fn(s);
	for (unsigned int i = 0; i < s->finals; i++)
		gen__sweep(s->g, WIRE_SWEEP_FINAL);
	gen__end(s->g);
	assert_int_equal(s->g->error, 0);
	s->res = judge__finish(s->j);
}

void scene__play(struct scene *s, play_fn fn, const struct judge_opts *opts,
		 uint32_t knob, const struct mutation *mutations,
		 hook_mask no_hooks)
{
	play(s, fn, opts, knob, mutations, no_hooks, false);
}

void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, hook_mask no_hooks)
{
	play(s, fn, opts, knob, mutations, no_hooks, true);
}

void scene__free(struct scene *s)
{
	gen__free(s->g);
	judge__free(s->j);
}

const struct judge_rule *scene__rule(const struct scene *s, const char *id)
{
	for (size_t i = 0; i < s->res->nrules; i++)
		if (!strcmp(s->res->rules[i].rule->id, id))
			return &s->res->rules[i];
	fail_msg("no rule %s", id);
	return NULL;
}

unsigned int scene__violated(const struct scene *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < s->res->nrules; i++)
		n += s->res->rules[i].state == RULE_VIOLATED;
	return n;
}
