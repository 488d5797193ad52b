/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the names of the living processes by their level 0 numbers, shown or not, so that
 * the parent of a process can be named.
 */
#ifndef LOADER_VIEW_ROSTER_H
#define LOADER_VIEW_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/lib/table.h"
#include "loader/model/state.h"

/* All zero: nobody is known. */
struct roster {
	struct table names;	/* by task->tgid */
};

/* A process in relation to another one: a parent, a tracer. */
struct kin {
	int32_t tgid;		/* its number at level 0; 0: none, or not known */
	uint32_t ns;		/* inum of its namespace, 0: not known */
	char comm[WIRE_COMM_LEN];	/* "": not known */
};

static inline bool kin__is_named(const struct kin *kin)
{
	return kin->comm[0];
}

/* Applies a kernel record: adds and renames the process, or forgets a released one. */
void roster__record(struct roster *r, const struct model_view *v);
void roster__clear(struct roster *r);

/* Sets the name of @kin if the process is known and lives. Returns false if not. */
bool roster__name(const struct roster *r, struct kin *kin);

#endif /* LOADER_VIEW_ROSTER_H */
