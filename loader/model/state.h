/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the model: its structs, and what can be read off a single one of them.
 * Each table has a file that fills it; see model.h for how records become state.
 */
#ifndef LOADER_MODEL_STATE_H
#define LOADER_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/escape.h"
#include "loader/lib/pool.h"
#include "loader/lib/table.h"
#include "loader/model/expected_counts.h"
#include "loader/trace/record.h"

#define MODEL_HISTORY	32	/* last records kept per task: a join makes 21 */
#define MODEL_CAPS	16	/* ns_capable() calls kept per window */
#define MODEL_ALLOCS	4	/* alloc_pid() results kept per window */
#define MODEL_KEPT_STACKS	6	/* stacks kept per window, one per type */

/* The numbers of a struct pid at every level, copied from an image. */
struct model_numbers {
	__u64 address;		/* 0: no struct pid; may be an ERR_PTR */
	__u32 levels;		/* valid entries of upid[] */
	struct wire_upid upid[WIRE_MAX_LEVELS];
};

/* Copies the numbers of an image. img may be NULL. */
static inline void model_numbers__set(struct model_numbers *n, const struct wire_hdr *rec,
			const struct wire_pid *img)
{
	n->address = img ? img->address : 0;
	n->levels = img ? record__levels(rec, img) : 0;
	for (__u32 i = 0; i < n->levels; i++)
		n->upid[i] = img->upid[i];
}

/* Summary of one record, for the history in reports; see history.h. */
struct model_event {
	__u64 index;		/* number in the stream */
	__u64 ts_ns;
	__u64 a, b;		/* the meaning depends on the type */
	__s32 x, y;
	__u16 type;
	__u16 cpu;
};

#define MODEL_ADDING	(1u << 31)	/* PIDNS_ADDING */

/* The sender of a SIGKILL. */
enum killer_kind {
	KILLER_PROCESS,
	KILLER_KERNEL,
	KILLER_OOM,		/* the kernel, for want of memory */
	KILLER_ZAP,		/* the kernel, at the end of a pid namespace */
};

struct model_killer {
	enum killer_kind kind;
	__u32 ns;			/* ZAP: inum */
	/* PROCESS: the sender, by its leader */
	__s32 pid;
	__u32 levels;			/* valid entries of nr[] */
	__s32 nr[WIRE_MAX_LEVELS];
	char comm[WIRE_COMM_LEN];
};

/* A process, by its leader. */
struct model_end {
	__u64 ended;			/* record of its last thread's EXIT, or 0 */
	__s32 status;			/* ... and what wait4() would have returned */
	struct model_killer *killer;	/* owned; NULL: not killed, or not known */
};

struct model_task {
	__u64 task;			/* the key */
	__u64 start;
	__u64 thread_pid;
	__u64 signal;			/* the process */
	__u64 leads;			/* the process whose leader it is, or 0 */
	__u32 zaps;			/* inum: inside zap_pid_ns_processes(); or 0 */
	struct model_end end;		/* valid if it leads */
	__s32 pid, tgid;		/* as last seen */
	__u64 forked;			/* record of its FORK, 0: not seen */
	__s32 parent_tgid;		/* the real_parent's then, 0: not known */
	__u32 parent_ns;		/* ... and the inum of its namespace */
	__u32 levels;			/* valid entries of nr[] and ns[] */
	char comm[WIRE_COMM_LEN];
	bool followed;			/* the command or a descendant */
	bool picked;			/* matches a pid filter, or an ancestor does */
	uint32_t line;			/* index + 1 in an HTML page, 0: none yet */
	bool born;			/* the process was forked in this run */
	bool exiting;
	/* Values from the FORK or the task's own records, never from another task's. */
	__u64 shown;			/* the last such record, 0: none */
	__u64 process;			/* pids[TGID] */
	__u32 children_ns;
	__u64 children_shown;		/* the last record that shows it, 0: none */
	__u64 sid_just_set;		/* new pid of a half-done setsid(), or 0 */
	__u64 released;			/* the last RELEASE that it made, of any task */
	__u64 late_join;		/* commit that found PIDNS_ADDING clear */
	__u64 joined;			/* record of the last setns that moved it */
	__u64 renumbered;		/* ... that may have changed its numbers */
	struct model_window *window;	/* NULL: not inside setns */
	struct model_scope *scope;
	__u64 cgroup;			/* id as last seen, 0: not known */
	__u32 nhistory;			/* so far; the last MODEL_HISTORY are kept */
	/* The counters limit what is valid of the rest, which is not zeroed. */
	__s32 nr[WIRE_MAX_LEVELS];	/* numbers as last seen */
	__u32 ns[WIRE_MAX_LEVELS];	/* inums of their namespaces */
	struct model_event history[MODEL_HISTORY];
};

struct model_pid {
	__u64 address;			/* the key */
	__u64 born;			/* record of its alloc_pid(), 0: before the run */
	__u64 freed;			/* record of its free_pid(), 0: alive */
	__u64 put;			/* record of its delayed_put_pid() */
	__u64 replaced;			/* record of the setns that replaced it */
	__u64 deepened;			/* record that showed its last number, 0: born with it */
	__u64 undeepened;		/* record of its pid_undeepen() */
	__u64 released;			/* RELEASE of its task, if tasks keep struct pids */
	__u64 releaser, releaser_start;	/* the task that made this record */
	__u32 level;
	__u32 ns;			/* innermost namespace, and the number there */
	__s32 nr;
	__u32 born_level;
	__u32 holds;			/* inum: the namespace that it has a reference to */
	__u32 used;			/* id of the last sweep that found a user of it */
	__u32 freed_cpu, freed_seq;	/* where its free_pid() was recorded */
	bool followed;			/* allocated by a followed task */
	bool late;			/* alloc_pid() found PIDNS_ADDING clear */
};

/* The sweeps, one after the other up to the last, that saw something. */
struct model_sightings {
	__u32 sweep;			/* id of the last one, 0: none */
	__u32 in_a_row;
	__u64 since;			/* record: begin of the first one */
};

/* An init in zap_pid_ns_processes(), as seen by sweeps. */
struct model_zap {
	__u64 task, start;		/* its last thread */
	struct model_sightings waits;	/* it is asleep, waiting */
	__s32 pid;
	__u32 init_pids;		/* numbers that it has to leave */
	__u32 allocated;		/* pid_allocated, without PIDNS_ADDING */
	struct model_sightings seen;	/* a child that it should reap */
	__u64 zombie, zombie_start;
	__s32 zombie_pid;
};

/*
 * A pid namespace. An inum may be reused while the previous namespace waits for its
 * grace period: the key is the inum, and then the address of the older namespace.
 */
struct model_ns {
	__u64 address;			/* 0: not known */
	__u32 inum;
	__u32 parent;			/* inum, 0: no parent, or not known */
	__u32 level;
	__u64 born;			/* record of its creation, 0: before the run */
	bool followed;			/* created by a followed task */
	/* recorded alloc_pid() and pid_reserve_nr() calls with a number in it, minus
	 * those of free_pid() and pid_unreserve_nr() */
	__s64 pids;
	__u64 changed;			/* record of the last such call, 0: none */
	/* The rest of pid_allocated, from before the run. */
	__s64 base;
	__u64 based;			/* record that revealed base: model_ns__based() */
	/* pid_allocated as seen by the visits of one sweep. */
	__u32 sweep;			/* id of the sweep, 0: none */
	__u32 shown;
	bool steady;			/* all visits saw the same value */
	bool same;			/* the previous sweep saw the same value */
	__u32 used;			/* id of the last sweep that found a user of it */
	__u64 zap, zap_ns;		/* record and time of ZAP_ENTER, or 0 */
	__u64 zapped;			/* record of ZAP_EXIT, or 0 */
	struct model_zap zapping;	/* valid between the two */
	__u64 first;			/* record that linked number 1, 0: none */
	__u64 one;			/* record that allocated number 1, 0: it is free */
};

/* The current or last sweep, and the one before. */
struct model_sweep {
	__u32 id;
	__u32 reason;			/* enum wire_sweep_reason */
	__u64 begin, end;		/* records; end 0: in progress */
	__u64 last;			/* the latest record of the sweep */
	__u64 before_begin, before_end;
	__u32 before_reason;
};

struct model_cap {
	__u64 user_ns;
	__s32 cap;
	bool granted;
	bool before_alloc;		/* no number had been allocated yet */
};

struct model_alloc {
	struct wire_alloc_pid rec;
	struct model_numbers numbers;
	unsigned int freed;		/* free_pid() calls for it in the window */
};

/* Counts the calls of a join that keeps the struct pid. */
struct model_keep_counts {
	unsigned int reserves;		/* pid_reserve_nr() that returned a number */
	unsigned int failed_reserves;
	unsigned int unreserves;
	unsigned int deepens;		/* pid_deepen() */
	unsigned int publishes;		/* pid_publish_nr() */
	unsigned int events;		/* task:pid_deepen */
	unsigned int commits;		/* pidns_commit_deepen() that deepened */
	unsigned int notices;		/* do_notify_pidfd(), __wake_up_parent() for it */
};

/* The last call of each; the counts limit what is valid. */
struct model_keep {
	struct wire_reserve_nr reserve, failed_reserve;
	struct wire_unreserve_nr unreserve;
	struct wire_deepen deepen;
	struct wire_publish_nr publish;
	struct wire_deepened event;
	struct wire_commit_deepen commit;
	/* the struct pid of deepen, publish and event */
	struct model_numbers before, published, shown;
};

/* The kernel stack of the last record of a type. */
struct kept_stack {
	__u32 type;
	__u64 stack[WIRE_STACK_DEPTH];
};

/* The actions of one task between entry to and exit from setns. */
struct model_window {
	struct model_task *task;
	__u64 index;			/* record of the entry */
	struct wire_setns_enter enter;
	struct model_numbers old;	/* thread_pid at entry */
	bool tgid_known;		/* tgid_nr is valid */
	__s32 tgid_nr;			/* number of pids[TGID] in its own namespace */

	unsigned int installs;		/* pidns_install() calls */

	unsigned int ncaps;		/* recorded calls; caps[] holds the first */
	unsigned int nallocs;		/* successful; allocs[] holds the first */
	unsigned int failed_allocs;
	__s32 alloc_error;		/* the last failed call's */

	unsigned int changes;		/* change_pid() by the task, any subject */
	unsigned int others;		/* ... for another task */
	unsigned int per_type[WIRE_PIDTYPES];
	__u64 change_new[WIRE_PIDTYPES];
	__u32 cpu_timers;		/* WIRE_T_CPU_TIMERS at change_pid(TGID) */

	unsigned int freed_old;		/* free_pid() calls for the pid at entry */
	unsigned int freed;		/* free_pid() calls for any pid */
	unsigned int detaches;		/* detach_pid() calls for the task itself */
	unsigned int null_pids;		/* snapshots without a thread_pid */
	unsigned int flushed_old;	/* proc_flush_pid() calls for the pid at entry */
	bool flush_lock_known, flush_locked;
	bool flush_early;		/* the flush came before change_pid(PID) */
	__u64 flush_inodes;		/* pid->inodes.first at the flush */
	unsigned int woken;		/* timely wake-ups of the real parent */
	unsigned int woken_late;	/* ... after change_pid(PID): late */
	unsigned int woken_tracer;	/* timely wake-ups of the tracer */
	__u32 traced;			/* WIRE_T_TRACED at change_pid(PID) */
	unsigned int foreign;		/* change_pid() calls for it by other tasks */

	unsigned int rewrites;		/* task:pid_rewrite events */
	__u64 rewrite_old, rewrite_new;

	unsigned int switches;		/* switch_task_namespaces() of the task */
	unsigned int commits;		/* pidns_commit_join() that moved the task */
	struct model_keep_counts nkeep;

	unsigned int nkept;		/* valid entries of kept[] */

	/* The counters above limit what is valid of the rest, which is not zeroed. */
	struct wire_pidns_install install;	/* the last call */
	struct wire_alloc_pid failed_alloc;	/* the last failed call */
	struct wire_change_pid first_change;
	struct model_numbers first_new;	/* the new pid of first_change */
	struct wire_pid_rewrite rewrite;
	struct wire_commit_join commit;
	struct model_keep keep;
	struct model_cap caps[MODEL_CAPS];
	struct model_alloc allocs[MODEL_ALLOCS];
	struct kept_stack kept[MODEL_KEPT_STACKS];
};

struct model_view {
	const struct wire_hdr *rec;
	__u64 index;			/* number in the stream, from 1 */
	const struct wire_task *task;	/* snapshot of the subject, or NULL */
	struct model_task *subject;	/* state of the subject, NULL: not known */
	struct model_task *current;	/* task that ran the hook, NULL: not known */
	struct model_window *window;	/* window of current, NULL: not inside setns */
	/* The leader of the subject's process, or of current's without a subject. */
	struct model_task *leader;	/* NULL: not known */
	struct model_task *waiter;	/* RELEASE: the leader of current's process */
	bool ends_process;		/* EXIT: of the process, not of a thread alone */
	struct model_pid *pid;		/* ALLOC, FREE, PUT, GONE: state before it */
	struct model_ns *ns;		/* NS_FREE, ZAP: state before the record;
				 * NS_NEW: older, not yet freed, same address */
};

struct model_totals {
	__u64 setns, setns_ok, setns_pidns_ok, installs_ok;
	__u64 joins, rewrites, forks, execs, exits;
	__u64 moves, deepenings;	/* joins by a new struct pid, by a new number */
	bool knob_seen;			/* the kernel has the sysctl */
	bool keep_seen;			/* ... with the value 2 */
	__u64 commands;			/* META_COMMAND records */
};

/* The operations of one exec'd program and its children, until they exec. */
struct model_scope {
	struct model_scope *parent;	/* the program that started it */
	struct model_scope *next;	/* all scopes, newest first */
	struct model_scope *newer;	/* valid in model__expected() */
	struct model_task *owner;	/* task that made the exec, NULL: gone */
	bool below;			/* the same */
	__s32 tgid;			/* at the exec, level 0 */
	char comm[WIRE_COMM_LEN];
	__u64 seen[EXPECT_NKEYS];
};

struct model_symbol {
	__u64 address;			/* the key */
	char name[ESCAPED_SIZE(sizeof(((struct wire_meta_sym *)0)->name))];
};

struct model_cgroup {
	__u64 id;			/* the key */
	char path[sizeof(((struct wire_meta_cgroup *)0)->path)];
};

#define MODEL_STACKS 8

/* The stack for the next record of a task. */
struct model_stack {
	__u64 task;
	__u32 type;		/* the record's */
	bool due;		/* the record is still to come */
	__u64 stack[WIRE_STACK_DEPTH];
};

struct model;
typedef void model_finder(const struct model *m, struct model_view *v);
typedef void model_step(struct model *m, const struct model_view *v);

/*
 * The functions of the model for records of one type. NULL ends a list, or it is full. No
 * type has more than two finders.
 */
#define MODEL_PARTS 5
#define MODEL_FINDERS 2
struct model_work {
	model_finder *finders[MODEL_FINDERS];
	model_step *steps[MODEL_PARTS + 1];
};

struct model {
	struct model_work work[WIRE_KERNEL_TYPES];
	struct table tasks;		/* struct model_task by address */
	struct model_task *last_current;	/* last task found to run a hook, or NULL */
	__u64 unknown;			/* address of no task in the table, or 0 */
	struct table leaders;		/* struct model_task that lead, by signal */
	struct table pids;		/* struct model_pid by address */
	struct model_pid *last_pid;	/* the last one that a record changed, or NULL */
	struct table symbols;		/* struct model_symbol by address */
	struct table cgroups;		/* struct model_cgroup by id */
	struct table namespaces;	/* struct model_ns by inum */
	struct table buried;		/* ... by address: the inum is reused */
	struct model_ns *last_ns;	/* last lookup, or NULL */
	__u32 *shown;			/* inums of those that the sweep has shown */
	__u32 nshown, max_shown;
	__u64 last_start;		/* end of the last sweep before the run, 0: none */
	struct model_scope *scopes;
	/* Pools, which save a malloc per record. */
	struct pool free_tasks, free_pids, free_windows, free_namespaces;
	struct model_sweep sweep;
	struct model_stack stacks[MODEL_STACKS];
	unsigned int nstacks;		/* received so far */
	unsigned int stacks_due;
	bool sees_gone;			/* PID_GONE records are complete */
	unsigned int nfollowed;		/* live followed tasks */
	__u64 drained;			/* last record that ended a part of the command */
	__u64 grace;			/* latest free_pid() whose grace period is over */
	bool with_scopes;
	bool follow;			/* the command has not been seen yet */
	__s32 command_pid;
	__u32 command_ns;
	__u64 index;
	struct model_totals totals;
};

/* Returns true if the setns gave its caller another struct pid. x closes w. */
static inline bool model_window__moved(const struct model_window *w,
				       const struct wire_setns_exit *x)
{
	return x->ret == 0 && x->task.thread_pid != w->enter.task.thread_pid;
}

/* Returns true if the caller has the same struct pid, with more numbers. */
static inline bool model_window__is_deeper(const struct model_window *w,
					   const struct wire_setns_exit *x)
{
	return x->task.thread_pid == w->enter.task.thread_pid &&
	       record__levels(&x->hdr, record__pid(&x->hdr, 0)) > w->old.levels;
}

/* Returns true if the setns moved its caller, in either way. */
static inline bool model_window__joined(const struct model_window *w,
					const struct wire_setns_exit *x)
{
	return model_window__moved(w, x) ||
	       (x->ret == 0 && model_window__is_deeper(w, x));
}

/* RELEASE: returns the task that waited, NULL: none, or not known. */
static inline const struct model_task *
model_view__reaper(const struct model_view *v)
{
	const struct model_task *t = v->current;

	return t && t != v->subject && !t->exiting ? t : NULL;
}

#endif /* LOADER_MODEL_STATE_H */
