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

/* What a record of one type looks like. */
struct record_layout {
	const char *name;
	__u16 body;		/* bytes, header included */
	__u16 task;		/* offset of the subject's wire_task, or 0 */
	__u8 npids;		/* images behind the body */
};

/* Of the types that the kernel side makes; the others have no images. */
extern const struct record_layout record_layouts[WIRE_KERNEL_TYPES];

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

/* Does the first image of this type tell the subject's numbers from here on? */
bool record__shows_thread_pid(unsigned int type);

/* Is it a pointer that alloc_pid() and the like return for an error? */
static inline bool wire_is_err(__u64 ptr)
{
	return ptr >= (__u64)-4095;
}

/* Image i of a checked record, or NULL when there are fewer. */
static inline const struct wire_pid *record__pid(const struct wire_hdr *rec,
						 unsigned int i)
{
	const char *p = (const char *)rec;

	if (i >= rec->npids)
		return NULL;
	return (const void *)(p + record_layouts[rec->type].body +
			      i * WIRE_PID_SIZE(rec->levels));
}

/* The task a checked record is about, or NULL when its type has none. */
static inline const struct wire_task *record__task(const struct wire_hdr *rec)
{
	if (rec->type >= WIRE_KERNEL_TYPES || !record_layouts[rec->type].task)
		return NULL;
	return (const void *)((const char *)rec +
			      record_layouts[rec->type].task);
}

/*
 * How many of img->upid[] may be read: level + 1, but never more than the
 * record has slots (an image of stale memory holds anything); 0 when there was
 * no struct pid or an ERR_PTR.
 */
static inline unsigned int record__levels(const struct wire_hdr *rec,
					  const struct wire_pid *img)
{
	if (!img->address || wire_is_err(img->address))
		return 0;
	return img->level < rec->levels ? img->level + 1 : rec->levels;
}

#endif /* LOADER_RECORD_H */
