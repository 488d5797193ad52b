// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the records of each type in a trace.
 *
 *	trace_counts FILE [MS]
 *
 * The output has one line for each type: "TYPE RECORDS BYTES HITS TRIED LOST_RING
 * LOST_MAP MISSED". Records and bytes are counted here; the other values are the
 * trace's own statistics (struct wire_meta_stats). The exit status is 1 if the trace is
 * incomplete. With MS, a last line "after MS COUNT" has the number of records that are
 * more than MS milliseconds later than the first record of all.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/trace/record.h"
#include "loader/trace/trace.h"

struct counts {
	struct record_sink sink;	/* first: the sink is cast to this */
	struct {
		uint64_t records, bytes;
		struct wire_meta_stats stats;
	} of[WIRE_KERNEL_TYPES];
	uint64_t first_ns, limit_ns, late;
	bool whole;
};

static int take_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct counts *c = (struct counts *)sink;
	const struct wire_meta_stats *stats = (const void *)rec;

	if (!c->first_ns)
		c->first_ns = rec->ts_ns;
	if (rec->type < WIRE_KERNEL_TYPES) {
		c->of[rec->type].records++;
		c->of[rec->type].bytes += rec->size;
		c->late += rec->ts_ns > c->first_ns + c->limit_ns;
	} else if (rec->type == WIRE_META_STATS &&
		   stats->type < WIRE_KERNEL_TYPES) {
		c->of[stats->type].stats = *stats;
	} else if (rec->type == WIRE_META_END) {
		c->whole = true;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct counts c = { .sink.record = take_record };
	struct record_sink *sink = &c.sink;
	struct trace_reader *reader;
	char message[256];

	if (argc != 2 && argc != 3)
		errx(2, "usage: trace_counts FILE [MS]");
	c.limit_ns = argc == 3 ? strtoull(argv[2], NULL, 10) * 1000000 : 0;
	if (trace_reader__open(&reader, argv[1], message, sizeof(message)))
		errx(2, "%s", message);
	if (trace_reader__run(reader, &sink, 1))
		errx(1, "%s: %s", argv[1], trace_reader__error(reader));
	trace_reader__close(reader);
	for (int t = 0; t < WIRE_KERNEL_TYPES; t++) {
		const struct wire_meta_stats *stats = &c.of[t].stats;

		printf("%s %" PRIu64 " %" PRIu64 " %llu %llu %llu %llu %llu\n",
		       record__name(t), c.of[t].records, c.of[t].bytes,
		       stats->hits, stats->tried, stats->lost_ring, stats->lost_map,
		       stats->missed);
	}
	if (argc == 3)
		printf("after %s %" PRIu64 "\n", argv[2], c.late);
	if (!c.whole)
		errx(1, "%s: the trace has no end", argv[1]);
	return 0;
}
