// SPDX-License-Identifier: GPL-2.0-only
/* Compares the table with a plain array. */
#include <stdbool.h>
#include <stdlib.h>

#include "lib/array.h"
#include "loader/lib/table.h"
#include "test.h"

#define KEYS 3000

struct element {
	uint64_t key;
	bool in, seen;
};

static void check(const struct table *t, struct element *e, size_t n)
{
	struct element *p;
	size_t pos = 0, in = 0, seen = 0;

	for (size_t i = 0; i < n; i++) {
		in += e[i].in;
		e[i].seen = false;
		assert_ptr_equal(table__find(t, e[i].key),
				 e[i].in ? &e[i] : NULL);
	}
	while ((p = table__next(t, &pos))) {
		assert_true(p->in);
		assert_false(p->seen);
		p->seen = true;
		seen++;
	}
	assert_int_equal(seen, in);
	assert_int_equal(t->count, in);
}

/* Adds and drops at random, enough to make the table grow and wrap. */
static void churn(struct element *e, size_t n)
{
	struct table t = { 0 };

	srandom(1);
	check(&t, e, n);
	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < n; i++) {
			struct element *p = &e[(size_t)random() % n];

			assert_ptr_equal(table__del(&t, p->key), p->in ? p : NULL);
			if (!p->in)
				table__add(&t, p->key, p);
			p->in = !p->in;
		}
		check(&t, e, n);
	}
	for (size_t i = 0; i < n; i++) {
		if (e[i].in)
			table__del(&t, e[i].key);
		e[i].in = false;
	}
	assert_int_equal(t.count, 0);
	table__clear(&t);
	assert_null(table__find(&t, e[0].key));
}

static void test_addresses(void **)
{
	static struct element e[KEYS];

	for (size_t i = 0; i < KEYS; i++)
		e[i].key = 0xffff888000000000ull + 0x40 * i;
	e[KEYS - 1].key = 0;
	churn(e, KEYS);
}

/* Keys with the same hash, at the start and at the end of the table, where runs wrap. */
static void test_collisions(void **)
{
	static struct element e[100];
	const uint64_t chosen = table_key;

	for (size_t i = 0; i < 100; i++)
		e[i].key = i + 1;
	table_key = 0;
	churn(e, 100);
	table_key = ~table_key;
	churn(e, 100);
	table_key = chosen;
}

/*
 * Keys that had the same home, whatever the size of the table, when the hash was a
 * multiplication by a known number, whose inverse gives them. The distance of a slot
 * from its home is what a lookup walks.
 */
static void test_chosen_keys(void **)
{
	static struct element e[20000];
	const uint64_t factor = 0x9e3779b97f4a7c15ull;
	uint64_t inverse = factor, walk = 0;
	struct table t = { 0 };

	for (int i = 0; i < 6; i++)	/* Newton, modulo 2^64 */
		inverse *= 2 - factor * inverse;
	for (size_t i = 0; i < ARRAY_SIZE(e); i++) {
		e[i].key = i * inverse;
		assert_int_equal(e[i].key * factor >> 49, 0);
		table__add(&t, e[i].key, &e[i]);
	}
	for (size_t i = 0; i <= t.mask; i++)
		if (t.slots[i].element)
			walk += (i - (t.slots[i].hash >> t.shift)) & t.mask;
	table__clear(&t);
	print_message("%.2f slots on average\n", (double)walk / ARRAY_SIZE(e));
	assert_in_range(walk, 0, 8 * ARRAY_SIZE(e));
}

/* The key of the hash differs from process to process, the order of elements does not. */
static void test_order(void **)
{
	const uint64_t chosen = table_key;
	size_t order[2][50], n;

	for (int key = 0; key < 2; key++) {
		static struct element e[100];
		struct table t = { 0 };
		struct element *p;

		for (size_t i = 0; i < 100; i++)
			table__add(&t, e[i].key = i * 64, &e[i]);
		for (size_t i = 0; i < 100; i += 2)
			table__del(&t, e[i].key);
		n = 0;
		for (size_t pos = 0; (p = table__next(&t, &pos)); )
			order[key][n++] = p - e;
		assert_int_equal(n, 50);
		table__clear(&t);
		table_key = -table_key;
	}
	assert_memory_equal(order[0], order[1], sizeof(order[0]));
	table_key = chosen;
}

static void test_key(void **)
{
	struct table t = { 0 };

	table__add(&t, 1, &t);
	assert_true(table_key & 1);
	table__clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_chosen_keys),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
