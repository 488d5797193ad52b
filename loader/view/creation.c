// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives why fork, vfork, clone, clone3 or unshare failed. For each error, a table has
 * the conditions in the order in which the kernel checks them, each with the kernel's
 * function in a comment.
 *
 * Bad at: conditions that the records do not have, such as the decision of a security
 * module, or a limit that was below its maximum again when the call ended.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <linux/capability.h>

#include "lib/array.h"
#include "loader/trace/names.h"
#include "loader/view/failed.h"
#include "loader/view/reason_parts.h"

#define CLONE_CLEAR_SIGHAND 0x100000000ull
#define CLONE_INTO_CGROUP 0x200000000ull

#define DEEPEST_LEVEL	(WIRE_MAX_LEVELS - 1)
#define PID_MAX_LIMIT	(4 * 1024 * 1024)

/* Sizes of struct clone_args: the first published, and the most that any may have. */
#define CLONE_ARGS_LEAST	64
#define CLONE_ARGS_MOST		4096

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | \
		    CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME)

struct creation {
	const struct model *m;
	const struct model_view *v;
	const struct wire_call_failed *r;
	FILE *out;
};

/* Writes the reason, if it is this one. */
typedef bool condition_fn(const struct creation *c);

static bool has_flags(const struct creation *c, uint64_t flags)
{
	return (c->r->flags & flags) == flags;
}

static bool put(const struct creation *c, bool holds, const char *text)
{
	if (holds)
		fputs(text, c->out);
	return holds;
}

/* --- EINVAL: flags --- */

/* Combinations that are refused: all flags of .with, and none of .without. */
static const struct combination {
	uint64_t with, without;
	const char *text;
} combinations[] = {
	{ CLONE_NEWNS | CLONE_FS, 0, "CLONE_NEWNS excludes CLONE_FS" },
	{ CLONE_NEWUSER | CLONE_FS, 0, "CLONE_NEWUSER excludes CLONE_FS" },
	{ CLONE_THREAD, CLONE_SIGHAND, "CLONE_THREAD needs CLONE_SIGHAND" },
	{ CLONE_SIGHAND, CLONE_VM, "CLONE_SIGHAND needs CLONE_VM" },
	{ CLONE_THREAD | CLONE_NEWUSER, 0, "CLONE_THREAD excludes CLONE_NEWUSER" },
	{ CLONE_THREAD | CLONE_NEWPID, 0, "CLONE_THREAD excludes CLONE_NEWPID" },
	{ CLONE_PIDFD | CLONE_DETACHED, 0, "CLONE_PIDFD excludes CLONE_DETACHED" },
	{ CLONE_NEWIPC | CLONE_SYSVSEM, 0, "CLONE_NEWIPC excludes CLONE_SYSVSEM" },
};

/* copy_process(), copy_namespaces() */
static bool refused_combination(const struct creation *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++) {
		const struct combination *f = &combinations[i];

		if (has_flags(c, f->with) && !(c->r->flags & f->without))
			return put(c, true, f->text);
	}
	return false;
}

/* kernel_clone(): clone() takes both pointers from the same argument. */
static bool same_pointer(const struct creation *c)
{
	return put(c, c->r->hdr.type == WIRE_CLONE_FAILED &&
		   has_flags(c, CLONE_PIDFD | CLONE_PARENT_SETTID),
		   "CLONE_PIDFD excludes CLONE_PARENT_SETTID");
}

/* copy_process() */
static bool sibling_of_init(const struct creation *c)
{
	return put(c, has_flags(c, CLONE_PARENT) &&
		   c->r->facts & WIRE_FAILED_BY_INIT,
		   "an init cannot have siblings");
}

static bool children_elsewhere(const struct creation *c)
{
	const struct wire_task *t = &c->r->task;

	if (!t->children_ns || t->children_ns == t->active_ns)
		return false;
	fprintf(c->out, "its children are born in pid:[%u] already", t->children_ns);
	return true;
}

/* copy_process() */
static bool thread_elsewhere(const struct creation *c)
{
	return has_flags(c, CLONE_THREAD) && children_elsewhere(c);
}

/* copy_pid_ns() */
static bool second_pid_ns(const struct creation *c)
{
	return has_flags(c, CLONE_NEWPID) && children_elsewhere(c);
}

/* --- EINVAL: the arguments of clone3 --- */

/* copy_clone_args_from_user() */
static bool bad_size(const struct creation *c)
{
	if (c->r->args_size >= CLONE_ARGS_LEAST)
		return false;
	fprintf(c->out, "the size of the arguments, %llu, is less than %d",
		(unsigned long long)c->r->args_size, CLONE_ARGS_LEAST);
	return true;
}

/* copy_clone_args_from_user(), alloc_pid(): the second for each depth. */
static bool too_many_numbers(const struct creation *c)
{
	uint64_t levels = c->r->children_level + 1ull + has_flags(c, CLONE_NEWPID);

	if (c->r->set_tid_size <= levels)
		return false;
	fprintf(c->out, "set_tid has %llu numbers for %llu levels",
		(unsigned long long)c->r->set_tid_size, (unsigned long long)levels);
	return true;
}

/* copy_clone_args_from_user() */
static bool half_a_list(const struct creation *c)
{
	return put(c, !c->r->set_tid && c->r->set_tid_size,
		   "a size of set_tid without set_tid") ||
	       put(c, c->r->set_tid && !c->r->set_tid_size, "set_tid without a size");
}

/* copy_clone_args_from_user() */
static bool no_signal(const struct creation *c)
{
	if (c->r->exit_signal < _NSIG)
		return false;
	fprintf(c->out, "%llu is not a signal",
		(unsigned long long)c->r->exit_signal);
	return true;
}

/* clone3_args_valid() */
static bool invalid_flags(const struct creation *c)
{
	return put(c, c->r->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)),
		   "CLONE_DETACHED and the bits of a signal are not for clone3()") ||
	       put(c, has_flags(c, CLONE_SIGHAND | CLONE_CLEAR_SIGHAND),
		   "CLONE_SIGHAND excludes CLONE_CLEAR_SIGHAND") ||
	       put(c, c->r->flags & (CLONE_THREAD | CLONE_PARENT) &&
		   c->r->exit_signal,
		   "CLONE_THREAD and CLONE_PARENT exclude an exit signal");
}

/* clone3_stack_valid() */
static bool half_a_stack(const struct creation *c)
{
	return put(c, !c->r->child_stack && c->r->stack_size, "a stack size without a stack") ||
	       put(c, c->r->child_stack && !c->r->stack_size, "a stack without a size");
}

/* --- set_tid --- */

static const char *pid_ns_text(uint32_t inum, char text[32])
{
	if (!inum)
		return "the new pid namespace";
	snprintf(text, 32, "pid:[%u]", inum);
	return text;
}

/* alloc_pid() */
static bool impossible_number(const struct creation *c)
{
	for (unsigned int i = 0; i < failed__asked(c->r); i++) {
		const struct wire_asked *a = &c->r->asked[i];
		int32_t max = (int32_t)(a->pid_max ?: PID_MAX_LIMIT);
		char ns[32];

		if (a->nr >= 1 && a->nr < max && (a->nr == 1 || a->child_reaper))
			continue;
		if (a->nr >= 1 && a->nr < max)
			fprintf(c->out, "%d is asked for in %s, which has no init",
				a->nr, pid_ns_text(a->ns, ns));
		else
			fprintf(c->out, "%d is not a number of %s", a->nr,
				pid_ns_text(a->ns, ns));
		return true;
	}
	return false;
}

static void put_holder(const struct creation *c, const struct model_task *t)
{
	char comm[COMM_TEXT];

	fprintf(c->out, " by %s[", comm__text(t->comm, comm));
	for (uint32_t i = 0; i < t->levels; i++)
		fprintf(c->out, "%s%d", i ? "," : "", t->nr[i]);
	fputc(']', c->out);
}

/* alloc_pid(). A number may also be taken by a group or session without its leader. */
static bool taken_number(const struct creation *c)
{
	unsigned int n = failed__asked(c->r);

	for (unsigned int i = 0; i < n; i++) {
		const struct wire_asked *a = &c->r->asked[i];
		const struct model_task *t = model__task_numbered(c->m, a->ns, a->nr);

		if (!t && c->r->set_tid_size > 1)
			continue;
		fprintf(c->out, "%d in pid:[%u] is taken", a->nr, a->ns);
		if (t)
			put_holder(c, t);
		return true;
	}
	return false;
}

/* --- EPERM --- */

static bool has_cap(const struct creation *c, int cap)
{
	return c->r->caps & 1ull << cap;
}

/* copy_namespaces(), unshare_nsproxy_namespaces() */
static bool no_admin(const struct creation *c)
{
	return put(c, c->r->flags & NAMESPACES && !has_flags(c, CLONE_NEWUSER) &&
		   !has_cap(c, CAP_SYS_ADMIN),
		   "no CAP_SYS_ADMIN in its own user namespace");
}

/* True if the caller cannot have a capability in the owner of the pid namespace. */
static bool is_stranger(const struct creation *c, const struct wire_asked *a)
{
	if (a->user_ns == c->r->user_ns)
		return !has_cap(c, CAP_SYS_ADMIN) &&
		       !has_cap(c, CAP_CHECKPOINT_RESTORE);
	return a->user_ns && a->user_level <= c->r->user_level;
}

/* checkpoint_restore_ns_capable() */
static bool no_restore(const struct creation *c)
{
	char ns[32];

	if (has_flags(c, CLONE_NEWUSER))
		return false;
	for (unsigned int i = 0; i < failed__asked(c->r); i++) {
		const struct wire_asked *a = &c->r->asked[i];

		if (!is_stranger(c, a))
			continue;
		fprintf(c->out, "neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN in the user namespace of %s",
			pid_ns_text(a->ns, ns));
		return true;
	}
	return false;
}

/* --- limits --- */

/* Returns the failed alloc_pid() of this call, NULL: alloc_pid() did not fail. */
static const struct model_event *failed_alloc(const struct creation *c)
{
	const struct model_task *t = c->v->subject;
	const struct model_event *e;

	if (!t || !t->nhistory)
		return NULL;
	/* After that, the call made no other record but this one. */
	e = &t->history[(t->nhistory - 1) % MODEL_HISTORY];
	return e->type == WIRE_ALLOC_PID && wire_is_err(e->a) ? e : NULL;
}

/* alloc_pid() */
static bool all_numbers_taken(const struct creation *c)
{
	const struct model_event *e = failed_alloc(c);

	return e && (int64_t)e->a == -EAGAIN &&
	       put_no_number(c->out, (uint32_t)e->b, c->r->children_level);
}

/* copy_process() */
static bool too_many_processes(const struct creation *c)
{
	const struct wire_call_failed *r = c->r;

	if (!r->uid || r->processes < r->processes_max ||
	    (!r->user_level && (has_cap(c, CAP_SYS_RESOURCE) ||
				has_cap(c, CAP_SYS_ADMIN))))
		return false;
	fprintf(c->out, "RLIMIT_NPROC is reached: user %u has %llu of %llu processes",
		r->uid, (unsigned long long)r->processes,
		(unsigned long long)r->processes_max);
	return true;
}

/* copy_process() */
static bool too_many_threads(const struct creation *c)
{
	if (!c->r->threads_max || c->r->threads < c->r->threads_max)
		return false;
	fprintf(c->out, "kernel.threads-max is reached: %u of %u", c->r->threads,
		c->r->threads_max);
	return true;
}

/* pids_can_fork() */
static bool full_cgroup(const struct creation *c)
{
	if (!c->r->cgroup_pids || has_flags(c, CLONE_INTO_CGROUP))
		return false;
	fprintf(c->out, "pids.max of its cgroup is reached: %llu of %llu",
		(unsigned long long)c->r->cgroup_pids,
		(unsigned long long)c->r->cgroup_pids_max);
	return true;
}

/* create_user_ns() */
static bool user_ns_too_deep(const struct creation *c)
{
	if (!has_flags(c, CLONE_NEWUSER) || c->r->user_level <= DEEPEST_LEVEL)
		return false;
	fprintf(c->out, "level %u of user namespaces is too deep",
		c->r->user_level + 1);
	return true;
}

/* create_pid_namespace() */
static bool pid_ns_too_deep(const struct creation *c)
{
	if (!has_flags(c, CLONE_NEWPID) || c->r->children_level < DEEPEST_LEVEL)
		return false;
	fprintf(c->out, "level %u is too deep: the deepest is %d",
		c->r->children_level + 1, DEEPEST_LEVEL);
	return true;
}

/* In the order in which the kernel makes the namespaces. */
static const struct {
	uint64_t flag;
	enum wire_limit limit;
	const char *sysctl;
} ns_limits[] = {
	{ CLONE_NEWUSER, WIRE_LIMIT_USER, "user.max_user_namespaces" },
	{ CLONE_NEWNS, WIRE_LIMIT_MNT, "user.max_mnt_namespaces" },
	{ CLONE_NEWUTS, WIRE_LIMIT_UTS, "user.max_uts_namespaces" },
	{ CLONE_NEWIPC, WIRE_LIMIT_IPC, "user.max_ipc_namespaces" },
	{ CLONE_NEWPID, WIRE_LIMIT_PID, "user.max_pid_namespaces" },
	{ CLONE_NEWCGROUP, WIRE_LIMIT_CGROUP, "user.max_cgroup_namespaces" },
	{ CLONE_NEWNET, WIRE_LIMIT_NET, "user.max_net_namespaces" },
	{ CLONE_NEWTIME, WIRE_LIMIT_TIME, "user.max_time_namespaces" },
};

/* inc_ucount() */
static bool too_many_namespaces(const struct creation *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(ns_limits); i++) {
		if (!has_flags(c, ns_limits[i].flag) ||
		    !(c->r->limits & 1u << ns_limits[i].limit))
			continue;
		fprintf(c->out, "%s is reached", ns_limits[i].sysctl);
		return true;
	}
	return false;
}

/* --- other errors --- */

/* alloc_pid(), copy_process() */
static bool dead_init(const struct creation *c)
{
	return !has_flags(c, CLONE_NEWPID) && c->r->task.children_ns &&
	       put_dead_init(c->out, c->r->task.children_ns,
			     c->r->children_allocated);
}

/* copy_struct_from_user() */
static bool unknown_arguments(const struct creation *c)
{
	return put(c, c->r->args_size <= CLONE_ARGS_MOST,
		   "the arguments have fields that this kernel does not know") ||
	       put(c, true, "the size of the arguments is more than a page");
}

static bool unreadable(const struct creation *c)
{
	return put(c, c->r->facts & WIRE_FAILED_NO_ARGS,
		   "the arguments cannot be read") ||
	       put(c, c->r->facts & WIRE_FAILED_NO_TIDS,
		   "the numbers of set_tid cannot be read");
}

/* --- unshare --- */

/* ksys_unshare() adds flags; check_unshare_flags() refuses them. */
static bool has_threads(const struct creation *c)
{
	if (!(c->r->flags & (CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) ||
	    c->r->task.nr_threads < 2)
		return false;
	fprintf(c->out, "it has %u threads", c->r->task.nr_threads);
	return true;
}

static bool shares_handlers(const struct creation *c)
{
	return put(c, c->r->flags & (CLONE_SIGHAND | CLONE_VM) &&
		   c->r->facts & WIRE_FAILED_SIGHAND,
		   "it shares its signal handlers");
}

/* --- the tables --- */

enum callers {
	BY_CLONE	= 1 << 0,	/* fork, vfork, clone */
	BY_CLONE3	= 1 << 1,
	BY_UNSHARE	= 1 << 2,
	BY_CLONES	= BY_CLONE | BY_CLONE3,
	BY_ALL		= BY_CLONES | BY_UNSHARE,
};

static const struct {
	int error;
	unsigned int by;
	condition_fn *condition;
} conditions[] = {
	{ EINVAL, BY_CLONE3, bad_size },
	{ EINVAL, BY_CLONE3, half_a_list },
	{ EINVAL, BY_CLONE3, no_signal },
	{ EINVAL, BY_CLONE3, invalid_flags },
	{ EINVAL, BY_CLONE3, half_a_stack },
	{ EINVAL, BY_CLONE, same_pointer },
	{ EINVAL, BY_CLONES, refused_combination },
	{ EINVAL, BY_CLONES, sibling_of_init },
	{ EINVAL, BY_CLONES, thread_elsewhere },
	{ EINVAL, BY_UNSHARE, has_threads },
	{ EINVAL, BY_UNSHARE, shares_handlers },
	{ EINVAL, BY_ALL, second_pid_ns },
	{ EINVAL, BY_CLONE3, too_many_numbers },
	{ EINVAL, BY_CLONE3, impossible_number },
	{ EEXIST, BY_CLONE3, taken_number },
	{ EPERM, BY_ALL, no_admin },
	{ EPERM, BY_CLONE3, no_restore },
	{ EAGAIN, BY_CLONES, all_numbers_taken },
	{ EAGAIN, BY_CLONES, too_many_processes },
	{ EAGAIN, BY_CLONES, too_many_threads },
	{ EAGAIN, BY_CLONES, full_cgroup },
	{ ENOSPC, BY_ALL, user_ns_too_deep },
	{ ENOSPC, BY_ALL, pid_ns_too_deep },
	{ ENOSPC, BY_ALL, too_many_namespaces },
	{ ENOMEM, BY_CLONES, dead_init },
	{ E2BIG, BY_CLONE3, unknown_arguments },
	{ EFAULT, BY_CLONE3, unreadable },
};

static enum callers caller_of(const struct wire_call_failed *r)
{
	const char *name = failed__system_call(r);

	if (!strcmp(name, "unshare"))
		return BY_UNSHARE;
	return !strcmp(name, "clone3") ? BY_CLONE3 : BY_CLONE;
}

bool creation__put_reason(const struct model *m, const struct model_view *v,
			  FILE *out)
{
	const struct creation c = { m, v, (const void *)v->rec, out };
	enum callers by = caller_of(c.r);

	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		if (conditions[i].error == wire_errno(c.r->ret) && conditions[i].by & by &&
		    conditions[i].condition(&c))
			return true;
	return false;
}
