/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes single records of one that has several calls of attach_pid() or detach_pid()
 * (struct wire_links_pid).
 */
#ifndef LOADER_TRACE_LINKS_H
#define LOADER_TRACE_LINKS_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/wire.h"

struct record_sink;

static inline bool links__are(const struct wire_hdr *rec)
{
	return rec->flags & WIRE_F_LINKS;
}

/* Returns the number of calls in a record; of any other record, 1. */
static inline unsigned int links__count(const struct wire_hdr *rec)
{
	return links__are(rec) ? ((const struct wire_links_pid *)rec)->n : 1;
}

/* Returns the types of a record's calls, as a mask. The record may have a single call. */
static inline unsigned int links__types(const struct wire_hdr *rec)
{
	const struct wire_links_pid *links = (const void *)rec;
	unsigned int types = 0;

	if (!links__are(rec))
		return 1u << ((const struct wire_link_pid *)rec)->pidtype %
			     WIRE_PIDTYPES;
	for (unsigned int i = 0; i < links->n; i++)
		types |= 1u << links->pidtype[i] % WIRE_PIDTYPES;
	return types;
}

/*
 * Returns whether a record of several links has at most one call for this type of a struct
 * pid. Sets *at to the position of the call, or to 0 if there is none.
 */
static inline bool links__position(const struct wire_links_pid *links,
				   unsigned int pidtype, unsigned int *at)
{
	unsigned int found = 0;

	*at = 0;
	for (unsigned int i = 0; i < links->n; i++) {
		if (links->pidtype[i] != pidtype)
			continue;
		*at = i;
		found++;
	}
	return found <= 1;
}

/* Makes the record of call @i, which is below the number of calls. */
void links__call(const struct wire_links_pid *links, unsigned int i,
		 struct wire_link_pid *call);

/* Passes the calls of such a record on, one by one. Returns the first error. */
int links__pass_on(struct record_sink *sink, const struct wire_hdr *rec);

#endif /* LOADER_TRACE_LINKS_H */
