// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves records out of a trace in the way of a hook that is not hit: the program does
 * not run, so that it counts nothing, takes no number, makes no stack, and leaves no
 * mark for other programs.
 */
#include "thinned.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/lib/table.h"

#define MAX_CPUS 64

static bool every_second(uint64_t i, uint64_t n)
{
	(void)n;
	return i % 2;
}

static bool the_others(uint64_t i, uint64_t n)
{
	return n > 1 && i % 2 == 0;
}

static bool first_half(uint64_t i, uint64_t n)
{
	return i < n / 2;
}

static bool second_half(uint64_t i, uint64_t n)
{
	return i >= (n + 1) / 2;
}

/* The finalizer of splitmix64: a fixed choice that looks random. */
static uint64_t mixed(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static bool random_half(uint64_t i, uint64_t n)
{
	(void)n;
	return mixed(i) & 1;
}

static bool other_random_half(uint64_t i, uint64_t n)
{
	(void)n;
	return mixed(i + (1ull << 32)) & 1;
}

static bool all(uint64_t i, uint64_t n)
{
	(void)i;
	(void)n;
	return true;
}

const struct thinning thinnings[] = {
	{ "every second", every_second, false },
	{ "every other second", the_others, false },
	{ "the first half", first_half, false },
	{ "the second half", second_half, false },
	{ "a random half", random_half, false },
	{ "another random half", other_random_half, false },
	{ "all", all, true },
};
const size_t thinnings_n = ARRAY_SIZE(thinnings);

/* --- the records that go --- */

struct filter {
	const struct keeper *k;
	unsigned int type;
	bool *gone;			/* by number in the trace */
	uint64_t dropped[WIRE_KERNEL_TYPES];
	/* By the number of a record of a CPU: how many before it are gone. */
	uint32_t *gone_before[MAX_CPUS];
	uint32_t seqs[MAX_CPUS];	/* 1 + the largest number */
	uint32_t visits;		/* visits left in the present sweep */
};

static const struct wire_hdr *next(const struct keeper *k, size_t *at)
{
	const struct wire_hdr *rec = (const void *)(k->bytes + *at);

	if (*at >= k->len)
		return NULL;
	*at += rec->size;
	return rec;
}

uint64_t kept__count(const struct keeper *k, unsigned int type)
{
	const struct wire_hdr *rec;
	uint64_t n = 0;

	for (size_t at = 0; (rec = next(k, &at)); )
		n += rec->type == type;
	return n;
}

/* The stack that the program recorded before, at most a few records ago. */
static void drop_stack(struct filter *f, const struct wire_hdr *const *recs,
		       uint64_t i)
{
	const uint64_t reach = 64;

	for (uint64_t k = i; k-- > 0 && i - k < reach; ) {
		const struct wire_stack *s = (const void *)recs[k];

		if (s->hdr.current_task != recs[i]->current_task)
			continue;
		if (s->hdr.type == WIRE_STACK && s->type == recs[i]->type &&
		    !f->gone[k]) {
			f->gone[k] = true;
			f->dropped[WIRE_STACK]++;
		}
		return;
	}
}

static void drop(struct filter *f, const struct wire_hdr *rec, uint64_t i)
{
	f->gone[i] = true;
	f->dropped[rec->type]++;
}

/* Without a window, the other programs do not know that the task is inside setns(). */
static void drop_window(struct filter *f, const struct wire_hdr *const *recs,
			uint64_t i)
{
	for (uint64_t k = i + 1; k < f->k->records; k++) {
		if (recs[k]->current_task != recs[i]->current_task)
			continue;
		switch (recs[k]->type) {
		case WIRE_SETNS_ENTER:
			return;
		case WIRE_SETNS_EXIT:
			drop(f, recs[k], k);
			return;
		case WIRE_NS_CAPABLE:
		case WIRE_WAKE_PARENT:
		case WIRE_STACK:
			drop(f, recs[k], k);
			break;
		}
	}
}

/* The end of a struct pid is recorded only if its alloc_pid() was seen. */
static void drop_gone(struct filter *f, const struct wire_hdr *const *recs, uint64_t i)
{
	uint64_t pid = ((const struct wire_alloc_pid *)recs[i])->ret;

	for (uint64_t k = i + 1; k < f->k->records; k++) {
		if (recs[k]->type != WIRE_PID_GONE ||
		    ((const struct wire_pid_gone *)recs[k])->pid != pid)
			continue;
		drop(f, recs[k], k);
		return;
	}
}

/* Drops a record, and those that the program's not running keeps others from making. */
static void drop_event(struct filter *f, const struct wire_hdr *const *recs, uint64_t i)
{
	drop(f, recs[i], i);
	drop_stack(f, recs, i);
	if (f->type == WIRE_SETNS_ENTER)
		drop_window(f, recs, i);
	if (f->type == WIRE_ALLOC_PID)
		drop_gone(f, recs, i);
}

static void choose(struct filter *f, const struct thinning *t)
{
	uint64_t n = kept__count(f->k, f->type), i = 0, at_record = 0;
	const struct wire_hdr **recs = xcalloc(f->k->records, sizeof(*recs));
	const struct wire_hdr *rec;

	for (size_t at = 0; (rec = next(f->k, &at)); )
		recs[at_record++] = rec;
	for (uint64_t k = 0; k < f->k->records; k++)
		if (recs[k]->type == f->type && t->drops(i++, n) && !f->gone[k])
			drop_event(f, recs, k);
	free(recs);
}

/* Fills gone_before[], by which the records that are left get new numbers. */
static void count_gone(struct filter *f)
{
	const struct wire_hdr *rec;
	uint64_t i = 0;

	for (size_t at = 0; (rec = next(f->k, &at)); )
		if (rec->type < WIRE_META && rec->cpu < MAX_CPUS &&
		    rec->seq >= f->seqs[rec->cpu])
			f->seqs[rec->cpu] = rec->seq + 1;
	for (int c = 0; c < MAX_CPUS; c++)
		f->gone_before[c] = xcalloc(f->seqs[c] + 1, sizeof(uint32_t));
	for (size_t at = 0; (rec = next(f->k, &at)); i++)
		if (rec->type < WIRE_META && rec->cpu < MAX_CPUS && f->gone[i])
			f->gone_before[rec->cpu][rec->seq + 1]++;
	for (int c = 0; c < MAX_CPUS; c++)
		for (uint32_t s = 0; s < f->seqs[c]; s++)
			f->gone_before[c][s + 1] += f->gone_before[c][s];
}

/* --- the records that are left --- */

/* A sweep counts its visits: the program did not see the others. */
static void fix_sweep(struct filter *f, struct wire_hdr *rec)
{
	struct wire_sweep *r = (void *)rec;

	if (rec->type == WIRE_SWEEP_TASK)
		f->visits++;
	if (rec->type != WIRE_SWEEP)
		return;
	if (r->phase == WIRE_SWEEP_END && f->type == WIRE_SWEEP_TASK)
		r->tasks = f->visits;
	if (r->phase == WIRE_SWEEP_BEGIN)
		f->visits = 0;
}

static void fix_meta(const struct filter *f, struct wire_hdr *rec)
{
	struct wire_meta_stats *s = (void *)rec;

	if (rec->type == WIRE_META_END) {
		struct wire_meta_end *e = (void *)rec;

		for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
			e->records -= f->dropped[t];
	} else if (rec->type == WIRE_META_STATS && s->type < WIRE_KERNEL_TYPES) {
		uint64_t n = f->dropped[s->type];
		bool none = n && n >= s->tried;

		s->tried = none ? 0 : s->tried - n;
		s->hits = none || s->hits < n ? 0 : s->hits - n;
	}
}

static void deliver(struct filter *f, struct judge *j)
{
	const struct wire_hdr *rec;
	union {
		struct wire_hdr hdr;
		char bytes[8192];
	} copy;
	uint64_t i = 0;

	for (size_t at = 0; (rec = next(f->k, &at)); i++) {
		if (f->gone[i])
			continue;
		memcpy(&copy, rec, rec->size);
		if (rec->type < WIRE_META && rec->cpu < MAX_CPUS)
			copy.hdr.seq -= f->gone_before[rec->cpu][rec->seq];
		fix_sweep(f, &copy.hdr);
		fix_meta(f, &copy.hdr);
		record_sink__record(judge__sink(j), &copy.hdr);
	}
}

static struct thinned judge_rest(struct filter *f, const struct judge_opts *opts)
{
	struct thinned t = {};
	char err[256] = "";

	if (judge__new(&t.judge, opts, err, sizeof(err)))
		fail_msg("judge__new: %s", err);
	count_gone(f);
	deliver(f, t.judge);
	if (f->type < WIRE_KERNEL_TYPES)
		t.dropped = f->dropped[f->type];
	t.result = judge__finish(t.judge);
	free(f->gone);
	for (int c = 0; c < MAX_CPUS; c++)
		free(f->gone_before[c]);
	return t;
}

struct thinned kept__judge(const struct keeper *k, const struct judge_opts *opts,
			   unsigned int type, const struct thinning *thinning)
{
	struct filter f = { .k = k, .type = type };

	f.gone = xcalloc(k->records + 1, sizeof(*f.gone));
	if (thinning)
		choose(&f, thinning);
	return judge_rest(&f, opts);
}

/* --- a part of the trace --- */

/* Objects that the programs know, because they began in the part. */
struct part {
	struct table windows;		/* tasks inside setns() */
	struct table pids;		/* struct pids that alloc_pid() returned */
	bool in_sweep;
};

static void note(struct table *t, uint64_t key)
{
	if (!table__find(t, key))
		table__add(t, key, t);
}

static bool forget(struct table *t, uint64_t key)
{
	return table__del(t, key);
}

/* Returns whether the programs, which began in the part, make this record. */
static bool is_made(struct part *part, const struct wire_hdr *rec)
{
	switch (rec->type) {
	case WIRE_SETNS_ENTER:
		note(&part->windows, rec->current_task);
		break;
	case WIRE_SETNS_EXIT:
		return forget(&part->windows, rec->current_task);
	case WIRE_NS_CAPABLE:
	case WIRE_WAKE_PARENT:
		return table__find(&part->windows, rec->current_task);
	case WIRE_ALLOC_PID:
		note(&part->pids, ((const struct wire_alloc_pid *)rec)->ret);
		break;
	case WIRE_PID_GONE:
		return forget(&part->pids, ((const struct wire_pid_gone *)rec)->pid);
	case WIRE_SWEEP:
		part->in_sweep = ((const struct wire_sweep *)rec)->phase ==
				 WIRE_SWEEP_BEGIN;
		return part->in_sweep;
	case WIRE_SWEEP_TASK:
		return part->in_sweep;
	}
	return true;
}

/* The end of a sweep is made if its begin was. */
static bool ends_sweep(const struct part *part, const struct wire_hdr *rec)
{
	return rec->type == WIRE_SWEEP && part->in_sweep &&
	       ((const struct wire_sweep *)rec)->phase == WIRE_SWEEP_END;
}

struct thinned kept__judge_part(const struct keeper *k, const struct judge_opts *opts,
				uint64_t from, uint64_t to)
{
	struct filter f = { .k = k, .type = WIRE_KERNEL_TYPES };
	const struct wire_hdr *rec;
	uint64_t i = 0, nr = 0;
	struct part part = {};

	f.gone = xcalloc(k->records + 1, sizeof(*f.gone));
	for (size_t at = 0; (rec = next(k, &at)); i++) {
		bool inside = nr >= from && nr < to, ends;

		if (rec->type >= WIRE_META)
			continue;
		ends = inside && ends_sweep(&part, rec);
		if (!inside || (!is_made(&part, rec) && !ends))
			drop(&f, rec, i);
		nr++;
	}
	table__clear(&part.windows);
	table__clear(&part.pids);
	return judge_rest(&f, opts);
}
