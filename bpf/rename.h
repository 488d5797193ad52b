/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the program on changes of a task's name.
 *
 * The record is made after the change, so whatever was read from the task earlier
 * comes earlier in the stream. An exec has a record of its own.
 */
#ifndef BPF_RENAME_H
#define BPF_RENAME_H

/* __set_task_comm(struct task_struct *, const char *, bool exec) */
static __always_inline int on_task_rename(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[0];
	struct wire_rename *r;
	struct per_cpu *cpu;

	if ((u8)arg[2] || TASK(task, flags) & PF_KTHREAD)
		return 0;
	cpu = program__enter(WIRE_RENAME);
	if (!cpu)
		return 0;
	RECORD_OR_RETURN(r, cpu, WIRE_RENAME);
	task__fill(&r->task, task);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_RENAME, task_rename, "__set_task_comm", 3)

#endif /* BPF_RENAME_H */
