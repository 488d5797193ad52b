// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a hole for each range of numbers that a CPU has skipped, and fills holes as
 * late records come.
 *
 * Bad at: more than MAX_HOLES holes, and CPUs beyond MAX_CPUS. Every record is suspect
 * then.
 */
#include "loader/trace/loss.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/memory.h"
#include "loader/trace/links.h"

#define MAX_CPUS	8192
#define MAX_HOLES	4096	/* with more holes, every record is suspect */
#define RECENT		256	/* closed windows remembered for later holes */

struct cpu {
	uint32_t next;		/* sequence number expected */
	uint64_t last;		/* index of the last record, 0: none yet */
};

struct hole {
	uint32_t cpu;
	uint32_t lo, hi;	/* first and last missing sequence number */
	uint64_t from, to;	/* the records around it in the stream */
	uint64_t windows;
};

struct interval {
	uint64_t from, to;
};

struct loss {
	struct cpu *cpus;
	unsigned int ncpus;
	struct hole *holes;
	unsigned int nholes, max_holes;
	bool overflow;
	uint64_t uncounted;	/* missing records not in holes[] */
	uint64_t repeated;
	uint64_t beyond;	/* records of CPUs >= MAX_CPUS */
	struct interval recent[RECENT];
	unsigned int nrecent;
	uint64_t tail_from;	/* UINT64_MAX: nothing is missing at the end */
};

struct loss *loss__new(void)
{
	struct loss *l = xcalloc(1, sizeof(*l));

	l->tail_from = UINT64_MAX;
	return l;
}

void loss__free(struct loss *l)
{
	if (!l)
		return;
	free(l->cpus);
	free(l->holes);
	free(l);
}

static void grow(struct loss *l, unsigned int cpu)
{
	if (cpu < l->ncpus)
		return;
	l->cpus = xrealloc(l->cpus, (cpu + 1) * sizeof(*l->cpus));
	while (l->ncpus <= cpu)
		l->cpus[l->ncpus++] = (struct cpu){ 0 };
}

static bool overlaps(uint64_t from, uint64_t to, uint64_t a, uint64_t b)
{
	return from < b && to > a;
}

/* Makes room for another hole; returns false at the limit. */
static bool make_room(struct loss *l)
{
	unsigned int max = l->max_holes ? l->max_holes * 2 : 64;

	if (l->nholes < l->max_holes)
		return true;
	if (max > MAX_HOLES)
		return false;
	l->holes = xrealloc(l->holes, max * sizeof(*l->holes));
	l->max_holes = max;
	return true;
}

static void open_hole(struct loss *l, const struct wire_hdr *rec,
		      uint64_t index, uint64_t open_windows)
{
	const struct cpu *c = &l->cpus[rec->cpu];
	struct hole *h;

	if (!make_room(l)) {
		l->overflow = true;
		l->uncounted += rec->seq - c->next;
		return;
	}
	h = &l->holes[l->nholes++];
	*h = (struct hole){
		.cpu = rec->cpu,
		.lo = c->next,
		.hi = rec->seq - 1,
		.from = c->last,
		.to = index,
		.windows = open_windows,
	};
	for (unsigned int i = 0; i < l->nrecent && i < RECENT; i++)
		h->windows += overlaps(l->recent[i].from, l->recent[i].to,
				       h->from, h->to);
}

static void fill_hole(struct loss *l, const struct wire_hdr *rec)
{
	for (unsigned int i = 0; i < l->nholes; i++) {
		struct hole *h = &l->holes[i];

		if (h->cpu != rec->cpu || rec->seq - h->lo > h->hi - h->lo)
			continue;
		if (h->lo == h->hi) {
			*h = l->holes[--l->nholes];
		} else if (rec->seq == h->lo) {
			h->lo++;
		} else if (rec->seq == h->hi) {
			h->hi--;
		} else if (make_room(l)) {
			h = &l->holes[i];	/* holes[] may have moved */
			l->holes[l->nholes] = *h;
			l->holes[l->nholes++].lo = rec->seq + 1;
			h->hi = rec->seq - 1;
		} else {
			l->overflow = true;
			l->uncounted += h->hi - rec->seq;
			h->hi = rec->seq - 1;
		}
		return;
	}
	/* The record may belong to a hole that was not kept. */
	if (l->uncounted)
		l->uncounted--;
	else
		l->repeated++;
}

/* Handles the first record of a CPU, or a record with an unexpected number. */
static void out_of_order(struct loss *l, const struct wire_hdr *rec,
			 uint64_t index, uint64_t open_windows)
{
	struct cpu *c;
	int32_t ahead;

	if (rec->cpu >= MAX_CPUS) {
		l->overflow = true;
		l->beyond++;
		return;
	}
	grow(l, rec->cpu);
	c = &l->cpus[rec->cpu];
	ahead = (int32_t)(rec->seq - c->next);
	if (ahead < 0) {
		fill_hole(l, rec);
	} else {
		if (ahead)
			open_hole(l, rec, index, open_windows);
		c->next = rec->seq + 1;
	}
	c->last = index;
}

/* Handles each call of the record by itself. */
static __attribute__((noinline))
void calls_out_of_order(struct loss *l, const struct wire_hdr *rec, unsigned int calls,
			uint64_t index, uint64_t open_windows)
{
	struct wire_hdr call = *rec;

	for (unsigned int i = 0; i < calls; i++, call.seq++)
		out_of_order(l, &call, index + i, open_windows);
}

void loss__record(struct loss *l, const struct wire_hdr *rec, uint64_t index,
		  uint64_t open_windows)
{
	unsigned int calls = links__count(rec);
	struct cpu *c;

	if (rec->cpu >= l->ncpus || rec->seq != l->cpus[rec->cpu].next) {
		calls_out_of_order(l, rec, calls, index, open_windows);
		return;
	}
	c = &l->cpus[rec->cpu];
	c->next += calls;
	c->last = index + calls - 1;
}

void loss__window(struct loss *l, uint64_t from, uint64_t to)
{
	l->recent[l->nrecent % RECENT] = (struct interval){ from, to };
	l->nrecent++;
}

__u64 loss__missing(const struct loss *l)
{
	uint64_t n = l->uncounted;

	for (unsigned int i = 0; i < l->nholes; i++)
		n += l->holes[i].hi - l->holes[i].lo + 1u;
	return n;
}

void loss__end(struct loss *l, uint64_t expected)
{
	if (expected <= loss__missing(l))
		return;
	for (unsigned int i = 0; i < l->ncpus; i++)
		if (l->cpus[i].last && l->cpus[i].last < l->tail_from)
			l->tail_from = l->cpus[i].last;
	if (l->tail_from == UINT64_MAX)
		l->overflow = true;
}

bool loss__next_hole(const struct loss *l, size_t *pos, struct loss_hole *out)
{
	const struct hole *h;

	if (*pos >= l->nholes)
		return false;
	h = &l->holes[(*pos)++];
	*out = (struct loss_hole){
		.cpu = h->cpu,
		.missing = h->hi - h->lo + 1u,
		.from = h->from,
		.to = h->to,
	};
	return true;
}

bool loss__touches(const struct loss *l, uint64_t from, uint64_t to)
{
	if (l->overflow || to > l->tail_from)
		return true;
	for (unsigned int i = 0; i < l->nholes; i++)
		if (overlaps(from, to, l->holes[i].from, l->holes[i].to))
			return true;
	return false;
}

__u64 loss__windows(const struct loss *l)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < l->nholes; i++)
		n += l->holes[i].windows;
	return n;
}

__u64 loss__repeated(const struct loss *l)
{
	return l->repeated;
}

__u64 loss__beyond(const struct loss *l)
{
	return l->beyond;
}
