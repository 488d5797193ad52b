/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a ring buffer of BPF programs (BPF_MAP_TYPE_RINGBUF).
 */
#ifndef LOADER_CAPTURE_RING_H
#define LOADER_CAPTURE_RING_H

#include <stddef.h>

struct ring;

/* Takes a record. Returns 0, or a negative errno, which ends the read. */
typedef int (*ring_record)(void *context, void *record, size_t size);

/*
 * Maps the ring buffer @fd with @size bytes of data, a power of two. Returns 0 or a
 * negative errno.
 */
int ring__open(int fd, size_t size, ring_record record, void *context, struct ring **out);

/*
 * Hands over the records that are in the ring at the time of the call, up to the first
 * that is not complete. Records that are added meanwhile are left for the next call.
 * Returns the number of records handed over, or the error of ring_record.
 */
long ring__read(struct ring *ring);

void ring__free(struct ring *ring);	/* NULL is legal */

#endif /* LOADER_CAPTURE_RING_H */
