// SPDX-License-Identifier: GPL-2.0-only
/*
 * pidnstrace.bpf.c - one program a hook of WIRE_HOOKS, in its order; those about
 * memory and namespaces, and the sweep, are in headers of their own.
 *
 * Each copies facts into one record (wire.h) and decides nothing. The
 * programs on attach_pid(), change_pid(), detach_pid(), transfer_pid(),
 * exchange_tids() and free_pid() run with tasklist_lock held and irqs off:
 * they reserve, copy and submit.
 *
 * Bad at: telling who holds tasklist_lock for writing. Its byte says that
 * somebody does, and that is what is reported.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "wire.h"
#include "counts.h"
#include "record.h"
#include "stack.h"
#include "window.h"
#include "memory.h"
#include "sweep.h"
#include "watchers.h"

char LICENSE[] SEC("license") = "GPL";

extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;

/* Run once by the loader, before ready. */
SEC("syscall")
int find_symbols(void *ctx)
{
	static const char name[] = "tasklist_lock";
	u64 address = 0;

	/* another kind of lock on PREEMPT_RT */
	if (!bpf_core_field_exists(((rwlock_t *)0)->raw_lock))
		return 0;
	if (!bpf_kallsyms_lookup_name(name, sizeof(name), 0, &address))
		tasklist_lock_address = address;
	return 0;
}

SEC("fentry/__x64_sys_setns")
int BPF_PROG(setns_enter, const struct pt_regs *regs)
{
	struct per_cpu *me = program__enter(WIRE_SETNS_ENTER);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_setns_enter *r;
	int fd = regs->di;
	u32 flags = regs->si;
	bool deep;
	u64 pid;

	if (!me)
		return 0;
	if (!window__open(task, fd, flags))
		__sync_fetch_and_add(&me->of[WIRE_SETNS_ENTER].lost_map, 1);

	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_SETNS_ENTER, 1, deep);
	task__fill(&r->task, task);
	r->fd = fd;
	r->flags = flags;
	fd__describe(r);
	r->knob_writes = knob_writes;
	r->knob = knob__state(r->task.thread_pid);
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/* Which task has this level 0 number? An address to compare, no reference. */
static __always_inline u64 task_of_number(s32 nr)
{
	struct task_struct *task;
	u64 address;

	if (!has_task_from_pid)
		return 0;
	task = bpf_task_from_pid(nr);
	if (!task)
		return 0;
	address = (u64)task;
	bpf_task_release(task);
	return address;
}

SEC("fexit/__x64_sys_setns")
int BPF_PROG(setns_exit, const struct pt_regs *regs, long ret)
{
	struct per_cpu *me = program__enter(WIRE_SETNS_EXIT);
	struct task_struct *task = bpf_get_current_task_btf();
	struct window *found, w;
	struct wire_setns_exit *r;
	bool deep;
	u64 pid;

	if (!me)
		return 0;
	found = window__find(task);
	if (!found)
		return 0;	/* it was inside before we began */
	w = *found;
	window__close(task);

	pid = task__thread_pid(task);
	deep = pid_is_deep(pid) || pid_is_deep(w.old_pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_SETNS_EXIT, 2, deep);
	task__fill(&r->task, task);
	links__fill(&r->links, task);
	r->ret = ret;
	r->fd = w.fd;
	r->flags = w.flags;
	r->found_new = task_of_number(task->pid);
	r->found_old = w.old_nr == task->pid ? r->found_new :
					       task_of_number(w.old_nr);
	r->found_known = has_task_from_pid;
	r->knob = knob__state(r->task.thread_pid);
	r->inodes_left = w.inodes_left;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	FILL_PID(r, 1, deep, w.old_pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

SEC("fexit/pidns_install")
int BPF_PROG(pidns_install, struct nsset *nsset, struct ns_common *ns, int ret)
{
	struct per_cpu *me = program__enter(WIRE_PIDNS_INSTALL);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_pidns_install *r;
	u64 pid, target, active;
	bool deep;

	if (!me)
		return 0;
	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_PIDNS_INSTALL, 1, deep);
	target = (u64)ns - bpf_core_field_offset(struct pid_namespace, ns);
	active = pid_ns_of(pid);
	task__fill(&r->task, task);
	r->target = target;
	r->target_user_ns = (u64)READ(struct pid_namespace, target, user_ns);
	r->cred_user_ns = (u64)nsset->cred->user_ns;
	r->active_user_ns = (u64)READ(struct pid_namespace, active, user_ns);
	r->ret = ret;
	r->target_ns = ns->inum;
	r->target_parent =
		pidns_inum((u64)READ(struct pid_namespace, target, parent));
	r->target_level = READ(struct pid_namespace, target, level);
	r->child_reaper = (u64)READ(struct pid_namespace, target, child_reaper);
	r->knob = knob__state(r->task.thread_pid);
	r->knob_writes = knob_writes;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/*
 * Of what the knob is at two moments nobody can tell what it was between them. But
 * if no write of it began or ended meanwhile, and it is the same, it was that.
 */
SEC("fentry/pid_ns_join_handler")
int BPF_PROG(knob_write, const struct ctl_table *table, int write)
{
	if (write)
		__sync_fetch_and_add(&knob_writes, 1);
	return 0;
}

SEC("fexit/pid_ns_join_handler")
int BPF_PROG(knob_written, const struct ctl_table *table, int write)
{
	if (write)
		__sync_fetch_and_add(&knob_writes, 1);
	return 0;
}

SEC("fexit/ns_capable")
int BPF_PROG(ns_capable, struct user_namespace *ns, int cap, bool ret)
{
	struct per_cpu *me = program__enter(WIRE_NS_CAPABLE);
	struct wire_ns_capable *r;

	if (!me || !window__find(bpf_get_current_task_btf()))
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_NS_CAPABLE);
	r->user_ns = (u64)ns;
	r->cap = cap;
	r->ret = ret;
	SUBMIT(r);
	return 0;
}

SEC("fexit/alloc_pid")
int BPF_PROG(alloc_pid, struct pid_namespace *ns, s32 *set_tid,
	     u64 set_tid_size, struct pid *ret)
{
	struct per_cpu *me = program__enter(WIRE_ALLOC_PID);
	struct wire_alloc_pid *r;
	u64 pid = (u64)ret;
	bool deep;

	if (!me)
		return 0;
	if (pid && !is_error(pid) && !memory__note_alloc(ctx, pid))
		__sync_fetch_and_add(&me->of[WIRE_PID_GONE].lost_map, 1);
	if (window__find(bpf_get_current_task_btf()))
		stack__tell(ctx, me, WIRE_ALLOC_PID);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_ALLOC_PID, 1, deep);
	task__fill(&r->task, bpf_get_current_task_btf());
	r->ns_address = (u64)ns;
	r->set_tid = (u64)set_tid;
	r->set_tid_size = set_tid_size;
	r->child_reaper = (u64)ns->child_reaper;
	r->ret = pid;
	r->ns = ns->ns.inum;
	r->ns_level = ns->level;
	r->pid_allocated = ns->pid_allocated;
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL_MORE);
	SUBMIT(r);
	return 0;
}

SEC("fentry/free_pid")
int BPF_PROG(free_pid, struct pid *arg)
{
	struct per_cpu *me = program__enter(WIRE_FREE_PID);
	struct wire_free_pid *r;
	u64 pid = (u64)arg;
	bool deep;

	if (!me)
		return 0;
	if (tasklist_is_unlocked() || window__find(bpf_get_current_task_btf()))
		stack__tell(ctx, me, WIRE_FREE_PID);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_FREE_PID, 1, deep);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

SEC("fentry/delayed_put_pid")
int BPF_PROG(put_pid, struct callback_head *rcu)
{
	struct per_cpu *me = program__enter(WIRE_PUT_PID);
	struct wire_put_pid *r;
	u32 count;
	u64 pid;

	if (!me)
		return 0;
	pid = (u64)rcu - bpf_core_field_offset(struct pid, rcu);
	count = READ(struct pid, pid, count.refs.counter);
	RECORD_OR_RETURN(r, me, WIRE_PUT_PID);
	r->pid = pid;
	r->count = count;
	r->reserved = 0;
	SUBMIT(r);
	return count == 1 ? memory__freed(ctx, pid) : 0;
}

/* A setns links its caller anew by change_pid(), and unlinks it never. */
static __always_inline bool leaves_inside(enum wire_type type,
					  struct task_struct *task)
{
	return type == WIRE_DETACH_PID &&
	       task == bpf_get_current_task_btf() && window__find(task);
}

static __always_inline int link_pid(void *ctx, enum wire_type type,
				    struct task_struct *task, u32 pidtype)
{
	struct per_cpu *me = program__enter(type);
	struct wire_link_pid *r;

	if (!me)
		return 0;
	if (tasklist_is_unlocked() || leaves_inside(type, task))
		stack__tell(ctx, me, type);
	RECORD_OR_RETURN(r, me, type);
	r->task = (u64)task;
	r->start = task->start_boottime;
	r->pid = task__pid(task, pidtype);
	r->task_pid = task->pid;
	r->pidtype = pidtype;
	SUBMIT(r);
	return 0;
}

SEC("fentry/attach_pid")
int BPF_PROG(attach_pid, struct task_struct *task, u32 pidtype)
{
	return link_pid(ctx, WIRE_ATTACH_PID, task, pidtype);
}

/* Is the task the only one in its session? hlist_is_singular_node() */
static __always_inline bool sid_is_singular(struct task_struct *task)
{
	u64 pid = (u64)task->signal->pids[PIDTYPE_SID];

	return !task->pid_links[PIDTYPE_SID].next &&
	       (u64)task->pid_links[PIDTYPE_SID].pprev ==
		       (u64)&((struct pid *)pid)->tasks[PIDTYPE_SID];
}

/* Not asked with PREEMPT_RT, where tasklist_lock is not known either. */
static __always_inline bool siglock_is_free(struct task_struct *task)
{
	u32 word;

	return tasklist_lock_address &&
	       !bpf_probe_read_kernel(&word, sizeof(word),
				      &task->sighand->siglock) && !word;
}

/* The first change inside of a setns tells where all of them come from. */
static __always_inline bool stack_is_due(struct task_struct *task)
{
	struct window *w = window__find(bpf_get_current_task_btf());

	return wants_stacks || (w && !w->changes++) ||
	       tasklist_is_unlocked();
}

static __always_inline int rewrite_pid(void *ctx, struct task_struct *task,
				       u32 pidtype, u64 new)
{
	struct per_cpu *me = program__enter(WIRE_CHANGE_PID);
	struct wire_change_pid *r;
	bool deep;
	u64 old;

	if (!me)
		return 0;
	old = task__pid(task, pidtype);
	deep = pid_is_deep(old) || pid_is_deep(new);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_CHANGE_PID, 2, deep);
	task__fill(&r->task, task);
	r->pidtype = pidtype;
	r->sid_singular = sid_is_singular(task);
	if (siglock_is_free(task))
		r->hdr.flags |= WIRE_F_SIGLOCK_FREE;
	if (stack_is_due(task))
		stack__fill(r->stack, ctx, STACK_SKIP);
	else
		__builtin_memset(r->stack, 0, sizeof(r->stack));
	FILL_PID(r, 0, deep, old, UPID_FILL);
	FILL_PID(r, 1, deep, new, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/* Arguments by hand: since 6.15 there is one more, in front. */
SEC("fentry/change_pid")
int change_pid(u64 *ctx)
{
	if (change_pid_has_pids)
		return rewrite_pid(ctx, (void *)ctx[1], ctx[2], ctx[3]);
	return rewrite_pid(ctx, (void *)ctx[0], ctx[1], ctx[2]);
}

SEC("fentry/detach_pid")
int detach_pid(u64 *ctx)
{
	if (change_pid_has_pids)
		return link_pid(ctx, WIRE_DETACH_PID, (void *)ctx[1], ctx[2]);
	return link_pid(ctx, WIRE_DETACH_PID, (void *)ctx[0], ctx[1]);
}

static __always_inline int two_tasks(void *ctx, enum wire_type type,
				     struct task_struct *from,
				     struct task_struct *to, u32 pidtype)
{
	struct per_cpu *me = program__enter(type);
	struct wire_two_tasks *r;

	if (!me)
		return 0;
	if (tasklist_is_unlocked())
		stack__tell(ctx, me, type);
	RECORD_OR_RETURN(r, me, type);
	task__fill(&r->from, from);
	task__fill(&r->to, to);
	r->pidtype = pidtype;
	r->reserved = 0;
	SUBMIT(r);
	return 0;
}

SEC("fentry/transfer_pid")
int BPF_PROG(transfer_pid, struct task_struct *old, struct task_struct *new,
	     u32 pidtype)
{
	return two_tasks(ctx, WIRE_TRANSFER_PID, old, new, pidtype);
}

SEC("fentry/exchange_tids")
int BPF_PROG(exchange_tids, struct task_struct *left, struct task_struct *right)
{
	return two_tasks(ctx, WIRE_EXCHANGE_TIDS, left, right, PIDTYPE_PID);
}

SEC("fentry/switch_task_namespaces")
int BPF_PROG(switch_ns, struct task_struct *task, struct nsproxy *new)
{
	struct per_cpu *me = program__enter(WIRE_SWITCH_NS);
	struct wire_switch_ns *r;
	bool deep;
	u64 pid;

	/* one that exits has none from here on, and its exit is told */
	if (!me || !new)
		return 0;
	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_SWITCH_NS, 1, deep);
	task__fill(&r->task, task);
	r->new_nsproxy = (u64)new;
	r->new_children_ns = r->new_nsproxy ?
		pidns_inum((u64)new->pid_ns_for_children) : 0;
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/*
 * Of the join series. Called by each setns that commits; that nothing has
 * changed is told by the setns itself.
 */
SEC("fexit/pidns_commit_join")
int BPF_PROG(commit_join, struct nsset *nsset)
{
	struct per_cpu *me = program__enter(WIRE_COMMIT_JOIN);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_commit_join *r;
	struct window *w;
	bool deep;
	u64 pid;

	if (!me)
		return 0;
	pid = task__thread_pid(task);
	w = window__find(task);
	if (w && w->old_pid == pid)
		return 0;
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_COMMIT_JOIN, 1, deep);
	task__fill(&r->task, task);
	links__fill(&r->links, task);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/* Of the join series: task:pid_rewrite */
SEC("tp_btf/pid_rewrite")
int BPF_PROG(pid_rewrite, struct task_struct *task, struct pid *old,
	     struct pid *new)
{
	struct per_cpu *me = program__enter(WIRE_PID_REWRITE);
	struct wire_pid_rewrite *r;
	bool deep;

	if (!me)
		return 0;
	deep = pid_is_deep((u64)old) || pid_is_deep((u64)new);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_PID_REWRITE, 2, deep);
	task__fill(&r->task, task);
	FILL_PID(r, 0, deep, (u64)old, UPID_FILL);
	FILL_PID(r, 1, deep, (u64)new, UPID_FILL);
	SUBMIT(r);
	return 0;
}

static __always_inline u64 first_inode(u64 pid)
{
	return (u64)READ(struct pid, pid, inodes.first);
}

/*
 * In a setns: it has something to do, is not the first one, is another's or
 * too early, or somebody has the lock.
 */
static __always_inline bool flush_is_odd(u64 pid, u64 inodes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct window *w = window__find(task);

	return w && (w->flushes++ || inodes || pid != w->old_pid ||
		     pid == task__thread_pid(task) ||
		     (tasklist_flags() & WIRE_F_TASKLIST_WRITE));
}

SEC("fentry/proc_flush_pid")
int BPF_PROG(flush_pid, struct pid *arg)
{
	struct per_cpu *me = program__enter(WIRE_FLUSH_PID);
	struct wire_flush_pid *r;
	u64 pid = (u64)arg, inodes;

	if (!me)
		return 0;
	inodes = first_inode(pid);
	if (flush_is_odd(pid, inodes))
		stack__tell(ctx, me, WIRE_FLUSH_PID);
	RECORD_OR_RETURN(r, me, WIRE_FLUSH_PID);
	r->pid = pid;
	r->inodes = inodes;
	SUBMIT(r);
	return 0;
}

/* The end of it, which the end of the setns tells of. */
SEC("fexit/proc_flush_pid")
int BPF_PROG(flush_pid_end, struct pid *arg)
{
	u64 pid = (u64)arg;
	struct window *w;

	if (!ready)
		return 0;
	w = window__find(bpf_get_current_task_btf());
	if (w && pid == w->old_pid)
		w->inodes_left = first_inode(pid);
	return 0;
}

/* Not sched_process_fork, which does not tell what was asked for. */
SEC("tp_btf/task_newtask")
int BPF_PROG(task_fork, struct task_struct *child, u64 clone_flags)
{
	struct task_struct *parent = bpf_get_current_task_btf();
	struct per_cpu *me = program__enter(WIRE_FORK);
	struct wire_fork *r;
	bool deep;
	u64 pid;

	if (!me)
		return 0;
	pid = task__thread_pid(child);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_FORK, 1, deep);
	task__fill(&r->task, child);
	r->parent = (u64)parent;
	r->parent_start = parent->start_boottime;
	r->real_parent = (u64)READ(struct task_struct, child, real_parent);
	r->parent_active_ns = pidns_inum(pid_ns_of(task__thread_pid(parent)));
	r->parent_pid = parent->pid;
	if (!(clone_flags & (CLONE_PARENT | CLONE_THREAD)))
		r->hdr.flags |= WIRE_F_OWN_CHILD;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

static __always_inline int life(enum wire_type type, struct task_struct *task,
				s32 exit_code, s32 old_pid)
{
	struct per_cpu *me = program__enter(type);
	struct wire_life *r;
	bool deep;
	u64 pid;

	if (!me)
		return 0;
	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, type, 1, deep);
	task__fill(&r->task, task);
	r->exit_code = exit_code;
	r->old_pid = old_pid;
	r->real_parent = (u64)READ(struct task_struct, task, real_parent);
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(task_exec, struct task_struct *task, s32 old_pid,
	     struct linux_binprm *bprm)
{
	return life(WIRE_EXEC, task, 0, old_pid);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(task_exit, struct task_struct *task)
{
	window__close(task);
	return life(WIRE_EXIT, task, task->exit_code, 0);
}

SEC("fentry/release_task")
int BPF_PROG(task_release, struct task_struct *task)
{
	return life(WIRE_RELEASE, task, task->exit_code, 0);
}

SEC("tp_btf/error_report_end")
int BPF_PROG(error_report, u32 detector, u64 address)
{
	struct per_cpu *me = program__enter(WIRE_ERROR_REPORT);
	struct wire_error_report *r;

	if (!me)
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_ERROR_REPORT);
	r->detector = detector;
	r->reserved = 0;
	r->address = address;
	stack__fill(r->stack, ctx, STACK_SKIP);
	SUBMIT(r);
	return 0;
}
