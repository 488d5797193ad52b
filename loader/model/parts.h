/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares what the files of the model share. Each table is filled by one file. */
#ifndef LOADER_MODEL_PARTS_H
#define LOADER_MODEL_PARTS_H

#include "loader/model/model.h"

/*
 * A part has functions for some types of records, which are in tables by type. The
 * finders run first: they look up what the record is about. The steps then apply the
 * record. model__new() makes a list of each type's functions.
 */

/* --- task.c: the tasks --- */

/* Returns the live task at this address, or NULL if none is known. */
struct model_task *model_task__find(const struct model *m, uint64_t task);

/* Returns the task that ran the hook of a record, or NULL if it is not known. */
struct model_task *model_task__current(struct model *m, const struct wire_hdr *rec);

/*
 * Returns the task that a record is about, or NULL if the task is not known. Adds a task
 * that only now becomes known. @wt: the record's snapshot of the task, or NULL.
 */
struct model_task *model_task__subject(struct model *m, const struct wire_hdr *rec,
				       const struct wire_task *wt);

/* Applies a record to its tasks, before model_window__record() changes their windows. */
void model_task__record(struct model *m, const struct model_view *v);

/*
 * Adds the calls in a record of several links to the histories. index: of the first call
 */
void model_task__links(const struct model_view *v, const struct wire_links_pid *links,
		       uint64_t index);

/*
 * Notes changes of numbers in the tasks, for later records. Called after all functions
 * that still need the previous notes.
 */
extern model_step *const model_task_changes[WIRE_KERNEL_TYPES];

/* Drops a released task, with its window and scope. */
void model_task__drop(struct model *m, struct model_task *t);

/* --- process.c: the processes, by their leaders --- */

/* Find the leader of a record, and whether the record ends its process. */
extern model_finder *const model_process_finders[WIRE_KERNEL_TYPES];
/* Apply a record to the process of its subject. */
extern model_step *const model_process_steps[WIRE_KERNEL_TYPES];
/* Notes that the task leads its process. */
void model_process__lead(struct model *m, struct model_task *t);
/* Ends the claim of a released task on its process. */
void model_process__forget(struct model *m, struct model_task *t);

/* --- window.c: what a task does inside setns --- */

void model_window__open(struct model *m, const struct model_view *v);
/*
 * Applies a record to the window of the current task; a change_pid() of another task
 * also to the window of that task.
 */
void model_window__record(const struct model_view *v);
void model_window__close(struct model *m, struct model_task *t);
/* keep.c: applies a record of a join that keeps the struct pid to the window of current. */
void model_keep__record(struct model_window *w, const struct model_view *v);
/* Keeps the stack of a window's last record of this type. */
void model_window__keep(struct model_window *w, uint32_t type,
			const __u64 *stack);

/* --- pid.c: the struct pids --- */

static inline struct model_pid *model__find_pid(const struct model *m,
						uint64_t address)
{
	struct model_pid *p = m->last_pid;

	return p && p->address == address ? p : table__find(&m->pids, address);
}

extern model_finder *const model_pid_finders[WIRE_KERNEL_TYPES];
extern model_step *const model_pid_steps[WIRE_KERNEL_TYPES];

/* --- ns.c: the pid namespaces --- */

extern model_finder *const model_ns_finders[WIRE_KERNEL_TYPES];
extern model_step *const model_ns_steps[WIRE_KERNEL_TYPES];

/* --- zap.c: the init of a namespace, in zap_pid_ns_processes() --- */

/* Starts anew, at a ZAP_ENTER. */
void model_zap__begin(struct model_zap *z, const struct model_view *v);
/* Applies a visit by the sweep @s. allocated: pid_allocated of the namespace */
void model_zap__visit(struct model_ns *ns, const struct model_sweep *s,
		      const struct wire_sweep_task *r, uint32_t allocated);

/* --- scope.c: the operations of each program --- */

/* Counts a record for the program that its task runs. */
void model_scope__record(struct model *m, const struct model_view *v);
/* Ends the claim of a released task on its scope. */
void model_scope__forget(struct model_task *t);

/* --- stack.c: the kernel stacks, which model__stack() returns --- */

/* Stores a stack, or hands the stored one to the record that it belongs to. */
void model_stack__record(struct model *m, const struct model_view *v);

#endif /* LOADER_MODEL_PARTS_H */
