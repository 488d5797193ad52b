/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - what is known of tasks, struct pids and open setns windows.
 *
 * Replays records into state; judges nothing. A record is handled in two
 * steps, so that rules see the state before it:
 *
 *	model__resolve(m, rec, &view);	who and what it is about
 *	... look at view ...
 *	model__apply(m, &view);		the state after it
 *
 * A task is found by its task pointer; its start time tells a recycled pointer
 * from the same task. Never by pid: the pid is what changes. What is gone is
 * dropped (a task at release_task(), a struct pid when its memory is given
 * back, a namespace likewise), so memory is bounded by what is alive.
 */
#ifndef LOADER_MODEL_H
#define LOADER_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "expect.h"
#include "record.h"
#include "table.h"

#define MODEL_HISTORY	32	/* last records kept of each task: a join makes 21 */
#define MODEL_CAPS	16	/* ns_capable() calls kept of a window */
#define MODEL_ALLOCS	4	/* alloc_pid() results kept of a window */
#define MODEL_TOLD	6	/* stacks kept of a window, one a type */

/* A struct pid's numbers at every level, copied from an image. */
struct model_numbers {
	uint64_t address;	/* 0: there was none; may be an ERR_PTR */
	uint32_t levels;	/* filled ones of upid[] */
	struct wire_upid upid[WIRE_MAX_LEVELS];
};

/* One record in short, for the history in reports; see history.h. */
struct model_event {
	uint64_t index;		/* its number in the stream */
	uint64_t ts_ns;
	uint64_t a, b;		/* meaning depends on the type */
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
	uint32_t levels;		/* filled ones of nr[] */
	int32_t nr[WIRE_MAX_LEVELS];	/* its numbers as last seen */
	uint32_t ns[WIRE_MAX_LEVELS];	/* and the inums they are in */
	char comm[WIRE_COMM_LEN];
	bool followed;			/* the command or made by it */
	bool picked;			/* filter.h: asked for, or made by such */
	bool born;			/* its process was made in this run */
	bool exiting;
	/* As shown by its birth or by its own last record: by nobody else's. */
	uint64_t shown;			/* record, 0: none did */
	uint64_t process;		/* pids[TGID] */
	uint32_t children_ns;
	uint64_t sid_just_set;		/* setsid() is half done: to this pid */
	uint64_t doomed;		/* commit that left it where PIDNS_ADDING was gone */
	uint64_t joined;		/* record of the setns that moved it last */
	uint64_t renumbered;		/* ... that may have changed its numbers */
	struct model_window *window;	/* inside setns, or NULL */
	struct model_scope *scope;
	uint32_t nhistory;		/* ever; the last MODEL_HISTORY are kept */
	struct model_task *next_free;
	struct model_event history[MODEL_HISTORY];
};

struct model_pid {
	uint64_t address;		/* the key */
	uint64_t born;			/* record of its alloc_pid(), 0: before */
	uint64_t freed;			/* record of its free_pid(), 0: alive */
	uint64_t put;			/* record of its delayed_put_pid() */
	uint64_t replaced;		/* record of the setns that left it behind */
	uint32_t level;
	uint32_t ns;			/* its own namespace, and the number there */
	int32_t nr;
	uint32_t used;			/* id of the last sweep that saw it in use */
	uint32_t freed_cpu, freed_seq;	/* of the record of its free_pid() */
	bool followed;			/* by the command, or by what it made */
	struct model_pid *next_free;
};

/*
 * A pid namespace. Inums are used again while the memory of who had them waits
 * for its grace period: the key is the inum of the living, then the address.
 */
struct model_ns {
	uint64_t address;		/* 0: not known */
	uint32_t inum;
	uint32_t parent;		/* inum, 0: none or not known */
	uint32_t level;
	uint64_t born;			/* record of its making, 0: before */
	bool followed;			/* made by the command, or by what it made */
	/* alloc_pid() with a number in it, less free_pid(), as seen */
	int64_t pids;
	uint64_t changed;		/* record of the last of these, 0: none */
	/* What the kernel counted more than that, before the run. */
	int64_t base;
	uint64_t based;			/* record that showed it, 0: not known */
	/* pid_allocated as the visits of one sweep showed it. */
	uint32_t sweep;			/* its id, 0: none did */
	uint32_t shown;
	bool steady;			/* they all showed the same */
	bool same;			/* as those of the sweep before */
	uint32_t used;			/* id of the last sweep that saw it in use */
	uint64_t zap, zap_ns;		/* record and time of its end's begin, or 0 */
	uint64_t zapped;		/* record of its end's end, or 0 */
	struct model_ns *next_free;
};

/* The sweep under way, or the last one; and the one before. */
struct model_sweep {
	uint32_t id;
	uint32_t reason;		/* enum wire_sweep_reason */
	uint64_t begin, end;		/* records; end 0: under way */
	uint64_t last;			/* its record before the present one */
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
	unsigned int freed;		/* free_pid() of it, in the window */
};

/* The kernel stack that was told for the last record of a type. */
struct model_told {
	uint32_t type;
	uint64_t stack[WIRE_STACK_DEPTH];
};

/* What one task did between entry to and exit from setns. */
struct model_window {
	struct model_task *task;
	uint64_t index;			/* record of the entry */
	struct wire_setns_enter enter;
	struct model_numbers old;	/* thread_pid at entry */
	bool tgid_known;		/* tgid_nr is filled */
	int32_t tgid_nr;		/* of pids[TGID], in its own namespace */

	unsigned int installs;		/* pidns_install() calls */
	struct wire_pidns_install install;	/* the last one */

	unsigned int ncaps;		/* recorded; caps[] holds the first ones */
	struct model_cap caps[MODEL_CAPS];

	unsigned int nallocs;		/* successful; allocs[] the first ones */
	struct model_alloc allocs[MODEL_ALLOCS];
	unsigned int failed_allocs;
	int32_t alloc_error;		/* of the last failed one */

	unsigned int changes;		/* change_pid() by the task, any subject */
	unsigned int others;		/* ... of another task */
	unsigned int per_type[WIRE_PIDTYPES];
	uint64_t change_new[WIRE_PIDTYPES];
	struct wire_change_pid first_change;
	struct model_numbers first_new;	/* what that one changes to */
	uint32_t cpu_timers;		/* state at change_pid(TGID) */

	unsigned int freed_old;		/* free_pid() of the pid at entry */
	unsigned int freed;		/* free_pid() of any */
	unsigned int detaches;		/* detach_pid(self) */
	unsigned int null_pids;		/* snapshots without a thread_pid */
	unsigned int flushed_old;	/* proc_flush_pid() of the pid at entry */
	bool flush_lock_known, flush_locked;
	bool flush_early;		/* change_pid(PID) came after it */
	uint64_t flush_inodes;		/* first inode it found */
	unsigned int woken;		/* wake-ups of the real parent, in time */
	unsigned int woken_late;	/* ... after change_pid(PID) */
	unsigned int woken_tracer;	/* ... of who traces it, in time */
	uint32_t traced;		/* state at change_pid(PID) */
	unsigned int foreign;		/* change_pid() of it by somebody else */

	unsigned int rewrites;		/* task:pid_rewrite */
	uint64_t rewrite_old, rewrite_new;
	struct wire_pid_rewrite rewrite;

	unsigned int commits;		/* pidns_commit_join() that moved it */
	struct wire_commit_join commit;
	struct wire_pid commit_pid;	/* thread_pid's image, without numbers */

	struct model_window *next_free;
	unsigned int ntold;		/* told[] that are filled */
	struct model_told told[MODEL_TOLD];
};

struct model_view {
	const struct wire_hdr *rec;
	uint64_t index;			/* number in the stream, from 1 */
	const struct wire_task *task;	/* the record's subject, or NULL */
	struct model_task *current;	/* who ran the hook, NULL: not known */
	struct model_task *subject;	/* task's state, NULL: not known */
	struct model_window *window;	/* current's, NULL: not inside setns */
	struct model_pid *pid;		/* ALLOC, FREE, PUT, GONE: known before it */
	struct model_ns *ns;		/* NS_FREE, ZAP: known before it;
					 * NS_NEW: who is said to be there still */
};

struct model_totals {
	uint64_t setns, setns_ok, setns_pidns_ok, installs_ok;
	uint64_t joins, rewrites, forks, execs, exits;
	bool knob_seen;			/* this kernel has the sysctl */
	uint64_t commands;		/* META_COMMAND that came */
};

struct model;

/* scopes: keep counts of each exec'd program, for model__expected(). */
int model__new(struct model **out, bool scopes);
void model__free(struct model *m);	/* NULL is legal */

void model__resolve(struct model *m, const struct wire_hdr *rec,
		    struct model_view *view);
void model__apply(struct model *m, const struct model_view *view);

const struct model_totals *model__totals(const struct model *m);

/* "change_pid+0x5", or NULL: no META_SYM came for it. */
const char *model__symbol(const struct model *m, uint64_t address);

/* The stack told for this record of its task, or NULL. WIRE_STACK_DEPTH long. */
const uint64_t *model__stack(const struct model *m,
			     const struct model_view *v);

const struct model_sweep *model__sweep(const struct model *m);

/*
 * At the end of sweep s: is what it showed of ns what was counted, with nobody
 * between counting and telling? It was the same all the time, since the sweep
 * before at least; the first one of a run has none before.
 */
bool model_ns__settled(const struct model_ns *ns, const struct model_sweep *s);

/*
 * Did a grace period of RCU begin after this record that is over by now? Told by
 * delayed_put_pid() of what was freed after it; and before each of the sweeps at
 * the end, one is waited for.
 */
bool model__grace_since(const struct model *m, uint64_t index);

/* The living task at this address, or NULL: not known. */
const struct model_task *model__task(const struct model *m, uint64_t task);

/* The living namespace of this inum, or NULL: never heard of. */
const struct model_ns *model__ns(const struct model *m, uint32_t inum);

/* Those alive, and those that wait for their grace period; like table__next(). */
const struct model_ns *model__next_ns(const struct model *m, size_t *pos);

/*
 * Is the command gone with all that it forked, and was there a sweep over what
 * is left without one more thing of theirs going away since?
 */
bool model__at_rest(const struct model *m);

/* Number of live elements, for tests of the bound. */
size_t model__tasks(const struct model *m);
size_t model__pids(const struct model *m);
size_t model__namespaces(const struct model *m);

/* Calls fn for each task that is alive. */
void model__each_task(struct model *m,
		      void (*fn)(struct model_task *t, void *arg), void *arg);

/* Each struct pid that is known; like table__next(). */
const struct model_pid *model__next_pid(const struct model *m, size_t *pos);

/*
 * What the program that runs as level 0 process root did, with all that it
 * forked. False: no task of that number was seen to exec.
 */
bool model__expected(const struct model *m, int32_t root,
		     uint64_t seen[EXPECT_NKEYS]);

/* Copies the numbers of an image. img may be NULL. */
void model_numbers__set(struct model_numbers *n, const struct wire_hdr *rec,
			const struct wire_pid *img);

/* Did the setns move its caller? x closes w. */
static inline bool model_window__moved(const struct model_window *w,
				       const struct wire_setns_exit *x)
{
	return x->ret == 0 && x->task.thread_pid != w->enter.task.thread_pid;
}

/* RELEASE: who waited for the task, NULL: nobody did, or who did is not known. */
static inline const struct model_task *
model_view__reaper(const struct model_view *v)
{
	const struct model_task *t = v->current;

	return t && t != v->subject && !t->exiting ? t : NULL;
}

#endif /* LOADER_MODEL_H */
