/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the program on moves of tasks between cgroups.
 *
 * cgroup_migrate_execute() calls cgroup_freezer_migrate_task() for each task
 * that it has moved, under css_set_lock: a write to cgroup.procs makes a record
 * for each thread of the process. No fork and no exit calls that function; the
 * cgroup of a new task is in its FORK record. A move within a hierarchy of
 * version 1 leaves the task in its cgroup of the unified hierarchy.
 */
#ifndef BPF_CGROUP_MOVE_H
#define BPF_CGROUP_MOVE_H

/* cgroup_freezer_migrate_task(struct task_struct *, struct cgroup *src, *dst) */
static __always_inline int on_cgroup_move(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[0];
	struct wire_cgroup_move *r;
	struct per_cpu *cpu;

	if (arg[1] == arg[2] || TASK(task, flags) & PF_KTHREAD)
		return 0;
	cpu = program__enter(WIRE_CGROUP_MOVE);
	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_CGROUP_MOVE);
	r->task = arg[0];
	r->start = TASK(task, start_boottime);
	r->cgroup = cgroup__id(arg[2]);
	SUBMIT(r);
	return 0;
}

AT_ENTRY_ATOMIC(WIRE_CGROUP_MOVE, cgroup_move, "cgroup_freezer_migrate_task")

#endif /* BPF_CGROUP_MOVE_H */
