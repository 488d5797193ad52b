/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census_parts.h - what the files of the census share; nobody else includes it.
 */
#ifndef LOADER_CENSUS_PARTS_H
#define LOADER_CENSUS_PARTS_H

#include <stdint.h>
#include "census.h"
#include "model.h"

/* What is counted of a namespace: X(enum, column, key in JSON) */
#define CENSUS_COUNTS(X)						\
	X(PROCESSES,	"PROCESSES",	"processes")	/* seen in it */	\
	X(PEAK,		"PEAK",		"peak")		/* at once */		\
	X(FORKS,	"FORKS",	"forks")	/* processes born in it */	\
	X(EXECS,	"EXECS",	"execs")	/* by those in it */	\
	X(EXITS,	"EXITS",	"exits")				\
	X(WAITS,	"WAITS",	"waits")	/* reaped by those in it */	\
	X(SETNS,	"SETNS",	"setns")	/* calls by those in it */	\
	X(ERRORS,	"ERRORS",	"errors")	/* ... that failed */	\
	X(JOINS,	"JOINS",	"joins")	/* moved into it */	\
	X(REWRITES,	"REWRITES",	"rewrites")	/* change_pid() of those in it */

enum census_count {
#define X(e, column, key) CENSUS_##e,
	CENSUS_COUNTS(X)
#undef X
	CENSUS_NCOUNTS,
};

/* A process, as long as it is in one namespace. */
enum stay_end {
	STAY_GOES_ON,
	STAY_EXITED,	/* a zombie */
	STAY_REAPED,
	STAY_LEFT,	/* by a setns that moved it */
};

struct stay {
	struct stay *next;	/* in the order in which they began */
	struct census_place *place;
	uint32_t levels;
	int32_t *nr;		/* at every level */
	char comm[WIRE_COMM_LEN];
	unsigned int threads;	/* besides the leader */
	enum stay_end end;
	bool joined;		/* came by a setns, not by birth */
	int32_t exit_code;
	/* REAPED: by whom, pid 0: nobody. LEFT: where it went. */
	char by[WIRE_COMM_LEN];
	int32_t by_pid;
	uint32_t to;
};

/* A namespace, from its making to its end. */
struct census_place {
	struct census_place *up;	/* its parent; the top has none */
	struct census_place *sibling;	/* the next one made of the same parent */
	struct census_place *child, *last_child;
	struct census_place *next_gone;
	uint32_t inum;
	uint32_t parent;		/* inum, 0: none or not known */
	uint32_t level;
	bool gone;
	uint64_t counts[CENSUS_NCOUNTS];
	uint64_t alive;
	struct stay *first, *last;
	unsigned int ended;		/* of those kept */
	uint64_t dropped;		/* ended, and not kept */
};

struct census {
	struct census_place top;	/* above those whose parent was not seen */
	struct census_place *gone, *last_gone;	/* in the order of their ends */
	struct table places;		/* by inum, those that are not gone */
	struct table stays;		/* by signal_struct, those that go on */
	unsigned int nplaces;
	uint64_t dropped;		/* namespaces that were not kept */
};

extern const char *const census_columns[CENSUS_NCOUNTS];
extern const char *const census_keys[CENSUS_NCOUNTS];

#endif /* LOADER_CENSUS_PARTS_H */
