/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes.h - what a viewer of trace events shows: tasks ("threads") in pid
 * namespaces ("processes"), and the slices of what they are in the midst of.
 *
 * Viewers number processes and threads, and take a number for the same one all
 * the time. Pids are what changes here, and inums are used again: so both are
 * numbered anew, by one counter (a thread with its process's number would be
 * its main thread). A task keeps its number when it moves to another namespace.
 * What is gone is dropped.
 */
#ifndef LOADER_LANES_H
#define LOADER_LANES_H

#include <stdbool.h>
#include "record.h"
#include "table.h"
#include "trace_event.h"

/* A pid namespace. */
struct lane_group {
	uint32_t inum, parent, level;
	bool level_known;
	bool gone;		/* no longer found; dropped with its last lane */
	uint64_t address;	/* 0: not known */
	uint64_t pid;		/* its number in the viewer */
	uint64_t lanes;		/* in it */
	int64_t live;		/* of them, tasks that have not exited */
};

/* What a task is in the midst of, the outer first. */
enum slice {
	SLICE_LIFE,		/* in its namespace, under its numbers */
	SLICE_PROGRAM,
	SLICE_EXITED,		/* not reaped yet */
	SLICE_SETNS,
	SLICE_ZAP,
	SLICES,
};

struct lane {
	uint64_t task, start;	/* the key */
	uint64_t tid;		/* its number in the viewer */
	struct lane_group *group;
	bool exited;
	bool leaves;		/* the arrow to where it goes has begun */
	int32_t pid;		/* task->pid */
	uint32_t levels;	/* filled ones of nr[]; 0: not known */
	int32_t nr[WIRE_MAX_LEVELS];
	char comm[WIRE_COMM_LEN];
	enum slice open[SLICES];
	unsigned int nopen;
};

struct lanes {
	struct trace_event_writer *w;
	struct table lanes;	/* by task */
	struct table groups;	/* by inum */
	struct table buried;	/* by address: another has the inum */
	uint64_t last;		/* number given out */
	uint64_t last_flow;
	struct lane_group *initial;	/* the machine's own namespace */
};

void lanes__init(struct lanes *l, struct trace_event_writer *w);
void lanes__free(struct lanes *l);

/* --- namespaces --- */

/* The living one of this inum, made known if it is not. */
struct lane_group *lanes__group(struct lanes *l, uint32_t inum);
/* A new one: who had its inum has not any more. */
struct lane_group *lanes__group_new(struct lanes *l, const struct wire_pidns *r);
/* By address where that is known. NULL: never heard of. */
struct lane_group *lanes__group_find(struct lanes *l,
				     const struct wire_pidns *r);
void lanes__group_gone(struct lanes *l, struct lane_group *g);

/* --- tasks --- */

/* NULL: not known. */
struct lane *lanes__find(const struct lanes *l, uint64_t task, uint64_t start);

/*
 * The lane of a task as this record shows it, made known if it is not. It does
 * not move: see lane__settle().
 */
struct lane *lanes__see(struct lanes *l, const struct wire_hdr *rec,
			const struct wire_task *t);

/* One of which no record of its own came. */
struct lane *lanes__bare(struct lanes *l, uint64_t task, uint64_t start,
			 int32_t pid, uint32_t ns);

/*
 * Its numbers as image img shows them: if they are others, or of another
 * namespace, one life ends and another begins, there.
 */
void lane__settle(struct lanes *l, struct lane *lane,
		  const struct wire_hdr *rec, const struct wire_pid *img);

/* Before that: where the arrow to there begins, if it is not to be at its end. */
void lane__leave(struct lanes *l, struct lane *lane,
		 const struct wire_hdr *rec, const struct wire_pid *img);

/* It runs another program. */
void lane__exec(struct lanes *l, struct lane *lane, const char *comm);
void lane__exit(struct lanes *l, struct lane *lane);
void lane__drop(struct lanes *l, struct lane *lane);

/* comm[815,7], for the inside of a string of JSON */
void lane__name(const struct lane *lane, struct buf *t);

/* --- slices --- */

/* The event is left open for arguments: trace_event__end() it. */
void lane__begin(struct lanes *l, struct lane *lane, enum slice s);
/*
 * Ends what is inside of the innermost s, and begins the event that ends s
 * itself, for arguments. False: there is none.
 */
bool lane__end(struct lanes *l, struct lane *lane, enum slice s);

/*
 * One end of an arrow: from what one task is in the midst of (ph 's') to what
 * the next one to be called with 'f' is.
 */
void lane__flow(struct lanes *l, const struct lane *lane, const char *name,
		char ph);

/* Ends all that is open. */
void lanes__end_all(struct lanes *l);

#endif /* LOADER_LANES_H */
