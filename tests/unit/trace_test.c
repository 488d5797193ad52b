// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests trace files: a written trace reads back unchanged; a truncated, changed or
 * foreign file is not accepted as a trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/judge/judge.h"
#include "loader/trace/fan_out.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_format.h"
#include "files.h"
#include "test.h"
#include "trace_file.h"
#include "tracegen.h"

/* Plays a run with one join and n ordinary tasks. */
static void play(struct record_sink *sink, unsigned int n)
{
	struct gen *g = gen__new(sink, 512);
	struct gen_ns *ns;
	struct gen_task *t;

	gen__begin(g, 0);
	gen__sweep(g, WIRE_SWEEP_START);
	g->knob = WIRE_KNOB_ON;
	for (unsigned int i = 0; i < n; i++) {
		t = gen__fork(g, g->init);
		gen__exit(g, t, 0);
		gen__release(g, g->init, t);
	}
	ns = gen__container(g, g->init);
	t = gen__candidate(g, g->init);
	gen__setns_join(g, t, ns);
	gen__exit(g, t, 0);
	gen__release(g, g->init, t);
	gen__sweep(g, WIRE_SWEEP_FINAL);
	gen__end(g);
	assert_int_equal(g->error, 0);
	gen__free(g);
}

/* The last trace that write_trace() made: its records, and the bytes of its file. */
static struct keeper whole;
static char *bytes;
static size_t len;

/* Writes such a run to trace_path. */
static void write_trace(unsigned int n)
{
	struct trace_writer *w;
	struct fan_out both;

	free(whole.bytes);
	free(bytes);
	whole = keeper();
	assert_int_equal(trace_writer__open(&w, trace_path, &trace_info), 0);
	fan_out__init(&both);
	fan_out__add(&both, trace_writer__sink(w));
	fan_out__add(&both, &whole.sink);
	play(&both.sink, n);
	assert_int_equal(trace_writer__records(w), whole.records);
	assert_int_equal(trace_writer__close(w), 0);
	bytes = file__read(trace_path, &len);
}

static void spill(const void *from, size_t n)
{
	file__write(trace_path, from, n);
}

/* Reads the file into k, and expects this error with this text. */
static void expect_error(struct keeper *k, int error, const char *said)
{
	char err[256];

	assert_int_equal(trace_file__read(k, err, sizeof(err)), error);
	if (!strstr(err, said))
		fail_msg("no \"%s\" in: %s", said, err);
}

/* Returns the verdict on the file: INCONCLUSIVE if no trace can be opened. */
static enum verdict verdict(void)
{
	struct judge_opts opts = { .semantics = SEMANTICS_JOIN };
	struct record_sink *sink;
	struct trace_reader *r;
	struct judge *j;
	enum verdict v;
	char err[256];

	if (trace_reader__open(&r, trace_path, err, sizeof(err)))
		return VERDICT_INCONCLUSIVE;
	assert_int_equal(judge__new(&j, &opts, err, sizeof(err)), 0);
	sink = judge__sink(j);
	if (trace_reader__run(r, &sink, 1))
		judge__reason(j, "%s", trace_reader__error(r));
	v = judge__finish(j)->verdict;
	judge__free(j);
	trace_reader__close(r);
	return v;
}

static void test_roundtrip(void **)
{
	static const unsigned int sizes[] = { 0, 1, 40, 900 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct keeper out = keeper();
		char err[256];

		write_trace(sizes[i]);
		assert_int_equal(trace_file__read(&out, err, sizeof(err)), 0);
		assert_string_equal(err, "");
		assert_int_equal(out.records, whole.records);
		assert_int_equal(out.len, whole.len);
		assert_memory_equal(out.bytes, whole.bytes, whole.len);
		assert_int_equal(verdict(), VERDICT_PASS);
		free(out.bytes);
	}
}

static void test_info(void **)
{
	struct trace_reader *r;
	char err[256];

	write_trace(0);
	assert_int_equal(trace_reader__open(&r, trace_path, err, sizeof(err)), 0);
	assert_int_equal(trace_reader__info(r)->semantics, SEMANTICS_JOIN);
	assert_int_equal(trace_reader__info(r)->seed, 42);
	assert_int_equal(trace_reader__info(r)->start_realtime_ns, 1111);
	assert_int_equal(trace_reader__info(r)->start_monotonic_ns, 2222);
	assert_string_equal(trace_reader__info(r)->release, "6.12.0-test");
	trace_reader__close(r);
}

/*
 * A cut between two blocks does no damage that the reader can find; the judge finds
 * it.
 */
static void test_truncated_everywhere(void **)
{
	size_t boundaries = 0;

	write_trace(0);
	for (size_t cut = 0; cut < len; cut++) {
		struct keeper k = keeper();
		char err[256], where[32];
		int ret;

		assert_int_equal(truncate(trace_path, 0), 0);
		spill(bytes, cut);
		ret = trace_file__read(&k, err, sizeof(err));
		if (!ret) {
			boundaries++;
		} else if (cut < sizeof(struct trace_header)) {
			assert_true(ret == -ENOMSG || ret == -EBADMSG);
			assert_non_null(strstr(err, trace_path));
		} else {
			assert_int_equal(ret, -EBADMSG);
			snprintf(where, sizeof(where), "at byte %zu,", cut);
			assert_non_null(strstr(err, where));
			assert_non_null(strstr(err, "record"));
		}
		/* The records read are those written. */
		assert_true(k.len <= whole.len);
		if (k.len)
			assert_memory_equal(k.bytes, whole.bytes, k.len);
		if (!ret || cut % 16 == 0)
			assert_int_equal(verdict(), VERDICT_INCONCLUSIVE);
		free(k.bytes);
	}
	assert_int_equal(boundaries, 1);	/* after the header */
}

/* With two blocks, the first is delivered and judged, the second is truncated. */
static void test_truncated_second_block(void **)
{
	struct trace_block first;
	struct keeper k = keeper();

	write_trace(900);
	memcpy(&first, bytes + sizeof(struct trace_header), sizeof(first));
	assert_true(len > sizeof(struct trace_header) + 2 * sizeof(first) +
		    first.bytes);
	spill(bytes, len - 1);
	expect_error(&k, -EBADMSG, "");
	assert_true(k.records >= first.records);
	assert_memory_equal(k.bytes, whole.bytes, k.len);
	assert_int_equal(verdict(), VERDICT_INCONCLUSIVE);
	free(k.bytes);
}

static void flip_everywhere(unsigned char mask)
{
	write_trace(0);
	for (size_t i = 0; i < len; i++) {
		struct keeper k = keeper();
		char err[256];

		bytes[i] ^= mask;
		spill(bytes, len);
		bytes[i] ^= mask;
		assert_int_not_equal(trace_file__read(&k, err, sizeof(err)), 0);
		assert_true(strlen(err) > 0);
		if (i % 16 == 0)
			assert_int_equal(verdict(), VERDICT_INCONCLUSIVE);
		free(k.bytes);
	}
}

static void test_flipped_everywhere(void **)
{
	flip_everywhere(0xff);
}

static void test_flipped_bit_everywhere(void **)
{
	flip_everywhere(0x01);
}

/* The CPU's instruction, if there is one, and the loop over bits have one result. */
static void test_checksum(void **)
{
	const uint64_t word = 0x3837363534333231;	/* "12345678" */
	char data[100];

	assert_int_equal(~crc32c_word(~0u, word), 0x6087809a);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 37;
	for (size_t len = 0; len <= sizeof(data); len++)
		assert_int_equal(checksum(data, len, len * 0x123456789),
				 checksum_by_bits(data, len, len * 0x123456789));
}

/* Writes a file with one block of these bytes and correct checksums. */
static void spill_block(const void *payload, uint32_t size, uint32_t records)
{
	struct trace_header h = {
		.magic = TRACE_MAGIC, .byte_order = TRACE_BYTE_ORDER,
		.version = TRACE_VERSION, .wire_version = WIRE_VERSION,
	};
	struct trace_block b = {
		.magic = TRACE_BLOCK_MAGIC, .bytes = size, .records = records,
	};
	char file[4096];
	size_t n = 0;

	h.hash = trace_header__hash(&h);
	b.hash = trace_block__hash(&b, payload);
	memcpy(file, &h, sizeof(h));
	n += sizeof(h);
	memcpy(file + n, &b, sizeof(b));
	n += sizeof(b);
	memcpy(file + n, payload, size);
	spill(file, n + size);
}

/* The checksum is right but the records are not, as from another program. */
static void test_bad_records(void **)
{
	struct wire_meta_end rec = {
		.hdr = { .type = WIRE_META_END, .size = sizeof(rec) },
	};
	struct wire_meta_end two[2] = { rec, rec };
	struct keeper k = keeper();

	spill_block(&rec, sizeof(rec), 1);
	expect_error(&k, 0, "");
	assert_int_equal(k.records, 1);

	rec.hdr.type = WIRE_KERNEL_TYPES;
	spill_block(&rec, sizeof(rec), 1);
	expect_error(&k, -EBADMSG, "");
	rec.hdr.type = WIRE_META_END;
	rec.hdr.size += 8;
	spill_block(&rec, sizeof(rec), 1);
	expect_error(&k, -EBADMSG, "");
	spill_block(two, sizeof(two), 1);
	expect_error(&k, -EBADMSG, "bytes without a record");
	spill_block(two, sizeof(two), 3);
	expect_error(&k, -EBADMSG, "");
	free(k.bytes);
}

/* Writes the last trace with another header. */
static void spill_header(const struct trace_header *h)
{
	memcpy(bytes, h, sizeof(*h));
	spill(bytes, len);
}

static void test_foreign(void **)
{
	struct keeper k = keeper();
	struct trace_reader *r;
	struct trace_header h;
	char err[256];

	spill("", 0);
	expect_error(&k, -ENOMSG, "");
	spill("\x7f""ELF and so on", 15);
	expect_error(&k, -ENOMSG, "pidnstrace record");
	assert_int_equal(trace_reader__open(&r, "/nowhere/trace", err,
					    sizeof(err)), -ENOENT);
	assert_null(r);
	assert_non_null(strstr(err, "/nowhere/trace"));

	write_trace(0);
	memcpy(&h, bytes, sizeof(h));
	h.byte_order = TRACE_BYTE_ORDER_SWAPPED;
	spill_header(&h);
	expect_error(&k, -EPROTO, "byte order");
	h.byte_order = TRACE_BYTE_ORDER;
	h.version = 2;
	spill_header(&h);
	expect_error(&k, -EPROTO, "");
	h.version = TRACE_VERSION;
	h.wire_version = WIRE_VERSION + 1;
	h.hash = trace_header__hash(&h);
	spill_header(&h);
	expect_error(&k, -EPROTO, "");
	assert_int_equal(k.records, 0);
}

/* Rejects bytes after the end of a trace, and a directory. */
static void test_not_quite(void **)
{
	struct keeper k = keeper();
	struct trace_reader *r;
	char err[256];

	write_trace(0);
	bytes[len] = 'x';
	spill(bytes, len + 1);
	expect_error(&k, -EBADMSG, "");
	assert_int_equal(k.records, whole.records);
	assert_int_equal(trace_reader__open(&r, "/", err, sizeof(err)),
			 -EISDIR);
	assert_null(r);
	free(k.bytes);
}

/* Writes the last trace in small pieces, so that reads end anywhere. */
static void *pour(void *arg)
{
	int fd = *(int *)arg;
	size_t done = 0;

	while (done < len) {
		size_t n = len - done < 777 ? len - done : 777;
		ssize_t w = write(fd, bytes + done, n);

		if (w < 0)
			break;
		done += w;
	}
	close(fd);
	return NULL;
}

static void test_pipe(void **)
{
	struct keeper k = keeper();
	struct record_sink *sink = &k.sink;
	struct trace_reader *r;
	pthread_t thread;
	int fds[2];
	char name[32], err[256];

	write_trace(900);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&thread, NULL, pour, &fds[1]), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fds[0]);
	assert_int_equal(trace_reader__open(&r, name, err, sizeof(err)), 0);
	assert_int_equal(trace_reader__run(r, &sink, 1), 0);
	trace_reader__close(r);
	pthread_join(thread, NULL);
	close(fds[0]);
	assert_int_equal(k.len, whole.len);
	assert_memory_equal(k.bytes, whole.bytes, k.len);
	free(k.bytes);
}

static void test_sink_stops(void **)
{
	struct keeper k = keeper();

	write_trace(0);
	k.fail_after = 7;
	expect_error(&k, -ECANCELED, "");
	assert_int_equal(k.records, 7);
	free(k.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_truncated_everywhere),
		cmocka_unit_test(test_truncated_second_block),
		cmocka_unit_test(test_flipped_everywhere),
		cmocka_unit_test(test_flipped_bit_everywhere),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_not_quite),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_sink_stops),
	};

	return cmocka_run_group_tests_name("trace", tests, trace_file__make,
					   trace_file__remove);
}
