/* SPDX-License-Identifier: GPL-2.0-only */
/* Has the definitions that only census.c and census_print.c share. */
#ifndef LOADER_VIEW_CENSUS_PARTS_H
#define LOADER_VIEW_CENSUS_PARTS_H

#include <stdint.h>
#include <sys/queue.h>
#include "loader/model/model.h"
#include "loader/view/census.h"

/* Counters of a namespace: X(enum, which is also the column; key in JSON) */
#define CENSUS_COUNTS(X)						\
	X(PROCESSES,	"processes")	/* members seen */		\
	X(PEAK,		"peak")		/* most members at once */	\
	X(FORKS,	"forks")	/* new processes */		\
	X(EXECS,	"execs")	/* by members */		\
	X(EXITS,	"exits")					\
	X(WAITS,	"waits")	/* children reaped by members */ \
	X(SETNS,	"setns")	/* calls by members */		\
	X(ERRORS,	"errors")	/* failed calls */		\
	X(JOINS,	"joins")	/* processes moved into it */	\
	X(REWRITES,	"rewrites")	/* change_pid() of members */

enum census_count {
#define X(e, key) CENSUS_##e,
	CENSUS_COUNTS(X)
#undef X
	CENSUS_NCOUNTS,
};

/* How the stay of a process in one namespace ended. */
enum stay_end {
	STAY_GOES_ON,
	STAY_EXITED,	/* a zombie */
	STAY_REAPED,
	STAY_LEFT,	/* moved away by setns */
};

struct stay {
	TAILQ_ENTRY(stay) next;	/* in the order in which they began */
	struct census_place *place;
	char comm[WIRE_COMM_LEN];
	unsigned int threads;	/* besides the leader */
	enum stay_end end;
	bool joined;		/* began with a setns, not with a fork */
	int32_t exit_code;
	/* REAPED: the reaper, pid 0: not known. LEFT: to, the new namespace. */
	char by[WIRE_COMM_LEN];
	int32_t by_pid;
	uint32_t to;
	uint32_t levels;
	int32_t nr[];		/* number at every level */
};

/* A namespace, from its creation to its end. */
struct census_place {
	struct census_place *up;	/* the parent; NULL for the top */
	TAILQ_ENTRY(census_place) sibling;	/* the next child of the same parent */
	TAILQ_ENTRY(census_place) next_gone;
	TAILQ_HEAD(, census_place) children;
	uint32_t inum;
	uint32_t parent;		/* inum, 0: none or not known */
	uint32_t level;
	bool gone;
	uint64_t counts[CENSUS_NCOUNTS];
	uint64_t alive;
	TAILQ_HEAD(, stay) stays;
	unsigned int ended;		/* ended stays in the list */
	uint64_t dropped;		/* ended stays no longer in the list */
};

struct census {
	struct census_place top;	/* above namespaces whose parent was not seen */
	TAILQ_HEAD(, census_place) gone;	/* in the order of their ends */
	struct table places;		/* by inum, those that are not gone */
	struct table stays;		/* by signal_struct, those not ended */
	unsigned int nplaces;
	uint64_t dropped;		/* number of namespaces dropped */
};

#endif /* LOADER_VIEW_CENSUS_PARTS_H */
