// SPDX-License-Identifier: GPL-2.0-only
/* Plays three joins that violate no rule, unless a mutation makes them. */
#include "three_joins.h"

#include <string.h>

const struct judge_opts join_opts = { .semantics = SEMANTICS_JOIN };

void everyday(struct scene *s)
{
	struct gen_task *t = gen__fork(s->g, s->g->init);

	gen__exec(s->g, t, "true");
	gen__exit(s->g, t, 0);
	gen__release(s->g, s->g->init, t);
}

void three_joins(struct scene *s)
{
	struct gen_ns *ns;

	everyday(s);
	ns = gen__container(s->g, s->g->init);
	scene__arm(s);
	for (int i = 0; i < 3; i++) {
		struct gen_task *t = gen__candidate(s->g, s->g->init);

		gen__setns_join(s->g, t, ns);
		gen__exit(s->g, t, 0);
		gen__release(s->g, s->g->init, t);
	}
}

void three_joins__begin(struct scene *s, const struct mutation *m)
{
	memset(s, 0, sizeof(*s));
	if (m)
		memcpy(s->mutations, m, sizeof(s->mutations));
	scene__start(s, &join_opts, WIRE_KNOB_ON, 0);
	gen__begin(s->g, 0);
	gen__sweep(s->g, WIRE_SWEEP_START);
	three_joins(s);
}

void three_joins__end(struct scene *s)
{
	gen__sweep(s->g, WIRE_SWEEP_FINAL);
	gen__end(s->g);
	s->res = judge__finish(s->j);
}

bool scene__has_reason(const struct scene *s, const char *text)
{
	for (size_t i = 0; i < s->res->nreasons; i++)
		if (strstr(s->res->reasons[i], text))
			return true;
	return false;
}
