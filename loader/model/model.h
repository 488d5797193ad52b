/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the state of tasks, struct pids, pid namespaces and setns windows.
 *
 * The model replays records into state and judges nothing. A record is handled in two
 * steps, so that rules see the state before it:
 *
 *	model__resolve(m, rec, &view);	finds the tasks and pids of the record
 *	... look at view ...
 *	model__apply(m, &view);		updates the state
 *
 * The key of a task is its task pointer; the start time distinguishes a reused pointer.
 * The pid is not a key, because a join changes it. Dead objects are dropped (a task at
 * release_task(), a struct pid or a namespace when its memory is freed), so memory is
 * bounded by the number of live objects.
 */
#ifndef LOADER_MODEL_MODEL_H
#define LOADER_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/model/state.h"

/* scopes: counts the operations of each exec'd program, for model__expected(). */
struct model *model__new(bool scopes);
void model__free(struct model *m);	/* NULL is legal */

void model__resolve(struct model *m, const struct wire_hdr *rec,
		    struct model_view *view);
void model__apply(struct model *m, const struct model_view *view);

/*
 * Makes the view that of the next call in a record of several links. Its record is in
 * the same memory as the one before, and its tasks are the same: a link changes none.
 */
void model__next_link(struct model *m, struct model_view *view);

/* Returns whether model__apply_links() may be called for this view. */
bool model__takes_links(const struct model *m, const struct model_view *view);

/*
 * Applies all calls in a record of several links, of which at most one is for WIRE_PID.
 * view: the view of this call, or of the first one if none is for WIRE_PID
 */
void model__apply_links(struct model *m, const struct wire_links_pid *links,
			const struct model_view *view);

const struct model_totals *model__totals(const struct model *m);

/* Returns the path of a cgroup, "" for one that was not found; NULL: not known. */
const char *model__cgroup(const struct model *m, uint64_t id);

/* Returns "change_pid+0x5", or NULL if the address had no META_SYM. */
const char *model__symbol(const struct model *m, uint64_t address);

/* Returns the stack for this record, WIRE_STACK_DEPTH long, or NULL. */
const __u64 *model__stack(const struct model *m,
			     const struct model_view *v);

const struct model_sweep *model__sweep(const struct model *m);

/*
 * Returns true if the pid_allocated that sweep s showed for ns includes exactly the
 * calls recorded so far: no task was between counting and recording. The value must
 * be the same since the previous sweep at least; the first sweep has no previous one.
 * Valid at the end of the sweep.
 */
bool model_ns__settled(const struct model_ns *ns, const struct model_sweep *s);

/* Returns the record that revealed ns->base, 0: not known. */
uint64_t model_ns__based(const struct model *m, const struct model_ns *ns);

/*
 * Returns true if an RCU grace period began after this record and is over. The
 * evidence is a delayed_put_pid() of a struct pid freed after the record, or a final
 * sweep: the loader waits for a grace period before each of those.
 */
bool model__grace_since(const struct model *m, uint64_t index);

/* Returns the live task at this address, or NULL if none is known. */
const struct model_task *model__task(const struct model *m, uint64_t task);

/* Returns the live task with this number in the namespace, or NULL if none is known. */
const struct model_task *model__task_numbered(const struct model *m, uint32_t ns,
					      int32_t nr);

/* Returns the leader of the task's process, or the task if the leader is not known. */
const struct model_task *model__leader(const struct model *m,
				       const struct model_task *t);

/* Returns the live namespace of this inum, or NULL if none is known. */
const struct model_ns *model__ns(const struct model *m, uint32_t inum);

/* Iterates over live namespaces and those in their grace period; like table__next(). */
const struct model_ns *model__next_ns(const struct model *m, size_t *pos);

/* Iterates over the namespaces that the current or last sweep has shown. */
const struct model_ns *model__next_shown_ns(const struct model *m, size_t *pos);

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

/* Returns the struct pid at this address, or NULL if none is known. */
const struct model_pid *model__pid(const struct model *m, uint64_t address);

/* Iterates over the known struct pids; like table__next(). */
const struct model_pid *model__next_pid(const struct model *m, size_t *pos);

/*
 * Sums the operations of the program that level 0 process root runs, and of all its
 * descendants.
 * Returns false if no task of that number was seen to exec.
 */
bool model__expected(const struct model *m, int32_t root,
		     uint64_t seen[EXPECT_NKEYS]);

#endif /* LOADER_MODEL_MODEL_H */
