/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes room in the ring buffer, and hands finished records to the loader.
 *
 * The ring is an array that the loader maps into its memory (ring_shape.h), because
 * reserving and submitting a record in a BPF_MAP_TYPE_RINGBUF takes 300 instructions,
 * more than to fill the record. Room is taken by one atomic instruction, which also
 * orders the records of all CPUs. A program that is interrupted before it submits its
 * record holds up the loader, but no other program.
 *
 * A BPF_MAP_TYPE_RINGBUF wakes the loader when the ring gets full. It has no data.
 */
#ifndef BPF_RING_H
#define BPF_RING_H

#include "ring_shape.h"

/* Settings, fixed at load. */
const volatile __u32 ring_last_chunk;	/* number of chunks - 1, which is a mask */
const volatile __u64 ring_bytes;	/* size: at most RING_CHUNK for each chunk */
const volatile __u64 wakeup_bytes;	/* wake the loader at this fill level */

struct ring_chunk {
	__u8 bytes[RING_CHUNK + RING_RECORD_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);		/* the loader sets the number of chunks */
	__type(key, u32);
	__type(value, struct ring_chunk);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);	/* the loader sets a page */
} wakeups SEC(".maps");

__u64 ring_ends[RING_ENDS] SEC(".data.ring") = {};

#define NO_ROOM		(~0ULL)

/*
 * A try fails if a program on another CPU, or in an interrupt, takes room between the two
 * steps. On a machine with many busy CPUs, that may happen to many tries in a row.
 */
#define RING_TRIES	256

#define TRY_AGAIN	(~1ULL)

static __always_inline u64 ring__try(u32 size)
{
	volatile u64 *ends = ring_ends;
	u64 consumed = ends[RING_CONSUMED];	/* first: never ahead of begin */
	u64 begin = ends[RING_PRODUCED];

	if (begin + size - consumed > ring_bytes)
		return NO_ROOM;
	return __sync_val_compare_and_swap(&ends[RING_PRODUCED], begin,
					   begin + size) == begin ?
	       begin : TRY_AGAIN;
}

struct ring_tries {
	u64 position;
	u32 size;
};

static long ring__step(u32 i __attribute__((unused)), void *context)
{
	struct ring_tries *t = context;

	t->position = ring__try(t->size);
	return t->position != TRY_AGAIN;
}

/* The verifier would follow each try of a loop, in each program. */
__noinline u64 ring__try_again(u32 size)
{
	struct ring_tries t = { .position = TRY_AGAIN, .size = size };

	bpf_loop(RING_TRIES, ring__step, &t, 0);
	return t.position == TRY_AGAIN ? NO_ROOM : t.position;
}

/*
 * Returns the position of @size bytes of zeroes, or NO_ROOM. The first try is part of the
 * program, which saves a call.
 */
static __always_inline u64 ring__take(u32 size)
{
	u64 position = ring__try(size);

	return position == TRY_AGAIN ? ring__try_again(size) : position;
}

/* Returns the memory at a position, with RING_RECORD_MAX bytes; never NULL. */
static __always_inline void *ring__at(u64 position)
{
	u32 chunk = position / RING_CHUNK & ring_last_chunk;
	struct ring_chunk *found = bpf_map_lookup_elem(&ring, &chunk);

	return found ? found->bytes + position % RING_CHUNK : NULL;
}

__noinline int ring__wake_reader(void)
{
	void *note = bpf_ringbuf_reserve(&wakeups, sizeof(u64), 0);

	/* Without room, the loader has been woken and has not yet begun to read. */
	if (note)
		bpf_ringbuf_discard(note, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/*
 * Submits a record. A wakeup costs more than the record, so the loader polls the ring,
 * and is woken only if it is late. One record of 16 checks that.
 */
static __always_inline void ring__submit(struct wire_hdr *hdr)
{
	bool check = !(hdr->seq & 15);

	asm volatile("" : : : "memory");
	*(volatile __u16 *)&hdr->size = hdr->size & ~RING_BUSY;
	if (check && ring_ends[RING_PRODUCED] - ring_ends[RING_CONSUMED] >=
		     wakeup_bytes)
		ring__wake_reader();
}

#endif /* BPF_RING_H */
