/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Assigns the lanes of a trace event viewer: tasks ("threads") in pid namespaces
 * ("processes"), with slices for the tasks' activities.
 *
 * Viewers identify processes and threads by fixed numbers. Pids change and inums are
 * reused, so one counter renumbers both (a thread with its process's number would be
 * the main thread). A task keeps its number when it moves to another namespace.
 * Released tasks and freed namespaces are dropped.
 */
#ifndef LOADER_EXPORT_TIMELINE_H
#define LOADER_EXPORT_TIMELINE_H

#include <stdbool.h>
#include "loader/export/trace_event.h"
#include "loader/lib/table.h"
#include "loader/trace/record.h"

/* A pid namespace. */
struct lane_group {
	uint32_t inum, parent, level;
	bool level_known;
	bool gone;		/* no longer found; freed with its last lane */
	uint64_t address;	/* 0: not known */
	uint64_t pid;		/* number in the viewer */
	uint64_t lanes;		/* number of lanes in the group */
	int64_t live;		/* number of tasks that have not exited */
};

/* A task's activities, outer slices first. */
enum slice {
	SLICE_LIFE,		/* in one namespace, under the same numbers */
	SLICE_PROGRAM,
	SLICE_EXITED,		/* exited, not reaped yet */
	SLICE_SETNS,
	SLICE_ZAP,
	SLICES,
};

struct lane {
	uint64_t task, start;	/* the key */
	uint64_t tid;		/* number in the viewer */
	struct lane_group *group;
	bool drawn;		/* its slices have begun */
	bool exited;
	bool leaves;		/* the end of its next slice begins an arrow */
	uint64_t flow;		/* the arrow that has begun, or 0 */
	int32_t pid;		/* task->pid */
	uint32_t levels;	/* filled elements of nr[]; 0: not known */
	int32_t nr[WIRE_MAX_LEVELS];
	char comm[WIRE_COMM_LEN];
	enum slice open[SLICES];
	unsigned int nopen;
};

struct timeline {
	struct trace_event_writer *w;
	struct table lanes;	/* by task */
	struct table groups;	/* by inum */
	struct table buried;	/* by address: groups whose inum was reused */
	uint64_t last;		/* last viewer number used */
	uint64_t last_flow;
	struct lane_group *initial;	/* the initial pid namespace */
};

void timeline__init(struct timeline *l, struct trace_event_writer *w);
void timeline__free(struct timeline *l);

/* --- namespaces --- */

/* Returns the live group of this inum; creates the group if necessary. */
struct lane_group *timeline__group(struct timeline *l, uint32_t inum);
/* Creates the group of a new namespace; an older group loses its inum. */
struct lane_group *timeline__group_new(struct timeline *l, const struct wire_pidns *r);
/* Finds a group, by address if known. NULL: unknown namespace. */
struct lane_group *timeline__group_find(struct timeline *l,
				     const struct wire_pidns *r);
void timeline__group_gone(struct timeline *l, struct lane_group *g);

/* --- tasks --- */

/* Returns the lane of a task, or NULL if the task is not known. */
struct lane *timeline__find(const struct timeline *l, uint64_t task, uint64_t start);

/*
 * Returns the lane of the record's subject; creates the lane if necessary. Does not
 * move the lane: see lane__settle(). rec is NULL for a task without a record of its own.
 * timeline__see() also draws the lane.
 */
struct lane *timeline__add(struct timeline *l, const struct wire_hdr *rec,
			const struct wire_task *t);
struct lane *timeline__see(struct timeline *l, const struct wire_hdr *rec,
			const struct wire_task *t);

/* Begins the first slices of a new lane; does nothing for one that was drawn. */
void lane__draw(struct timeline *l, struct lane *lane);

/*
 * Takes the numbers of image img. If the numbers or the namespace differ, one
 * SLICE_LIFE ends and the next begins in the image's namespace.
 */
void lane__settle(struct timeline *l, struct lane *lane,
		  const struct wire_hdr *rec, const struct wire_pid *img);

/*
 * Lets the arrow to the image's namespace begin in the lane's innermost slice, earlier
 * than lane__settle() does.
 */
void lane__leave(struct timeline *l, struct lane *lane,
		 const struct wire_hdr *rec, const struct wire_pid *img);

/* Begins a slice for the new program. */
void lane__exec(struct timeline *l, struct lane *lane, const char *comm);
void lane__rename(struct timeline *l, struct lane *lane, const char *comm);
void lane__exit(struct timeline *l, struct lane *lane);
void lane__drop(struct timeline *l, struct lane *lane);

/* Writes "comm[815,7]" */
void lane__name(const struct lane *lane, struct buf *t);

/* --- slices --- */

/* Begins a slice. The event is open for arguments. */
void lane__begin(struct timeline *l, struct lane *lane, enum slice s);
/*
 * Ends the innermost slice s and those inside; the event that ends s is open for
 * arguments. Returns false if no such slice is open.
 */
bool lane__end(struct timeline *l, struct lane *lane, enum slice s);

/*
 * Makes the open event the beginning of an arrow, and returns the arrow's number; or the
 * end of the arrow with that number.
 */
uint64_t timeline__flow_out(struct timeline *l, const char *name);
void timeline__flow_in(struct timeline *l, const char *name, uint64_t flow);

/* Ends all open slices. */
void timeline__end_all(struct timeline *l);

#endif /* LOADER_EXPORT_TIMELINE_H */
