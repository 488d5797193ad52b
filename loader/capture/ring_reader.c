// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the ring in place: a record is handed over where the program wrote it. Then its
 * memory is zeroed, as a program expects, and given back.
 */
#include "loader/capture/ring_reader.h"

#include <string.h>

/*
 * The records that were handed over are zeroed in pieces of this size. Below 2 KiB,
 * memset() uses vectors.
 */
#define GIVE_BACK_BYTES	1024

static struct wire_hdr *ring_reader__at(const struct ring_reader *r, uint64_t position)
{
	uint64_t chunk = position / RING_CHUNK & r->last_chunk;

	return (void *)(r->chunks + chunk * RING_CHUNK_BYTES + position % RING_CHUNK);
}

/* Zeroes the memory of records, up to a position, and gives it back to the programs. */
static void give_back(struct ring_reader *r, uint64_t from, uint64_t to)
{
	if (to == from)
		return;
	memset(ring_reader__at(r, from), 0, to - from);
	__atomic_store_n(&r->ends[RING_CONSUMED], to, __ATOMIC_RELEASE);
}

int ring_reader__read(struct ring_reader *r, ring_take *take, void *context)
{
	uint64_t position = r->ends[RING_CONSUMED], taken = position;
	uint64_t end = __atomic_load_n(&r->ends[RING_PRODUCED], __ATOMIC_ACQUIRE);
	int n = 0, err = 0;

	while (position != end && err >= 0) {
		struct wire_hdr *record = ring_reader__at(r, position);
		size_t size = __atomic_load_n(&record->size, __ATOMIC_ACQUIRE);

		if (!size || size & RING_BUSY)
			break;
		err = take(context, record);
		position += size;
		n++;
		/* The last record of a chunk may end behind the chunk's bytes. */
		if (position - taken >= GIVE_BACK_BYTES ||
		    position / RING_CHUNK != taken / RING_CHUNK) {
			give_back(r, taken, position);
			taken = position;
		}
	}
	give_back(r, taken, position);
	return err < 0 ? err : n;
}
