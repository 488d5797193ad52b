// SPDX-License-Identifier: GPL-2.0-only
/* Tests the check of single records: a wrong size or level must not pass. */
#include <errno.h>
#include <string.h>

#include "loader/trace/record.h"
#include "loader/trace/sink.h"
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

/* A record of several links is one of attach_pid() or detach_pid(), with 1 to 4 links. */
static void test_links_check(void **)
{
	struct wire_links_pid links = { .hdr.flags = WIRE_F_LINKS };

	links.hdr.size = sizeof(links);
	for (unsigned int t = 0; t < WIRE_META_LAST + 1u; t++) {
		bool has = t == WIRE_ATTACH_PID || t == WIRE_DETACH_PID;

		links.hdr.type = (uint16_t)t;
		for (links.n = 0; links.n < 6; links.n++)
			assert_int_equal(record__check(&links, sizeof(links)),
					 has && links.n && links.n < 5 ?
					 (int)sizeof(links) : -EPROTO);
	}
	links.hdr.type = WIRE_DETACH_PID;
	links.n = 4;
	assert_int_equal(record__check(&links, sizeof(links) - 1), -ENODATA);
	links.hdr.size -= 8;
	assert_int_equal(record__check(&links, sizeof(links)), -EPROTO);
}

struct links_taken {
	struct record_sink sink;	/* first: cast to this */
	struct wire_link_pid one[WIRE_PIDTYPES];
	unsigned int n, fail_after;
};

static int take_link(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct links_taken *t = (struct links_taken *)sink;

	assert_int_equal(record__check(rec, rec->size), sizeof(t->one[0]));
	if (t->n == t->fail_after)
		return -ECANCELED;
	t->one[t->n++] = *(const struct wire_link_pid *)rec;
	return 0;
}

/* A sink gets the links one by one, unless the sink takes them all at once. */
static void test_links_one_by_one(void **)
{
	const struct wire_links_pid links = {
		.hdr = { .type = WIRE_ATTACH_PID, .size = sizeof(links),
			 .flags = WIRE_F_LINKS | WIRE_F_TASKLIST_WRITE, .cpu = 2,
			 .seq = UINT32_MAX, .ts_ns = 7, .current_task = 64,
			 .current_start = 9 },
		.task = 128, .start = 10, .pid = { 1, 2, 3, 4 }, .task_pid = 77,
		.pidtype = { 1, 2, 3, 0 }, .n = 3,
	};
	struct links_taken t = { .sink.record = take_link, .fail_after = 4 };

	assert_int_equal(record_sink__record(&t.sink, &links.hdr), 0);
	assert_int_equal(t.n, 3);
	for (unsigned int i = 0; i < t.n; i++) {
		const struct wire_link_pid want = {
			.hdr = { .type = WIRE_ATTACH_PID, .size = sizeof(want),
				 .flags = WIRE_F_TASKLIST_WRITE, .cpu = 2,
				 .seq = i - 1, .ts_ns = 7, .current_task = 64,
				 .current_start = 9 },
			.task = 128, .start = 10, .pid = i + 1, .task_pid = 77,
			.pidtype = i + 1,
		};

		assert_memory_equal(&t.one[i], &want, sizeof(want));
	}
	t.n = 0;
	t.fail_after = 1;
	assert_int_equal(record_sink__record(&t.sink, &links.hdr), -ECANCELED);
	assert_int_equal(t.n, 1);
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
		cmocka_unit_test(test_links_check),
		cmocka_unit_test(test_links_one_by_one),
		cmocka_unit_test(test_levels_are_bounded),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
