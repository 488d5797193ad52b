/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads in which cgroup a task is. */
#ifndef BPF_CGROUP_H
#define BPF_CGROUP_H

/* Returns the id of the task's cgroup in the unified hierarchy, or 0. */
static __always_inline u64 task__cgroup(struct task_struct *task)
{
	u64 set, cgroup;

	if (!bpf_core_field_exists(task->cgroups))
		return 0;
	set = (u64)TASK(task, cgroups);
	cgroup = (u64)READ(struct css_set, set, dfl_cgrp);
	return READ(struct kernfs_node, READ(struct cgroup, cgroup, kn), id);
}

#endif /* BPF_CGROUP_H */
