// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds, deletes and iterates over the elements of the table. A deletion moves later
 * elements up and leaves no mark, so lookups do not become slower over time.
 */
#include "loader/lib/table.h"

#include <stdlib.h>

#include "lib/memory.h"

#define MIN_BITS 6

static void insert(struct table *t, uint64_t key, void *value)
{
	size_t i = table__home(t, key);

	while (t->slots[i & t->mask].value)
		i++;
	t->slots[i & t->mask] = (struct table_slot){ key, value };
}

static void grow(struct table *t)
{
	struct table old = *t;
	size_t pos = 0, size = t->slots ? (t->mask + 1) * 2 : 1u << MIN_BITS;

	t->slots = xcalloc(size, sizeof(*t->slots));
	t->shift = old.slots ? old.shift - 1 : 64 - MIN_BITS;
	t->mask = size - 1;
	if (!old.slots)
		return;
	for (; pos <= old.mask; pos++)
		if (old.slots[pos].value)
			insert(t, old.slots[pos].key, old.slots[pos].value);
	free(old.slots);
}

void table__add(struct table *t, uint64_t key, void *value)
{
	if (!t->slots || t->count > t->mask / 2)
		grow(t);
	insert(t, key, value);
	t->count++;
}

/*
 * An element is found only if no slot between its home and its place is free. So the
 * elements after the hole move up, as far as their homes allow.
 */
void table__del(struct table *t, uint64_t key)
{
	size_t i = table__home(t, key), hole;

	while (t->slots[i & t->mask].key != key)
		i++;
	t->count--;
	for (hole = i++; t->slots[i & t->mask].value; i++) {
		struct table_slot *s = &t->slots[i & t->mask];

		if (((i - table__home(t, s->key)) & t->mask) < i - hole)
			continue;
		t->slots[hole & t->mask] = *s;
		hole = i;
	}
	t->slots[hole & t->mask].value = NULL;
}

void *table__next(const struct table *t, size_t *pos)
{
	while (t->slots && *pos <= t->mask) {
		void *value = t->slots[(*pos)++].value;

		if (value)
			return value;
	}
	return NULL;
}

void table__clear(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}
