// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps the ring that the BPF programs fill, and takes their wakeups. A wakeup that is
 * not taken keeps the fd readable.
 */
#include "loader/capture/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/memory.h"
#include "loader/capture/ring_reader.h"
#include "bpf/counts.h"
#include "pidnstrace.skel.h"

struct ring {
	struct ring_reader reader;
	size_t mapped;			/* bytes */
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
	r->reader.last_chunk = chunks - 1;
	r->mapped = chunks * RING_CHUNK_BYTES;
	r->reader.ends = skel->data_ring->ring_ends;
	r->reader.chunks = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
				bpf_map__fd(skel->maps.ring), 0);
	if (r->reader.chunks == MAP_FAILED) {
		r->reader.chunks = NULL;
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
	if (r->reader.chunks)
		munmap(r->reader.chunks, r->mapped);
	free(r);
}

int ring__fd(const struct ring *r)
{
	return ring_buffer__epoll_fd(r->wakeups);
}

int ring__read(struct ring *r, ring_take *take, void *context)
{
	/*
	 * Wakeups are taken first. One that comes later, whose records this call may not
	 * reach, keeps the fd readable. Without a wakeup, this takes 50 instructions.
	 */
	int err = ring_buffer__consume(r->wakeups);

	return err < 0 ? err : ring_reader__read(&r->reader, take, context);
}
