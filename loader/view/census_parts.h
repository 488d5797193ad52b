/* SPDX-License-Identifier: GPL-2.0-only */
/* Has the definitions that only census.c and the census_*.c files share. */
#ifndef LOADER_VIEW_CENSUS_PARTS_H
#define LOADER_VIEW_CENSUS_PARTS_H

#include <stdint.h>
#include <sys/queue.h>
#include "loader/model/model.h"
#include "loader/view/census.h"
#include "loader/view/roster.h"

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
	TAILQ_ENTRY(stay) next_over;
	struct census_place *place;
	char comm[WIRE_COMM_LEN];
	struct kin parent;	/* its real_parent */
	struct kin tracer;	/* GOES_ON, EXITED: the process that traces it */
	unsigned int threads;	/* besides the leader */
	enum stay_end end;
	bool joined;		/* began with a setns, not with a fork */
	bool dying;		/* GOES_ON: is killed or exits, with exit_code */
	bool zapping;		/* an init that waits in zap_pid_ns_processes() */
	bool leaderless;	/* the leader has exited, and other threads have not */
	uint64_t cgroup;	/* id, 0: not known */
	uint32_t children_ns;	/* GOES_ON: where its children will be, 0: not known */
	int32_t exit_code;	/* the process's, as wait4() returns it */
	struct model_killer *killer;	/* owned; NULL: not killed, or not known */
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
	unsigned int depth;		/* places above it */
	bool gone;
	uint64_t counts[CENSUS_NCOUNTS];
	uint64_t alive;
	TAILQ_HEAD(, stay) stays;
	TAILQ_HEAD(, stay) over;	/* those that ended, in the order of their ends */
	struct stay *init;		/* has number 1, in stays; NULL: not seen */
	unsigned int ended;		/* ended stays in the list */
	uint64_t dropped;		/* ended stays no longer in the list */
};

struct census {
	const struct model *model;
	struct roster roster;
	struct census_place top;	/* above namespaces whose parent was not seen */
	TAILQ_HEAD(, census_place) gone;	/* in the order of their ends */
	struct table places;		/* by inum, those that are not gone */
	struct table stays;		/* by signal_struct, those not ended */
	unsigned int nplaces;
	uint64_t dropped;		/* number of namespaces dropped */
};

/*
 * Returns the namespace after p, which is root at first, below root, or NULL: a parent
 * before its children, and children in the order of creation. *depth is -1 at first.
 */
static inline const struct census_place *place__next(const struct census_place *root,
						     const struct census_place *p,
						     int *depth)
{
	if (!TAILQ_EMPTY(&p->children)) {
		++*depth;
		return TAILQ_FIRST(&p->children);
	}
	for (; p != root; p = p->up, --*depth)
		if (TAILQ_NEXT(p, sibling))
			return TAILQ_NEXT(p, sibling);
	return NULL;
}

/* --- census_state.c: what a process is and does at the moment --- */

/* Sets the real_parent of a process, from the address of a task. */
void stay__set_parent(const struct census *c, struct stay *s, uint64_t task);
/* The same, from the level 0 number of its process. */
void stay__set_parent_tgid(const struct census *c, struct stay *s, int32_t tgid,
			   uint32_t ns);
/* Applies a visit of the process by a sweep. */
void stay__visit(const struct census *c, struct stay *s, const struct wire_sweep_task *r);
/* Applies a ZAP_ENTER or ZAP_EXIT: the init of the namespace waits, or has waited. */
void stay__zap(const struct census *c, const struct wire_pidns *r);

/* Returns a relative with its present name; tgid 0: none is known. */
struct kin stay__kin(const struct census *c, const struct stay *s, const struct kin *kin);

/*
 * Calls fn for each process that an init in zap_pid_ns_processes() waits for: the living
 * and the zombies that have a number in its namespace.
 */
typedef void stay_fn(const struct stay *s, void *arg);
void stay__each_awaited(const struct stay *init, stay_fn *fn, void *arg);

/* --- census_row.c: the row of a process --- */

void stay__text(const struct census *c, const struct stay *s, int depth, FILE *out);
struct json_t *stay__json(const struct census *c, const struct stay *s);

#endif /* LOADER_VIEW_CENSUS_PARTS_H */
