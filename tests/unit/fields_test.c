// SPDX-License-Identifier: GPL-2.0-only
/* Tests the tables of fields: each byte of each record belongs to one field. */
#include <stddef.h>
#include <string.h>

#include "loader/trace/fields.h"
#include "test.h"

/* Checks the size of an element of a number, an address, or a list of these. */
static void check_element(const struct field *f)
{
	unsigned int size = f->size / f->count;

	assert_int_equal(f->size % f->count, 0);
	if (f->kind == FIELD_HEX || f->kind == FIELD_STACK)
		assert_int_equal(size, 8);
	if (f->kind != FIELD_UNSIGNED && f->kind != FIELD_SIGNED)
		return;
	assert_int_equal(f->count, 1);
	assert_true(size == 1 || size == 2 || size == 4 || size == 8);
	/* Smaller numbers are printed without a sign. */
	assert_true(f->kind == FIELD_UNSIGNED || size >= 4);
}

/* Checks that each byte belongs to one field, and each name to one field. */
static void check_whole(const char *name, const struct fields *f)
{
	size_t at = f->first;

	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];

		if (d->offset != at)
			fail_msg("%s: byte %zu is of no field, %s is at %u",
				 name, at, d->key, d->offset);
		assert_true(d->size);
		assert_int_equal(strlen(d->key), d->name_len + 3);
		check_element(d);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(d->key, f->field[k].key);
		if (d->kind == FIELD_STRUCT) {
			assert_int_equal(d->of->first, 0);
			assert_int_equal(d->of->size * d->count, d->size);
			check_whole(d->key, d->of);
		}
		at += d->size;
	}
	if (at != f->size)
		fail_msg("%s: fields end at %zu, it does at %zu", name, at,
			 f->size);
}

static void check_type(unsigned int type)
{
	/* Names used for the common part of each record. */
	static const char *const others[] = { "index", "record", "hdr", "pids" };
	const struct fields *f = record__fields(type);

	assert_non_null(f);
	assert_int_equal(f->first, sizeof(struct wire_hdr));
	assert_int_equal(f->size, record__body_size(type));
	check_whole(record__name(type), f);
	for (int i = 0; i < 4; i++)
		assert_null(fields__find(f, others[i]));
}

static void test_whole(void **)
{
	for (unsigned int type = 0; type < WIRE_KERNEL_TYPES; type++)
		check_type(type);
	for (unsigned int type = WIRE_META; type < WIRE_META_LAST; type++)
		check_type(type);
	assert_null(record__fields(WIRE_KERNEL_TYPES));
	assert_null(record__fields(WIRE_META_LAST));
	check_whole("hdr", &hdr_fields);
	check_whole("upid", &upid_fields);
	check_whole("pid", &pid_fields);
	assert_int_equal(hdr_fields.size, sizeof(struct wire_hdr));
	assert_int_equal(upid_fields.size, sizeof(struct wire_upid));
	assert_int_equal(pid_fields.size, offsetof(struct wire_pid, upid));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
