/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generates traces: gen__new() makes a machine, and gen__begin() and gen__end() enclose
 * the operations.
 *
 * A struct gen has tasks, struct pids and namespaces, and the operations of
 * kernel/pid.c and fork on them; each operation emits the records of its hooks. The
 * scenarios below follow the kernel call by call, so that a test can omit a call, or
 * change a record, and check which rule reports it.
 */
#ifndef TESTS_UNIT_TRACEGEN_H
#define TESTS_UNIT_TRACEGEN_H

#include <stdbool.h>
#include <stdint.h>
#include "loader/trace/hook_mask.h"
#include "loader/trace/record.h"
#include "loader/trace/sink.h"

#define GEN_NEWPID	0x20000000
#define GEN_NEWNET	0x40000000
#define GEN_ADDING	(1u << 31)
#define GEN_LEVELS	4
/* Start of the stacks recorded for a record of this type. */
#define GEN_STACK(type)	(0xffffffff81001000ull + 0x10 * (type))
/* Inode of a /proc directory. */
#define GEN_INODE	0xffff888400000000ull
/* Address of the nth task made; reaped tasks are reused first. */
#define GEN_TASK(n)	(0xffff888000000000ull + 0x2000 * (n))

struct gen_task;

struct gen_ns {
	uint32_t inum;
	struct gen_ns *parent;
	uint32_t level;
	uint32_t pid_allocated;
	int32_t next_nr;
	struct gen_task *child_reaper;
	uint64_t user_ns;
	uint32_t references;		/* gained by joins that keep the struct pid */
	bool gone;
};

struct gen_pid {
	uint64_t address;
	uint32_t level, count;
	unsigned int held;		/* other references, such as a pidfd */
	uint64_t inodes;		/* first inode of /proc, 0: none */
	int32_t nr[GEN_LEVELS];
	struct gen_ns *ns[GEN_LEVELS];
	struct gen_task *first[WIRE_PIDTYPES];
	unsigned int members[WIRE_PIDTYPES];
};

struct gen_task {
	uint64_t address, start, signal, nsproxy;
	struct gen_pid *thread_pid;
	struct gen_pid *pids[WIRE_PIDTYPES];	/* [0] is unused */
	int32_t pid, tgid;
	uint32_t nr_threads, state;
	struct gen_ns *children_ns;
	struct gen_task *parent;		/* real_parent and parent */
	unsigned int nchildren;			/* not yet reaped */
	bool alive;				/* not yet reaped */
	int32_t exit_state;
	bool inside;				/* inside setns() */
	bool waiting;				/* asleep, in wait4() or as an init
						   that ends */
	bool subreaper_above;			/* signal->has_child_subreaper */
	bool group_exit, out_of_memory;		/* SIGNAL_GROUP_EXIT, oom_mm */
	int exit_code, group_code;
	struct gen_pid *entry;			/* struct pid at entry to setns() */
	int32_t entry_nr;
	unsigned int flushes, changes;		/* since entry */
	char comm[WIRE_COMM_LEN];
};

/* Fate of a record. */
enum gen_fate {
	GEN_EMIT,
	GEN_LOSE,	/* the ring was full: its sequence number is used */
	GEN_VANISH,	/* the kernel never made it */
};

struct gen {
	struct record_sink *sink;
	union {
		struct wire_hdr hdr;
		char bytes[1024];
	} record;			/* the one being made */
	enum gen_fate (*filter)(struct gen *g, struct wire_hdr *rec);
	void *arg;			/* argument of the filter */
	unsigned int nth;		/* counter for filters */
	uint32_t cpu;
	uint32_t seq[4];
	uint64_t ts_ns;
	uint64_t records;
	uint64_t hits[WIRE_KERNEL_TYPES], lost[WIRE_KERNEL_TYPES];
	/* reported by gen__end() without any effect on records */
	uint64_t lost_map[WIRE_KERNEL_TYPES], missed[WIRE_KERNEL_TYPES];
	bool off[WIRE_KERNEL_TYPES];	/* the programs were off for a while */
	uint32_t knob;			/* enum wire_knob, in all namespaces */
	uint32_t knob_writes;		/* starts and ends of writes */
	hook_mask no_hooks;		/* mask of hooks that are not attached */
	hook_mask partial_hooks;		/* mask of hooks that may miss events,
					   uncounted */
	bool unlocked;			/* tasklist_lock is not taken */
	bool wants_stacks;		/* each change_pid() has a stack */
	int error;			/* error of the sink */
	uint32_t sweeps;
	uint32_t next_inum;		/* inum of the next namespace, 0: a new one */
	struct gen_ns ns[8];
	unsigned int nns;
	bool reuse_ns;			/* new namespaces get the memory of old ones */
	struct gen_pid *pids;
	unsigned int npids, max_pids;
	struct gen_pid *free_list[64];	/* freed, in their grace period */
	unsigned int nfree;
	struct gen_pid **slab;		/* free for reuse */
	unsigned int nslab;
	struct gen_task *tasks;
	unsigned int ntasks, max_tasks;
	struct gen_task **task_slab;
	unsigned int ntask_slab;
	struct gen_task *init;		/* pid 1 of the initial namespace */
};

/* Makes a machine with its init; max: limit of live tasks and struct pids. */
struct gen *gen__new(struct record_sink *sink, unsigned int max);
void gen__free(struct gen *g);

/* Emits META_HOOK for each hook, and META_COMMAND if command is not 0. */
void gen__begin(struct gen *g, int32_t command);
/* Emits META_STATS and META_END. */
void gen__end(struct gen *g);

/* --- operations, each with the records of its hooks --- */

/* Emits NS_NEW, by cur; NULL: no record, the namespace was there before. */
struct gen_ns *gen__ns(struct gen *g, struct gen_task *cur,
		       struct gen_ns *parent);
/* Frees a namespace, after its last reference and its grace period. */
void gen__ns_ends(struct gen *g, struct gen_ns *ns);
struct gen_pid *gen__alloc_pid(struct gen *g, struct gen_task *cur,
			       struct gen_ns *ns);
void gen__alloc_fails(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		      int error);
void gen__free_pid(struct gen *g, struct gen_task *cur, struct gen_pid *pid);
void gen__change_pid(struct gen *g, struct gen_task *cur,
		     struct gen_task *task, enum wire_pidtype type,
		     struct gen_pid *pid);
/* detach_pid(), then attach_pid(), by cur on itself */
void gen__relink(struct gen *g, struct gen_task *cur, enum wire_pidtype type);
/* Ends the grace period of all freed struct pids, on top of cur. */
void gen__grace_period(struct gen *g, struct gen_task *cur);

struct gen_task *gen__fork(struct gen *g, struct gen_task *cur);
struct gen_task *gen__clone_thread(struct gen *g, struct gen_task *cur);
/* Fork with CLONE_PARENT; with CLONE_NEWPID, without effect on cur's later children. */
struct gen_task *gen__clone_parent(struct gen *g, struct gen_task *cur);
struct gen_task *gen__clone_newpid(struct gen *g, struct gen_task *cur);
/* Runs /bin/COMM with the argument COMM. */
void gen__exec(struct gen *g, struct gen_task *cur, const char *comm);
struct gen_exec {
	int32_t old_pid;
	const char *path;
	const char *args;	/* with NULs */
	size_t args_size;
};
void gen__exec_as(struct gen *g, struct gen_task *cur, const struct gen_exec *exec);
/* Exec by a thread that becomes the leader after the old leader's death. */
void gen__exec_thread(struct gen *g, struct gen_task *cur,
		      struct gen_task *leader);
void gen__exit(struct gen *g, struct gen_task *cur, int code);
/* Makes code the status of the process, without a record: exit_group(), reboot(). */
void gen__group_exit(struct gen *g, struct gen_task *cur, int code);
/* cur sends SIGKILL to t: by kill(); as the kernel; with a siginfo. */
void gen__kill(struct gen *g, struct gen_task *cur, struct gen_task *t);
void gen__kill_by_kernel(struct gen *g, struct gen_task *cur,
			 struct gen_task *t);
void gen__kill_with_code(struct gen *g, struct gen_task *cur,
			 struct gen_task *t, int code);
void gen__rename(struct gen *g, struct gen_task *cur, struct gen_task *t,
		 const char *comm);
/* Moves one thread to a cgroup. */
void gen__cgroup_move(struct gen *g, struct gen_task *cur, struct gen_task *t,
		      uint64_t cgroup);
/* Names a cgroup, as the loader does before the first record that has its id. */
void gen__cgroup(struct gen *g, uint64_t id, const char *path);
void gen__release(struct gen *g, struct gen_task *cur, struct gen_task *dead);
void gen__setsid(struct gen *g, struct gen_task *cur);
/* Ends the init of a namespace: clears PIDNS_ADDING, sends SIGKILL to all other tasks. */
void gen__zap_enter(struct gen *g, struct gen_task *cur, struct gen_ns *ns);
void gen__zap_exit(struct gen *g, struct gen_task *cur, struct gen_ns *ns);
/* wait4() by cur considers t. */
void gen__wait(struct gen *g, struct gen_task *cur, struct gen_task *t);
void gen__notify_pidfd(struct gen *g, struct gen_task *cur,
		       struct gen_task *t);
/* timer_lock_sighand() by cur, for a timer armed by pid; ret may be NULL. */
void gen__timer_lock(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		     struct gen_task *ret, uint64_t head);
/* Emits the stack of cur's next record of this type. */
void gen__stack(struct gen *g, struct gen_task *cur, unsigned int type);
/* Sweeps over all tasks once, as init. */
void gen__sweep(struct gen *g, enum wire_sweep_reason reason);
/*
 * A call by cur that fails: a record of this type with the facts, completed by the task
 * and the namespace of its children.
 */
void gen__fails(struct gen *g, struct gen_task *cur, unsigned int type,
		const struct wire_call_failed *facts);
void gen__error_report(struct gen *g, struct gen_task *cur);

/* --- parts of a setns() --- */

void gen__enter(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		uint32_t flags);
void gen__enter_other(struct gen *g, struct gen_task *cur); /* a net ns */
void gen__capable(struct gen *g, struct gen_task *cur, uint64_t user_ns,
		  bool granted);
void gen__installed(struct gen *g, struct gen_task *cur, struct gen_ns *target,
		    int ret);
/* Like gen__installed(), by root of user_ns. */
void gen__installed_by(struct gen *g, struct gen_task *cur,
		       struct gen_ns *target, uint64_t user_ns, int ret);
void gen__switch_ns(struct gen *g, struct gen_task *cur, struct gen_ns *to);
void gen__wake_parent(struct gen *g, struct gen_task *cur);
/* task:pid_rewrite, and proc_flush_pid(), also called in release_task() */
void gen__pid_rewrite(struct gen *g, struct gen_task *cur,
		      struct gen_pid *from, struct gen_pid *to);
void gen__flush_pid(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		    bool locked);
void gen__commit(struct gen *g, struct gen_task *cur, struct gen_pid *pid);
void gen__leave(struct gen *g, struct gen_task *cur, uint32_t flags,
		int64_t ret);

/* --- parts of a join that keeps the struct pid --- */

/* Returns the number. */
int32_t gen__reserve_nr(struct gen *g, struct gen_task *cur, struct gen_ns *ns);
void gen__reserve_fails(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
			int error);
void gen__unreserve_nr(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		       int32_t nr);
void gen__deepen(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		 struct gen_ns *ns, int32_t nr);
void gen__publish_nr(struct gen *g, struct gen_task *cur, struct gen_pid *pid);
/* pid_undeepen() of a struct pid that was allocated at a level */
void gen__undeepen(struct gen *g, struct gen_task *cur, struct gen_pid *pid,
		   uint32_t level);
/* task:pid_deepen */
void gen__pid_deepen(struct gen *g, struct gen_task *cur);
/* pidns_commit_deepen(), with the number nr */
void gen__commit_keep(struct gen *g, struct gen_task *cur, struct gen_ns *ns,
		      int32_t nr);
/* The call up to the return of pidns_install(). Returns the reserved number. */
int32_t gen__prepare_keep(struct gen *g, struct gen_task *cur, struct gen_ns *target);

/* --- whole calls --- */

/* setns() of mainline: moves future children, not the caller. */
void gen__setns_mainline(struct gen *g, struct gen_task *cur,
			 struct gen_ns *target);
/* setns() of the series join, or with the knob at 2 of the series keep. */
void gen__setns_join(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target);
/* setns() of a caller without permission: pidns_install() returns error. */
void gen__setns_refused(struct gen *g, struct gen_task *cur,
			struct gen_ns *target, int error);
/* setns() that fails in a namespace installed later. */
void gen__setns_late(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target, int error);
void gen__setns_keep(struct gen *g, struct gen_task *cur, struct gen_ns *target);
void gen__setns_keep_late(struct gen *g, struct gen_task *cur, struct gen_ns *target,
			  int error);
/* setns() of the posting of 2012, ported literally. */
void gen__setns_seed(struct gen *g, struct gen_task *cur,
		     struct gen_ns *target);

/* Makes a container: a namespace below cur's with its init, forked by cur. */
struct gen_ns *gen__container(struct gen *g, struct gen_task *cur);

/* Makes a task that may join: forked by cur, leader of its own session. */
struct gen_task *gen__candidate(struct gen *g, struct gen_task *cur);

#endif /* TESTS_UNIT_TRACEGEN_H */
