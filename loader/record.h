/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - reading the bytes of one record safely.
 */
#ifndef LOADER_RECORD_H
#define LOADER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "../bpf/wire.h"

/*
 * Is there a well-formed record at p, with len bytes left to read? Returns its
 * size, or
 *   -ENODATA  fewer bytes are left than the header or the record needs
 *   -EPROTO   its type is unknown, or size, npids and levels do not agree
 * Only what makes reading safe is checked, not what a kernel would do.
 */
int record__check(const void *p, size_t len);

/* "setns_enter", "meta_stats", ...; "?" for an unknown type. */
const char *record__name(unsigned int type);

/* Bytes of the record's body, header included, images not. 0: unknown type. */
size_t record__body_size(unsigned int type);

/* Image i of a checked record, or NULL when there are fewer. */
const struct wire_pid *record__pid(const struct wire_hdr *rec, unsigned int i);

/* The task a checked record is about, or NULL when its type has none. */
const struct wire_task *record__task(const struct wire_hdr *rec);

/*
 * How many of img->upid[] may be read: level + 1, but never more than the
 * record has slots (an image of stale memory holds anything); 0 when there was
 * no struct pid or an ERR_PTR.
 */
unsigned int record__levels(const struct wire_hdr *rec,
			    const struct wire_pid *img);

/* Is it a pointer that alloc_pid() and the like return for an error? */
static inline bool wire_is_err(__u64 ptr)
{
	return ptr >= (__u64)-4095;
}

#endif /* LOADER_RECORD_H */
