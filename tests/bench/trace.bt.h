/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traces the hooks of `pidnstrace record', with the contents of its records, by
 * bpftrace 0.17, in a script that one would write without pidnstrace. The C
 * preprocessor makes trace.bt from this file, and "..." "..." becomes one string.
 * NS_OFFSET, NS_RCU_OFFSET and RCU_OFFSET are offsets of members, defined by -D. A line
 * of output is the hook's name and its values in hexadecimal; a line that begins with
 * "-" has more values.
 *
 * The script uses kfunc and kretfunc (fentry and fexit), which are cheaper than kprobes
 * and than tracepoints, because bpftrace 0.17 attaches tracepoints by perf events.
 * Therefore functions replace the busy tracepoints.
 *
 * Limits: the script omits data that bpftrace cannot record, or only at a high price:
 * numbers above level 1, the sysctl in the ancestors, the kernel stacks, the scan of
 * all threads, and the records of freed memory, which need a map of struct pids.
 */

/* A struct pid's numbers follow the struct. */
#define UPID(p, n) \
	((struct upid *)((uint64)(p) + sizeof(struct pid) + (n) * sizeof(struct upid)))
#define PID(p) (p), (p)->level, (p)->count.refs.counter, \
	(p)->tasks[0].first, (p)->tasks[1].first, (p)->tasks[2].first, \
	(p)->tasks[3].first, UPID(p, 0)->nr, UPID(p, 0)->ns->ns.inum, \
	(p)->level ? UPID(p, 1)->nr : 0
#define PID_F " %lx %x %x %lx %lx %lx %lx %x %x %x"

#define TASK(t) (t), (t)->start_boottime, (t)->thread_pid, \
	(t)->signal->pids[1], (t)->signal->pids[2], (t)->signal->pids[3], \
	(t)->nsproxy, (t)->signal, (t)->pid, (t)->tgid, \
	(t)->signal->nr_threads, (t)->flags, (t)->comm
#define TASK_F " %lx %lx %lx %lx %lx %lx %lx %lx %x %x %x %x %s"

#define HDR cpu, nsecs, curtask
#define HDR_F " %x %lx %lx"

#define CURRENT ((struct task_struct *)curtask)

#define NS_OF(p) (uint64)UPID(p, (p)->level)->ns
#define PID_OF(t, type) ((struct pid *)((type) == 0 ? (uint64)(t)->thread_pid : \
	((type) == 1 ? (uint64)(t)->signal->pids[1] : \
	 ((type) == 2 ? (uint64)(t)->signal->pids[2] : (uint64)(t)->signal->pids[3]))))

#define LINKS(t) (t)->pid_links[0].next, (t)->pid_links[0].pprev, \
	(t)->pid_links[1].next, (t)->pid_links[1].pprev, \
	(t)->pid_links[2].next, (t)->pid_links[2].pprev, \
	(t)->pid_links[3].next, (t)->pid_links[3].pprev
#define LINKS_F " %lx %lx %lx %lx %lx %lx %lx %lx"

#define LIFE(name, t, value) \
	$p = (t)->thread_pid; \
	printf(name HDR_F " %x %lx" TASK_F "\n", HDR, value, (t)->real_parent, TASK(t)); \
	printf("-" PID_F "\n", PID($p))

#define PIDNS(name, address) \
	$ns = address; \
	printf(name HDR_F " %lx %lx %x %x %x\n", HDR, $ns, $ns->child_reaper, \
	       $ns->ns.inum, $ns->level, $ns->pid_allocated)

kfunc:__x64_sys_setns
{
	$t = CURRENT;
	$p = $t->thread_pid;
	@inside[curtask] = 1;
	printf("setns_enter" HDR_F " %lx %lx" TASK_F "\n", HDR,
	       args->regs->di, args->regs->si, TASK($t));
	printf("-" PID_F "\n", PID($p));
}

kretfunc:__x64_sys_setns
{
	$t = CURRENT;
	$p = $t->thread_pid;
	delete(@inside[curtask]);
	printf("setns_exit" HDR_F " %lx" TASK_F "\n", HDR, retval, TASK($t));
	printf("-" PID_F LINKS_F "\n", PID($p), LINKS($t));
}

kretfunc:pidns_install
{
	$t = CURRENT;
	$p = $t->thread_pid;
	$ns = (struct pid_namespace *)((uint64)args->ns - NS_OFFSET);
	printf("pidns_install" HDR_F " %lx %lx" TASK_F "\n", HDR,
	       retval, args->ns, TASK($t));
	printf("-" PID_F " %lx %lx %lx %x %x %lx\n", PID($p),
	       $ns, $ns->user_ns, args->nsset->cred->user_ns,
	       args->ns->inum, $ns->level, $ns->child_reaper);
}

kretfunc:ns_capable
/@inside[curtask]/
{
	printf("ns_capable" HDR_F " %lx %x %x\n", HDR,
	       args->ns, args->cap, retval);
}

kretfunc:alloc_pid
{
	$t = CURRENT;
	$p = retval;
	printf("alloc_pid" HDR_F TASK_F "\n", HDR, TASK($t));
	printf("-" PID_F " %lx %lx %lx %lx %x %x %x\n", PID($p), args->ns,
	       args->set_tid, args->set_tid_size, args->ns->child_reaper,
	       args->ns->ns.inum, args->ns->level, args->ns->pid_allocated);
}

kfunc:free_pid
{
	printf("free_pid" HDR_F PID_F " %x\n", HDR, PID(args->pid),
	       UPID(args->pid, args->pid->level)->ns->pid_allocated);
}

kfunc:delayed_put_pid
{
	$p = (struct pid *)((uint64)args->rhp - RCU_OFFSET);
	printf("put_pid" HDR_F " %lx %x\n", HDR, $p, $p->count.refs.counter);
}

kfunc:attach_pid
{
	printf("attach_pid" HDR_F " %lx %lx %lx %x %x\n", HDR, args->task,
	       args->task->start_boottime, PID_OF(args->task, args->type),
	       args->task->pid, args->type);
}

kfunc:detach_pid
{
	printf("detach_pid" HDR_F " %lx %lx %lx %x %x\n", HDR, args->task,
	       args->task->start_boottime, PID_OF(args->task, args->type),
	       args->task->pid, args->type);
}

kfunc:change_pid
{
	$t = args->task;
	$p = PID_OF($t, args->type);
	printf("change_pid" HDR_F " %x" TASK_F "\n", HDR, args->type, TASK($t));
	printf("-" PID_F "\n", PID($p));
	printf("-" PID_F "\n", PID(args->pid));
}

kfunc:transfer_pid
{
	printf("transfer_pid" HDR_F " %x" TASK_F "\n", HDR, args->type,
	       TASK(args->old));
	printf("-" TASK_F "\n", TASK(args->new));
}

kfunc:exchange_tids
{
	printf("exchange_tids" HDR_F TASK_F "\n", HDR, TASK(args->left));
	printf("-" TASK_F "\n", TASK(args->right));
}

kfunc:switch_task_namespaces
{
	$t = args->p;
	$p = $t->thread_pid;
	printf("switch_ns" HDR_F " %lx %x" TASK_F "\n", HDR, args->new,
	       (uint64)args->new ? args->new->pid_ns_for_children->ns.inum : 0, TASK($t));
	printf("-" PID_F "\n", PID($p));
}

kretfunc:pidns_commit_join
{
	$t = CURRENT;
	$p = $t->thread_pid;
	printf("commit_join" HDR_F TASK_F "\n", HDR, TASK($t));
	printf("-" PID_F LINKS_F "\n", PID($p), LINKS($t));
}

tracepoint:task:pid_rewrite
{
	$t = CURRENT;
	$p = $t->thread_pid;
	printf("pid_rewrite" HDR_F TASK_F "\n", HDR, TASK($t));
	printf("-" PID_F "\n", PID($p));
}

kfunc:proc_flush_pid
{
	printf("flush_pid" HDR_F " %lx %lx\n", HDR, args->pid,
	       args->pid->inodes.first);
}

kretfunc:proc_flush_pid
/@inside[curtask]/
{
	printf("flushed" HDR_F " %lx %lx\n", HDR, args->pid,
	       args->pid->inodes.first);
}

/* directly after the tracepoint task_newtask */
kfunc:wake_up_new_task
{
	$c = CURRENT;
	$t = args->p;
	$p = $t->thread_pid;
	printf("fork" HDR_F TASK_F "\n", HDR, TASK($t));
	printf("-" PID_F " %lx %lx %lx %x\n", PID($p), $c, $c->start_boottime,
	       $t->real_parent, $c->pid);
}

tracepoint:sched:sched_process_exec
{
	$t = CURRENT;
	LIFE("exec", $t, args->old_pid);
}

/* next to the tracepoint sched_process_exit */
kfunc:exit_signals
{
	$t = args->tsk;
	LIFE("exit", $t, $t->exit_code);
}

kfunc:release_task
{
	$t = args->p;
	LIFE("release", $t, $t->exit_code);
}

tracepoint:error_report:error_report_end
{
	printf("error_report" HDR_F " %x %lx\n", HDR, args->error_detector,
	       args->id);
}

kfunc:put_pid
/(uint64)args->pid && args->pid->count.refs.counter == 1/
{
	printf("pid_gone" HDR_F " %lx %lx\n", HDR, args->pid,
	       args->pid->tasks[0].first);
}

kretfunc:put_pid
/(uint64)args->pid && args->pid->count.refs.counter == 0/
{
	printf("pid_gone" HDR_F " %lx %lx\n", HDR, args->pid,
	       args->pid->tasks[0].first);
}

kretfunc:copy_pid_ns
/args->flags & 0x20000000/
{
	PIDNS("ns_new", retval);
}

kfunc:delayed_free_pidns
{
	PIDNS("ns_free", (struct pid_namespace *)((uint64)args->p - NS_RCU_OFFSET));
}

kfunc:zap_pid_ns_processes
{
	PIDNS("zap_enter", args->pid_ns);
}

kretfunc:zap_pid_ns_processes
{
	PIDNS("zap_exit", args->pid_ns);
}

kfunc:__wake_up_parent
/@inside[curtask]/
{
	printf("wake_parent" HDR_F " %lx %lx %lx %lx" PID_F "\n", HDR, args->p,
	       args->parent, args->p->real_parent, args->p->parent,
	       PID(args->p->thread_pid));
}

kfunc:wait_consider_task
/NS_OF(args->p->thread_pid) != NS_OF(CURRENT->thread_pid)/
{
	printf("wait_child" HDR_F " %lx %lx %x %x %x" PID_F "\n", HDR, args->p,
	       args->p->start_boottime, args->p->pid, args->p->exit_state,
	       args->ptrace, PID(args->p->thread_pid));
}

kfunc:do_notify_pidfd
{
	printf("notify_pidfd" HDR_F " %lx %lx %lx %x %x\n", HDR, args->task,
	       args->task->start_boottime, args->task->thread_pid,
	       args->task->exit_state, args->task->pid);
}

kretfunc:timer_lock_sighand
{
	printf("timer_lock" HDR_F " %lx %lx\n", HDR, args->timer, retval);
}

kfunc:pid_ns_join_handler
{
	@writes++;
}

kretfunc:pid_ns_join_handler
{
	@writes++;
}
