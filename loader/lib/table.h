/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps kernel addresses to values: a hash table with open addressing and linear
 * probing, at most half full.
 *
 * The lookups for each record of a trace take one multiplication and, mostly, one cache
 * line (a chained table touches three, and the neighbours on insertion and removal).
 * The table grows to the largest number of live elements and does not shrink. Out of
 * memory ends the program: a verdict needs every element.
 */
#ifndef LOADER_LIB_TABLE_H
#define LOADER_LIB_TABLE_H

#include "lib/memory.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>


struct table_slot {
	uint64_t key;		/* 0 is a valid key */
	void *value;		/* NULL: the slot is free */
};

/* All zero: an empty table. */
struct table {
	struct table_slot *slots;
	size_t count;
	size_t mask;		/* number of slots - 1 */
	unsigned int shift;	/* 64 - log2(number of slots) */
};

/* Fibonacci hashing, because addresses are aligned and close to each other. */
static inline size_t table__home(const struct table *t, uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> t->shift;
}

/* Returns NULL if the key is not in the table. */
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

/* The key must not be in the table yet, and value must not be NULL. */
void table__add(struct table *t, uint64_t key, void *value);

/* The key must be in the table. The caller frees the value. */
void table__del(struct table *t, uint64_t key);

/*
 * Returns each value once, in no order: for (pos = 0; (v = table__next(t, &pos)); ).
 * The table must not change meanwhile.
 */
void *table__next(const struct table *t, size_t *pos);

/* Empties the table; does not free the values. */
void table__clear(struct table *t);

#endif /* LOADER_LIB_TABLE_H */
