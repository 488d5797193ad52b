// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives why a setns() on a pid namespace failed, from what its window shows: the
 * capabilities that were checked, the state of the caller at the end of pidns_install(),
 * and the number that was not allocated.
 *
 * Bad at: errors of the other namespaces of a pidfd, whose checks have no records.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <linux/capability.h>

#include "lib/array.h"
#include "loader/trace/names.h"
#include "loader/view/failed.h"
#include "loader/view/reason_parts.h"

struct refusal {
	const struct model *m;
	const struct model_window *w;
	const struct wire_pidns_install *install;	/* the last call */
	const struct wire_setns_exit *x;
	const struct model_view *v;
	FILE *out;
};

typedef bool condition_fn(const struct refusal *r);

static bool put(const struct refusal *r, bool holds, const char *text)
{
	if (holds)
		fputs(text, r->out);
	return holds;
}

/* --- pidns_install() of every kernel --- */

/* The check that fails is the last one. */
static bool no_capability(const struct refusal *r)
{
	const struct wire_pidns_install *i = r->install;
	const struct model_cap *cap;

	if (!r->w->ncaps || r->w->ncaps > MODEL_CAPS)
		return false;
	cap = &r->w->caps[r->w->ncaps - 1];
	if (cap->granted || cap->cap != CAP_SYS_ADMIN)
		return false;
	if (cap->user_ns == i->target_user_ns) {
		fprintf(r->out, "no CAP_SYS_ADMIN in the user namespace of pid:[%u]",
			i->target_ns);
		return true;
	}
	return put(r, cap->user_ns == i->cred_user_ns,
		   "no CAP_SYS_ADMIN in its own user namespace") ||
	       put(r, cap->user_ns == i->outer_user_ns,
		   "no CAP_SYS_ADMIN in the initial user namespace");
}

static bool keeps(const struct refusal *r)
{
	return r->install->knob == WIRE_KNOB_KEEP;
}

/* In either way. */
static bool joins(const struct refusal *r)
{
	return r->install->knob == WIRE_KNOB_ON || keeps(r);
}

/* Without the sysctl, pidns_install() has no other reason for EINVAL. */
static bool not_below(const struct refusal *r)
{
	if (joins(r))
		return false;
	fprintf(r->out, "pid:[%u] is not below pid:[%u], where it lives",
		r->install->target_ns, r->w->enter.task.active_ns);
	return true;
}

/* --- pidns_may_join(), of the series join, and pidns_may_deepen(), of keep --- */

/* Returns the process of the caller, which may be another thread of it. */
static const struct model_task *leader(const struct refusal *r)
{
	const struct wire_pid *pid = record__pid(r->v->rec, 0);

	return record__levels(r->v->rec, pid) ?
	       model__task_numbered(r->m, pid->upid[0].ns, r->x->task.tgid) : NULL;
}

static bool is_init(const struct refusal *r)
{
	const struct model_task *t = leader(r);

	if (!joins(r) || !t || !t->levels || t->nr[t->levels - 1] != 1)
		return false;
	fprintf(r->out, "it is the init of pid:[%u]", r->w->enter.task.active_ns);
	return true;
}

static bool not_a_child(const struct refusal *r)
{
	if (!joins(r) || r->install->target_parent == r->w->enter.task.active_ns)
		return false;
	fprintf(r->out, "pid:[%u] is not a child of pid:[%u], where it lives",
		r->install->target_ns, r->w->enter.task.active_ns);
	return true;
}

static bool no_init(const struct refusal *r)
{
	if (!joins(r) || r->install->child_reaper)
		return false;
	fprintf(r->out, "pid:[%u] has no init", r->install->target_ns);
	return true;
}

static bool leads_nothing(const struct refusal *r)
{
	const struct wire_pidns_install *i = r->install;

	return r->install->knob == WIRE_KNOB_ON &&
	       (put(r, i->group != i->thread_pid,
		    "it does not lead its process group") ||
		put(r, i->session != i->thread_pid,
		    "it does not lead its session"));
}

static bool has_threads(const struct refusal *r)
{
	if (!joins(r) || r->install->nr_threads < 2)
		return false;
	fprintf(r->out, "it has %u threads", r->install->nr_threads);
	return true;
}

/* True if the list of the session has other members than the caller. */
static bool shares_session(const struct refusal *r)
{
	const struct wire_links *links = &r->x->links;
	const struct wire_pid *pid = record__pid(r->v->rec, 0);

	return pid->address == r->x->task.pids[WIRE_SID] && links->pprev[WIRE_SID] &&
	       (links->next[WIRE_SID] ||
		links->pprev[WIRE_SID] != r->x->lists.tasks + WIRE_SID * sizeof(__u64));
}

/* A fork makes a struct pid that has room. */
static bool no_room(const struct refusal *r)
{
	if (!keeps(r))
		return false;
	fprintf(r->out, "its struct pid has no room for a number at level %u",
		r->install->target_level);
	return true;
}

static bool has_relatives(const struct refusal *r)
{
	__u32 state = r->install->state;

	return joins(r) &&
	       (put(r, state & WIRE_T_CHILDREN, "it has children") ||
		put(r, state & WIRE_T_TRACEES, "it traces a process"));
}

/* In the order of pidns_join_is_tied(). */
static bool is_tied(const struct refusal *r)
{
	__u32 state = r->install->state;

	return r->install->knob == WIRE_KNOB_ON &&
	       (put(r, state & WIRE_T_TRACED, "it is traced") ||
		put(r, shares_session(r), "it shares its session") ||
		put(r, state & WIRE_T_TTY, "it has a controlling terminal") ||
		put(r, state & WIRE_T_POSIX_TIMERS,
		    "it has timers from timer_create()"));
}

/* --- alloc_pid() or pid_reserve_nr() for a join --- */

static bool alloc_failed(const struct refusal *r, int error)
{
	return r->w->failed_allocs && r->w->alloc_error == -error;
}

static bool reserve_failed(const struct refusal *r, int error)
{
	return r->w->nkeep.failed_reserves &&
	       r->w->keep.failed_reserve.ret == -error;
}

static bool dead_init(const struct refusal *r)
{
	const struct wire_reserve_nr *f = &r->w->keep.failed_reserve;

	if (reserve_failed(r, ENOMEM))
		return put_dead_init(r->out, f->inum, f->pid_allocated);
	return alloc_failed(r, ENOMEM) &&
	       put_dead_init(r->out, r->w->failed_alloc.ns,
			     r->w->failed_alloc.pid_allocated);
}

static bool all_numbers_taken(const struct refusal *r)
{
	const struct wire_reserve_nr *f = &r->w->keep.failed_reserve;

	if (reserve_failed(r, EAGAIN))
		return put_no_number(r->out, f->inum, 0);
	return alloc_failed(r, EAGAIN) &&
	       put_no_number(r->out, r->w->failed_alloc.ns,
			     r->w->failed_alloc.ns_level);
}

/* --- before pidns_install() --- */

static bool other_kind(const struct refusal *r)
{
	const struct wire_setns_enter *e = &r->w->enter;

	if (e->fd_kind != WIRE_FD_NSFS || !e->flags || e->flags == e->fd_ns_type)
		return false;
	fprintf(r->out, "the file is a %s namespace", ns_type__name(e->fd_ns_type));
	return true;
}

static bool pidfd_without_flags(const struct refusal *r)
{
	return put(r, r->w->enter.fd_kind == WIRE_FD_PIDFD && !r->w->enter.flags,
		   "a pidfd needs flags");
}

/* ptrace_may_access(): without another namespace, nothing else refuses before. */
static bool no_tracer(const struct refusal *r)
{
	const struct wire_setns_enter *e = &r->w->enter;

	if (e->fd_kind != WIRE_FD_PIDFD || e->flags != CLONE_NEWPID)
		return false;
	fprintf(r->out, "no right to trace process %d", e->fd_pid);
	return true;
}

/* --- the tables --- */

struct row {
	int error;
	condition_fn *condition;
};

static const struct row before[] = {
	{ EINVAL, other_kind },
	{ EINVAL, pidfd_without_flags },
	{ EPERM, no_tracer },
};

/* In the order of the checks. */
static const struct row installing[] = {
	{ EPERM, no_capability },
	{ EINVAL, is_init },
	{ EPERM, not_a_child },
	{ EINVAL, no_init },
	{ EINVAL, not_below },
	{ EPERM, leads_nothing },
	{ EOVERFLOW, no_room },
	{ EUSERS, has_threads },
	{ EBUSY, has_relatives },
	{ EBUSY, is_tied },
	{ ENOMEM, dead_init },
	{ EAGAIN, all_numbers_taken },
};

static bool find(const struct refusal *r, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].error == wire_errno(r->x->ret) && rows[i].condition(r))
			return true;
	return false;
}

bool setns__put_reason(const struct model *m, const struct model_view *v, FILE *out)
{
	const struct refusal r = {
		.m = m, .w = v->window, .install = v->window ? &v->window->install : NULL,
		.x = (const void *)v->rec, .v = v, .out = out,
	};

	if (!r.w || r.x->ret >= 0)
		return false;
	if (!r.w->installs)
		return find(&r, before, ARRAY_SIZE(before));
	/* Another namespace may have refused: its reason is not known. */
	return r.install->ret == r.x->ret &&
	       find(&r, installing, ARRAY_SIZE(installing));
}
