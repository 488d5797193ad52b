/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - the state of tasks, struct pids, pid namespaces and setns windows.
 *
 * Replays records into state; judges nothing. A record is handled in two
 * steps, so that rules see the state before it:
 *
 *	model__resolve(m, rec, &view);	finds the tasks and pids of the record
 *	... look at view ...
 *	model__apply(m, &view);		updates the state
 *
 * The key of a task is its task pointer; the start time distinguishes a reused
 * pointer. The pid is not a key, because a join changes it. Dead objects are
 * dropped (a task at release_task(), a struct pid or a namespace when its memory
 * is freed), so memory is bounded by the number of live objects.
 */
#ifndef LOADER_MODEL_MODEL_H
#define LOADER_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "loader/lib/table.h"
#include "loader/model/expected_counts.h"
#include "loader/trace/record.h"

#define MODEL_HISTORY	32	/* last records kept per task: a join makes 21 */
#define MODEL_CAPS	16	/* ns_capable() calls kept per window */
#define MODEL_ALLOCS	4	/* alloc_pid() results kept per window */
#define MODEL_TOLD	6	/* stacks kept per window, one per type */

/* The numbers of a struct pid at every level, copied from an image. */
struct model_numbers {
	uint64_t address;	/* 0: no struct pid; may be an ERR_PTR */
	uint32_t levels;	/* valid entries of upid[] */
	struct wire_upid upid[WIRE_MAX_LEVELS];
};

/* Summary of one record, for the history in reports; see history.h. */
struct model_event {
	uint64_t index;		/* number in the stream */
	uint64_t ts_ns;
	uint64_t a, b;		/* the meaning depends on the type */
	int32_t x, y;
	uint16_t type;
	uint16_t cpu;
};

#define MODEL_ADDING	(1u << 31)	/* PIDNS_ADDING */

struct model_scope;

struct model_task {
	uint64_t task;			/* the key */
	uint64_t start;
	uint64_t thread_pid;
	int32_t pid, tgid;		/* as last seen */
	uint32_t levels;		/* valid entries of nr[] and ns[] */
	int32_t nr[WIRE_MAX_LEVELS];	/* numbers as last seen */
	uint32_t ns[WIRE_MAX_LEVELS];	/* inums of their namespaces */
	char comm[WIRE_COMM_LEN];
	bool followed;			/* the command or a descendant */
	bool picked;			/* matches a pid filter, or an ancestor does */
	bool born;			/* the process was forked in this run */
	bool exiting;
	/* Values from the FORK or the task's own records, never from another task's. */
	uint64_t shown;			/* the last such record, 0: none */
	uint64_t process;		/* pids[TGID] */
	uint32_t children_ns;
	uint64_t sid_just_set;		/* new pid of a half-done setsid(), or 0 */
	uint64_t doomed;		/* commit that found PIDNS_ADDING clear */
	uint64_t joined;		/* record of the last setns that moved it */
	uint64_t renumbered;		/* ... that may have changed its numbers */
	struct model_window *window;	/* NULL: not inside setns */
	struct model_scope *scope;
	uint32_t nhistory;		/* so far; the last MODEL_HISTORY are kept */
	struct model_task *next_free;
	struct model_event history[MODEL_HISTORY];
};

struct model_pid {
	uint64_t address;		/* the key */
	uint64_t born;			/* record of its alloc_pid(), 0: before the run */
	uint64_t freed;			/* record of its free_pid(), 0: alive */
	uint64_t put;			/* record of its delayed_put_pid() */
	uint64_t replaced;		/* record of the setns that replaced it */
	uint32_t level;
	uint32_t ns;			/* innermost namespace, and the number there */
	int32_t nr;
	uint32_t used;			/* id of the last sweep that found a user of it */
	uint32_t freed_cpu, freed_seq;	/* of its free_pid() record */
	bool followed;			/* allocated by a followed task */
	struct model_pid *next_free;
};

/*
 * A pid namespace. An inum may be reused while the previous namespace waits for its
 * grace period: the key is the inum, and then the address of the older namespace.
 */
struct model_ns {
	uint64_t address;		/* 0: not known */
	uint32_t inum;
	uint32_t parent;		/* inum, 0: no parent, or not known */
	uint32_t level;
	uint64_t born;			/* record of its creation, 0: before the run */
	bool followed;			/* created by a followed task */
	/* recorded alloc_pid() minus free_pid() calls with a number in it */
	int64_t pids;
	uint64_t changed;		/* record of the last such call, 0: none */
	/* The rest of pid_allocated, from before the run. */
	int64_t base;
	uint64_t based;			/* record that revealed base, 0: not known */
	/* pid_allocated as seen by the visits of one sweep. */
	uint32_t sweep;			/* id of the sweep, 0: none */
	uint32_t shown;
	bool steady;			/* all visits saw the same value */
	bool same;			/* the previous sweep saw the same value */
	uint32_t used;			/* id of the last sweep that found a user of it */
	uint64_t zap, zap_ns;		/* record and time of ZAP_ENTER, or 0 */
	uint64_t zapped;		/* record of ZAP_EXIT, or 0 */
	struct model_ns *next_free;
};

/* The current or last sweep, and the one before. */
struct model_sweep {
	uint32_t id;
	uint32_t reason;		/* enum wire_sweep_reason */
	uint64_t begin, end;		/* records; end 0: in progress */
	uint64_t last;			/* the latest record of the sweep */
	uint64_t before_begin, before_end;
	uint32_t before_reason;
};

struct model_cap {
	uint64_t user_ns;
	int32_t cap;
	bool granted;
	bool before_alloc;		/* no alloc_pid() had succeeded yet */
};

struct model_alloc {
	struct wire_alloc_pid rec;
	struct model_numbers numbers;
	unsigned int freed;		/* free_pid() calls for it in the window */
};

/* The kernel stack of the last record of a type. */
struct model_told {
	uint32_t type;
	uint64_t stack[WIRE_STACK_DEPTH];
};

/* The actions of one task between entry to and exit from setns. */
struct model_window {
	struct model_task *task;
	uint64_t index;			/* record of the entry */
	struct wire_setns_enter enter;
	struct model_numbers old;	/* thread_pid at entry */
	bool tgid_known;		/* tgid_nr is valid */
	int32_t tgid_nr;		/* number of pids[TGID] in its own namespace */

	unsigned int installs;		/* pidns_install() calls */
	struct wire_pidns_install install;	/* of the last call */

	unsigned int ncaps;		/* recorded calls; caps[] holds the first */
	struct model_cap caps[MODEL_CAPS];

	unsigned int nallocs;		/* successful; allocs[] holds the first */
	struct model_alloc allocs[MODEL_ALLOCS];
	unsigned int failed_allocs;
	int32_t alloc_error;		/* of the last failed call */

	unsigned int changes;		/* change_pid() by the task, any subject */
	unsigned int others;		/* ... for another task */
	unsigned int per_type[WIRE_PIDTYPES];
	uint64_t change_new[WIRE_PIDTYPES];
	struct wire_change_pid first_change;
	struct model_numbers first_new;	/* the new pid of first_change */
	uint32_t cpu_timers;		/* WIRE_T_CPU_TIMERS at change_pid(TGID) */

	unsigned int freed_old;		/* free_pid() calls for the pid at entry */
	unsigned int freed;		/* free_pid() calls for any pid */
	unsigned int detaches;		/* detach_pid() calls for the task itself */
	unsigned int null_pids;		/* snapshots without a thread_pid */
	unsigned int flushed_old;	/* proc_flush_pid() calls for the pid at entry */
	bool flush_lock_known, flush_locked;
	bool flush_early;		/* the flush came before change_pid(PID) */
	uint64_t flush_inodes;		/* pid->inodes.first at the flush */
	unsigned int woken;		/* timely wake-ups of the real parent */
	unsigned int woken_late;	/* ... after change_pid(PID): late */
	unsigned int woken_tracer;	/* timely wake-ups of the tracer */
	uint32_t traced;		/* WIRE_T_TRACED at change_pid(PID) */
	unsigned int foreign;		/* change_pid() calls for it by other tasks */

	unsigned int rewrites;		/* task:pid_rewrite events */
	uint64_t rewrite_old, rewrite_new;
	struct wire_pid_rewrite rewrite;

	unsigned int commits;		/* pidns_commit_join() that moved the task */
	struct wire_commit_join commit;
	struct wire_pid commit_pid;	/* image of thread_pid, without numbers */

	struct model_window *next_free;
	unsigned int ntold;		/* valid entries of told[] */
	struct model_told told[MODEL_TOLD];
};

struct model_view {
	const struct wire_hdr *rec;
	uint64_t index;			/* number in the stream, from 1 */
	const struct wire_task *task;	/* snapshot of the subject, or NULL */
	struct model_task *current;	/* task that ran the hook, NULL: not known */
	struct model_task *subject;	/* state of the subject, NULL: not known */
	struct model_window *window;	/* window of current, NULL: not inside setns */
	struct model_pid *pid;		/* ALLOC, FREE, PUT, GONE: state before it */
	struct model_ns *ns;		/* NS_FREE, ZAP: state before the record;
				 * NS_NEW: older, not yet freed, same address */
};

struct model_totals {
	uint64_t setns, setns_ok, setns_pidns_ok, installs_ok;
	uint64_t joins, rewrites, forks, execs, exits;
	bool knob_seen;			/* the kernel has the sysctl */
	uint64_t commands;		/* META_COMMAND records */
};

struct model;

/* scopes: counts the operations of each exec'd program, for model__expected(). */
int model__new(struct model **out, bool scopes);
void model__free(struct model *m);	/* NULL is legal */

void model__resolve(struct model *m, const struct wire_hdr *rec,
		    struct model_view *view);
void model__apply(struct model *m, const struct model_view *view);

const struct model_totals *model__totals(const struct model *m);

/* Returns "change_pid+0x5", or NULL if the address had no META_SYM. */
const char *model__symbol(const struct model *m, uint64_t address);

/* Returns the stack for this record, WIRE_STACK_DEPTH long, or NULL. */
const uint64_t *model__stack(const struct model *m,
			     const struct model_view *v);

const struct model_sweep *model__sweep(const struct model *m);

/*
 * Returns true if the pid_allocated that sweep s showed for ns includes exactly the
 * calls recorded so far: no task was between counting and recording. The value must
 * be the same since the previous sweep at least; the first sweep has no previous one.
 * Valid at the end of the sweep.
 */
bool model_ns__settled(const struct model_ns *ns, const struct model_sweep *s);

/*
 * Returns true if an RCU grace period began after this record and is over. The
 * evidence is a delayed_put_pid() of a struct pid freed after the record, or a final
 * sweep: the loader waits for a grace period before each of those.
 */
bool model__grace_since(const struct model *m, uint64_t index);

/* Returns the live task at this address, or NULL if none is known. */
const struct model_task *model__task(const struct model *m, uint64_t task);

/* Returns the live namespace of this inum, or NULL if none is known. */
const struct model_ns *model__ns(const struct model *m, uint32_t inum);

/* Iterates over live namespaces and those in their grace period; like table__next(). */
const struct model_ns *model__next_ns(const struct model *m, size_t *pos);

/*
 * Returns true if the command and its descendants have ended, and none of their tasks,
 * struct pids and namespaces has gone away since the last final sweep began.
 */
bool model__at_rest(const struct model *m);

/* Return the number of live elements, for tests of the memory bound. */
size_t model__tasks(const struct model *m);
size_t model__pids(const struct model *m);
size_t model__namespaces(const struct model *m);

/* Calls fn for each live task. */
void model__each_task(struct model *m,
		      void (*fn)(struct model_task *t, void *arg), void *arg);

/* Iterates over the known struct pids; like table__next(). */
const struct model_pid *model__next_pid(const struct model *m, size_t *pos);

/*
 * Sums the operations of the program that level 0 process root runs, and of all its
 * descendants.
 * Returns false if no task of that number was seen to exec.
 */
bool model__expected(const struct model *m, int32_t root,
		     uint64_t seen[EXPECT_NKEYS]);

/* Copies the numbers of an image. img may be NULL. */
void model_numbers__set(struct model_numbers *n, const struct wire_hdr *rec,
			const struct wire_pid *img);

/* Returns true if the setns moved its caller. x closes w. */
static inline bool model_window__moved(const struct model_window *w,
				       const struct wire_setns_exit *x)
{
	return x->ret == 0 && x->task.thread_pid != w->enter.task.thread_pid;
}

/* RELEASE: returns the task that waited, NULL: none, or not known. */
static inline const struct model_task *
model_view__reaper(const struct model_view *v)
{
	const struct model_task *t = v->current;

	return t && t != v->subject && !t->exiting ? t : NULL;
}

#endif /* LOADER_MODEL_MODEL_H */
