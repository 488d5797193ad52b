// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has one program per hook of WIRE_HOOKS, in the order of that table. Headers have the
 * programs for memory, namespaces, sweeps and watchers.
 *
 * Each program copies facts into one record (wire.h) and decides nothing. The programs
 * on attach_pid(), change_pid(), detach_pid(), transfer_pid() and exchange_tids() run
 * with tasklist_lock held and irqs off, and so does the program on free_pid() before
 * 6.15: they reserve, copy and submit.
 *
 * Bad at: reporting who holds tasklist_lock for writing. The lock's word shows only
 * that some task does, and the records report that.
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
#include "turn.h"
#include "ways.h"
#include "stack.h"
#include "window.h"
#include "memory.h"
#include "sweep.h"
#include "watchers.h"

char LICENSE[] SEC("license") = "GPL";

extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;

/* preempt_dynamic_mode of kernel/sched/core.c, if the kernel has it */
__s32 preempt_mode = PREEMPT_MODE_UNKNOWN;

/* True if an fprobe sees the end of any number of concurrent calls: since 6.14. */
bool fprobe_has_no_limit;

/* True if the kernel counts the skipped runs of programs on kprobes: since 6.7. */
bool kprobe_counts_misses;

/* The loader runs this program once, before it attaches the others. */
SEC("syscall")
int find_symbols(void *ctx)
{
	static const char name[] = "tasklist_lock";
	static const char mode[] = "preempt_dynamic_mode";
	u64 address = 0;

	fprobe_has_no_limit =
		bpf_core_field_exists(((struct fprobe *)0)->hlist_array);
	kprobe_counts_misses = bpf_core_field_exists(
		((struct bpf_link_info___6_7 *)0)->kprobe_multi.missed);
	if (!bpf_kallsyms_lookup_name(mode, sizeof(mode), 0, &address))
		bpf_probe_read_kernel(&preempt_mode, sizeof(preempt_mode),
				      (void *)address);
	address = 0;
	if (!bpf_kallsyms_lookup_name(name, sizeof(name), 0, &address))
		tasklist_lock_address = address;
	return 0;
}

/* Argument and result of find_function(), for functions that are not in BTF. */
char function_name[64];
__u64 function_address;

SEC("syscall")
int find_function(void *ctx)
{
	function_address = 0;
	bpf_kallsyms_lookup_name(function_name, sizeof(function_name), 0,
				 &function_address);
	return 0;
}

/* setns(fd, flags). The only argument points to the registers of the system call. */
static __always_inline int on_setns_enter(struct place at, const u64 *arg)
{
	struct pt_regs *regs = CAST(struct pt_regs, arg[0]);
	struct per_cpu *me = program__enter(WIRE_SETNS_ENTER);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_setns_enter *r;
	int fd = GET(regs, di);
	u32 flags = GET(regs, si);
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

AT_ENTRY(WIRE_SETNS_ENTER, setns_enter, "__x64_sys_setns")
ON_SYSCALL(WIRE_SETNS_ENTER, setns_enter, "sys_enter", NR_SETNS, on_setns_enter)

/* Returns the address of the task with this level 0 number, without a reference. */
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

/* Looks up the task by its level 0 number now and by the one at entry. */
static __always_inline void look_up(struct task_struct *task)
{
	struct window *w = window__find(task);
	s32 nr = TASK(task, pid);

	if (!w)
		return;
	w->found_new = task_of_number(nr);
	w->found_old = w->old_nr == nr ? w->found_new : task_of_number(w->old_nr);
	w->found_known = has_task_from_pid;
}

static __always_inline int on_setns_exit(struct place at, const u64 *arg)
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
		return 0;	/* this setns began before the tracer */
	w = *found;
	window__close(task);

	pid = task__thread_pid(task);
	deep = pid_is_deep(pid) || pid_is_deep(w.old_pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_SETNS_EXIT, 2, deep);
	task__fill(&r->task, task);
	links__fill(&r->links, task);
	r->ret = arg[1];
	r->fd = w.fd;
	r->flags = w.flags;
	r->found_new = w.found_new;
	r->found_old = w.found_old;
	r->found_known = w.found_known;
	r->knob = knob__state(r->task.thread_pid);
	r->inodes_left = w.inodes_left;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	FILL_PID(r, 1, deep, w.old_pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

static __always_inline int look_and_exit(struct place at, const u64 *arg)
{
	look_up(bpf_get_current_task_btf());
	return on_setns_exit(at, arg);
}

ON_TRAMPOLINE(WIRE_SETNS_EXIT, setns_exit, "fexit/__x64_sys_setns", look_and_exit,
	      copies)
ON_KPROBE_EXIT(WIRE_SETNS_EXIT, setns_exit, "__x64_sys_setns", 1, on_setns_exit)
ON_SYSCALL(WIRE_SETNS_EXIT, setns_exit, "sys_exit", NR_SETNS, look_and_exit)

/*
 * Programs on kprobes cannot call bpf_task_from_pid(). This program does so and runs
 * before them: a trampoline calls it before the function returns to its caller.
 */
SEC("fexit/__x64_sys_setns")
int PROGRAM(WIRE_SETNS_EXIT, setns_exit_beside)
{
	if (ready)
		look_up(bpf_get_current_task_btf());
	return 0;
}

/* pidns_install(struct nsset *, struct ns_common *) */
static __always_inline int on_pidns_install(struct place at, const u64 *arg)
{
	struct nsset *nsset = CAST(struct nsset, arg[0]);
	struct ns_common *ns = CAST(struct ns_common, arg[1]);
	struct per_cpu *me = program__enter(WIRE_PIDNS_INSTALL);
	struct task_struct *task = bpf_get_current_task_btf();
	struct wire_pidns_install *r;
	u64 pid, target, outer;
	bool deep;

	if (!me)
		return 0;
	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_PIDNS_INSTALL, 1, deep);
	target = arg[1] - bpf_core_field_offset(struct pid_namespace, ns);
	outer = (u64)READ(struct pid, pid, numbers[0].ns);
	task__fill(&r->task, task);
	r->target = target;
	r->target_user_ns = (u64)READ(struct pid_namespace, target, user_ns);
	r->cred_user_ns = (u64)READ(struct cred, GET(nsset, cred), user_ns);
	r->outer_user_ns = (u64)READ(struct pid_namespace, outer, user_ns);
	r->ret = arg[2];
	r->target_ns = GET(ns, inum);
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

AT_EXIT(WIRE_PIDNS_INSTALL, pidns_install, "pidns_install", 2)

/*
 * pid_ns_join_handler(const struct ctl_table *, int write, ...). Two readings of the
 * knob do not show its value between them. But if both are equal and no write began
 * or ended between them, the knob had this value all the time.
 */
static __always_inline int on_knob_write(struct place at, const u64 *arg)
{
	if ((int)arg[1])
		__sync_fetch_and_add(&knob_writes, 1);
	return 0;
}

#define on_knob_written on_knob_write

AT_ENTRY(WIRE_PIDNS_INSTALL, knob_write, "pid_ns_join_handler")
AT_EXIT(WIRE_PIDNS_INSTALL, knob_written, "pid_ns_join_handler", 2)

/* ns_capable(struct user_namespace *, int) */
static __always_inline int on_ns_capable(struct place at, const u64 *arg)
{
	struct per_cpu *me = program__enter(WIRE_NS_CAPABLE);
	struct wire_ns_capable *r;

	if (!me || !window__find(bpf_get_current_task_btf()))
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_NS_CAPABLE);
	r->user_ns = arg[0];
	r->cap = arg[1];
	r->ret = (bool)arg[2];
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_NS_CAPABLE, ns_capable, "ns_capable", 2)

/* alloc_pid(struct pid_namespace *, pid_t *set_tid, size_t set_tid_size) */
static __always_inline int on_alloc_pid(struct place at, const u64 *arg)
{
	struct pid_namespace *ns = CAST(struct pid_namespace, arg[0]);
	struct per_cpu *me = program__enter(WIRE_ALLOC_PID);
	struct wire_alloc_pid *r;
	u64 pid = arg[3];
	bool deep;

	if (!me)
		return 0;
	if (pid && !is_error(pid) && !memory__note_alloc(at, pid))
		__sync_fetch_and_add(&me->of[WIRE_PID_GONE].lost_map, 1);
	if (window__find(bpf_get_current_task_btf()))
		stack__tell(at, me, WIRE_ALLOC_PID);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_ALLOC_PID, 1, deep);
	task__fill(&r->task, bpf_get_current_task_btf());
	r->ns_address = arg[0];
	r->set_tid = arg[1];
	r->set_tid_size = arg[2];
	r->child_reaper = (u64)GET(ns, child_reaper);
	r->ret = pid;
	r->ns = GET(ns, ns.inum);
	r->ns_level = GET(ns, level);
	r->pid_allocated = GET(ns, pid_allocated);
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL_MORE);
	SUBMIT(r);
	return 0;
}

AT_EXIT(WIRE_ALLOC_PID, alloc_pid, "alloc_pid", 3)

/* free_pid(struct pid *) */
static __always_inline int on_free_pid(struct place at, const u64 *arg)
{
	struct per_cpu *me = program__enter(WIRE_FREE_PID);
	struct wire_free_pid *r;
	u64 pid = arg[0];
	bool deep;

	if (!me)
		return 0;
	/* Since 6.15, the kernel calls free_pid() without tasklist_lock. */
	if ((!change_pid_has_pids && tasklist_is_unlocked()) ||
	    window__find(bpf_get_current_task_btf()))
		stack__tell(at, me, WIRE_FREE_PID);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_FREE_PID, 1, deep);
	r->pid_allocated = READ(struct pid_namespace, pid_ns_of(pid),
				pid_allocated);
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_FREE_PID, free_pid, "free_pid")

/* delayed_put_pid(struct callback_head *) */
static __always_inline int on_put_pid(struct place at, const u64 *arg)
{
	struct per_cpu *me = program__enter(WIRE_PUT_PID);
	struct wire_put_pid *r;
	u32 count;
	u64 pid;

	if (!me)
		return 0;
	pid = arg[0] - bpf_core_field_offset(struct pid, rcu);
	count = READ(struct pid, pid, count.refs.counter);
	RECORD_OR_RETURN(r, me, WIRE_PUT_PID);
	r->pid = pid;
	r->count = count;
	r->reserved = 0;
	SUBMIT(r);
	return count == 1 ? memory__freed(at, pid, true) : 0;
}

AT_ENTRY_ATOMIC(WIRE_PUT_PID, put_pid, "delayed_put_pid")

/* True if setns detaches its caller, which a join never does: it calls change_pid(). */
static __always_inline bool leaves_inside(enum wire_type type,
					  struct task_struct *task)
{
	return type == WIRE_DETACH_PID &&
	       task == bpf_get_current_task_btf() && window__find(task);
}

static __always_inline int link_pid(struct place at, enum wire_type type,
				    struct task_struct *task, u32 pidtype)
{
	struct per_cpu *me = program__enter(type);
	struct wire_link_pid *r;

	if (!me)
		return 0;
	if (tasklist_is_unlocked() || leaves_inside(type, task))
		stack__tell(at, me, type);
	RECORD_OR_RETURN(r, me, type);
	r->task = (u64)task;
	r->start = TASK(task, start_boottime);
	r->pid = task__pid(task, pidtype);
	r->task_pid = TASK(task, pid);
	r->pidtype = pidtype;
	SUBMIT(r);
	return 0;
}

/* attach_pid(struct task_struct *, enum pid_type) */
static __always_inline int on_attach_pid(struct place at, const u64 *arg)
{
	return link_pid(at, WIRE_ATTACH_PID, (void *)arg[0], arg[1]);
}

AT_ENTRY_ATOMIC(WIRE_ATTACH_PID, attach_pid, "attach_pid")

/* True if the task is alone in its session, like hlist_is_singular_node(). */
static __always_inline bool sid_is_singular(struct task_struct *task)
{
	struct task_struct *t = CAST(struct task_struct, task);
	u64 pid = task__pid(task, PIDTYPE_SID);

	return !GET(t, pid_links[PIDTYPE_SID].next) &&
	       (u64)GET(t, pid_links[PIDTYPE_SID].pprev) ==
		       (u64)&((struct pid *)pid)->tasks[PIDTYPE_SID];
}

/* False with PREEMPT_RT, whose spinlock_t has no such word. */
static __always_inline bool siglock_is_free(struct task_struct *task)
{
	u32 word;

	return !RWLOCK_IS_RT() &&
	       !bpf_probe_read_kernel(&word, sizeof(word),
				      &TASK(task, sighand)->siglock) && !word;
}

/* In a setns, only the first change has a stack: the others come from there, too. */
static __always_inline bool stack_is_due(struct task_struct *task)
{
	struct window *w = window__find(bpf_get_current_task_btf());

	return wants_stacks || (w && !w->changes++) ||
	       tasklist_is_unlocked();
}

static __always_inline int rewrite_pid(struct place at,
				       struct task_struct *task,
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
		stack__fill(r->stack, at);
	else
		__builtin_memset(r->stack, 0, sizeof(r->stack));
	FILL_PID(r, 0, deep, old, UPID_FILL);
	FILL_PID(r, 1, deep, new, UPID_FILL);
	SUBMIT(r);
	return 0;
}

/*
 * change_pid(struct task_struct *, enum pid_type, struct pid *). Since 6.15, change_pid()
 * and detach_pid() have one more argument, in front: struct pid **pids.
 */
static __always_inline int on_change_pid(struct place at, const u64 *arg)
{
	if (change_pid_has_pids)
		return rewrite_pid(at, (void *)arg[1], arg[2], arg[3]);
	return rewrite_pid(at, (void *)arg[0], arg[1], arg[2]);
}

AT_ENTRY_ATOMIC(WIRE_CHANGE_PID, change_pid, "change_pid")

/* detach_pid(struct task_struct *, enum pid_type) */
static __always_inline int on_detach_pid(struct place at, const u64 *arg)
{
	if (change_pid_has_pids)
		return link_pid(at, WIRE_DETACH_PID, (void *)arg[1], arg[2]);
	return link_pid(at, WIRE_DETACH_PID, (void *)arg[0], arg[1]);
}

AT_ENTRY_ATOMIC(WIRE_DETACH_PID, detach_pid, "detach_pid")

static __always_inline int two_tasks(struct place at, enum wire_type type,
				     struct task_struct *from,
				     struct task_struct *to, u32 pidtype)
{
	struct per_cpu *me = program__enter(type);
	struct wire_two_tasks *r;

	if (!me)
		return 0;
	if (tasklist_is_unlocked())
		stack__tell(at, me, type);
	RECORD_OR_RETURN(r, me, type);
	task__fill(&r->from, from);
	task__fill(&r->to, to);
	r->pidtype = pidtype;
	r->reserved = 0;
	SUBMIT(r);
	return 0;
}

/* transfer_pid(struct task_struct *old, struct task_struct *new, enum pid_type) */
static __always_inline int on_transfer_pid(struct place at, const u64 *arg)
{
	return two_tasks(at, WIRE_TRANSFER_PID, (void *)arg[0], (void *)arg[1],
			 arg[2]);
}

AT_ENTRY_ATOMIC(WIRE_TRANSFER_PID, transfer_pid, "transfer_pid")

/* exchange_tids(struct task_struct *left, struct task_struct *right) */
static __always_inline int on_exchange_tids(struct place at, const u64 *arg)
{
	return two_tasks(at, WIRE_EXCHANGE_TIDS, (void *)arg[0], (void *)arg[1],
			 PIDTYPE_PID);
}

AT_ENTRY_ATOMIC(WIRE_EXCHANGE_TIDS, exchange_tids, "exchange_tids")

/* switch_task_namespaces(struct task_struct *, struct nsproxy *) */
static __always_inline int on_switch_ns(struct place at, const u64 *arg)
{
	struct task_struct *task = (void *)arg[0];
	struct per_cpu *me = program__enter(WIRE_SWITCH_NS);
	struct wire_switch_ns *r;
	bool deep;
	u64 pid;

	/* an exiting task drops its nsproxy here; EXIT records the exit */
	if (!me || !arg[1])
		return 0;
	pid = task__thread_pid(task);
	deep = pid_is_deep(pid);
	RECORD_PIDS_OR_RETURN(r, me, WIRE_SWITCH_NS, 1, deep);
	task__fill(&r->task, task);
	r->new_nsproxy = arg[1];
	r->new_children_ns = pidns_inum((u64)READ(struct nsproxy, arg[1],
						  pid_ns_for_children));
	r->reserved = 0;
	FILL_PID(r, 0, deep, pid, UPID_FILL);
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_SWITCH_NS, switch_ns, "switch_task_namespaces")

/*
 * Exists with the join series only. Each setns that commits calls it. A call that
 * does not change thread_pid makes no record: SETNS_EXIT shows that.
 */
static __always_inline int on_commit_join(struct place at, const u64 *arg)
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

AT_EXIT(WIRE_COMMIT_JOIN, commit_join, "pidns_commit_join", 0)

/* Tracepoint task:pid_rewrite, which exists with the join series only. */
SEC("tp_btf/pid_rewrite")
int PROGRAM_ATOMIC(WIRE_PID_REWRITE, pid_rewrite, struct task_struct *task, struct pid *old,
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
 * Inside a setns, the flush finds inodes, is not the first, is for another struct
 * pid or too early, or tasklist_lock is write-held.
 */
static __always_inline bool flush_is_odd(u64 pid, u64 inodes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct window *w = window__find(task);

	return w && (w->flushes++ || inodes || pid != w->old_pid ||
		     pid == task__thread_pid(task) ||
		     (tasklist_flags() & WIRE_F_TASKLIST_WRITE));
}

/* proc_flush_pid(struct pid *) */
static __always_inline int on_flush_pid(struct place at, const u64 *arg)
{
	struct per_cpu *me = program__enter(WIRE_FLUSH_PID);
	struct wire_flush_pid *r;
	u64 pid = arg[0], inodes;

	if (!me)
		return 0;
	inodes = first_inode(pid);
	if (flush_is_odd(pid, inodes))
		stack__tell(at, me, WIRE_FLUSH_PID);
	RECORD_OR_RETURN(r, me, WIRE_FLUSH_PID);
	r->pid = pid;
	r->inodes = inodes;
	SUBMIT(r);
	return 0;
}

AT_ENTRY(WIRE_FLUSH_PID, flush_pid, "proc_flush_pid")

/* Notes what proc_flush_pid() left, for SETNS_EXIT. */
static __always_inline int on_flush_pid_end(struct place at, const u64 *arg)
{
	u64 pid = arg[0];
	struct window *w;

	if (!ready)
		return 0;
	w = window__find(bpf_get_current_task_btf());
	if (w && pid == w->old_pid)
		w->inodes_left = first_inode(pid);
	return 0;
}

AT_EXIT(WIRE_FLUSH_PID, flush_pid_end, "proc_flush_pid", 1)

/*
 * Arguments of task_newtask() and of uprobe_copy_process(), which copy_process()
 * calls right after it: struct task_struct *, u64 clone_flags
 */
static __always_inline int on_task_fork(struct place at, const u64 *arg)
{
	struct task_struct *child = CAST(struct task_struct, arg[0]);
	struct task_struct *parent = bpf_get_current_task_btf();
	u64 clone_flags = arg[1];
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

/* The tracepoint sched_process_fork does not pass the clone flags, so is not used. */
AT_TRACEPOINT(WIRE_FORK, task_fork, "task_newtask")
ON_KPROBE_ENTRY(task_fork, "uprobe_copy_process", on_task_fork)

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

static __always_inline int on_task_exec(s32 old_pid)
{
	return life(WIRE_EXEC, bpf_get_current_task_btf(), 0, old_pid);
}

static __always_inline int on_task_exit(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	window__close(task);
	return life(WIRE_EXIT, task, task->exit_code, 0);
}

SEC("tp_btf/sched_process_exec")
int PROGRAM(WIRE_EXEC, task_exec, struct task_struct *task, s32 old_pid)
{
	return on_task_exec(old_pid);
}

SEC("tp/sched/sched_process_exec")
int task_exec_perf(struct trace_event_raw_sched_process_exec *event)
{
	return on_task_exec(event->old_pid);
}

SEC("tp_btf/sched_process_exit")
int PROGRAM(WIRE_EXIT, task_exit)
{
	return on_task_exit();
}

SEC("tp/sched/sched_process_exit")
int task_exit_perf(void *event)
{
	return on_task_exit();
}

/* release_task(struct task_struct *) */
static __always_inline int on_task_release(struct place at, const u64 *arg)
{
	return life(WIRE_RELEASE, (void *)arg[0],
		    TASK(arg[0], exit_code), 0);
}

AT_ENTRY(WIRE_RELEASE, task_release, "release_task")

SEC("tp_btf/error_report_end")
int PROGRAM(WIRE_ERROR_REPORT, error_report, u32 detector, u64 address)
{
	struct per_cpu *me = program__enter(WIRE_ERROR_REPORT);
	struct wire_error_report *r;

	if (!me)
		return 0;
	RECORD_OR_RETURN(r, me, WIRE_ERROR_REPORT);
	r->detector = detector;
	r->reserved = 0;
	r->address = address;
	stack__fill(r->stack, (struct place){ ctx, SKIP_TRAMPOLINE });
	SUBMIT(r);
	return 0;
}
