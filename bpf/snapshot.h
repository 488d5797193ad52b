/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies a task's state, and its links to struct pids, into a record.
 */
#ifndef BPF_SNAPSHOT_H
#define BPF_SNAPSHOT_H

/* Both kinds of head begin with a pointer; an empty list_head points to itself. */
static __always_inline bool has_posix_timers(struct signal_struct *s,
					     u64 address)
{
	u64 first;

	if (!bpf_core_field_exists(s->posix_timers))
		return false;
	first = (u64)GET(s, posix_timers.first);
	if (bpf_core_field_size(s->posix_timers) == sizeof(struct list_head))
		return first != address + bpf_core_field_offset(
						struct signal_struct,
						posix_timers);
	return first;
}

/* True if one of the three CPU timer queues of a task or a process is not empty. */
#define HAS_CPU_TIMERS(pointer)						\
	(CPU_TIMER(pointer, 0) || CPU_TIMER(pointer, 1) ||		\
	 CPU_TIMER(pointer, 2))
#define CPU_TIMER(pointer, i)						\
	GET(pointer,							\
	    posix_cputimers.bases[i].tqhead.rb_root.rb_root.rb_node)

#define SIGKILL_BIT (1ULL << (SIGKILL - 1))

/* True if a list of the task at @task is not empty: an empty one points to itself. */
#define IS_FILLED(t, task, member)					\
	((u64)GET(t, member.next) !=					\
	 (task) + bpf_core_field_offset(struct task_struct, member))

/* Read a member of the struct task_struct at address @task, or take its address. */
#define TASK(task, member) READ(struct task_struct, task, member)
#define TASK_ADDRESS(task, member) ((u64)&((struct task_struct *)(task))->member)

/* The conditions that a join checks: see enum wire_task_state. */
__noinline int task__conditions(u64 task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	u64 signal = (u64)GET(t, signal);
	struct signal_struct *s = CAST(struct signal_struct, signal);
	u32 state = 0;

	if (GET(s, tty))
		state |= WIRE_T_TTY;
	if (has_posix_timers(s, signal))
		state |= WIRE_T_POSIX_TIMERS;
	if (IS_FILLED(t, task, children))
		state |= WIRE_T_CHILDREN;
	if (IS_FILLED(t, task, ptraced))
		state |= WIRE_T_TRACEES;
	return state;
}

__noinline int task__cpu_timers(u64 task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	struct signal_struct *s = CAST(struct signal_struct, GET(t, signal));

	return bpf_core_field_exists(t->posix_cputimers) &&
	       (HAS_CPU_TIMERS(t) || HAS_CPU_TIMERS(s)) ?
		WIRE_T_CPU_TIMERS : 0;
}

static __always_inline u32 task__state(u64 task, struct task_struct *t,
				       struct signal_struct *s, u32 flags, u32 ptrace)
{
	u32 state = 0;

	if (GET(s, flags) & SIGNAL_GROUP_EXIT)
		state |= WIRE_T_GROUP_EXIT;
	if (ptrace)
		state |= WIRE_T_TRACED;
	if (flags & PF_EXITING)
		state |= WIRE_T_EXITING;
	if (flags & PF_KTHREAD)
		state |= WIRE_T_KTHREAD;
	if ((u64)GET(t, group_leader) == task)
		state |= WIRE_T_LEADER;
	return state;
}

static __always_inline u32 task__kill_pending(u64 task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	struct signal_struct *s = CAST(struct signal_struct, GET(t, signal));

	return (GET(t, pending.signal.sig[0]) |
		GET(s, shared_pending.signal.sig[0])) & SIGKILL_BIT ?
		WIRE_T_KILL_PENDING : 0;
}

/* @signal: the address of a struct signal_struct */
static __always_inline bool has_child_subreaper(u64 signal)
{
	struct signal_struct *s = (void *)signal;

	return BPF_CORE_READ_BITFIELD_PROBED(s, has_child_subreaper);
}

/* Like wait_task_zombie(). @signal: the address of a struct signal_struct */
static __always_inline s32 wait_status(u64 signal, s32 exit_code)
{
	struct signal_struct *s = CAST(struct signal_struct, signal);

	return GET(s, flags) & SIGNAL_GROUP_EXIT ? GET(s, group_exit_code) :
						   exit_code;
}

/* Copies the name of the task at address @task. */
static __always_inline void comm__fill(char *to, u64 task)
{
	struct list_head *words;	/* stands for any two words */

	words = CAST(struct list_head, TASK_ADDRESS(task, comm));
	((u64 *)to)[0] = (u64)GET(words, next);
	((u64 *)to)[1] = (u64)GET(words, prev);
}

static __always_inline void comm__fill_current(char *to)
{
	const u64 *words = (void *)bpf_get_current_task_btf()->comm;

	((u64 *)to)[0] = words[0];
	((u64 *)to)[1] = words[1];
}

static __always_inline u64 task__thread_pid(struct task_struct *task)
{
	return (u64)TASK(task, thread_pid);
}

/* Returns the inum of pid_ns_for_children; 0 for NULL. */
static __always_inline u32 nsproxy__children(u64 nsproxy)
{
	return !nsproxy ? 0 :
		pidns_inum((u64)READ(struct nsproxy, nsproxy,
				     pid_ns_for_children));
}

/* Fills all members from to->task but the start, the level 0 numbers and the name. */
static __always_inline void task__fill_links(struct wire_task *to, u32 flags, u32 ptrace)
{
	u64 task = to->task;
	struct task_struct *t = CAST(struct task_struct, task);
	u64 pid = (u64)GET(t, thread_pid);
	struct signal_struct *s;

	to->thread_pid = pid;
	to->nsproxy = (u64)GET(t, nsproxy);
	to->signal = (u64)GET(t, signal);
	s = CAST(struct signal_struct, to->signal);
	to->pids[WIRE_PID] = pid;
	to->pids[WIRE_TGID] = (u64)GET(s, pids[PIDTYPE_TGID]);
	to->pids[WIRE_PGID] = (u64)GET(s, pids[PIDTYPE_PGID]);
	to->pids[WIRE_SID] = (u64)GET(s, pids[PIDTYPE_SID]);
	to->active_ns = pidns_inum(pid_ns_of(pid));
	to->children_ns = nsproxy__children(to->nsproxy);
	to->nr_threads = GET(s, nr_threads);
	to->state = task__state(task, t, s, flags, ptrace);
}

/* Fills all other members from to->task. */
__noinline int task__fill_rest(struct wire_task *to)
{
	struct task_struct *t;

	if (!to)
		return 0;
	t = CAST(struct task_struct, to->task);
	to->start = GET(t, start_boottime);
	to->pid = GET(t, pid);
	to->tgid = GET(t, tgid);
	comm__fill(to->comm, to->task);
	task__fill_links(to, GET(t, flags), GET(t, ptrace));
	return 0;
}

/*
 * Fills all members from current. The kernel trusts this pointer, so a member that is not
 * a pointer takes one instruction, and eight fewer than task__fill_rest() needs.
 */
__noinline int task__fill_current(struct wire_task *to)
{
	struct task_struct *me = bpf_get_current_task_btf();

	if (!to)
		return 0;
	to->task = (u64)me;
	to->start = me->start_boottime;
	to->pid = me->pid;
	to->tgid = me->tgid;
	comm__fill_current(to->comm);
	task__fill_links(to, me->flags, me->ptrace);
	return 0;
}

static __always_inline void task__fill(struct wire_task *to,
				       struct task_struct *task)
{
	to->task = (u64)task;
	task__fill_rest(to);
}

static __always_inline void links__fill(struct wire_links *to,
					struct task_struct *task)
{
	struct task_struct *t = CAST(struct task_struct, task);

	to->base = TASK_ADDRESS(task, pid_links[0]);
#define LINK(type)							\
	to->next[type] = (u64)GET(t, pid_links[type].next);		\
	to->pprev[type] = (u64)GET(t, pid_links[type].pprev)
	LINK(PIDTYPE_PID);
	LINK(PIDTYPE_TGID);
	LINK(PIDTYPE_PGID);
	LINK(PIDTYPE_SID);
#undef LINK
}

/*
 * Returns the struct pid that @task has for @type. The switch is there because the
 * verifier requires constant offsets.
 */
static __always_inline u64 task__pid(struct task_struct *task, u32 type)
{
	struct task_struct *t = CAST(struct task_struct, task);
	struct signal_struct *s;

	if (type == PIDTYPE_PID)
		return (u64)GET(t, thread_pid);
	s = CAST(struct signal_struct, GET(t, signal));
	switch (type) {
	case PIDTYPE_TGID:
		return (u64)GET(s, pids[PIDTYPE_TGID]);
	case PIDTYPE_PGID:
		return (u64)GET(s, pids[PIDTYPE_PGID]);
	case PIDTYPE_SID:
		return (u64)GET(s, pids[PIDTYPE_SID]);
	}
	return 0;
}
#endif /* BPF_SNAPSHOT_H */
