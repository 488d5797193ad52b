// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the fields of each record in tables, in the order of bpf/wire.h, and writes
 * them as JSON.
 *
 * Bad at: new fields. The tables are a copy by hand of bpf/wire.h;
 * tests/unit/export_test.c finds bytes that no field covers.
 */
#include "loader/trace/fields.h"

#include <string.h>

#define MEMBER(st, f) (((struct st *)0)->f)
#define IS_SIGNED(st, f) ((__typeof__(MEMBER(st, f)))-1 < 1)

#define FIELD(st, f, count, kind, of)					\
	{ "\"" #f "\":", sizeof(#f) - 1, offsetof(struct st, f),	\
	  sizeof(MEMBER(st, f)), count, kind, of }
#define NUMBER(st, f)							\
	FIELD(st, f, 1, IS_SIGNED(st, f) ? FIELD_SIGNED : FIELD_UNSIGNED, NULL)
#define HEX(st, f) FIELD(st, f, sizeof(MEMBER(st, f)) / 8, FIELD_HEX, NULL)
#define STACK(st, f) FIELD(st, f, WIRE_STACK_DEPTH, FIELD_STACK, NULL)
#define CHARS(st, f) FIELD(st, f, 1, FIELD_CHARS, NULL)
#define STRUCT(st, f, of) FIELD(st, f, 1, FIELD_STRUCT, &of##_fields)
#define RESERVED(st, f) FIELD(st, f, 1, FIELD_RESERVED, NULL)

#define FIELDS_FROM(start, st, ...)					\
const struct fields st##_fields = {					\
	(const struct field[]){ __VA_ARGS__ },				\
	sizeof((const struct field[]){ __VA_ARGS__ }) /			\
		sizeof(struct field),					\
	start, sizeof(struct wire_##st),				\
}
#define PART(st, ...) FIELDS_FROM(0, st, __VA_ARGS__)
#define BODY(st, ...)							\
	static FIELDS_FROM(sizeof(struct wire_hdr), st, __VA_ARGS__)

PART(hdr,
	NUMBER(wire_hdr, type),
	NUMBER(wire_hdr, size),
	NUMBER(wire_hdr, npids),
	NUMBER(wire_hdr, levels),
	NUMBER(wire_hdr, flags),
	NUMBER(wire_hdr, cpu),
	NUMBER(wire_hdr, seq),
	NUMBER(wire_hdr, ts_ns),
	HEX(wire_hdr, current_task),
	NUMBER(wire_hdr, current_start));

PART(upid,
	NUMBER(wire_upid, nr),
	NUMBER(wire_upid, ns),
	NUMBER(wire_upid, parent),
	NUMBER(wire_upid, allocated));

/* The upid[] array, which has hdr.levels elements, is not in the table. */
PART(pid,
	HEX(wire_pid, address),
	NUMBER(wire_pid, level),
	NUMBER(wire_pid, count),
	HEX(wire_pid, first),
	HEX(wire_pid, tasks));

static PART(task,
	HEX(wire_task, task),
	NUMBER(wire_task, start),
	HEX(wire_task, thread_pid),
	HEX(wire_task, pids),
	HEX(wire_task, nsproxy),
	HEX(wire_task, signal),
	NUMBER(wire_task, pid),
	NUMBER(wire_task, tgid),
	NUMBER(wire_task, active_ns),
	NUMBER(wire_task, children_ns),
	NUMBER(wire_task, nr_threads),
	NUMBER(wire_task, state),
	CHARS(wire_task, comm));

static PART(links,
	HEX(wire_links, base),
	HEX(wire_links, next),
	HEX(wire_links, pprev));

static PART(relative,
	HEX(wire_relative, task),
	NUMBER(wire_relative, start),
	NUMBER(wire_relative, pid),
	NUMBER(wire_relative, ns),
	NUMBER(wire_relative, level),
	RESERVED(wire_relative, reserved));

BODY(setns_enter,
	STRUCT(wire_setns_enter, task, task),
	NUMBER(wire_setns_enter, fd),
	NUMBER(wire_setns_enter, flags),
	NUMBER(wire_setns_enter, fd_kind),
	NUMBER(wire_setns_enter, fd_ns_type),
	NUMBER(wire_setns_enter, fd_ns),
	NUMBER(wire_setns_enter, fd_pid),
	NUMBER(wire_setns_enter, knob),
	NUMBER(wire_setns_enter, knob_writes));

BODY(setns_exit,
	STRUCT(wire_setns_exit, task, task),
	STRUCT(wire_setns_exit, links, links),
	NUMBER(wire_setns_exit, ret),
	NUMBER(wire_setns_exit, fd),
	NUMBER(wire_setns_exit, flags),
	HEX(wire_setns_exit, found_new),
	HEX(wire_setns_exit, found_old),
	NUMBER(wire_setns_exit, found_known),
	NUMBER(wire_setns_exit, knob),
	HEX(wire_setns_exit, inodes_left));

BODY(pidns_install,
	STRUCT(wire_pidns_install, task, task),
	HEX(wire_pidns_install, target),
	HEX(wire_pidns_install, target_user_ns),
	HEX(wire_pidns_install, cred_user_ns),
	HEX(wire_pidns_install, outer_user_ns),
	NUMBER(wire_pidns_install, ret),
	NUMBER(wire_pidns_install, target_ns),
	NUMBER(wire_pidns_install, target_parent),
	NUMBER(wire_pidns_install, target_level),
	HEX(wire_pidns_install, child_reaper),
	NUMBER(wire_pidns_install, knob),
	NUMBER(wire_pidns_install, knob_writes));

BODY(ns_capable,
	HEX(wire_ns_capable, user_ns),
	NUMBER(wire_ns_capable, cap),
	NUMBER(wire_ns_capable, ret));

BODY(alloc_pid,
	STRUCT(wire_alloc_pid, task, task),
	HEX(wire_alloc_pid, ns_address),
	HEX(wire_alloc_pid, set_tid),
	NUMBER(wire_alloc_pid, set_tid_size),
	HEX(wire_alloc_pid, child_reaper),
	HEX(wire_alloc_pid, ret),
	NUMBER(wire_alloc_pid, ns),
	NUMBER(wire_alloc_pid, ns_level),
	NUMBER(wire_alloc_pid, pid_allocated),
	RESERVED(wire_alloc_pid, reserved));

BODY(free_pid,
	NUMBER(wire_free_pid, pid_allocated),
	RESERVED(wire_free_pid, reserved));

BODY(put_pid,
	HEX(wire_put_pid, pid),
	NUMBER(wire_put_pid, count),
	RESERVED(wire_put_pid, reserved));

BODY(link_pid,
	HEX(wire_link_pid, task),
	NUMBER(wire_link_pid, start),
	HEX(wire_link_pid, pid),
	NUMBER(wire_link_pid, task_pid),
	NUMBER(wire_link_pid, pidtype));

BODY(change_pid,
	STRUCT(wire_change_pid, task, task),
	NUMBER(wire_change_pid, pidtype),
	NUMBER(wire_change_pid, sid_singular),
	STACK(wire_change_pid, stack));

BODY(two_tasks,
	STRUCT(wire_two_tasks, from, task),
	STRUCT(wire_two_tasks, to, task),
	NUMBER(wire_two_tasks, pidtype),
	RESERVED(wire_two_tasks, reserved));

BODY(switch_ns,
	STRUCT(wire_switch_ns, task, task),
	HEX(wire_switch_ns, new_nsproxy),
	NUMBER(wire_switch_ns, new_children_ns),
	RESERVED(wire_switch_ns, reserved));

BODY(commit_join,
	STRUCT(wire_commit_join, task, task),
	STRUCT(wire_commit_join, links, links),
	NUMBER(wire_commit_join, pid_allocated),
	RESERVED(wire_commit_join, reserved));

BODY(pid_rewrite,
	STRUCT(wire_pid_rewrite, task, task));

BODY(flush_pid,
	HEX(wire_flush_pid, pid),
	HEX(wire_flush_pid, inodes));

BODY(fork,
	STRUCT(wire_fork, task, task),
	HEX(wire_fork, parent),
	NUMBER(wire_fork, parent_start),
	HEX(wire_fork, real_parent),
	NUMBER(wire_fork, parent_active_ns),
	NUMBER(wire_fork, parent_pid));

BODY(life,
	STRUCT(wire_life, task, task),
	NUMBER(wire_life, exit_code),
	NUMBER(wire_life, old_pid),
	HEX(wire_life, real_parent));

BODY(error_report,
	NUMBER(wire_error_report, detector),
	RESERVED(wire_error_report, reserved),
	HEX(wire_error_report, address),
	STACK(wire_error_report, stack));

BODY(stack,
	NUMBER(wire_stack, type),
	RESERVED(wire_stack, reserved),
	STACK(wire_stack, stack));

BODY(pid_gone,
	HEX(wire_pid_gone, pid),
	RESERVED(wire_pid_gone, reserved),
	NUMBER(wire_pid_gone, count),
	NUMBER(wire_pid_gone, hashed));

BODY(pidns,
	HEX(wire_pidns, ns),
	HEX(wire_pidns, child_reaper),
	NUMBER(wire_pidns, inum),
	NUMBER(wire_pidns, parent),
	NUMBER(wire_pidns, level),
	NUMBER(wire_pidns, pid_allocated));

BODY(wake_parent,
	HEX(wire_wake_parent, task),
	NUMBER(wire_wake_parent, start),
	HEX(wire_wake_parent, parent),
	HEX(wire_wake_parent, real_parent),
	HEX(wire_wake_parent, ptrace_parent));

BODY(wait_child,
	HEX(wire_wait_child, task),
	NUMBER(wire_wait_child, start),
	NUMBER(wire_wait_child, pid),
	NUMBER(wire_wait_child, exit_state),
	NUMBER(wire_wait_child, ptrace),
	NUMBER(wire_wait_child, waiter_ns),
	NUMBER(wire_wait_child, waiter_level),
	RESERVED(wire_wait_child, reserved));

BODY(notify_pidfd,
	HEX(wire_notify_pidfd, task),
	NUMBER(wire_notify_pidfd, start),
	HEX(wire_notify_pidfd, pid),
	NUMBER(wire_notify_pidfd, exit_state),
	NUMBER(wire_notify_pidfd, task_pid));

BODY(timer_lock,
	HEX(wire_timer_lock, pid),
	HEX(wire_timer_lock, first),
	HEX(wire_timer_lock, ret),
	HEX(wire_timer_lock, link),
	HEX(wire_timer_lock, head),
	NUMBER(wire_timer_lock, pidtype),
	RESERVED(wire_timer_lock, reserved));

BODY(sweep,
	NUMBER(wire_sweep, id),
	NUMBER(wire_sweep, phase),
	NUMBER(wire_sweep, reason),
	NUMBER(wire_sweep, tasks));

BODY(sweep_task,
	STRUCT(wire_sweep_task, task, task),
	STRUCT(wire_sweep_task, real_parent, relative),
	STRUCT(wire_sweep_task, parent, relative),
	NUMBER(wire_sweep_task, id),
	NUMBER(wire_sweep_task, exit_state),
	NUMBER(wire_sweep_task, flags),
	NUMBER(wire_sweep_task, steps),
	HEX(wire_sweep_task, reaper),
	NUMBER(wire_sweep_task, reaper_ns),
	NUMBER(wire_sweep_task, reaper_level),
	NUMBER(wire_sweep_task, reaper_nr),
	RESERVED(wire_sweep_task, reaper_reserved));

BODY(meta_hook,
	NUMBER(wire_meta_hook, hook),
	NUMBER(wire_meta_hook, error));

BODY(meta_command,
	NUMBER(wire_meta_command, pid),
	NUMBER(wire_meta_command, ns));

BODY(meta_sym,
	HEX(wire_meta_sym, address),
	CHARS(wire_meta_sym, name));

BODY(meta_stats,
	NUMBER(wire_meta_stats, type),
	RESERVED(wire_meta_stats, reserved),
	NUMBER(wire_meta_stats, hits),
	NUMBER(wire_meta_stats, tried),
	NUMBER(wire_meta_stats, lost_ring),
	NUMBER(wire_meta_stats, lost_map),
	NUMBER(wire_meta_stats, missed));

BODY(meta_end,
	NUMBER(wire_meta_end, records));

static const struct fields *const kernel_fields[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = &setns_enter_fields,
	[WIRE_SETNS_EXIT] = &setns_exit_fields,
	[WIRE_PIDNS_INSTALL] = &pidns_install_fields,
	[WIRE_NS_CAPABLE] = &ns_capable_fields,
	[WIRE_ALLOC_PID] = &alloc_pid_fields,
	[WIRE_FREE_PID] = &free_pid_fields,
	[WIRE_PUT_PID] = &put_pid_fields,
	[WIRE_ATTACH_PID] = &link_pid_fields,
	[WIRE_CHANGE_PID] = &change_pid_fields,
	[WIRE_DETACH_PID] = &link_pid_fields,
	[WIRE_TRANSFER_PID] = &two_tasks_fields,
	[WIRE_EXCHANGE_TIDS] = &two_tasks_fields,
	[WIRE_SWITCH_NS] = &switch_ns_fields,
	[WIRE_COMMIT_JOIN] = &commit_join_fields,
	[WIRE_PID_REWRITE] = &pid_rewrite_fields,
	[WIRE_FLUSH_PID] = &flush_pid_fields,
	[WIRE_FORK] = &fork_fields,
	[WIRE_EXEC] = &life_fields,
	[WIRE_EXIT] = &life_fields,
	[WIRE_RELEASE] = &life_fields,
	[WIRE_ERROR_REPORT] = &error_report_fields,
	[WIRE_STACK] = &stack_fields,
	[WIRE_PID_GONE] = &pid_gone_fields,
	[WIRE_NS_NEW] = &pidns_fields,
	[WIRE_NS_FREE] = &pidns_fields,
	[WIRE_ZAP_ENTER] = &pidns_fields,
	[WIRE_ZAP_EXIT] = &pidns_fields,
	[WIRE_WAKE_PARENT] = &wake_parent_fields,
	[WIRE_WAIT_CHILD] = &wait_child_fields,
	[WIRE_NOTIFY_PIDFD] = &notify_pidfd_fields,
	[WIRE_TIMER_LOCK] = &timer_lock_fields,
	[WIRE_SWEEP] = &sweep_fields,
	[WIRE_SWEEP_TASK] = &sweep_task_fields,
};

static const struct fields *const meta_fields[WIRE_META_LAST - WIRE_META] = {
	[WIRE_META_HOOK - WIRE_META] = &meta_hook_fields,
	[WIRE_META_COMMAND - WIRE_META] = &meta_command_fields,
	[WIRE_META_SYM - WIRE_META] = &meta_sym_fields,
	[WIRE_META_STATS - WIRE_META] = &meta_stats_fields,
	[WIRE_META_END - WIRE_META] = &meta_end_fields,
};

const struct fields *record__fields(unsigned int type)
{
	if (type < WIRE_KERNEL_TYPES)
		return kernel_fields[type];
	if (type >= WIRE_META && type < WIRE_META_LAST)
		return meta_fields[type - WIRE_META];
	return NULL;
}

const struct field *fields__find(const struct fields *f, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < f->n; i++)
		if (f->field[i].name_len == len &&
		    !strncmp(f->field[i].key + 1, name, len))
			return &f->field[i];
	return NULL;
}

static void number(const struct field *f, const char *p, struct buf *out)
{
	bool s = f->kind == FIELD_SIGNED;

	switch (f->size) {
	case 1:
		buf__u64(out, *(const uint8_t *)p);
		return;
	case 2:
		buf__u64(out, *(const uint16_t *)p);
		return;
	case 4:
		buf__s64(out, s ? (int64_t)*(const int32_t *)p :
				   (int64_t)*(const uint32_t *)p);
		return;
	case 8:
		if (s)
			buf__s64(out, *(const int64_t *)p);
		else
			buf__u64(out, *(const uint64_t *)p);
	}
}

/* Writes a string, because many JSON readers round numbers above 2^53. */
static void hex(uint64_t address, struct buf *out)
{
	buf__char(out, '"');
	buf__hex(out, address);
	buf__char(out, '"');
}

static void hexes(const struct field *f, const uint64_t *p, struct buf *out)
{
	buf__char(out, '[');
	for (unsigned int i = 0; i < f->count; i++) {
		if (f->kind == FIELD_STACK && !p[i])
			break;
		if (i)
			buf__char(out, ',');
		hex(p[i], out);
	}
	buf__char(out, ']');
}

void field__json(const struct field *f, const void *base, struct buf *out)
{
	const char *p = (const char *)base + f->offset;

	switch (f->kind) {
	case FIELD_UNSIGNED:
	case FIELD_SIGNED:
		number(f, p, out);
		return;
	case FIELD_HEX:
	case FIELD_STACK:
		if (f->count > 1)
			hexes(f, (const void *)p, out);
		else
			hex(*(const uint64_t *)p, out);
		return;
	case FIELD_CHARS:
		buf__char(out, '"');
		buf__json(out, p, f->size);
		buf__char(out, '"');
		return;
	case FIELD_STRUCT:
		buf__char(out, '{');
		fields__json(f->of, p, out);
		buf__char(out, '}');
		return;
	case FIELD_RESERVED:
		return;
	}
}

void fields__json(const struct fields *f, const void *base, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < f->n; i++) {
		const struct field *d = &f->field[i];

		if (d->kind == FIELD_RESERVED)
			continue;
		buf__str(out, comma);
		buf__add(out, d->key, d->name_len + 3);
		field__json(d, base, out);
		comma = ",";
	}
}
