// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the ring in place: a record is handed over where the program wrote it. Then its
 * memory is zeroed, as a program expects, and given back.
 */
#include "loader/capture/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "bpf/counts.h"
#include "bpf/ring_shape.h"
#include "pidnstrace.skel.h"

/*
 * The records that were handed over are zeroed in pieces of this size. Below 2 KiB,
 * memset() uses vectors.
 */
#define GIVE_BACK_BYTES	1024

#define CHUNK_BYTES	(RING_CHUNK + RING_RECORD_MAX)

struct ring {
	char *chunks;
	size_t mapped;			/* bytes */
	uint64_t last_chunk;		/* number of chunks - 1, which is a mask */
	__u64 *ends;			/* enum ring_end */
	struct ring_buffer *wakeups;
};

/* The sizes of rings are powers of 2. */
static size_t chunks_for(size_t bytes)
{
	return bytes > RING_CHUNK ? bytes / RING_CHUNK : 1;
}

void ring__size_maps(struct pidnstrace_bpf *skel, size_t bytes)
{
	bpf_map__set_max_entries(skel->maps.ring, chunks_for(bytes));
	bpf_map__set_max_entries(skel->maps.wakeups, sysconf(_SC_PAGESIZE));
}

void ring__set_constants(struct pidnstrace_bpf *skel, size_t bytes)
{
	skel->rodata->ring_last_chunk = chunks_for(bytes) - 1;
	skel->rodata->ring_bytes = bytes;
	skel->rodata->wakeup_bytes = bytes / 8;
}

static int ignore_wakeup(void *context, void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	return 0;
}

int ring__open(struct ring **out, struct pidnstrace_bpf *skel)
{
	size_t chunks = bpf_map__max_entries(skel->maps.ring);
	struct ring *r = xcalloc(1, sizeof(*r));
	int err;

	*out = NULL;
	r->last_chunk = chunks - 1;
	r->mapped = chunks * CHUNK_BYTES;
	r->ends = skel->data_ring->ring_ends;
	r->chunks = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
			 bpf_map__fd(skel->maps.ring), 0);
	if (r->chunks == MAP_FAILED) {
		r->chunks = NULL;
		err = -errno;
		goto fail;
	}
	r->wakeups = ring_buffer__new(bpf_map__fd(skel->maps.wakeups),
				      ignore_wakeup, NULL, NULL);
	if (!r->wakeups) {
		err = -errno;
		goto fail;
	}
	*out = r;
	return 0;

fail:
	ring__free(r);
	return err;
}

void ring__free(struct ring *r)
{
	if (!r)
		return;
	ring_buffer__free(r->wakeups);
	if (r->chunks)
		munmap(r->chunks, r->mapped);
	free(r);
}

int ring__fd(const struct ring *r)
{
	return ring_buffer__epoll_fd(r->wakeups);
}

static struct wire_hdr *ring__at(const struct ring *r, uint64_t position)
{
	uint64_t chunk = position / RING_CHUNK & r->last_chunk;

	return (void *)(r->chunks + chunk * CHUNK_BYTES + position % RING_CHUNK);
}

/* Zeroes the memory of records, up to a position, and gives it back to the programs. */
static void give_back(struct ring *r, uint64_t from, uint64_t to)
{
	if (to == from)
		return;
	memset(ring__at(r, from), 0, to - from);
	__atomic_store_n(&r->ends[RING_CONSUMED], to, __ATOMIC_RELEASE);
}

int ring__read(struct ring *r, ring_take *take, void *context)
{
	uint64_t position = r->ends[RING_CONSUMED], taken = position;
	uint64_t end = __atomic_load_n(&r->ends[RING_PRODUCED], __ATOMIC_ACQUIRE);
	int n = 0, err = ring_buffer__consume(r->wakeups);

	while (position != end && err >= 0) {
		struct wire_hdr *record = ring__at(r, position);
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
