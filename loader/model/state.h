/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the model: its structs, and what can be read off a single one of them.
 * Each table has a file that fills it; see model.h for how records become state.
 */
#ifndef LOADER_MODEL_STATE_H
#define LOADER_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/lib/table.h"
#include "loader/model/expected_counts.h"
#include "loader/trace/record.h"

#define MODEL_HISTORY	32	/* last records kept per task: a join makes 21 */
#define MODEL_CAPS	16	/* ns_capable() calls kept per window */
#define MODEL_ALLOCS	4	/* alloc_pid() results kept per window */
#define MODEL_KEPT_STACKS	6	/* stacks kept per window, one per type */

/* The numbers of a struct pid at every level, copied from an image. */
struct model_numbers {
	uint64_t address;	/* 0: no struct pid; may be an ERR_PTR */
	uint32_t levels;	/* valid entries of upid[] */
	struct wire_upid upid[WIRE_MAX_LEVELS];
};

/* Copies the numbers of an image. img may be NULL. */
static inline void model_numbers__set(struct model_numbers *n, const struct wire_hdr *rec,
			const struct wire_pid *img)
{
	n->address = img ? img->address : 0;
	n->levels = img ? record__levels(rec, img) : 0;
	for (uint32_t i = 0; i < n->levels; i++)
		n->upid[i] = img->upid[i];
}

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
	uint32_t line;			/* of an HTML page: its index + 1, 0: none yet */
	bool born;			/* the process was forked in this run */
	bool exiting;
	/* Values from the FORK or the task's own records, never from another task's. */
	uint64_t shown;			/* the last such record, 0: none */
	uint64_t process;		/* pids[TGID] */
	uint32_t children_ns;
	uint64_t sid_just_set;		/* new pid of a half-done setsid(), or 0 */
	uint64_t late_join;		/* commit that found PIDNS_ADDING clear */
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
	uint32_t freed_cpu, freed_seq;	/* where its free_pid() was recorded */
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
struct kept_stack {
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
	struct wire_pidns_install install;	/* the last call */

	unsigned int ncaps;		/* recorded calls; caps[] holds the first */
	struct model_cap caps[MODEL_CAPS];

	unsigned int nallocs;		/* successful; allocs[] holds the first */
	struct model_alloc allocs[MODEL_ALLOCS];
	unsigned int failed_allocs;
	int32_t alloc_error;		/* the last failed call's */

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
	unsigned int nkept;		/* valid entries of kept[] */
	struct kept_stack kept[MODEL_KEPT_STACKS];
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

/* The operations of one exec'd program and its children, until they exec. */
struct model_scope {
	struct model_scope *parent;	/* the program that started it */
	struct model_scope *next;	/* all scopes, newest first */
	struct model_task *owner;	/* task that made the exec, NULL: gone */
	int32_t tgid;			/* at the exec, level 0 */
	char comm[WIRE_COMM_LEN];
	uint64_t seen[EXPECT_NKEYS];
};

struct model_symbol {
	uint64_t address;		/* the key */
	char name[sizeof(((struct wire_meta_sym *)0)->name)];
};

#define MODEL_STACKS 8

/* The stack for the next record of a task. */
struct model_stack {
	uint64_t task;
	uint32_t type;		/* the record's */
	bool due;		/* the record is still to come */
	uint64_t stack[WIRE_STACK_DEPTH];
};

struct model {
	struct table tasks;		/* struct model_task by address */
	struct table pids;		/* struct model_pid by address */
	struct table symbols;		/* struct model_symbol by address */
	struct table namespaces;	/* struct model_ns by inum */
	struct table buried;		/* ... by address: the inum is reused */
	struct model_ns *last_ns;	/* last lookup, or NULL */
	struct model_scope *scopes;
	/* Free lists, which save a malloc per record. */
	struct model_task *free_tasks;
	struct model_pid *free_pids;
	struct model_window *free_windows;
	struct model_ns *free_namespaces;
	struct model_sweep sweep;
	struct model_stack stacks[MODEL_STACKS];
	unsigned int nstacks;		/* received so far */
	unsigned int stacks_due;
	bool sees_gone;			/* PID_GONE records are complete */
	unsigned int nfollowed;		/* live followed tasks */
	uint64_t drained;		/* last record that ended a part of the command */
	uint64_t grace;			/* latest free_pid() whose grace period is over */
	bool with_scopes;
	bool follow;			/* the command has not been seen yet */
	int32_t command_pid;
	uint32_t command_ns;
	uint64_t index;
	struct model_totals totals;
};

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

#endif /* LOADER_MODEL_STATE_H */
