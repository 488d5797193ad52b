// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays six scenes: nested containers that tasks join, the same with lost records, the
 * posting of 2012, a task that the command did not start, a command that leaves a struct
 * pid and a pid namespace behind, and short-lived tasks up to a given number of records.
 */
#include "page_scenes.h"

#include <errno.h>
#include <string.h>

#include "lib/array.h"

#define SCENE_TASKS	4096

static void rest(struct gen *g, uint64_t us)
{
	g->ts_ns += us * 1000;
}

static void dies(struct gen *g, struct gen_task *parent, struct gen_task *t,
		 int code)
{
	gen__exit(g, t, code);
	rest(g, 30);
	gen__release(g, parent, t);
}

/* Makes cur fork the init of a namespace. */
static void start(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		  const char *comm, struct gen_task **init)
{
	struct gen_ns *was = cur->children_ns;

	cur->children_ns = ns;
	*init = gen__fork(g, cur);
	cur->children_ns = was;
	(*init)->children_ns = ns;
	rest(g, 20);
	gen__exec(g, *init, comm);
}

static struct gen_ns *container(struct gen *g, struct gen_task *cur,
				struct gen_ns *above, const char *comm,
				struct gen_task **init)
{
	struct gen_ns *ns = gen__ns(g, cur, above);

	start(g, cur, ns, comm, init);
	return ns;
}

static void joins(struct gen *g, struct gen_task *me, struct gen_ns *ns,
		  const char *comm)
{
	struct gen_task *t = gen__candidate(g, me), *child;

	gen__exec(g, t, "nsenter");
	rest(g, 50);
	gen__setns_join(g, t, ns);
	rest(g, 30);
	gen__exec(g, t, comm);
	child = gen__fork(g, t);
	rest(g, 60);
	dies(g, t, child, 0);
	dies(g, me, t, 3 << 8);
}

static void ends(struct gen *g, struct gen_task *parent, struct gen_task *init,
		 struct gen_ns *ns)
{
	gen__zap_enter(g, init, ns);
	rest(g, 10);
	gen__zap_exit(g, init, ns);
	dies(g, parent, init, 9);
	rest(g, 20);
	gen__ns_ends(g, ns);
}

/* Plays three nested levels, two of them joined, and a reused inum. */
static void nested(struct gen *g, uint64_t)
{
	struct gen_task *me = gen__fork(g, g->init), *init, *inner, *t, *t2;
	struct gen_ns *ns, *below;

	gen__exec(g, me, "containerd");
	/* The creation was not traced: only numbers show where the namespace is. */
	ns = gen__ns(g, NULL, &g->ns[0]);
	start(g, me, ns, "systemd", &init);
	below = container(g, init, ns, "sh", &inner);
	joins(g, me, ns, "</script><b>");
	t = gen__candidate(g, init);
	gen__exec(g, t, "bad\n\x80 \"comm");
	gen__setns_join(g, t, below);
	t2 = gen__clone_thread(g, t);
	rest(g, 25);
	gen__exit(g, t2, 0);
	gen__release(g, t2, t2);
	dies(g, init, t, 0);
	t = gen__fork(g, me);
	gen__setns_refused(g, t, ns, -EPERM);
	gen__enter_other(g, t);
	gen__leave(g, t, GEN_NEWNET, 0);
	gen__error_report(g, t);
	dies(g, me, t, 0);
	ends(g, init, inner, below);
	g->next_inum = below->inum;
	below = container(g, init, ns, "again", &inner);
	joins(g, init, below, "late");
}

/* Plays the posting of 2012. */
static void guilty(struct gen *g, uint64_t)
{
	struct gen_task *me = gen__fork(g, g->init), *init, *t, *child;
	struct gen_ns *ns;

	gen__exec(g, me, "sh");
	ns = container(g, me, &g->ns[0], "systemd", &init);
	for (int i = 0; i < 3; i++) {
		t = gen__candidate(g, me);
		gen__exec(g, t, "nsenter");
		gen__setns_seed(g, t, ns);
		rest(g, 200);
		child = gen__fork(g, t);
		dies(g, t, child, 0);
		dies(g, me, t, 0);
	}
}

/* Plays many events: each task is forked, runs a program, and is reaped. */
static void crowded(struct gen *g, uint64_t records)
{
	struct gen_task *me[6], *t;
	struct gen_ns *ns = &g->ns[0];

	me[0] = gen__fork(g, g->init);
	for (int i = 1; i < 6; i++)
		ns = container(g, i < 4 ? me[i - 1] : me[0],
			       i < 4 ? ns : &g->ns[0], "make", &me[i]);
	for (unsigned int i = 0; g->records < records && !g->error; i++) {
		struct gen_task *parent = me[i * 7 % 6];

		t = gen__fork(g, parent);
		gen__exec(g, t, i % 3 ? "cc1" : "as");
		rest(g, i % 97);
		dies(g, parent, t, 0);
	}
}

/* Plays a command, and a task that it did not start. */
static void stranger(struct gen *g, uint64_t)
{
	struct gen_task *command = gen__fork(g, g->init), *t;

	gen__exec(g, command, "command");
	t = gen__fork(g, g->init);
	gen__exec(g, t, "stranger");
	dies(g, g->init, t, 0);
	dies(g, g->init, command, 0);
}

static void dies_at_rest(struct gen *g, struct gen_task *parent, struct gen_task *t)
{
	dies(g, parent, t, 0);
	gen__grace_period(g, g->init);
}

/* Plays a command that leaves references: to a dead task's struct pid, to a namespace. */
static void leaky(struct gen *g, uint64_t)
{
	struct gen_task *command = gen__fork(g, g->init), *init, *t;
	struct gen_ns *ns;

	gen__exec(g, command, "command");
	t = gen__fork(g, command);
	gen__exec(g, t, "held");
	t->thread_pid->held = 1;
	dies_at_rest(g, command, t);
	ns = container(g, command, &g->ns[0], "sh", &init);
	init->state |= WIRE_T_EXITING;
	gen__zap_enter(g, init, ns);
	gen__sweep(g, WIRE_SWEEP_PERIOD);
	gen__sweep(g, WIRE_SWEEP_PERIOD);
	gen__zap_exit(g, init, ns);
	dies_at_rest(g, command, init);
	ns->gone = true;
	dies_at_rest(g, g->init, command);
	t = gen__fork(g, g->init);
	gen__exec(g, t, "stranger");
	dies_at_rest(g, g->init, t);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__sweep(g, WIRE_SWEEP_FINAL);
}

/* Loses two of every ten links, which violates the rules that need them. */
static enum gen_fate lossy(struct gen *g, struct wire_hdr *rec)
{
	if (rec->type == WIRE_ATTACH_PID && ++g->nth % 10 < 2)
		return GEN_LOSE;
	return GEN_EMIT;
}

static const struct page_scene scenes[] = {
	{ "nested", SEMANTICS_JOIN, WIRE_KNOB_ON, nested, NULL },
	{ "guilty", SEMANTICS_SEED, WIRE_KNOB_NONE, guilty, NULL },
	{ "lossy", SEMANTICS_JOIN, WIRE_KNOB_ON, nested, lossy },
	{ "stranger", SEMANTICS_AUTO, WIRE_KNOB_NONE, stranger, NULL },
	{ "leaky", SEMANTICS_AUTO, WIRE_KNOB_NONE, leaky, NULL },
	{ "crowded", SEMANTICS_AUTO, WIRE_KNOB_NONE, crowded, NULL },
};

const struct page_scene *page_scene__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		if (!strcmp(scenes[i].name, name))
			return &scenes[i];
	return NULL;
}

void page_scene__play(const struct page_scene *scene, struct record_sink *sink,
		      uint64_t records)
{
	struct gen *g = gen__new(sink, SCENE_TASKS);

	g->knob = scene->knob;
	g->filter = scene->filter;
	gen__begin(g, 100);
	gen__sweep(g, WIRE_SWEEP_START);
	scene->play(g, records);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__end(g);
	gen__free(g);
}
