/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * records.h - a trace file taken apart into records, and put together again
 * with sizes and checksums that are right, for the fuzzer's mutations.
 */
#ifndef FUZZ_RECORDS_H
#define FUZZ_RECORDS_H

#include <stddef.h>
#include <stdint.h>
#include "../../loader/record.h"
#include "../../loader/trace_format.h"

#define RECORDS_MAX	512
/* The largest there can be: a setns_exit with two struct pids of all levels. */
#define RECORD_MAX_SIZE	1536

union record_room {
	struct wire_hdr hdr;
	uint64_t words[RECORD_MAX_SIZE / 8];
	uint8_t bytes[RECORD_MAX_SIZE];
};

struct records {
	struct trace_header header;
	unsigned int n;
	union record_room *at[RECORDS_MAX];	/* the first n, in order */
	union record_room rooms[RECORDS_MAX];
};

/* No records, and a header as the writer makes it. */
void records__init(struct records *r);

/* The good records of what may be a damaged trace, and its header. */
void records__take(struct records *r, const uint8_t *data, size_t size);

/* A trace of at most max bytes, per_block records in a block; its size. */
size_t records__give(const struct records *r, unsigned int per_block,
		     uint8_t *data, size_t max);

/*
 * Takes bytes off the end of what records__give() gave, within a record, with a
 * checksum that is right: only the record's own size tells. The new size.
 */
size_t records__cut(uint8_t *data, size_t size, unsigned int bytes);

/* Puts an empty record of a type at i, and returns it; NULL: no room. */
union record_room *records__insert(struct records *r, unsigned int i,
				   unsigned int type, unsigned int levels);

void records__remove(struct records *r, unsigned int i, unsigned int count);

/* Another number of slots in its images. */
void record_room__set_levels(union record_room *rec, unsigned int levels);

/* Numbers as if nothing were lost, and an end and statistics that say so. */
void records__heal(struct records *r);

#endif /* FUZZ_RECORDS_H */
