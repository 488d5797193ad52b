/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the records that the BPF programs put into the ring (bpf/ring_shape.h).
 */
#ifndef LOADER_CAPTURE_RING_H
#define LOADER_CAPTURE_RING_H

#include <stddef.h>
#include <linux/types.h>

#include "bpf/wire.h"

struct pidnstrace_bpf;
struct ring;

/* Chooses the size of the maps, before they are created. */
void ring__size_maps(struct pidnstrace_bpf *skel, size_t bytes);

/* Sets the constants of the programs, before they are loaded. */
void ring__set_constants(struct pidnstrace_bpf *skel, size_t bytes);

/* Maps the ring. Returns 0 or a negative errno. */
int ring__open(struct ring **out, struct pidnstrace_bpf *skel);
void ring__free(struct ring *ring);	/* NULL is legal */

/* Returns the fd that becomes readable when an eighth of the ring is used. */
int ring__fd(const struct ring *ring);

typedef int ring_take(void *context, const struct wire_hdr *record);

/*
 * Hands over the records that are in the ring now, up to the first unfinished one; not
 * those that come meanwhile. Returns their number, or the error of @take.
 */
int ring__read(struct ring *ring, ring_take *take, void *context);

#endif /* LOADER_CAPTURE_RING_H */
