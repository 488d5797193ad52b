/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts records that are missing although other records prove that they should be
 * there: pairs__record() takes each kernel record, and pairs__end() ends the stream.
 *
 * A hook that misses some of its events, because the compiler inlined some of the
 * calls, counts no loss. But what comes in pairs vouches for each other: a setns that
 * is left was entered, a task that exits was forked, a task that is released leaves its
 * struct pids, a sweep visits the tasks that live.
 */
#ifndef LOADER_JUDGE_PAIRS_H
#define LOADER_JUDGE_PAIRS_H

#include <stdint.h>

#include "loader/trace/record.h"

struct model;
struct model_view;
struct pairs;

/*
 * X(enum, hook that missed an event, what the other records show). The text completes
 * "HOOK missed 3 calls: ".
 */
#define PAIRS(X) \
	X(ENTERED, SETNS_ENTER, "setns() was left, or called pidns_install(), without having been entered") \
	X(LEFT, SETNS_EXIT, "setns() was entered, but not left before its caller did something else") \
	X(INSTALLED, PIDNS_INSTALL, "setns() on a pid namespace returned 0, or checked a capability, without pidns_install()") \
	X(CHECKED, NS_CAPABLE, "pidns_install() returned 0 without its two checks of a capability") \
	X(SWITCHED, SWITCH_NS, "a task got other namespaces without switch_task_namespaces()") \
	X(COMMITTED, COMMIT_JOIN, "a task joined a pid namespace without pidns_commit_join()") \
	X(KEPT, COMMIT_DEEPEN, "a task joined a pid namespace with its struct pid, without pidns_commit_deepen()") \
	X(ALLOCATED, ALLOC_PID, "a task was forked without alloc_pid() of its struct pid") \
	X(ALLOC_STACK, ALLOC_PID, "alloc_pid() was called inside setns(), but its kernel stack is missing") \
	X(FREE_STACK, FREE_PID, "free_pid() was called inside setns(), but its kernel stack is missing") \
	X(ATTACHED, ATTACH_PID, "a task was forked, but not attached to all of its struct pids") \
	X(CHANGED, CHANGE_PID, "a process got another process group or session without change_pid()") \
	X(DETACHED, DETACH_PID, "a task was released, but not detached from all of its struct pids") \
	X(FLUSHED, FLUSH_PID, "a task was released without proc_flush_pid() of its struct pid") \
	X(FORKED, FORK, "a task exited whose struct pid was allocated in this run, but whose fork was not seen") \
	X(EXECED, EXEC, "a thread took over its process, but its exec was not seen") \
	X(EXCHANGED, EXCHANGE_TIDS, "exec by a thread that is not the leader, without exchange_tids()") \
	X(TRANSFERRED, TRANSFER_PID, "exec by a thread that is not the leader, without its three transfer_pid()") \
	X(EXITED, EXIT, "a task was released without having exited") \
	X(RELEASED, RELEASE, "a task that had exited is gone, but was not released") \
	X(GONE, PID_GONE, "the memory of a struct pid was used again, but its end was not seen") \
	X(NS_MADE, NS_NEW, "a task got a new pid namespace that was not made in this run") \
	X(NS_FREED, NS_FREE, "the memory of a pid namespace was used again, but its end was not seen") \
	X(ZAP_ENTERED, ZAP_ENTER, "the init of a pid namespace ended without entering zap_pid_ns_processes()") \
	X(ZAP_LEFT, ZAP_EXIT, "the init of a pid namespace ended without leaving zap_pid_ns_processes()") \
	X(WAITED, WAIT_CHILD, "a task was released by a waiter in another pid namespace that had not considered it") \
	X(NOTIFIED, NOTIFY_PIDFD, "some tasks exited without do_notify_pidfd(), and others of the same kind with it") \
	X(TIMED, TIMER_LOCK, "a CPU timer of a process was armed without timer_lock_sighand()") \
	X(SWEPT, SWEEP, "a sweep over all threads has a begin without an end, or an end without a begin") \
	X(VISITED, SWEEP, "a sweep over all threads did not visit a thread that lived, or did not visit pidnstrace")

enum pair {
#define X(e, ...) PAIR_##e,
	PAIRS(X)
#undef X
	PAIRS_N,
};

struct pair_gap {
	uint64_t count;
	uint64_t first;		/* record that shows the first one */
	uint64_t whole;		/* times the pair was whole */
};

/* The model must outlive the pairs. */
struct pairs *pairs__new(const struct model *m);
void pairs__free(struct pairs *p);	/* NULL is legal */

/* Takes a kernel record, after model__resolve() and before model__apply(). */
void pairs__record(struct pairs *p, const struct model_view *v);

/* Ends the stream: counts what the last sweeps show to be overdue. */
void pairs__end(struct pairs *p);

struct pair_gap pairs__gap(const struct pairs *p, enum pair pair);

#endif /* LOADER_JUDGE_PAIRS_H */
