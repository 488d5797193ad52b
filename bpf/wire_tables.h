/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists the types of records, with their properties, and the hooks that make them.
 *
 * Each table is a macro that applies its argument to each row. The rows make the enums
 * of types and hooks here, and the loader's tables of them elsewhere. A trace holds the
 * numbers of types and hooks, so a row that moves needs a new WIRE_VERSION.
 */
#ifndef BPF_WIRE_TABLES_H
#define BPF_WIRE_TABLES_H

/* Properties of a record type. */
#define WIRE_SUBJECT	1	/* the body begins with the wire_task of its subject */
#define WIRE_NUMBERS	2	/* first image: the subject's numbers from here on */
#define WIRE_CALLBACK	4	/* made in a softirq: the current task is unrelated */
#define WIRE_QUIET	8	/* not an act of a task: left out of its history */
#define WIRE_NAMED	16	/* the body begins with the wire_named of its subject */
#define WIRE_CGROUP	32	/* the body has the id of its subject's cgroup */
#define WIRE_TRACE	64	/* the body has the addresses of a stack */

/*
 * Record types. The kernel side makes the types below WIRE_KERNEL_TYPES, the loader the
 * types from WIRE_META on. X(enum, name in reports, body, images after it, properties)
 */
#define WIRE_TYPES(X) \
	X(SETNS_ENTER, "setns_enter", setns_enter, 1, WIRE_SUBJECT | WIRE_NUMBERS) \
	X(SETNS_EXIT, "setns_exit", setns_exit, 1, WIRE_SUBJECT | WIRE_NUMBERS) \
	X(PIDNS_INSTALL, "pidns_install", pidns_install, 0, 0) \
	X(NS_CAPABLE, "ns_capable", ns_capable, 0, 0) \
	X(ALLOC_PID, "alloc_pid", alloc_pid, 1, 0) \
	X(FREE_PID, "free_pid", free_pid, 1, 0) \
	X(PUT_PID, "delayed_put_pid", put_pid, 0, WIRE_CALLBACK) \
	X(ATTACH_PID, "attach_pid", link_pid, 0, 0) \
	X(CHANGE_PID, "change_pid", change_pid, 2, WIRE_SUBJECT) \
	X(DETACH_PID, "detach_pid", link_pid, 0, 0) \
	X(TRANSFER_PID, "transfer_pid", two_tasks, 0, WIRE_SUBJECT) \
	X(EXCHANGE_TIDS, "exchange_tids", two_tasks, 0, WIRE_SUBJECT) \
	X(SWITCH_NS, "switch_task_namespaces", switch_ns, 0, WIRE_NAMED) \
	X(COMMIT_JOIN, "pidns_commit_join", commit_join, 1, \
	  WIRE_SUBJECT | WIRE_NUMBERS) \
	X(PID_REWRITE, "pid_rewrite", pid_rewrite, 2, WIRE_SUBJECT) \
	X(FLUSH_PID, "proc_flush_pid", flush_pid, 0, 0) \
	X(FORK, "fork", fork, 1, WIRE_SUBJECT | WIRE_NUMBERS | WIRE_CGROUP) \
	X(EXEC, "exec", exec, 1, WIRE_SUBJECT | WIRE_NUMBERS | WIRE_CGROUP) \
	X(EXIT, "exit", exit, 1, WIRE_SUBJECT | WIRE_NUMBERS) \
	X(RELEASE, "release", release, 0, WIRE_NAMED) \
	X(ERROR_REPORT, "error_report", error_report, 0, WIRE_TRACE) \
	X(STACK, "stack", stack, 0, WIRE_QUIET | WIRE_TRACE) \
	X(PID_GONE, "pid_gone", pid_gone, 0, WIRE_CALLBACK) \
	X(NS_NEW, "pidns_new", pidns, 0, 0) \
	X(NS_FREE, "pidns_free", pidns, 0, WIRE_CALLBACK) \
	X(ZAP_ENTER, "zap_enter", pidns, 0, 0) \
	X(ZAP_EXIT, "zap_exit", pidns, 0, 0) \
	X(WAKE_PARENT, "wake_up_parent", wake_parent, 1, WIRE_NAMED) \
	X(WAIT_CHILD, "wait_consider_task", wait_child, 1, WIRE_NAMED) \
	X(NOTIFY_PIDFD, "notify_pidfd", notify_pidfd, 0, WIRE_NAMED) \
	X(TIMER_LOCK, "timer_lock_sighand", timer_lock, 0, 0) \
	X(SWEEP, "sweep", sweep, 0, WIRE_QUIET) \
	X(SWEEP_TASK, "sweep_task", sweep_task, 1, \
	  WIRE_SUBJECT | WIRE_NUMBERS | WIRE_QUIET | WIRE_CGROUP) \
	X(CLONE_FAILED, "clone_failed", call_failed, 1, WIRE_SUBJECT | WIRE_NUMBERS) \
	X(CLONE3_FAILED, "clone3_failed", call_failed, 1, \
	  WIRE_SUBJECT | WIRE_NUMBERS) \
	X(UNSHARE_FAILED, "unshare_failed", call_failed, 1, \
	  WIRE_SUBJECT | WIRE_NUMBERS) \
	X(RENAME, "rename", rename, 0, WIRE_SUBJECT) \
	X(KILL, "kill", kill, 1, WIRE_SUBJECT) \
	X(ORPHAN, "orphan", orphan, 2, WIRE_SUBJECT | WIRE_NUMBERS) \
	X(CGROUP_MOVE, "cgroup_move", cgroup_move, 0, WIRE_NAMED | WIRE_CGROUP) \
	X(RESERVE_NR, "pid_reserve_nr", reserve_nr, 0, 0) \
	X(UNRESERVE_NR, "pid_unreserve_nr", unreserve_nr, 0, 0) \
	X(DEEPEN, "pid_deepen", deepen, 1, WIRE_SUBJECT) \
	X(PUBLISH_NR, "pid_publish_nr", publish_nr, 1, 0) \
	X(DEEPENED, "deepened", deepened, 1, WIRE_SUBJECT) \
	X(COMMIT_DEEPEN, "pidns_commit_deepen", commit_deepen, 1, \
	  WIRE_SUBJECT | WIRE_NUMBERS) \
	X(UNDEEPEN, "pid_undeepen", undeepen, 1, 0)

/* Types made by the loader. X(enum, name, body) */
#define WIRE_METAS(X) \
	X(META_HOOK, "meta_hook", meta_hook)	/* one per hook, before all records */ \
	X(META_COMMAND, "meta_command", meta_command)	/* the traced command */ \
	X(META_SYM, "meta_sym", meta_sym)	/* name of an address in a stack */ \
	X(META_STATS, "meta_stats", meta_stats)	/* one per type, after all records */ \
	X(META_END, "meta_end", meta_end)	/* the trace is complete */ \
	X(META_MACHINE, "meta_machine", meta_machine)	/* before all hooks */ \
	X(META_CGROUP, "meta_cgroup", meta_cgroup)	/* path of a cgroup */

enum wire_type {
#define X(e, ...) WIRE_##e,
	WIRE_TYPES(X)
	WIRE_KERNEL_TYPES,

	WIRE_META = 0x100,
	WIRE_BEFORE_META = WIRE_META - 1,
	WIRE_METAS(X)
	WIRE_META_LAST,
#undef X
};

/*
 * Hooks, with one BPF program each. X(enum, function or tracepoint, record type, ways):
 * the last is a list of loader/capture/ways.c. ATOMIC functions are called under locks
 * or in softirqs; TASKS can be preempted. COMMIT_JOIN, PID_REWRITE exist on join
 * kernels only, RESERVE_NR to UNDEEPEN on those that can keep the struct pid.
 */
#define WIRE_HOOKS(X) \
	X(SETNS_ENTER, "fentry:__x64_sys_setns", SETNS_ENTER, SYSTEM_CALL) \
	X(SETNS_EXIT, "fexit:__x64_sys_setns", SETNS_EXIT, SYSTEM_CALL) \
	X(PIDNS_INSTALL, "fexit:pidns_install", PIDNS_INSTALL, TASKS) \
	X(NS_CAPABLE, "fexit:ns_capable", NS_CAPABLE, TASKS) \
	X(ALLOC_PID, "fexit:alloc_pid", ALLOC_PID, TASKS) \
	X(FREE_PID, "fentry:free_pid", FREE_PID, TASKS) \
	X(PUT_PID, "fentry:delayed_put_pid", PUT_PID, ATOMIC) \
	X(ATTACH_PID, "fentry:attach_pid", ATTACH_PID, ATOMIC) \
	X(CHANGE_PID, "fentry:change_pid", CHANGE_PID, ATOMIC) \
	X(DETACH_PID, "fentry:detach_pid", DETACH_PID, ATOMIC) \
	X(TRANSFER_PID, "fentry:transfer_pid", TRANSFER_PID, ATOMIC) \
	X(EXCHANGE_TIDS, "fentry:exchange_tids", EXCHANGE_TIDS, ATOMIC) \
	X(SWITCH_NS, "fentry:switch_task_namespaces", SWITCH_NS, TASKS) \
	X(COMMIT_JOIN, "fexit:pidns_commit_join", COMMIT_JOIN, TASKS) \
	X(PID_REWRITE, "tp_btf:pid_rewrite", PID_REWRITE, TRACEPOINT) \
	X(FLUSH_PID, "fentry:proc_flush_pid", FLUSH_PID, TASKS) \
	X(FORK, "tp_btf:task_newtask", FORK, OF_CHILD) \
	X(EXEC, "tp_btf:sched_process_exec", EXEC, OF_CURRENT) \
	X(EXIT, "tp_btf:sched_process_exit", EXIT, OF_CURRENT) \
	X(RELEASE, "fentry:release_task", RELEASE, TASKS) \
	X(ERROR_REPORT, "tp_btf:error_report_end", ERROR_REPORT, TRACEPOINT) \
	X(PID_GONE, "fentry:put_pid", PID_GONE, ATOMIC) \
	X(NS_NEW, "fexit:copy_pid_ns", NS_NEW, TASKS) \
	X(NS_FREE, "fentry:delayed_free_pidns", NS_FREE, ATOMIC) \
	X(ZAP_ENTER, "fentry:zap_pid_ns_processes", ZAP_ENTER, TASKS) \
	X(ZAP_EXIT, "fexit:zap_pid_ns_processes", ZAP_EXIT, TASKS) \
	X(WAKE_PARENT, "fentry:__wake_up_parent", WAKE_PARENT, ATOMIC) \
	X(WAIT_CHILD, "fentry:wait_consider_task", WAIT_CHILD, ATOMIC) \
	X(NOTIFY_PIDFD, "fentry:do_notify_pidfd", NOTIFY_PIDFD, ATOMIC) \
	X(TIMER_LOCK, "fexit:timer_lock_sighand", TIMER_LOCK, TASKS) \
	X(SWEEP, "iter:task", SWEEP_TASK, ITERATOR) \
	X(CLONE_FAILED, "fexit:kernel_clone", CLONE_FAILED, SYSTEM_CALL) \
	X(CLONE3_FAILED, "fexit:__x64_sys_clone3", CLONE3_FAILED, SYSTEM_CALL) \
	X(UNSHARE_FAILED, "fexit:__x64_sys_unshare", UNSHARE_FAILED, SYSTEM_CALL) \
	X(RENAME, "fexit:__set_task_comm", RENAME, TASKS) \
	X(KILL, "tp_btf:signal_generate", KILL, TRACEPOINT) \
	X(ORPHAN, "fentry:kill_orphaned_pgrp", ORPHAN, ATOMIC) \
	X(CGROUP_MOVE, "fentry:cgroup_freezer_migrate_task", CGROUP_MOVE, ATOMIC) \
	X(RESERVE_NR, "fexit:pid_reserve_nr", RESERVE_NR, TASKS) \
	X(UNRESERVE_NR, "fentry:pid_unreserve_nr", UNRESERVE_NR, TASKS) \
	X(DEEPEN, "fentry:pid_deepen", DEEPEN, ATOMIC) \
	X(PUBLISH_NR, "fentry:pid_publish_nr", PUBLISH_NR, TASKS) \
	X(DEEPENED, "tp_btf:pid_deepen", DEEPENED, TRACEPOINT) \
	X(COMMIT_DEEPEN, "fexit:pidns_commit_deepen", COMMIT_DEEPEN, TASKS) \
	X(UNDEEPEN, "fexit:pid_undeepen", UNDEEPEN, TASKS)

enum wire_hook {
#define X(e, ...) WIRE_HOOK_##e,
	WIRE_HOOKS(X)
#undef X
	WIRE_NHOOKS,
};

#endif /* BPF_WIRE_TABLES_H */
