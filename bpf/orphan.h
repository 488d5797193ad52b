/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the program on orphans, which shows to whom each was given.
 *
 * forget_original_parent() gives away all children of a task that exits, and calls
 * kill_orphaned_pgrp() for each one that another process gets. It holds tasklist_lock,
 * so the new real_parent stays.
 *
 * Bad at: a kernel whose compiler has inlined both calls of kill_orphaned_pgrp().
 */
#ifndef BPF_ORPHAN_H
#define BPF_ORPHAN_H

static __always_inline void orphan__fill_parent(struct wire_orphan *r)
{
	relative__fill(&r->real_parent);
	comm__fill(r->parent_comm,
		   (u64)TASK(r->real_parent.task, group_leader));
}

/*
 * kill_orphaned_pgrp(struct task_struct *, struct task_struct *parent). Each process
 * that exits calls it once more, for itself, without a parent.
 */
static __always_inline int on_task_orphan(struct place at, const u64 *arg)
{
	u64 task = arg[0], real_parent, pid, parent_pid;
	struct wire_orphan *r;
	struct per_cpu *cpu;
	struct both_levels levels;

	if (!arg[1])
		return 0;
	cpu = program__enter(WIRE_ORPHAN);
	if (!cpu)
		return 0;
	pid = task__thread_pid((void *)task);
	real_parent = (u64)TASK(task, real_parent);
	parent_pid = task__pid((void *)real_parent, PIDTYPE_TGID);
	levels = both__levels(pid, parent_pid);
	RECORD_PIDS_OR_RETURN(r, cpu, WIRE_ORPHAN, 2, levels.most);
	task__fill(&r->task, (void *)task);
	r->real_parent.task = real_parent;
	orphan__fill_parent(r);
	FILL_BOTH(r, levels, pid, parent_pid);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_ORPHAN, task_orphan, "kill_orphaned_pgrp")

#endif /* BPF_ORPHAN_H */
