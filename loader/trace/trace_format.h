/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the layout of a trace file, for the writer and the reader.
 *
 * A struct trace_header is followed by any number of (struct trace_block, payload). A
 * payload consists of whole records. All sizes are multiples of 8, so records are
 * aligned if the file is read into aligned memory. The file has no index and no length;
 * a trace is complete if the last record is a WIRE_META_END.
 */
#ifndef LOADER_TRACE_TRACE_FORMAT_H
#define LOADER_TRACE_TRACE_FORMAT_H

#include <stdint.h>
#include <stddef.h>
#include <xxhash.h>

#include "loader/trace/checksum.h"

#define TRACE_MAGIC		"PIDNSTRC"
#define TRACE_VERSION		1
#define TRACE_BYTE_ORDER	0x01020304u
#define TRACE_BYTE_ORDER_SWAPPED 0x04030201u
#define TRACE_BLOCK_MAGIC	0x4b4c4250u	/* "PBLK" */
#define TRACE_BLOCK_MAX		(256u << 10)	/* bytes of payload */

struct trace_header {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint32_t wire_version;
	uint32_t semantics;
	uint64_t seed;
	uint64_t start_realtime_ns;
	uint64_t start_monotonic_ns;
	char release[64];	/* NUL-padded */
	uint64_t hash;		/* xxh3 of all members above */
};

struct trace_block {
	uint32_t magic;
	uint32_t bytes;		/* size of the payload */
	uint32_t records;
	uint32_t number;	/* 0, 1, ... */
	uint64_t hash;		/* checksum() of the payload, seeded with the members above */
};

_Static_assert(sizeof(struct trace_header) == 120, "trace_header");
_Static_assert(sizeof(struct trace_block) == 24, "trace_block");

static inline uint64_t trace_header__hash(const struct trace_header *h)
{
	return XXH3_64bits(h, offsetof(struct trace_header, hash));
}

static inline uint64_t trace_block__hash(const struct trace_block *b,
					 const void *payload)
{
	uint64_t seed = checksum(b, offsetof(struct trace_block, hash), ~0ULL);

	return checksum(payload, b->bytes, seed);
}

#endif /* LOADER_TRACE_TRACE_FORMAT_H */
