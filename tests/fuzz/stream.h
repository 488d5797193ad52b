/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the records of one input of the fuzzer, with totals that are computed without
 * the code under test.
 */
#ifndef TESTS_FUZZ_STREAM_H
#define TESTS_FUZZ_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/types.h>

#include "bpf/wire.h"
#include "loader/trace/sink.h"

#define CHECK(cond, ...)						\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		fprintf(stderr, "" __VA_ARGS__);			\
		fputc('\n', stderr);					\
		abort();						\
	}								\
} while (0)

struct stream {
	struct record_sink sink;
	struct wire_hdr **records;
	size_t n, max, bytes;
	uint64_t kernel;	/* records made by the kernel side */
	uint64_t ends, end_records;
	bool lost;		/* a META_STATS record counts a loss */
};

/* A sink that takes all records. */
struct stream stream_new(void);
void stream_free(struct stream *s);

/* Returns whether each CPU's sequence is 0, 1, 2, ... without gaps or duplicates. */
bool stream_complete(const struct stream *s);

/*
 * Gives the records to a sink. Each is in memory of its exact size, which is freed
 * afterwards. Returns the first error of the sink, which ends the stream.
 */
int feed(struct record_sink *sink, const struct stream *s);

#endif /* TESTS_FUZZ_STREAM_H */
