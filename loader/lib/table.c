// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds, deletes and iterates over the elements of the table. A deletion moves later
 * slots up and leaves no mark, so lookups do not become slower over time.
 */
#include "loader/lib/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "lib/memory.h"

#define MIN_BITS 6
#define MAX_BITS 32

uint64_t table_key;

/* Does not wait for a good random number: a guest that has just booted has none. */
static void choose_key(void)
{
	static bool chosen;

	if (chosen)
		return;
	chosen = true;
	if (getrandom(&table_key, sizeof(table_key), GRND_INSECURE) !=
	    sizeof(table_key))
		/* 16 random bytes from the kernel */
		memcpy(&table_key, (const void *)getauxval(AT_RANDOM), sizeof(table_key));
	table_key |= 1;
}

uint64_t table__seed(void)
{
	choose_key();
	return table_key;
}

static void insert(struct table *t, struct table_slot slot)
{
	size_t i = slot.hash >> t->shift;

	while (t->slots[i & t->mask].element)
		i++;
	t->slots[i & t->mask] = slot;
}

static void grow(struct table *t)
{
	struct table old = *t;
	size_t size = t->slots ? (t->mask + 1) * 2 : 1u << MIN_BITS;

	if (size > 1ULL << MAX_BITS)
		out_of_memory();
	choose_key();
	t->slots = xcalloc(size, sizeof(*t->slots));
	t->elements = xrealloc(t->elements, size / 2 * sizeof(*t->elements));
	t->shift = old.slots ? old.shift - 1 : MAX_BITS - MIN_BITS;
	t->mask = size - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].element)
			insert(t, old.slots[i]);
	free(old.slots);
}

void table__add(struct table *t, uint64_t key, void *value)
{
	uint32_t element;

	if (!t->slots || t->count > t->mask / 2)
		grow(t);
	if (t->free) {
		element = t->free;
		t->free = t->elements[element - 1].key;
	} else {
		element = ++t->used;
	}
	t->elements[element - 1] = (struct table_element){ key, value };
	insert(t, (struct table_slot){ table__hash(key), element });
	t->count++;
}

/*
 * A slot is found only if none between its home and its place is free. So the slots
 * after the hole move up, as far as their homes allow.
 */
static void close_hole(struct table *t, size_t hole)
{
	size_t i = hole + 1;

	for (; t->slots[i & t->mask].element; i++) {
		struct table_slot *s = &t->slots[i & t->mask];

		if (((i - (s->hash >> t->shift)) & t->mask) < i - hole)
			continue;
		t->slots[hole & t->mask] = *s;
		hole = i;
	}
	t->slots[hole & t->mask].element = 0;
}

void *table__del(struct table *t, uint64_t key)
{
	uint32_t hash = table__hash(key), element;
	struct table_element *e;
	void *value;
	size_t i;

	if (!t->count)
		return NULL;
	for (i = hash >> t->shift;; i++) {
		const struct table_slot *s = &t->slots[i & t->mask];

		element = s->element;
		if (!element)
			return NULL;
		e = &t->elements[element - 1];
		if (s->hash == hash && e->key == key)
			break;
	}
	value = e->value;
	*e = (struct table_element){ .key = t->free };
	t->free = element;
	t->count--;
	close_hole(t, i);
	return value;
}

void *table__next(const struct table *t, size_t *pos)
{
	while (*pos < t->used) {
		void *value = t->elements[(*pos)++].value;

		if (value)
			return value;
	}
	return NULL;
}

void table__clear(struct table *t)
{
	free(t->slots);
	free(t->elements);
	*t = (struct table){ 0 };
}
