// SPDX-License-Identifier: GPL-2.0-only
/* Keeps copies of records, and gives them to sinks. */
#include "stream.h"

#include <string.h>

#include "loader/trace/record.h"

static int stream_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct stream *s = (struct stream *)sink;
	struct wire_hdr *copy;

	CHECK(!((uintptr_t)rec & 7), "a record is not aligned");
	CHECK(record__check(rec, rec->size) == rec->size);
	if (s->n == s->max) {
		s->max = s->max * 2 + 64;
		s->records = realloc(s->records, s->max * sizeof(*s->records));
		CHECK(s->records);
	}
	/* Allocate the exact size: ASan then catches a read beyond the record. */
	copy = malloc(rec->size);
	CHECK(copy);
	memcpy(copy, rec, rec->size);
	s->records[s->n++] = copy;
	s->bytes += rec->size;
	s->kernel += rec->type < WIRE_META;
	if (rec->type == WIRE_META_END) {
		s->ends++;
		s->end_records = ((const struct wire_meta_end *)rec)->records;
	}
	if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *t = (const void *)rec;

		s->lost |= t->type < WIRE_KERNEL_TYPES &&
			   (t->lost_ring || t->lost_map || t->missed);
	}
	return 0;
}

struct stream stream_new(void)
{
	return (struct stream){ .sink.record = stream_record };
}

void stream_free(struct stream *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->records[i]);
	free(s->records);
}

static int by_cpu_and_seq(const void *a, const void *b)
{
	const struct wire_hdr *x = *(struct wire_hdr *const *)a;
	const struct wire_hdr *y = *(struct wire_hdr *const *)b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

bool stream_complete(const struct stream *s)
{
	struct wire_hdr **sorted = calloc(s->n + 1, sizeof(*sorted));
	size_t n = 0;
	bool ok = true;

	CHECK(sorted);
	for (size_t i = 0; i < s->n; i++)
		if (s->records[i]->type < WIRE_META)
			sorted[n++] = s->records[i];
	qsort(sorted, n, sizeof(*sorted), by_cpu_and_seq);
	for (size_t i = 0; i < n; i++) {
		bool first = !i || sorted[i]->cpu != sorted[i - 1]->cpu;

		ok &= sorted[i]->seq == (first ? 0 : sorted[i - 1]->seq + 1);
	}
	free(sorted);
	return ok;
}

int feed(struct record_sink *sink, const struct stream *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->n; i++) {
		size_t size = s->records[i]->size;
		struct wire_hdr *copy = malloc(size);

		CHECK(copy);
		memcpy(copy, s->records[i], size);
		err = record_sink__record(sink, copy);
		/* ASan catches a sink that has kept a pointer to the record. */
		free(copy);
	}
	return err;
}
