// SPDX-License-Identifier: GPL-2.0-only
/* Compares the table with a plain array. */
#include <stdbool.h>
#include <stdlib.h>

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

			if (p->in)
				table__del(&t, p->key);
			else
				table__add(&t, p->key, p);
			p->in = !p->in;
		}
		check(&t, e, n);
	}
	for (size_t i = 0; i < n; i++)
		if (e[i].in)
			table__del(&t, e[i].key);
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

/* Keys with the same home slot: the inverse of the hash's factor gives them. */
static void test_collisions(void **)
{
	static struct element e[100];
	const uint64_t factor = 0x9e3779b97f4a7c15ull;
	uint64_t inverse = factor;

	for (int i = 0; i < 6; i++)	/* Newton, modulo 2^64 */
		inverse *= 2 - factor * inverse;
	/* Every other key is at the end of the table, so that the run wraps. */
	for (size_t i = 0; i < 100; i++)
		e[i].key = (i % 2 ? UINT64_MAX - i : i) * inverse;
	churn(e, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
