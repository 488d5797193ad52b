/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the pairs, for its own files. */
#ifndef LOADER_JUDGE_PAIRS_STATE_H
#define LOADER_JUDGE_PAIRS_STATE_H

#include <stdbool.h>

#include "loader/judge/pairs.h"
#include "loader/lib/pool.h"
#include "loader/lib/table.h"
#include "loader/model/model.h"

/* A release_task() in progress. A task makes one at a time. */
struct release {
	uint64_t task;		/* the dead task, 0: none yet */
	uint64_t signal;	/* its process */
	uint64_t pid;		/* its struct pid */
	uint64_t record;
	uint8_t due;		/* types from which it must still be detached */
	bool flush_due;
};

/*
 * What a task has begun, by the address of the task alone: the thread that execs has
 * another start time from exchange_tids() on.
 */
struct actor {
	uint64_t task;		/* the key */
	uint64_t signal;	/* the process, 0: not known */
	uint64_t nsproxy;	/* as last shown, 0: not known */
	uint64_t forked;	/* record of its fork, 0: not seen */
	bool whole;		/* what it begins now is recorded from the begin */
	bool exited;
	bool gone;		/* released, or its release was missed */
	bool leader;
	bool kernel;		/* a kernel thread, which no sweep visits */
	/* the fork in progress */
	uint64_t allocated;	/* struct pid */
	uint64_t child;
	uint8_t attached;	/* types */
	/* the exec in progress, by a thread that is not the leader */
	uint8_t exchanged, transferred;
	uint32_t stack;		/* type of the record that its last stack is for */
	uint64_t waited;	/* the task that it last considered in wait4() */
	uint32_t visited;	/* id of the last sweep that visited it */
	uint8_t notify;		/* enum notify_kind of its exit */
	bool notified;
	struct release release;
};

/*
 * Kinds of exits of which either all or none call do_notify_pidfd() out of line,
 * because one place in the kernel's source makes the call.
 */
enum notify_kind {
	NOTIFY_NONE,		/* not known */
	NOTIFY_ALONE,		/* the only thread of a process */
	NOTIFY_THREAD,		/* a thread that is not the leader */
	NOTIFY_KINDS,
};

/* The process group or the session of a process. */
struct membership {
	uint64_t now, before;
	/* A value that was shown before its change_pid() was recorded, and where. */
	uint64_t early, early_record;
};

#define MEMBERSHIPS	(WIRE_PIDTYPES - WIRE_PGID)

/* A process, by its signal_struct. */
struct process {
	uint64_t signal;	/* the key */
	struct membership in[MEMBERSHIPS];	/* PGID, SID */
};

struct pairs {
	const struct model *model;
	struct pair_gap gap[PAIRS_N];
	struct table actors;		/* struct actor by task */
	struct actor *last_actor;	/* the last one found, or NULL */
	struct table processes;		/* struct process by signal */
	struct process *last_process;	/* the last one found, or NULL */
	struct pool free_actors, free_processes;
	struct table fork_pids;		/* struct pids allocated outside setns */
	struct table timed_pids;	/* struct pids with a recorded TIMER_LOCK */
	struct table namespaces;	/* pid namespaces made, by address */
	/* the sweep in progress */
	uint32_t sweep;			/* id, 0: none */
	uint64_t sweep_begin;		/* record */
	uint32_t visits;
	uint32_t loader_ns;		/* innermost namespace of pidnstrace, 0: unknown */
	bool loader_visited;
	uint64_t walked;		/* record of the last walk over all actors */
	struct pair_gap notified[NOTIFY_KINDS];
};

/* Counts a pair, which is whole or not, as this record shows. */
static inline void pairs__check(struct pairs *p, enum pair pair, bool whole,
				uint64_t record)
{
	if (whole)
		p->gap[pair].whole++;
	else if (!p->gap[pair].count++)
		p->gap[pair].first = record;
}

static inline void pairs__miss(struct pairs *p, enum pair pair, uint64_t record)
{
	pairs__check(p, pair, false, record);
}

/* Returns whether the subject of the record is the task that made it. */
static inline bool is_own(const struct model_view *v)
{
	return v->task && v->task->task == v->rec->current_task;
}

/* Handles a record. Each file has a table of these functions by type. */
typedef void pairs_step(struct pairs *p, const struct model_view *v);

/* pairs_tasks.c: forks, execs, exits and releases */

/* Returns an actor that was not the last one found, or NULL. */
struct actor *pairs__look_up_actor(struct pairs *p, uint64_t task);
/* Adds an actor. */
struct actor *pairs__add_actor(struct pairs *p, uint64_t task);

/* Returns the actor, or NULL. */
static inline struct actor *pairs__find_actor(struct pairs *p, uint64_t task)
{
	struct actor *a = p->last_actor;

	return a && a->task == task ? a : pairs__look_up_actor(p, task);
}

/* Returns the actor, which is added if need be. */
static inline struct actor *pairs__actor(struct pairs *p, uint64_t task)
{
	return pairs__find_actor(p, task) ?: pairs__add_actor(p, task);
}

void pairs__task_record(struct pairs *p, const struct model_view *v);
void pairs__task_end(struct pairs *p, uint64_t overdue);

/* pairs_process.c: process groups, sessions, CPU timers */

/* Takes a record that has a subject. */
void pairs__process_record(struct pairs *p, const struct model_view *v);
void pairs__process_end(struct pairs *p, uint64_t overdue);

#endif /* LOADER_JUDGE_PAIRS_STATE_H */
