// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests trace files: a written trace reads back unchanged; a truncated, changed or
 * foreign file is not accepted as a trace.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/judge/judge.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_format.h"
#include "files.h"
#include "trace_file.h"
#include "tracegen.h"

/* Passes records to both a writer and a keeper. */
struct both {
	struct record_sink sink;
	struct record_sink *a, *b;
};

static int to_both(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct both *t = (struct both *)sink;
	int err = record_sink__record(t->a, rec);

	return err ? err : record_sink__record(t->b, rec);
}

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

/* Writes such a run to trace_path; *k keeps the written records. */
static void write_trace(struct keeper *k, unsigned int n)
{
	struct trace_writer *w;
	struct both both = { .sink.record = to_both, .b = &k->sink };

	*k = keeper();
	assert_int_equal(trace_writer__open(&w, trace_path, &trace_info), 0);
	both.a = trace_writer__sink(w);
	play(&both.sink, n);
	assert_int_equal(trace_writer__records(w), k->records);
	assert_int_equal(trace_writer__close(w), 0);
}

static char *slurp(size_t *len)
{
	return file__read(trace_path, len);
}

static void spill(const void *bytes, size_t len)
{
	file__write(trace_path, bytes, len);
}

static enum verdict verdict_of(int *opened)
{
	struct judge_opts opts = { .semantics = SEMANTICS_JOIN };
	struct record_sink *sink;
	struct trace_reader *r;
	struct judge *j;
	enum verdict v;
	char err[256];

	*opened = trace_reader__open(&r, trace_path, err, sizeof(err));
	if (*opened)
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

static void test_roundtrip(void **state)
{
	static const unsigned int sizes[] = { 0, 1, 40, 900 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct keeper in, out = keeper();
		char err[256];
		int opened;

		write_trace(&in, sizes[i]);
		assert_int_equal(trace_file__read(&out, err, sizeof(err)), 0);
		assert_string_equal(err, "");
		assert_int_equal(out.records, in.records);
		assert_int_equal(out.len, in.len);
		assert_memory_equal(out.bytes, in.bytes, in.len);
		assert_int_equal(verdict_of(&opened), VERDICT_PASS);
		free(in.bytes);
		free(out.bytes);
	}
}

static void test_info(void **state)
{
	struct trace_reader *r;
	struct keeper k;
	char err[256];

	(void)state;
	write_trace(&k, 0);
	assert_int_equal(trace_reader__open(&r, trace_path, err, sizeof(err)), 0);
	assert_int_equal(trace_reader__info(r)->semantics, SEMANTICS_JOIN);
	assert_int_equal(trace_reader__info(r)->seed, 42);
	assert_int_equal(trace_reader__info(r)->start_realtime_ns, 1111);
	assert_int_equal(trace_reader__info(r)->start_monotonic_ns, 2222);
	assert_string_equal(trace_reader__info(r)->release, "6.12.0-test");
	trace_reader__close(r);
	free(k.bytes);
}

/*
 * A cut between two blocks does no damage that the reader can find; the judge finds
 * it.
 */
static void test_truncated_everywhere(void **state)
{
	struct keeper whole;
	size_t len, boundaries = 0;
	char *bytes;

	(void)state;
	write_trace(&whole, 0);
	bytes = slurp(&len);
	for (size_t cut = 0; cut < len; cut++) {
		struct keeper k = keeper();
		char err[256], where[32];
		int ret, opened;

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
			assert_int_equal(verdict_of(&opened),
					 VERDICT_INCONCLUSIVE);
		free(k.bytes);
	}
	assert_int_equal(boundaries, 1);	/* after the header */
	free(bytes);
	free(whole.bytes);
}

/* With two blocks, the first is delivered and judged, the second is truncated. */
static void test_truncated_second_block(void **state)
{
	struct trace_block first;
	struct keeper whole, k = keeper();
	size_t len;
	char *bytes, err[256];
	int opened;

	(void)state;
	write_trace(&whole, 900);
	bytes = slurp(&len);
	memcpy(&first, bytes + sizeof(struct trace_header), sizeof(first));
	assert_true(len > sizeof(struct trace_header) + 2 * sizeof(first) +
		    first.bytes);
	spill(bytes, len - 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	assert_true(k.records >= first.records);
	assert_memory_equal(k.bytes, whole.bytes, k.len);
	assert_int_equal(verdict_of(&opened), VERDICT_INCONCLUSIVE);
	assert_int_equal(opened, 0);
	free(k.bytes);
	free(bytes);
	free(whole.bytes);
}

static void flip_everywhere(unsigned char mask)
{
	struct keeper whole;
	size_t len;
	char *bytes;

	write_trace(&whole, 0);
	bytes = slurp(&len);
	for (size_t i = 0; i < len; i++) {
		struct keeper k = keeper();
		char err[256];
		int opened;

		bytes[i] ^= mask;
		spill(bytes, len);
		bytes[i] ^= mask;
		assert_int_not_equal(trace_file__read(&k, err, sizeof(err)), 0);
		assert_true(strlen(err) > 0);
		if (i % 16 == 0)
			assert_int_equal(verdict_of(&opened),
					 VERDICT_INCONCLUSIVE);
		free(k.bytes);
	}
	free(bytes);
	free(whole.bytes);
}

static void test_flipped_everywhere(void **state)
{
	(void)state;
	flip_everywhere(0xff);
}

static void test_flipped_bit_everywhere(void **state)
{
	(void)state;
	flip_everywhere(0x01);
}

/* Writes a file with one block of these bytes and correct checksums. */
static void spill_block(const void *payload, uint32_t bytes, uint32_t records)
{
	struct trace_header h = {
		.magic = TRACE_MAGIC, .byte_order = TRACE_BYTE_ORDER,
		.version = TRACE_VERSION, .wire_version = WIRE_VERSION,
	};
	struct trace_block b = {
		.magic = TRACE_BLOCK_MAGIC, .bytes = bytes, .records = records,
	};
	char file[4096];
	size_t n = 0;

	h.hash = trace_header__hash(&h);
	b.hash = trace_block__hash(&b, payload);
	memcpy(file, &h, sizeof(h));
	n += sizeof(h);
	memcpy(file + n, &b, sizeof(b));
	n += sizeof(b);
	memcpy(file + n, payload, bytes);
	spill(file, n + bytes);
}

/* The checksum is right but the records are not, as from another program. */
static void test_bad_records(void **state)
{
	struct wire_meta_end rec = {
		.hdr = { .type = WIRE_META_END, .size = sizeof(rec) },
	};
	struct wire_meta_end two[2] = { rec, rec };
	struct keeper k = keeper();
	char err[256];

	(void)state;
	spill_block(&rec, sizeof(rec), 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), 0);
	assert_int_equal(k.records, 1);

	rec.hdr.type = WIRE_KERNEL_TYPES;
	spill_block(&rec, sizeof(rec), 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	rec.hdr.type = WIRE_META_END;
	rec.hdr.size += 8;
	spill_block(&rec, sizeof(rec), 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	spill_block(two, sizeof(two), 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	assert_non_null(strstr(err, "bytes without a record"));
	spill_block(two, sizeof(two), 3);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	free(k.bytes);
}

static void test_foreign(void **state)
{
	struct keeper k = keeper(), whole;
	struct trace_reader *r;
	struct trace_header h;
	size_t len;
	char *bytes, err[256];

	(void)state;
	spill("", 0);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -ENOMSG);
	spill("\x7f""ELF and so on", 15);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -ENOMSG);
	assert_non_null(strstr(err, "pidnstrace record"));
	assert_int_equal(trace_reader__open(&r, "/nowhere/trace", err,
					    sizeof(err)), -ENOENT);
	assert_null(r);
	assert_non_null(strstr(err, "/nowhere/trace"));

	write_trace(&whole, 0);
	bytes = slurp(&len);
	memcpy(&h, bytes, sizeof(h));
	h.byte_order = TRACE_BYTE_ORDER_SWAPPED;
	memcpy(bytes, &h, sizeof(h));
	spill(bytes, len);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EPROTO);
	assert_non_null(strstr(err, "byte order"));
	h.byte_order = TRACE_BYTE_ORDER;
	h.version = 2;
	memcpy(bytes, &h, sizeof(h));
	spill(bytes, len);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EPROTO);
	h.version = TRACE_VERSION;
	h.wire_version = WIRE_VERSION + 1;
	h.hash = trace_header__hash(&h);
	memcpy(bytes, &h, sizeof(h));
	spill(bytes, len);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EPROTO);
	assert_int_equal(k.records, 0);
	free(bytes);
	free(whole.bytes);
}

/* Rejects bytes after the end of a trace, and a directory. */
static void test_not_quite(void **state)
{
	struct keeper whole, k = keeper();
	struct trace_reader *r;
	size_t len;
	char *bytes, err[256];

	(void)state;
	write_trace(&whole, 0);
	bytes = slurp(&len);
	bytes[len] = 'x';
	spill(bytes, len + 1);
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -EBADMSG);
	assert_int_equal(k.records, whole.records);
	assert_int_equal(trace_reader__open(&r, "/", err, sizeof(err)),
			 -EISDIR);
	assert_null(r);
	free(k.bytes);
	free(bytes);
	free(whole.bytes);
}

struct piping {
	int fd;
	char *bytes;
	size_t len;
};

/* Writes in small pieces, so that reads end anywhere. */
static void *pour(void *arg)
{
	struct piping *p = arg;
	size_t done = 0;

	while (done < p->len) {
		size_t n = p->len - done < 777 ? p->len - done : 777;
		ssize_t w = write(p->fd, p->bytes + done, n);

		if (w < 0)
			break;
		done += w;
	}
	close(p->fd);
	return NULL;
}

static void test_pipe(void **state)
{
	struct keeper whole, k = keeper();
	struct record_sink *sink = &k.sink;
	struct trace_reader *r;
	struct piping p;
	pthread_t thread;
	int fds[2];
	char name[32], err[256];

	(void)state;
	write_trace(&whole, 900);
	p.bytes = slurp(&p.len);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	p.fd = fds[1];
	assert_int_equal(pthread_create(&thread, NULL, pour, &p), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fds[0]);
	assert_int_equal(trace_reader__open(&r, name, err, sizeof(err)), 0);
	assert_int_equal(trace_reader__run(r, &sink, 1), 0);
	trace_reader__close(r);
	pthread_join(thread, NULL);
	close(fds[0]);
	assert_int_equal(k.len, whole.len);
	assert_memory_equal(k.bytes, whole.bytes, k.len);
	free(p.bytes);
	free(k.bytes);
	free(whole.bytes);
}

static void test_sink_stops(void **state)
{
	struct keeper whole, k = keeper();
	char err[256];

	(void)state;
	write_trace(&whole, 0);
	k.fail_after = 7;
	assert_int_equal(trace_file__read(&k, err, sizeof(err)), -ECANCELED);
	assert_int_equal(k.records, 7);
	free(k.bytes);
	free(whole.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
