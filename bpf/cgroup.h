/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads in which cgroup a task is, and the id of a cgroup. */
#ifndef BPF_CGROUP_H
#define BPF_CGROUP_H

static __always_inline u64 cgroup__id(u64 cgroup)
{
	return READ(struct kernfs_node, READ(struct cgroup, cgroup, kn), id);
}

/* Returns the id of the task's cgroup in the unified hierarchy, or 0. */
static __always_inline u64 task__cgroup(struct task_struct *task)
{
	u64 set;

	if (!bpf_core_field_exists(task->cgroups))
		return 0;
	set = (u64)TASK(task, cgroups);
	return cgroup__id((u64)READ(struct css_set, set, dfl_cgrp));
}

#endif /* BPF_CGROUP_H */
