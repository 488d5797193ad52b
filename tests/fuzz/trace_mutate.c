// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutates a trace such that it remains a trace.
 *
 * Blind mutations end at the first checksum. The mutations of this file work on
 * records: a record is dropped, duplicated, moved or invented, a field gets the value
 * of another field (so that unrelated tasks and struct pids meet), and framing and
 * checksums are corrected. Some mutations are blind nevertheless, to test the reader
 * itself.
 */
#include <errno.h>
#include <string.h>

#include "loader/trace/links.h"
#include "loader/trace/semantics.h"
#include "records.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
				 const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned int seed);

static struct records trace, other;
static uint64_t state;

/* Returns a random number in 0 .. n - 1. */
static unsigned int pick(unsigned int n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33) % n;
}

static unsigned int any_type(void)
{
	unsigned int t = pick(WIRE_KERNEL_TYPES + WIRE_META_LAST - WIRE_META);

	return t < WIRE_KERNEL_TYPES ? t : t - WIRE_KERNEL_TYPES + WIRE_META;
}

/* Returns a value that is meaningful in a field of 4 or 8 bytes. */
static uint64_t any_value(const struct records *r, uint64_t now)
{
	const union record_room *rec = r->at[pick(r->n)];

	switch (pick(8)) {
	case 0:
		return 0;
	case 1:
		return (uint64_t)-(int64_t[]){ 1, EINVAL, ENOMEM, EPERM,
					       4095, 4096 }[pick(6)];
	case 2:
		return now ^ 1ull << pick(64);
	case 3:
		return now + pick(9) - 4;
	case 4:
		return pick(64);
	default:
		return rec->words[pick(rec->hdr.size / 8)];
	}
}

static void change_field(struct records *r, union record_room *rec)
{
	/* The first 8 bytes hold the size, which must stay right. */
	unsigned int at = 8 + 4 * pick((rec->hdr.size - 8) / 4);
	uint64_t now = rec->words[at / 8];
	uint64_t value = any_value(r, now);
	uint32_t half = (uint32_t)value;

	if (at % 8 || pick(4) == 0)
		memcpy(rec->bytes + at, &half, sizeof(half));
	else
		rec->words[at / 8] = value;
}

/* Takes a plausible value from a record of the same type. */
static void copy_field(const struct records *r, union record_room *rec)
{
	const union record_room *from = r->at[pick(r->n)];
	unsigned int at = 1 + pick(rec->hdr.size / 8 - 1);

	if (from->hdr.type == rec->hdr.type && from->hdr.size > at * 8)
		rec->words[at] = from->words[at];
}

static void move(struct records *r, unsigned int i, unsigned int to)
{
	union record_room *rec = r->at[i];

	memmove(&r->at[i], &r->at[i + 1], (r->n - i - 1) * sizeof(*r->at));
	memmove(&r->at[to + 1], &r->at[to],
		(r->n - to - 1) * sizeof(*r->at));
	r->at[to] = rec;
}

static void repeat(struct records *r, unsigned int i, unsigned int count)
{
	unsigned int to = pick(r->n);

	while (count-- && i < r->n) {
		union record_room copy = *r->at[i];
		union record_room *rec = records__insert(r, to,
							 copy.hdr.type, 1);

		if (!rec)
			return;
		*rec = copy;
		i += 1 + (to <= i);
		to++;
	}
}

static void make_up(struct records *r)
{
	const union record_room *near = r->at[pick(r->n)];
	union record_room *rec = records__insert(r, pick(r->n + 1), any_type(),
						 1 + pick(5));

	if (!rec)
		return;
	rec->hdr.current_task = near->hdr.current_task;
	rec->hdr.current_start = near->hdr.current_start;
	rec->hdr.ts_ns = near->hdr.ts_ns;
	for (unsigned int i = 5; i < rec->hdr.size / 8u; i++)
		if (pick(2))
			rec->words[i] = any_value(r, rec->words[i]);
}

/* Makes a record of several links of one that has one link. */
static void add_links(struct records *r, union record_room *rec)
{
	struct wire_links_pid *to = (void *)rec;
	struct wire_link_pid link;

	if ((rec->hdr.type != WIRE_ATTACH_PID && rec->hdr.type != WIRE_DETACH_PID) ||
	    links__are(&rec->hdr))
		return;
	link = *(struct wire_link_pid *)rec;
	to->hdr.size = sizeof(*to);
	to->hdr.flags |= WIRE_F_LINKS;
	to->task_pid = link.task_pid;
	to->n = 1 + pick(WIRE_PIDTYPES);
	to->reserved = 0;
	for (unsigned int i = 0; i < WIRE_PIDTYPES; i++) {
		to->pid[i] = pick(2) ? link.pid : any_value(r, link.pid);
		to->pidtype[i] = pick(8) ? (i + 1) % WIRE_PIDTYPES : pick(256);
	}
}

/* Returns a seed of the header, which selects an output to check; 0 would be all. */
static unsigned int any_output(void)
{
	return 1 + pick(256);
}

static void mutate_once(struct records *r)
{
	unsigned int i = pick(r->n);
	union record_room *rec = r->at[i];

	switch (pick(15)) {
	case 14:
		add_links(r, rec);
		break;
	case 13:
		/* Selects the output that is checked. */
		r->header.seed = any_output();
		break;
	case 0:
		records__remove(r, i, 1);
		break;
	case 1:
		records__remove(r, i, 1 + pick(16));
		break;
	case 12:
		/* Cuts off the end, mostly just the last record. */
		records__remove(r, pick(2) ? r->n - 1 : i, RECORDS_MAX);
		break;
	case 2:
		move(r, i, pick(r->n));
		break;
	case 3:
		repeat(r, i, 1 + pick(pick(2) ? 1 : 24));
		break;
	case 4:
		make_up(r);
		break;
	case 5:
		record_room__set_levels(rec, 1 + pick(pick(4) ? 4 :
						      WIRE_MAX_LEVELS));
		break;
	case 6:
		r->header.semantics = pick(SEMANTICS_COUNT);
		break;
	case 7:
		/* libFuzzer's own mutation, with values learned from comparisons. */
		LLVMFuzzerMutate(rec->bytes + 8, rec->hdr.size - 8u,
				 rec->hdr.size - 8u);
		break;
	case 8:
		copy_field(r, rec);
		break;
	default:
		change_field(r, rec);
	}
}

static size_t finish(struct records *r, uint8_t *data, size_t max)
{
	size_t size;

	if (!r->header.seed)
		r->header.seed = any_output();
	if (pick(2))
		records__heal(r);
	size = records__give(r, pick(4) ? RECORDS_MAX : 1 + pick(8), data, max);
	if (size && !pick(16))
		size = records__cut(data, size, 8 * pick(64));
	if (size && !pick(16))
		data[pick((unsigned int)size)] ^= 1 << pick(8);
	if (size && !pick(32))
		size -= pick((unsigned int)size);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed)
{
	state = seed;
	pick(1);
	if (!pick(16))
		return LLVMFuzzerMutate(data, size, max);
	records__take(&trace, data, size);
	for (unsigned int n = pick(2) ? 1 : 1 + pick(4); n; n--) {
		if (trace.n)
			mutate_once(&trace);
		if (!trace.n)
			records__insert(&trace, 0, any_type(), 1 + pick(4));
	}
	return finish(&trace, data, max);
}

/* Joins the beginning of one trace with the end of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
				 const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned int seed)
{
	state = seed;
	pick(1);
	records__take(&trace, a, a_size);
	records__take(&other, b, b_size);
	if (trace.n)
		records__remove(&trace, pick(trace.n), RECORDS_MAX);
	for (unsigned int i = other.n ? pick(other.n) : 0; i < other.n; i++) {
		union record_room *rec =
			records__insert(&trace, trace.n,
					other.at[i]->hdr.type, 1);

		if (!rec)
			break;
		*rec = *other.at[i];
	}
	return finish(&trace, out, max);
}
