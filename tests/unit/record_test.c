// SPDX-License-Identifier: GPL-2.0-only
/* Tests the check of single records: a wrong size or level must not pass. */
#include <errno.h>
#include <string.h>

#include "loader/trace/record.h"
#include "test.h"

/* For each type, only its own size, number of images and levels are valid. */
static void test_record_check(void **)
{
	char bytes[4096] = "";
	struct wire_hdr *rec = (struct wire_hdr *)bytes;

	for (unsigned int t = 0; t < WIRE_META_LAST + 1u; t++) {
		size_t body = record__body_size(t);
		bool found = false;

		for (unsigned int n = 0; n <= 3; n++) {
			size_t size = body + n * WIRE_PID_SIZE(4);

			*rec = (struct wire_hdr){
				.type = (uint16_t)t,
				.size = (uint16_t)size,
				.npids = (uint8_t)n,
				.levels = n ? 4 : 0,
			};
			if (record__check(rec, sizeof(bytes)) < 0)
				continue;
			assert_false(found);
			found = true;
			assert_int_equal(record__check(rec, size), size);
			assert_int_equal(record__check(rec, size - 1),
					 -ENODATA);
			rec->size += 8;
			assert_int_equal(record__check(rec, sizeof(bytes)),
					 -EPROTO);
			rec->size -= 16;
			assert_int_equal(record__check(rec, sizeof(bytes)),
					 -EPROTO);
			rec->size += 8;
			if (n) {
				rec->levels = WIRE_MAX_LEVELS + 1;
				rec->size = (uint16_t)(body + n *
					WIRE_PID_SIZE(WIRE_MAX_LEVELS + 1));
				assert_int_equal(record__check(rec,
					sizeof(bytes)), -EPROTO);
				rec->levels = 0;
				rec->size = (uint16_t)(body + n *
						       WIRE_PID_SIZE(0));
				assert_int_equal(record__check(rec,
					sizeof(bytes)), -EPROTO);
			}
		}
		assert_int_equal(found, body != 0);
		assert_int_equal(strcmp(record__name(t), "?") != 0, body != 0);
	}
	for (size_t n = 0; n < sizeof(*rec); n++)
		assert_int_equal(record__check(rec, n), -ENODATA);
}

/* An image of stale memory may contain any level. */
static void test_levels_are_bounded(void **)
{
	char bytes[1024] = "";
	struct wire_hdr *rec = (struct wire_hdr *)bytes;
	struct wire_pid *img;

	rec->type = WIRE_FREE_PID;
	rec->npids = 1;
	rec->levels = 4;
	rec->size = sizeof(struct wire_free_pid) + WIRE_PID_SIZE(4);
	img = (struct wire_pid *)record__pid(rec, 0);
	assert_null(record__pid(rec, 1));
	assert_int_equal(record__levels(rec, img), 0);
	img->address = 64;
	assert_int_equal(record__levels(rec, img), 1);
	img->level = 3;
	assert_int_equal(record__levels(rec, img), 4);
	img->level = 4;
	assert_int_equal(record__levels(rec, img), 4);
	img->level = UINT32_MAX;
	assert_int_equal(record__levels(rec, img), 4);
	img->address = (uint64_t)-12;
	assert_int_equal(record__levels(rec, img), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_check),
		cmocka_unit_test(test_levels_are_bounded),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
