/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gathers the calls of attach_pid() of a fork, and of detach_pid() of an exit, into one
 * record.
 *
 * copy_process() and __unhash_process() make up to four of these calls for a task, with
 * tasklist_lock held for writing and irqs off. So between the first and the last call,
 * only an NMI can run on the CPU, and no other CPU changes links. The calls are kept per
 * CPU, and the last one sends them. If the last one does not come, or another hook
 * is hit in between (before 6.15, free_pid() is called between the detaches), the next
 * record of the CPU sends them first: reserve(). At the end of a session, the loader
 * takes what no program has sent.
 *
 * A call that does not fit has a record of its own: of a thread, whose only link is its
 * PID; without tasklist_lock; in a join; and with PREEMPT_RT, where irqs stay on.
 */
#ifndef BPF_LINKS_H
#define BPF_LINKS_H

#include "links_shape.h"

/* Sends what this CPU has gathered. */
__noinline int links__send(void)
{
	struct per_cpu *cpu = counts__mine();
	struct wire_links_pid *r;
	struct outcome *of;
	struct gathered *g;
	u32 n, type;

	if (!cpu)
		return 0;
	g = &cpu->gathered;
	n = __sync_lock_test_and_set(&g->n, 0);
	if (!n)
		return 0;
	type = g->type;
	of = type == WIRE_ATTACH_PID ? &cpu->of[WIRE_ATTACH_PID] :
				       &cpu->of[WIRE_DETACH_PID];
	__sync_fetch_and_add(&of->hits, n);
	r = reserve_events(cpu, of, n, type, sizeof(*r), 0, 0, 0);
	if (!r)
		return 0;
	gathered__fill(r, g, n);
	SUBMIT(r);
	return 0;
}

/*
 * True for the first call of a fork of a process, and for each call but the last of its
 * exit.
 */
static __always_inline bool links__begin(enum wire_type type,
					 struct task_struct *task, u32 pidtype)
{
	if (type == WIRE_ATTACH_PID)
		return pidtype == PIDTYPE_TGID &&
		       task != bpf_get_current_task_btf();
	return pidtype != PIDTYPE_SID && TASK(task, group_leader) == task;
}

/* True for the last call. */
static __always_inline bool links__end(enum wire_type type, u32 pidtype)
{
	return pidtype == (type == WIRE_ATTACH_PID ? PIDTYPE_PID : PIDTYPE_SID);
}

static __always_inline void gathered__begin(struct gathered *g,
					    enum wire_type type,
					    struct task_struct *task, u16 flags)
{
	struct task_struct *current = bpf_get_current_task_btf();

	g->type = type;
	g->flags = flags | WIRE_F_LINKS |
		   (current->flags & PF_KTHREAD ? WIRE_F_KERNEL_TASK : 0);
	g->current_task = (u64)current;
	g->current_start = current->start_boottime;
	g->task = (u64)task;
	g->start = TASK(task, start_boottime);
	g->task_pid = TASK(task, pid);
}

/* Returns false if the call needs a record of its own. */
static __always_inline bool links__gather(struct per_cpu *cpu,
					  enum wire_type type,
					  struct task_struct *task, u32 pidtype,
					  u16 flags)
{
	struct gathered *g = &cpu->gathered;
	u32 n = g->n;

	if (copies_atomic > 1 || !(flags & WIRE_F_TASKLIST_WRITE) ||
	    pidtype >= WIRE_PIDTYPES || n >= WIRE_PIDTYPES)
		return false;
	if (!n) {
		if (!links__begin(type, task, pidtype))
			return false;
		gathered__begin(g, type, task, flags);
	} else if (g->type != type || g->task != (u64)task ||
		   g->current_task != (u64)bpf_get_current_task_btf()) {
		return false;
	}
	g->pid[n] = task__pid(task, pidtype);
	g->pidtype[n] = pidtype;
	/* If an interrupt has sent the others meanwhile, this one is not with them. */
	if (__sync_val_compare_and_swap(&g->n, n, n + 1) != n)
		return false;
	if (links__end(type, pidtype))
		links__send();
	return true;
}

#endif /* BPF_LINKS_H */
