/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - elements found by a kernel address.
 *
 * Open addressing with linear probing, at most half full: what is looked up for
 * each record of a trace is one multiplication and, mostly, one cache line away
 * (a chained table touches three, and its neighbours when something is added or
 * dropped). It grows to what was alive at once, and does not shrink. Out of
 * memory ends the program: nothing that was not counted can be judged.
 */
#ifndef LOADER_TABLE_H
#define LOADER_TABLE_H

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define out_of_memory() errx(2, "out of memory")

struct table_slot {
	uint64_t key;		/* 0 is one like others */
	void *value;		/* NULL: the slot is free */
};

/* All zero: an empty table. */
struct table {
	struct table_slot *slots;
	size_t count;
	size_t mask;		/* number of slots - 1 */
	unsigned int shift;	/* 64 - log2(number of slots) */
};

/* Addresses are aligned and close to each other: Fibonacci hashing. */
static inline size_t table__home(const struct table *t, uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> t->shift;
}

/* NULL when there is none. */
static inline void *table__find(const struct table *t, uint64_t key)
{
	const struct table_slot *s;

	if (!t->count)
		return NULL;
	for (size_t i = table__home(t, key);; i++) {
		s = &t->slots[i & t->mask];
		if (!s->value || s->key == key)
			return s->value;
	}
}

/* The key must not be there, value not be NULL. */
void table__add(struct table *t, uint64_t key, void *value);

/* The key must be there. The value is the caller's to free. */
void table__del(struct table *t, uint64_t key);

/*
 * Each value once, in no order: for (pos = 0; (v = table__next(t, &pos)); ).
 * Nothing may be added or dropped meanwhile.
 */
void *table__next(const struct table *t, size_t *pos);

/* Forgets the elements, does not free them. */
void table__clear(struct table *t);

#endif /* LOADER_TABLE_H */
