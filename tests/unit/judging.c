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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct judge_opts join_opts = { .semantics = SEMANTICS_JOIN };
const struct judge_opts keep_opts = { .semantics = SEMANTICS_KEEP };
const struct judge_opts auto_opts = { .semantics = SEMANTICS_AUTO };

static enum gen_fate edit(const struct mutation *m, struct wire_hdr *rec)
{
	char *p = (char *)rec + m->offset;
	uint32_t v32 = (uint32_t)m->value;

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

void scene__start(struct scene *s, const struct judge_opts *opts, uint32_t knob,
		  const struct mutation *mutations, hook_mask no_hooks)
{
	char err[256] = "";

	scene__free(s);
	if (mutations)
		memcpy(s->mutations, mutations, sizeof(s->mutations));
	s->finals = 2;
	if (judge__new(&s->j, opts, err, sizeof(err)))
		fail_msg("judge__new: %s", err);
	s->g = gen__new(judge__sink(s->j), 2048);
	s->g->filter = mutate;
	s->g->arg = s;
	s->g->knob = knob;
	s->g->no_hooks = no_hooks;
}

void scene__begin(struct scene *s, play_fn fn, const struct judge_opts *opts,
		  uint32_t knob, const struct mutation *mutations,
		  hook_mask no_hooks)
{
	scene__start(s, opts, knob, mutations, no_hooks);
	gen__begin(s->g, SCENE_COMMAND);
	gen__sweep(s->g, WIRE_SWEEP_START);
	fn(s);
}

void scene__end(struct scene *s)
{
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
	scene__begin(s, fn, opts, knob, mutations, no_hooks);
	scene__end(s);
}

void scene__play_armed(struct scene *s, play_fn fn,
		       const struct judge_opts *opts, uint32_t knob,
		       const struct mutation *mutations, hook_mask no_hooks)
{
	scene__begin(s, scene__arm, opts, knob, mutations, no_hooks);
	fn(s);
	scene__end(s);
}

void scene__free(struct scene *s)
{
	if (s->g)
		gen__free(s->g);
	if (s->j)
		judge__free(s->j);
	memset(s, 0, sizeof(*s));
}

int scene__setup(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	return !*state;
}

int scene__teardown(void **state)
{
	scene__free(*state);
	free(*state);
	return 0;
}

const struct judge_rule *scene__rule(const struct scene *s, const char *id)
{
	for (size_t i = 0; i < s->res->nrules; i++)
		if (!strcmp(s->res->rules[i].rule->id, id))
			return &s->res->rules[i];
	fail_msg("no rule %s", id);
	return NULL;
}

const struct judge_rule *scene__reporting_rule(const struct scene *s, const char *id)
{
	static const char same[] = "\n  record   the same as for ";
	const struct judge_rule *r = scene__rule(s, id);
	const char *at = strstr(r->text, same);
	char other[8];

	if (!at || sscanf(at + strlen(same), "%7s", other) != 1)
		return r;
	return scene__rule(s, other);
}

unsigned int scene__violated(const struct scene *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < s->res->nrules; i++)
		n += s->res->rules[i].state == RULE_VIOLATED;
	return n;
}

bool scene__has_reason(const struct scene *s, const char *text)
{
	for (size_t i = 0; i < s->res->nreasons; i++)
		if (strstr(s->res->reasons[i], text))
			return true;
	return false;
}
