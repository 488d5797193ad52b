// SPDX-License-Identifier: GPL-2.0-only
/* Tests the writer of traces: a full disk, a closed pipe, and when it writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "loader/trace/fan_out.h"
#include "loader/trace/trace_format.h"
#include "test.h"
#include "trace_file.h"

static const struct wire_meta_end rec = {
	.hdr = { .type = WIRE_META_END, .size = sizeof(rec) },
};

static void test_full_disk(void **)
{
	struct trace_writer *w;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), full;

	assert_true(fd >= 0);
	assert_int_equal(trace_writer__open_fd(&w, fd, &trace_info), -ENOSPC);
	assert_null(w);
	assert_int_equal(trace_writer__open(&w, "/nowhere/x", &trace_info), -ENOENT);
	/* A later write fails: the header went through. */
	fd = memfd_create("later", MFD_CLOEXEC);
	assert_int_equal(trace_writer__open_fd(&w, fd, &trace_info), 0);
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(dup3(full, fd, O_CLOEXEC), fd);
	close(full);
	assert_string_equal(trace_writer__error(w), "");
	for (int i = 0; i < 100; i++)
		assert_int_equal(record_sink__record(trace_writer__sink(w),
						     &rec.hdr), 0);
	assert_int_equal(trace_writer__flush(w), -ENOSPC);
	assert_string_equal(trace_writer__error(w),
			    "cannot write at byte 120: No space left on device");
	assert_int_equal(record_sink__record(trace_writer__sink(w), &rec.hdr),
			 -ENOSPC);
	assert_int_equal(trace_writer__close(w), -ENOSPC);
}

static void test_reader_of_pipe_gone(void **)
{
	struct trace_writer *w;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(trace_writer__open_fd(&w, fds[1], &trace_info), 0);
	close(fds[0]);
	record_sink__record(trace_writer__sink(w), &rec.hdr);
	assert_int_equal(trace_writer__close(w), -EPIPE);
}

/* The file has the links of a task as one record, and the reader delivers each. */
static void test_links(void **)
{
	const struct wire_links_pid links = {
		.hdr = { .type = WIRE_DETACH_PID, .size = sizeof(links),
			 .flags = WIRE_F_LINKS },
		.pid = { 16, 32, 48, 64 }, .pidtype = { 0, 1, 2, 3 }, .n = 4,
	};
	struct keeper k = keeper();
	struct trace_writer *w;
	struct fan_out out;
	uint64_t before;
	char err[128];

	assert_int_equal(trace_writer__open(&w, trace_path, &trace_info), 0);
	fan_out__init(&out);
	fan_out__add(&out, trace_writer__sink(w));
	before = trace_writer__bytes(w);
	assert_int_equal(record_sink__record(&out.sink, &links.hdr), 0);
	assert_int_equal(trace_writer__records(w), 4);
	assert_int_equal(trace_writer__bytes(w) - before,
			 sizeof(struct trace_block) + sizeof(links));
	assert_int_equal(trace_writer__close(w), 0);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), 0);
	assert_int_equal(k.records, 4);
	for (unsigned int i = 0; i < 4; i++) {
		const struct wire_link_pid *link = (const void *)k.bytes;

		assert_int_equal(link[i].pid, 16 * (i + 1));
		assert_int_equal(link[i].pidtype, i);
	}
	free(k.bytes);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A tick writes old records (a second is enough), but not new ones. */
static void test_tick(void **)
{
	struct trace_writer *w;
	struct keeper k = keeper();
	char err[256];
	double start;

	assert_int_equal(trace_writer__open(&w, trace_path, &trace_info), 0);
	start = now();
	record_sink__record(trace_writer__sink(w), &rec.hdr);
	record_sink__tick(trace_writer__sink(w));
	start = now() - start;
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), 0);
	if (start < 0.05)	/* a loaded machine may delay this test */
		assert_int_equal(k.records, 0);
	usleep(1100000);
	record_sink__tick(trace_writer__sink(w));
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), 0);
	assert_int_equal(k.records, 1);
	assert_int_equal(trace_writer__close(w), 0);
	free(k.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_reader_of_pipe_gone),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_tick),
	};

	return cmocka_run_group_tests_name("trace writer", tests, trace_file__make,
					   trace_file__remove);
}
