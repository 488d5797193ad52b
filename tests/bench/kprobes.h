/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists the hooks of `pidnstrace record' as lines for ftrace's kprobe_events, one event
 * per line. The C preprocessor expands the macros; PID_LEVEL, PID_TASKS and PID_NUMBERS
 * are offsets in struct pid, defined by -D.
 *
 * Limits: a kprobe event can record only comm and pid of current, and cannot be
 * restricted to the time inside a setns().
 */
#define TASK(t) task=t start=t->start_boottime thread_pid=t->thread_pid \
	nsproxy=t->nsproxy signal=t->signal nr_threads=t->signal->nr_threads \
	pid=t->pid tgid=t->tgid flags=t->flags
#define PID(p) pid=p:x64 level=+PID_LEVEL(p):u32 count=+0(p):u32 \
	first0=+PID_TASKS(p):x64 nr0=+PID_NUMBERS(p):s32
p:pidns/setns_enter __x64_sys_setns fd=regs->di flags=regs->si comm=$comm
r:pidns/setns_exit __x64_sys_setns ret=$retval comm=$comm
r:pidns/pidns_install pidns_install ret=$retval comm=$comm
r:pidns/ns_capable ns_capable ret=$retval
r:pidns/alloc_pid alloc_pid PID($retval) comm=$comm
p:pidns/free_pid free_pid PID($arg1)
p:pidns/put_pid delayed_put_pid rcu=$arg1:x64
p:pidns/pid_gone put_pid PID($arg1)
p:pidns/attach_pid attach_pid type=type task=task start=task->start_boottime thread_pid=task->thread_pid pid=task->pid
p:pidns/detach_pid detach_pid type=type task=task start=task->start_boottime thread_pid=task->thread_pid pid=task->pid
p:pidns/change_pid change_pid type=type TASK(task) new=$arg3:x64
p:pidns/transfer_pid transfer_pid type=type old=old new=new
p:pidns/exchange_tids exchange_tids left=left right=right
p:pidns/switch_ns switch_task_namespaces new=new TASK(p)
r:pidns/commit_join pidns_commit_join comm=$comm
p:pidns/flush_pid proc_flush_pid pid=$arg1:x64
p:pidns/fork wake_up_new_task TASK(p)
p:pidns/exit exit_signals TASK(tsk)
p:pidns/release release_task TASK(p)
r:pidns/ns_new copy_pid_ns ns=$retval:x64
p:pidns/ns_free delayed_free_pidns rcu=$arg1:x64
p:pidns/zap_enter zap_pid_ns_processes ns=$arg1:x64
r:pidns/zap_exit zap_pid_ns_processes
p:pidns/wake_parent __wake_up_parent task=$arg1:x64 parent=$arg2:x64
p:pidns/wait_child wait_consider_task task=$arg3:x64
p:pidns/notify_pidfd do_notify_pidfd TASK(task)
r:pidns/timer_lock timer_lock_sighand ret=$retval:x64
