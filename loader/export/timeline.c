// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the lanes of tasks and the groups of pid namespaces, and makes their names,
 * slices, arrows and counters trace events.
 *
 * A namespace whose inum is reused is found by its address from then on. An end that
 * was lost is written as soon as a later record implies it.
 */
#include "loader/export/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"

#define INIT_PIDNS_INUM 0xEFFFFFFCu	/* PROC_PID_INIT_INO */

/* --- namespaces --- */

/* Describes the group: its name, its sort order by level, and its parent. */
static void group_tell(struct timeline *l, const struct lane_group *g)
{
	struct trace_process p = { .pid = g->pid, .rank = g->level };
	char name[64], label[32];
	int n = snprintf(name, sizeof(name), "pid:[%u]", g->inum);

	if (g->level_known)
		snprintf(name + n, sizeof(name) - n, " level %u", g->level);
	p.name = name;
	if (g->parent) {
		snprintf(label, sizeof(label), "in pid:[%u]", g->parent);
		p.label = label;
	}
	trace_event__process(l->w, &p);
}

static struct lane_group *group_new(struct timeline *l, uint32_t inum)
{
	struct lane_group *g = xcalloc(1, sizeof(*g));

	g->inum = inum;
	g->pid = ++l->last;
	g->level_known = inum == INIT_PIDNS_INUM;
	table__add(&l->groups, inum, g);
	return g;
}

struct lane_group *timeline__group(struct timeline *l, uint32_t inum)
{
	struct lane_group *g = table__find(&l->groups, inum);

	if (!g) {
		g = group_new(l, inum);
		group_tell(l, g);
	}
	return g;
}

static void group_drop_unused(struct lane_group *g)
{
	if (g->gone && !g->lanes)
		free(g);
}

void timeline__group_gone(struct timeline *l, struct lane_group *g)
{
	if (g == l->initial)
		return;
	if (table__find(&l->groups, g->inum) == g)
		table__del(&l->groups, g->inum);
	else
		table__del(&l->buried, g->address);
	g->gone = true;
	group_drop_unused(g);
}

struct lane_group *timeline__group_new(struct timeline *l, const struct wire_pidns *r)
{
	struct lane_group *g = table__find(&l->groups, r->inum);

	if (g && (!g->address || table__find(&l->buried, g->address))) {
		timeline__group_gone(l, g);	/* the NS_FREE of g was lost */
	} else if (g) {
		table__del(&l->groups, g->inum);
		table__add(&l->buried, g->address, g);
	}
	g = group_new(l, r->inum);
	g->address = r->ns;
	g->parent = r->parent;
	g->level = r->level;
	g->level_known = true;
	group_tell(l, g);
	return g;
}

struct lane_group *timeline__group_find(struct timeline *l,
				     const struct wire_pidns *r)
{
	struct lane_group *g = table__find(&l->buried, r->ns);

	if (g)
		return g;
	g = table__find(&l->groups, r->inum);
	return g && (!g->address || g->address == r->ns) ? g : NULL;
}

/* Creates groups for an image's namespaces. Returns the innermost one, or NULL. */
static struct lane_group *group_of_image(struct timeline *l,
					 const struct wire_hdr *rec,
					 const struct wire_pid *img)
{
	unsigned int n = record__levels(rec, img);
	struct lane_group *g = NULL;

	for (unsigned int i = 0; i < n; i++) {
		g = table__find(&l->groups, img->upid[i].ns);
		if (g && g->level_known)
			continue;
		if (!g)
			g = group_new(l, img->upid[i].ns);
		g->level = i;
		g->level_known = true;
		g->parent = i ? img->upid[i - 1].ns : 0;
		group_tell(l, g);
	}
	return g;
}

static void count(struct timeline *l, struct lane_group *g, int n)
{
	g->live += n;
	trace_event__named(l->w, EVENT_COUNTER, "tasks", "tasks", g->pid, 0);
	trace_event__arg_num(l->w, "live", g->live);
}

/* --- slices --- */

static void put_numbers(const struct lane *lane, struct buf *t)
{
	buf__char(t, '[');
	for (uint32_t i = 0; i < lane->levels; i++) {
		buf__str(t, i ? "," : "");
		buf__s64(t, lane->nr[i]);
	}
	if (!lane->levels)
		buf__s64(t, lane->pid);
	buf__char(t, ']');
}

void lane__name(const struct lane *lane, struct buf *t)
{
	buf__name(t, lane->comm, sizeof(lane->comm));
	put_numbers(lane, t);
}

static const struct {
	const char *category;
	const char *name;	/* NULL: by the task */
} slices[SLICES] = {
	[SLICE_LIFE] = { "life", NULL },
	[SLICE_PROGRAM] = { "program", NULL },
	[SLICE_EXITED] = { "exited", "exited" },
	[SLICE_SETNS] = { "setns", "setns" },
	[SLICE_ZAP] = { "namespace", "zap_pid_ns_processes" },
};

void lane__begin(struct timeline *l, struct lane *lane, enum slice s)
{
	/* If such a slice is open, its end was lost. */
	lane__end(l, lane, s);
	lane->open[lane->nopen++] = s;
	trace_event__begin(l->w, EVENT_BEGIN, slices[s].category,
			   lane->group->pid, lane->tid);
	if (s == SLICE_LIFE)
		put_numbers(lane, &l->w->text);
	else if (s == SLICE_PROGRAM)
		buf__escaped(&l->w->text, lane->comm, sizeof(lane->comm));
	else
		buf__str(&l->w->text, slices[s].name);
}

static void end_innermost(struct timeline *l, struct lane *lane)
{
	lane->nopen--;
	trace_event__begin(l->w, EVENT_END, "", lane->group->pid, lane->tid);
	if (lane->leaves)
		lane->flow = timeline__flow_out(l, "join");
	lane->leaves = false;
}

bool lane__end(struct timeline *l, struct lane *lane, enum slice s)
{
	unsigned int i = lane->nopen;

	while (i && lane->open[i - 1] != s)
		i--;
	if (!i)
		return false;
	while (lane->nopen >= i)
		end_innermost(l, lane);
	return true;
}

static void end_slices(struct timeline *l, struct lane *lane)
{
	while (lane->nopen)
		end_innermost(l, lane);
}

uint64_t timeline__flow_out(struct timeline *l, const char *name)
{
	l->w->event.flow_name = name;
	l->w->event.flow_out = ++l->last_flow;
	return l->last_flow;
}

void timeline__flow_in(struct timeline *l, const char *name, uint64_t flow)
{
	l->w->event.flow_name = name;
	l->w->event.flow_in = flow;
}

/* --- tasks --- */

static void report(struct timeline *l, const struct lane *lane)
{
	struct trace_thread t = { .pid = lane->group->pid, .tid = lane->tid };
	struct buf name = { 0 };

	lane__name(lane, &name);
	buf__char(&name, '\0');
	t.name = name.bytes;
	trace_event__thread(l->w, &t);
	buf__free(&name);
}

static void live(struct timeline *l, struct lane *lane)
{
	report(l, lane);
	lane__begin(l, lane, SLICE_LIFE);
	lane__begin(l, lane, lane->exited ? SLICE_EXITED : SLICE_PROGRAM);
}

static void enter_group(struct timeline *l, struct lane *lane,
			struct lane_group *g)
{
	lane->group = g;
	g->lanes++;
	if (!lane->exited)
		count(l, g, 1);
}

static void leave_group(struct timeline *l, struct lane *lane)
{
	struct lane_group *g = lane->group;

	if (!lane->exited)
		count(l, g, -1);
	g->lanes--;
	group_drop_unused(g);
}

static struct lane *lane_new(struct timeline *l, uint64_t task, uint64_t start)
{
	struct lane *lane = xcalloc(1, sizeof(*lane));

	lane->task = task;
	lane->start = start;
	lane->tid = ++l->last;
	table__add(&l->lanes, task, lane);
	return lane;
}

static void set_numbers(struct lane *lane, const struct wire_hdr *rec,
			const struct wire_pid *img)
{
	lane->levels = record__levels(rec, img);
	for (uint32_t i = 0; i < lane->levels; i++)
		lane->nr[i] = img->upid[i].nr;
}

struct lane *timeline__find(const struct timeline *l, uint64_t task, uint64_t start)
{
	struct lane *lane = table__find(&l->lanes, task);

	return lane && lane->start == start ? lane : NULL;
}

struct lane *timeline__add(struct timeline *l, const struct wire_hdr *rec,
			const struct wire_task *t)
{
	struct lane *lane = table__find(&l->lanes, t->task);
	struct lane_group *g = NULL;

	if (lane && lane->start != t->start) {
		if (rec && rec->type == WIRE_EXCHANGE_TIDS) {
			lane->start = t->start;	/* see model.c */
		} else {
			lane__drop(l, lane);	/* the RELEASE record was lost */
			lane = NULL;
		}
	}
	if (lane)
		return lane;
	lane = lane_new(l, t->task, t->start);
	lane->pid = t->pid;
	memcpy(lane->comm, t->comm, sizeof(lane->comm));
	if (rec && record__has(rec->type, WIRE_NUMBERS)) {
		set_numbers(lane, rec, record__pid(rec, 0));
		g = group_of_image(l, rec, record__pid(rec, 0));
	}
	lane->group = g ?: timeline__group(l, t->active_ns);
	lane->group->lanes++;
	return lane;
}

void lane__draw(struct timeline *l, struct lane *lane)
{
	if (lane->drawn)
		return;
	lane->drawn = true;
	count(l, lane->group, 1);
	live(l, lane);
}

struct lane *timeline__see(struct timeline *l, const struct wire_hdr *rec,
			const struct wire_task *t)
{
	struct lane *lane = timeline__add(l, rec, t);

	lane__draw(l, lane);
	return lane;
}

static bool same_numbers(const struct lane *lane, const struct wire_hdr *rec,
			 const struct wire_pid *img)
{
	if (lane->levels != record__levels(rec, img))
		return false;
	for (uint32_t i = 0; i < lane->levels; i++)
		if (lane->nr[i] != img->upid[i].nr)
			return false;
	return true;
}

void lane__leave(struct timeline *l, struct lane *lane,
		 const struct wire_hdr *rec, const struct wire_pid *img)
{
	struct lane_group *g = group_of_image(l, rec, img);

	if (g && g != lane->group && !lane->flow)
		lane->leaves = true;
}

void lane__settle(struct timeline *l, struct lane *lane,
		  const struct wire_hdr *rec, const struct wire_pid *img)
{
	struct lane_group *g = group_of_image(l, rec, img);

	if (!g || (g == lane->group && same_numbers(lane, rec, img)))
		return;
	if (!lane->levels && g == lane->group) {
		set_numbers(lane, rec, img);	/* the numbers were not known yet */
		report(l, lane);
		return;
	}
	lane__leave(l, lane, rec, img);
	end_slices(l, lane);
	leave_group(l, lane);
	set_numbers(lane, rec, img);
	enter_group(l, lane, g);
	live(l, lane);
	if (lane->flow)
		timeline__flow_in(l, "join", lane->flow);
	lane->flow = 0;
}

void lane__exec(struct timeline *l, struct lane *lane, const char *comm)
{
	memcpy(lane->comm, comm, sizeof(lane->comm));
	lane__begin(l, lane, SLICE_PROGRAM);
	report(l, lane);
}

void lane__rename(struct timeline *l, struct lane *lane, const char *comm)
{
	memcpy(lane->comm, comm, sizeof(lane->comm));
	report(l, lane);
}

void lane__exit(struct timeline *l, struct lane *lane)
{
	if (lane->exited)
		return;
	lane__end(l, lane, SLICE_PROGRAM);
	lane->exited = true;
	count(l, lane->group, -1);
	lane__begin(l, lane, SLICE_EXITED);
}

void lane__drop(struct timeline *l, struct lane *lane)
{
	end_slices(l, lane);
	leave_group(l, lane);
	table__del(&l->lanes, lane->task);
	free(lane);
}

void timeline__end_all(struct timeline *l)
{
	struct lane *lane;

	for (size_t pos = 0; (lane = table__next(&l->lanes, &pos)); )
		end_slices(l, lane);
}

void timeline__init(struct timeline *l, struct trace_event_writer *w)
{
	l->w = w;
	l->initial = timeline__group(l, INIT_PIDNS_INUM);
}

void timeline__free(struct timeline *l)
{
	struct lane_group *g;
	struct lane *lane;
	size_t pos;

	for (pos = 0; (lane = table__next(&l->lanes, &pos)); ) {
		lane->group->lanes--;
		group_drop_unused(lane->group);
		free(lane);
	}
	for (pos = 0; (g = table__next(&l->groups, &pos)); )
		free(g);
	for (pos = 0; (g = table__next(&l->buried, &pos)); )
		free(g);
	table__clear(&l->lanes);
	table__clear(&l->groups);
	table__clear(&l->buried);
}
