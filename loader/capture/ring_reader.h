/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the records in the memory of a ring (bpf/ring_shape.h), wherever that is mapped.
 */
#ifndef LOADER_CAPTURE_RING_READER_H
#define LOADER_CAPTURE_RING_READER_H

#include <stdint.h>

#include "loader/capture/ring.h"
#include "bpf/ring_shape.h"

#define RING_CHUNK_BYTES	(RING_CHUNK + RING_RECORD_MAX)

struct ring_reader {
	char *chunks;			/* RING_CHUNK_BYTES each */
	uint64_t last_chunk;		/* number of chunks - 1, which is a mask */
	__u64 *ends;			/* enum ring_end */
};

/* Reads like ring__read(). */
int ring_reader__read(struct ring_reader *reader, ring_take *take, void *context);

#endif /* LOADER_CAPTURE_RING_READER_H */
