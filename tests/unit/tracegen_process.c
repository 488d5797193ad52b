// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records what happens to processes: ends of their threads, SIGKILLs, new names, new
 * parents.
 */
#include <string.h>

#include "tracegen_parts.h"

#define SIGKILL 9

static bool runs(const struct gen_task *t)
{
	return t->alive && !t->exit_state;
}

/* Most processes have one thread, which saves the search. */
static bool is_alone(const struct gen_task *t)
{
	return t->nr_threads <= 1;
}

int32_t gen__live(const struct gen *g, const struct gen_task *cur)
{
	int32_t n = 0;

	for (unsigned int i = 0; !is_alone(cur) && i < g->ntasks; i++)
		n += g->tasks[i].signal == cur->signal &&
		     &g->tasks[i] != cur && runs(&g->tasks[i]);
	return n;
}

struct gen_task *gen__live_thread(struct gen *g, const struct gen_task *cur)
{
	for (unsigned int i = 0; !is_alone(cur) && i < g->ntasks; i++)
		if (g->tasks[i].signal == cur->signal &&
		    &g->tasks[i] != cur && runs(&g->tasks[i]))
			return &g->tasks[i];
	return NULL;
}

void gen__group_exit(struct gen *g, struct gen_task *cur, int code)
{
	cur->group_exit = true;
	cur->group_code = code;
	for (unsigned int i = 0; !is_alone(cur) && i < g->ntasks; i++) {
		if (g->tasks[i].signal != cur->signal || !g->tasks[i].alive)
			continue;
		g->tasks[i].group_exit = true;
		g->tasks[i].group_code = code;
	}
}

/* The kernel sends it: by SEND_SIG_PRIV; a process: by SEND_SIG_NOINFO. */
static void emit_kill(struct gen *g, struct gen_task *cur, struct gen_task *t,
		      enum wire_kill_origin origin, int code)
{
	struct wire_kill *r = gen__record(g, WIRE_KILL, cur);

	gen__fill_task(&r->task, t);
	r->origin = origin;
	r->code = code;
	r->sender = cur->tgid;
	memcpy(r->sender_comm, cur->comm, sizeof(r->sender_comm));
	gen__fill_image(g, 0, cur->pids[WIRE_TGID]);
	gen__emit(g);
	gen__group_exit(g, t, SIGKILL);
}

void gen__kill(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	emit_kill(g, cur, t, WIRE_KILL_NOINFO, 0);
}

void gen__kill_by_kernel(struct gen *g, struct gen_task *cur,
			 struct gen_task *t)
{
	emit_kill(g, cur, t, WIRE_KILL_PRIV, 0);
}

void gen__kill_with_code(struct gen *g, struct gen_task *cur,
			 struct gen_task *t, int code)
{
	emit_kill(g, cur, t, WIRE_KILL_INFO, code);
}

void gen__rename(struct gen *g, struct gen_task *cur, struct gen_task *t,
		 const char *comm)
{
	struct wire_rename *r = gen__record(g, WIRE_RENAME, cur);

	memset(t->comm, 0, sizeof(t->comm));
	strncpy(t->comm, comm, sizeof(t->comm) - 1);
	gen__fill_task(&r->task, t);
	gen__emit(g);
}

void gen__cgroup_move(struct gen *g, struct gen_task *cur, struct gen_task *t,
		      uint64_t cgroup)
{
	struct wire_cgroup_move *r = gen__record(g, WIRE_CGROUP_MOVE, cur);

	r->task = t->address;
	r->start = t->start;
	r->cgroup = cgroup;
	gen__emit(g);
}

void gen__cgroup(struct gen *g, uint64_t id, const char *path)
{
	struct wire_meta_cgroup r = {
		.hdr = { .type = WIRE_META_CGROUP, .size = sizeof(r) },
		.id = id,
	};

	strncpy(r.path, path, sizeof(r.path) - 1);
	record_sink__record(g->sink, &r.hdr);
}

void gen__orphaned(struct gen *g, struct gen_task *cur, struct gen_task *t)
{
	struct wire_orphan *r = gen__record(g, WIRE_ORPHAN, cur);

	gen__fill_task(&r->task, t);
	gen__fill_relative(&r->real_parent, t->parent);
	memcpy(r->parent_comm, t->parent->comm, sizeof(r->parent_comm));
	gen__fill_image(g, 0, t->thread_pid);
	gen__fill_image(g, 1, t->parent->pids[WIRE_TGID]);
	gen__emit(g);
}
