/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives safe access to the bytes of one record. record__check() must accept the record
 * first.
 */
#ifndef LOADER_TRACE_RECORD_H
#define LOADER_TRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "bpf/wire.h"

/* The layout of the records of one type. */
struct record_layout {
	const char *name;
	__u16 body;		/* bytes, header included */
	__u16 task;		/* offset of the subject's wire_task, or 0 */
	__u8 npids;		/* images after the body */
	__u8 properties;	/* WIRE_SUBJECT, ... */
};

/* The types that the kernel side makes; the loader's types have no images. */
extern const struct record_layout record_layouts[WIRE_KERNEL_TYPES];

/*
 * Checks that a well-formed record is at p, with len bytes left to read. Returns its
 * size, or
 *   -ENODATA  fewer bytes are left than the header or the record needs
 *   -EPROTO   the type is unknown, or size, npids and levels do not agree
 * The check makes reading safe; the values may still be impossible in a real kernel.
 */
int record__check(const void *p, size_t len);

/* Returns "setns_enter", "meta_stats", ...; "?" for an unknown type. */
const char *record__name(unsigned int type);

/* Returns the bytes of the body, with header, without images. 0: unknown type. */
size_t record__body_size(unsigned int type);

/* Returns the id of the subject's cgroup, 0: the record has none. */
uint64_t record__cgroup(const struct wire_hdr *rec);

/* Returns whether a type made by the kernel side has one of these properties. */
static inline bool record__has(unsigned int type, unsigned int properties)
{
	return record_layouts[type].properties & properties;
}

/* True for an ERR_PTR, as alloc_pid() and others return. */
static inline bool wire_is_err(__u64 ptr)
{
	return ptr >= (__u64)-4095;
}

/* Returns the errno of a failed call; -1 if what it returned is no error. */
static inline int wire_errno(__s64 ret)
{
	return wire_is_err(ret) ? -(int)ret : -1;
}

/* Returns image i of a checked record, or NULL if the record has fewer. */
static inline const struct wire_pid *record__pid(const struct wire_hdr *rec,
						 unsigned int i)
{
	const char *p = (const char *)rec;

	if (i >= rec->npids)
		return NULL;
	return (const void *)(p + record_layouts[rec->type].body +
			      i * WIRE_PID_SIZE(rec->levels));
}

/* Returns the subject of a checked record, or NULL if the type has none. */
static inline const struct wire_task *record__task(const struct wire_hdr *rec)
{
	if (rec->type >= WIRE_KERNEL_TYPES || !record_layouts[rec->type].task)
		return NULL;
	return (const void *)((const char *)rec +
			      record_layouts[rec->type].task);
}

/*
 * Returns how many of img->upid[] may be read: level + 1, but never more than the
 * record has slots (an image of stale memory may have any level); 0 for NULL and for
 * an ERR_PTR.
 */
static inline unsigned int record__levels(const struct wire_hdr *rec,
					  const struct wire_pid *img)
{
	if (!img->address || wire_is_err(img->address))
		return 0;
	return img->level < rec->levels ? img->level + 1 : rec->levels;
}

#endif /* LOADER_TRACE_RECORD_H */
