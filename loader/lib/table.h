/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps kernel addresses to values: a hash table with open addressing and linear
 * probing, at most half full, over an array of elements.
 *
 * The keys come from traces, which may be those of a stranger, so the hash has a random
 * key of this process: nobody can choose addresses that collide. The order in which
 * elements are iterated over does not depend on the key.
 *
 * A lookup takes a multiplication and, mostly, two cache lines. The table grows to
 * the largest number of live elements and does not shrink. Out of memory ends the
 * program: a verdict needs every element.
 */
#ifndef LOADER_LIB_TABLE_H
#define LOADER_LIB_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/memory.h"

struct table_element {
	uint64_t key;		/* 0 is a valid key; of a free element: the next free one */
	void *value;		/* NULL: the element is free */
};

struct table_slot {
	uint32_t hash;
	uint32_t element;	/* index + 1; 0: the slot is free */
};

/* All zero: an empty table. */
struct table {
	struct table_slot *slots;
	struct table_element *elements;
	size_t count;
	size_t mask;		/* number of slots - 1 */
	unsigned int shift;	/* 32 - log2(number of slots) */
	uint32_t used;		/* elements that were ever in use */
	uint32_t free;		/* index + 1 of a free element of these; 0: none */
};

/* The random key of the hash, which is odd; set before an element is added to any table. */
extern uint64_t table_key;

/* Dietzfelbinger's multiply-shift: any two keys collide by chance only. */
static inline uint32_t table__hash(uint64_t key)
{
	return table_key * key >> 32;
}

/* Returns NULL if the key is not in the table. */
static inline void *table__find(const struct table *t, uint64_t key)
{
	uint32_t hash = table__hash(key);

	if (!t->count)
		return NULL;
	for (size_t i = hash >> t->shift;; i++) {
		const struct table_slot *s = &t->slots[i & t->mask];

		if (!s->element)
			return NULL;
		if (s->hash == hash && t->elements[s->element - 1].key == key)
			return t->elements[s->element - 1].value;
	}
}

/* Returns a random number of this process, for other hashes. */
uint64_t table__seed(void);

/* The key must not be in the table yet, and value must not be NULL. */
void table__add(struct table *t, uint64_t key, void *value);

/* Removes a key. Returns its value, or NULL if the key is not in the table. */
void *table__del(struct table *t, uint64_t key);

/*
 * Returns each value once: for (pos = 0; (v = table__next(t, &pos)); ). The order
 * depends on the earlier calls only. The table must not change meanwhile.
 */
void *table__next(const struct table *t, size_t *pos);

/* Empties the table; does not free the values. */
void table__clear(struct table *t);

#endif /* LOADER_LIB_TABLE_H */
