// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has a table of the layout of each record type, and the checks and accessors that
 * follow from the table.
 */
#include "loader/trace/record.h"

#include <errno.h>

#include "loader/trace/links.h"

/* The subject of a body with two tasks is the first task. */
const struct record_layout record_layouts[WIRE_KERNEL_TYPES] = {
#define X(e, name, body, images, properties)				\
	[WIRE_##e] = { name, sizeof(struct wire_##body),		\
		       (properties) & WIRE_SUBJECT ? sizeof(struct wire_hdr) : 0, \
		       images, properties },
	WIRE_TYPES(X)
#undef X
};

static const struct record_layout meta_layouts[WIRE_META_LAST - WIRE_META] = {
#define X(e, name, body)						\
	[WIRE_##e - WIRE_META] = { name, sizeof(struct wire_##body), 0, 0, 0 },
	WIRE_METAS(X)
#undef X
};

static const struct record_layout *layout_of(unsigned int type)
{
	if (type < WIRE_KERNEL_TYPES)
		return &record_layouts[type];
	if (type >= WIRE_META && type < WIRE_META_LAST)
		return &meta_layouts[type - WIRE_META];
	return NULL;
}

static int check_links(const struct wire_links_pid *links, size_t len)
{
	if ((links->hdr.type != WIRE_ATTACH_PID &&
	     links->hdr.type != WIRE_DETACH_PID) ||
	    links->hdr.size != sizeof(*links))
		return -EPROTO;
	if (len < sizeof(*links))
		return -ENODATA;
	if (!links->n || links->n > WIRE_PIDTYPES)
		return -EPROTO;
	return sizeof(*links);
}

int record__check(const void *p, size_t len)
{
	const struct wire_hdr *rec = p;
	const struct record_layout *l;
	size_t want;

	if (len < sizeof(*rec))
		return -ENODATA;
	l = layout_of(rec->type);
	if (!l || rec->npids != l->npids || rec->levels > WIRE_MAX_LEVELS ||
	    (l->npids && !rec->levels))
		return -EPROTO;
	if (links__are(rec))
		return check_links(p, len);
	want = l->body + l->npids * WIRE_PID_SIZE(rec->levels);
	if (rec->size != want)
		return -EPROTO;
	if (len < want)
		return -ENODATA;
	return (int)want;
}

const char *record__name(unsigned int type)
{
	const struct record_layout *l = layout_of(type);

	return l ? l->name : "?";
}

size_t record__body_size(unsigned int type)
{
	const struct record_layout *l = layout_of(type);

	return l ? l->body : 0;
}

uint64_t record__cgroup(const struct wire_hdr *rec)
{
	switch (rec->type) {
	case WIRE_FORK:
		return ((const struct wire_fork *)rec)->cgroup;
	case WIRE_EXEC:
		return ((const struct wire_exec *)rec)->cgroup;
	case WIRE_SWEEP_TASK:
		return ((const struct wire_sweep_task *)rec)->cgroup;
	case WIRE_CGROUP_MOVE:
		return ((const struct wire_cgroup_move *)rec)->cgroup;
	}
	return 0;
}
