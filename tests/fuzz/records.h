/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Splits a trace file into records, and builds a file from records with correct sizes
 * and checksums, for the fuzzer's mutations.
 */
#ifndef TESTS_FUZZ_RECORDS_H
#define TESTS_FUZZ_RECORDS_H

#include <stddef.h>
#include <stdint.h>
#include "loader/trace/record.h"
#include "loader/trace/trace_format.h"

#define RECORDS_MAX	512
/* The largest record: a setns_exit with two struct pids of all levels. */
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

/* Starts without records, with a header as the writer makes it. */
void records__init(struct records *r);

/* Reads the header and the valid records of a possibly damaged trace. */
void records__take(struct records *r, const uint8_t *data, size_t size);

/* Writes a trace of at most max bytes, per_block records in a block; returns its size. */
size_t records__give(const struct records *r, unsigned int per_block,
		     uint8_t *data, size_t max);

/*
 * Cuts bytes off the end of the output of records__give(), within a record, with a
 * correct checksum: only the record's own size reveals the cut. Returns the new size.
 */
size_t records__cut(uint8_t *data, size_t size, unsigned int bytes);

/* Inserts an empty record of a type at i. Returns it, or NULL if there is no room. */
union record_room *records__insert(struct records *r, unsigned int i,
				   unsigned int type, unsigned int levels);

void records__remove(struct records *r, unsigned int i, unsigned int count);

/* Changes the number of slots in the record's pid images. */
void record_room__set_levels(union record_room *rec, unsigned int levels);

/* Renumbers as if nothing were lost, and adds an end and statistics that agree. */
void records__heal(struct records *r);

#endif /* TESTS_FUZZ_RECORDS_H */
