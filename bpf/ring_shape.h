/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the memory that the programs and the loader share as a ring buffer.
 *
 * A position counts bytes from the begin of the session and never wraps. The ring's
 * memory is an array of chunks; position P is at byte P % RING_CHUNK of chunk
 * P / RING_CHUNK, modulo the number of chunks. Behind its RING_CHUNK bytes, each chunk
 * has room for the end of the record that begins last in it, so a record is always in
 * one piece. The next record then begins at its position in the next chunk, whose first
 * bytes stay unused.
 *
 * From the consumed position on, up to the size of the ring, the memory is all zeroes
 * except for records. hdr.size shows the state of a record: 0, not begun; with RING_BUSY,
 * not finished.
 */
#ifndef BPF_RING_SHAPE_H
#define BPF_RING_SHAPE_H

#define RING_CHUNK	65536
#define RING_RECORD_MAX	8192
#define RING_BUSY	0x8000	/* in hdr.size */

/* Indices of two positions in ring_ends[], each in a cache line of its own. */
enum ring_end {
	RING_PRODUCED = 0,	/* the programs' next record begins here */
	RING_CONSUMED = 8,	/* the loader's next record begins here */
	RING_ENDS = 16,
};

#endif /* BPF_RING_SHAPE_H */
