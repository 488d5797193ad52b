// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has a table of the layout of each record type, and the checks and accessors that
 * follow from the table.
 */
#include "loader/trace/record.h"

#include <errno.h>

#define NO_TASK 0

#define LAYOUT(s, st, n) { s, sizeof(struct st), NO_TASK, n }
#define LAYOUT_TASK(s, st, n) { s, sizeof(struct st), sizeof(struct wire_hdr), n }

/* The subject of a body with two tasks is the first task. */
const struct record_layout record_layouts[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = LAYOUT_TASK("setns_enter", wire_setns_enter, 1),
	[WIRE_SETNS_EXIT] = LAYOUT_TASK("setns_exit", wire_setns_exit, 2),
	[WIRE_PIDNS_INSTALL] =
		LAYOUT_TASK("pidns_install", wire_pidns_install, 1),
	[WIRE_NS_CAPABLE] = LAYOUT("ns_capable", wire_ns_capable, 0),
	[WIRE_ALLOC_PID] = LAYOUT_TASK("alloc_pid", wire_alloc_pid, 1),
	[WIRE_FREE_PID] = LAYOUT("free_pid", wire_free_pid, 1),
	[WIRE_PUT_PID] = LAYOUT("delayed_put_pid", wire_put_pid, 0),
	[WIRE_ATTACH_PID] = LAYOUT("attach_pid", wire_link_pid, 0),
	[WIRE_CHANGE_PID] = LAYOUT_TASK("change_pid", wire_change_pid, 2),
	[WIRE_DETACH_PID] = LAYOUT("detach_pid", wire_link_pid, 0),
	[WIRE_TRANSFER_PID] = LAYOUT_TASK("transfer_pid", wire_two_tasks, 0),
	[WIRE_EXCHANGE_TIDS] = LAYOUT_TASK("exchange_tids", wire_two_tasks, 0),
	[WIRE_SWITCH_NS] =
		LAYOUT_TASK("switch_task_namespaces", wire_switch_ns, 1),
	[WIRE_COMMIT_JOIN] =
		LAYOUT_TASK("pidns_commit_join", wire_commit_join, 1),
	[WIRE_PID_REWRITE] = LAYOUT_TASK("pid_rewrite", wire_pid_rewrite, 2),
	[WIRE_FLUSH_PID] = LAYOUT("proc_flush_pid", wire_flush_pid, 0),
	[WIRE_FORK] = LAYOUT_TASK("fork", wire_fork, 1),
	[WIRE_EXEC] = LAYOUT_TASK("exec", wire_life, 1),
	[WIRE_EXIT] = LAYOUT_TASK("exit", wire_life, 1),
	[WIRE_RELEASE] = LAYOUT_TASK("release", wire_life, 1),
	[WIRE_ERROR_REPORT] = LAYOUT("error_report", wire_error_report, 0),
	[WIRE_STACK] = LAYOUT("stack", wire_stack, 0),
	[WIRE_PID_GONE] = LAYOUT("pid_gone", wire_pid_gone, 0),
	[WIRE_NS_NEW] = LAYOUT("pidns_new", wire_pidns, 0),
	[WIRE_NS_FREE] = LAYOUT("pidns_free", wire_pidns, 0),
	[WIRE_ZAP_ENTER] = LAYOUT("zap_enter", wire_pidns, 0),
	[WIRE_ZAP_EXIT] = LAYOUT("zap_exit", wire_pidns, 0),
	[WIRE_WAKE_PARENT] = LAYOUT("wake_up_parent", wire_wake_parent, 1),
	[WIRE_WAIT_CHILD] = LAYOUT("wait_consider_task", wire_wait_child, 1),
	[WIRE_NOTIFY_PIDFD] = LAYOUT("notify_pidfd", wire_notify_pidfd, 0),
	[WIRE_TIMER_LOCK] = LAYOUT("timer_lock_sighand", wire_timer_lock, 0),
	[WIRE_SWEEP] = LAYOUT("sweep", wire_sweep, 0),
	[WIRE_SWEEP_TASK] = LAYOUT_TASK("sweep_task", wire_sweep_task, 1),
};

static const struct record_layout meta_layouts[WIRE_META_LAST - WIRE_META] = {
	[WIRE_META_HOOK - WIRE_META] = LAYOUT("meta_hook", wire_meta_hook, 0),
	[WIRE_META_COMMAND - WIRE_META] =
		LAYOUT("meta_command", wire_meta_command, 0),
	[WIRE_META_SYM - WIRE_META] = LAYOUT("meta_sym", wire_meta_sym, 0),
	[WIRE_META_STATS - WIRE_META] =
		LAYOUT("meta_stats", wire_meta_stats, 0),
	[WIRE_META_END - WIRE_META] = LAYOUT("meta_end", wire_meta_end, 0),
};

static const struct record_layout *layout_of(unsigned int type)
{
	if (type < WIRE_KERNEL_TYPES)
		return &record_layouts[type];
	if (type >= WIRE_META && type < WIRE_META_LAST)
		return &meta_layouts[type - WIRE_META];
	return NULL;
}

int record__check(const void *p, size_t len)
{
	const struct wire_hdr *rec = p;
	const struct record_layout *l;
	size_t want;

	if (len < sizeof(*rec))
		return -ENODATA;
	l = layout_of(rec->type);
	if (!l || rec->npids != l->npids || rec->levels > WIRE_MAX_LEVELS ||
	    (l->npids && !rec->levels))
		return -EPROTO;
	want = l->body + l->npids * WIRE_PID_SIZE(rec->levels);
	if (rec->size != want)
		return -EPROTO;
	if (len < want)
		return -ENODATA;
	return (int)want;
}

const char *record__name(unsigned int type)
{
	const struct record_layout *l = layout_of(type);

	return l ? l->name : "?";
}

size_t record__body_size(unsigned int type)
{
	const struct record_layout *l = layout_of(type);

	return l ? l->body : 0;
}

bool record__shows_thread_pid(unsigned int type)
{
	switch (type) {
	case WIRE_SETNS_ENTER:
	case WIRE_SETNS_EXIT:
	case WIRE_COMMIT_JOIN:
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_SWEEP_TASK:
		return true;
	}
	return false;
}
