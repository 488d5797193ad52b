// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packs the main facts of a record into four numbers, besides its index, time, type and
 * CPU, and prints them as a line of text. Other fields do not fit; the trace has them.
 */
#include "loader/model/history.h"

#include "loader/trace/names.h"

const char *pidtype__name(unsigned int pidtype)
{
	static const char *const names[WIRE_PIDTYPES] = {
		[WIRE_PID] = "PID", [WIRE_TGID] = "TGID",
		[WIRE_PGID] = "PGID", [WIRE_SID] = "SID",
	};

	return pidtype < WIRE_PIDTYPES ? names[pidtype] : "?";
}

/* A record of any kernel type: member FORK is the struct of WIRE_FORK, and so on. */
union any_record {
	struct wire_hdr hdr;
#define X(e, name, body, ...) struct wire_##body e;
	WIRE_TYPES(X)
#undef X
};

/* Returns the innermost number of the struct pid in image @i, or 0 without numbers. */
static int32_t own_nr(const union any_record *r, unsigned int i)
{
	const struct wire_pid *img = record__pid(&r->hdr, i);
	unsigned int n = record__levels(&r->hdr, img);

	return n ? img->upid[n - 1].nr : 0;
}

/* Returns the address of the struct pid in image @i. */
static uint64_t address(const union any_record *r, unsigned int i)
{
	return record__pid(&r->hdr, i)->address;
}

static void set_setns_enter(struct model_event *e, const union any_record *r)
{
	e->a = r->SETNS_ENTER.fd_kind == WIRE_FD_PIDFD ?
	       (uint32_t)r->SETNS_ENTER.fd_pid : r->SETNS_ENTER.fd_ns;
	e->b = r->SETNS_ENTER.fd_kind;
	e->x = r->SETNS_ENTER.fd;
	e->y = (int32_t)r->SETNS_ENTER.flags;
}

static void set_setns_exit(struct model_event *e, const union any_record *r)
{
	e->a = r->SETNS_EXIT.task.thread_pid;
	e->b = r->SETNS_EXIT.inodes_left;
	e->x = (int32_t)r->SETNS_EXIT.ret;
	e->y = own_nr(r, 0);
}

static void set_pidns_install(struct model_event *e, const union any_record *r)
{
	e->a = r->PIDNS_INSTALL.target_ns;
	e->x = r->PIDNS_INSTALL.ret;
}

static void set_ns_capable(struct model_event *e, const union any_record *r)
{
	e->a = r->NS_CAPABLE.user_ns;
	e->x = r->NS_CAPABLE.cap;
	e->y = r->NS_CAPABLE.ret;
}

static void set_switch_ns(struct model_event *e, const union any_record *r)
{
	e->a = r->SWITCH_NS.new_children_ns;
}

static void set_commit_join(struct model_event *e, const union any_record *r)
{
	e->a = r->COMMIT_JOIN.task.thread_pid;
	e->x = (int32_t)r->COMMIT_JOIN.pid_allocated;
}

static void set_pid_rewrite(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->b = address(r, 1);
}

static void set_flush_pid(struct model_event *e, const union any_record *r)
{
	e->a = r->FLUSH_PID.pid;
	e->b = r->FLUSH_PID.inodes;
}

static void set_alloc_pid(struct model_event *e, const union any_record *r)
{
	e->a = r->ALLOC_PID.ret;
	e->b = r->ALLOC_PID.ns;
	e->x = own_nr(r, 0);
}

static void set_free_pid(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->x = own_nr(r, 0);
}

static void set_put_pid(struct model_event *e, const union any_record *r)
{
	e->a = r->PUT_PID.pid;
	e->x = (int32_t)r->PUT_PID.count;
}

static void set_pid_gone(struct model_event *e, const union any_record *r)
{
	e->a = r->PID_GONE.pid;
	e->x = (int32_t)r->PID_GONE.count;
	e->y = (int32_t)r->PID_GONE.hashed;
}

static void set_link(struct model_event *e, const union any_record *r)
{
	e->a = r->ATTACH_PID.pid;
	e->b = r->ATTACH_PID.task;
	e->x = (int32_t)r->ATTACH_PID.pidtype;
}

static void set_change_pid(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->b = address(r, 1);
	e->x = (int32_t)r->CHANGE_PID.pidtype;
	e->y = own_nr(r, 1);
}

static void set_pidns(struct model_event *e, const union any_record *r)
{
	e->a = r->NS_NEW.inum;
	e->b = r->NS_NEW.parent;
	e->x = (int32_t)r->NS_NEW.pid_allocated;
	e->y = (int32_t)r->NS_NEW.level;
}

static void set_fork(struct model_event *e, const union any_record *r)
{
	e->a = r->FORK.clone_flags;
	e->x = own_nr(r, 0);
}

static void set_exec(struct model_event *e, const union any_record *r)
{
	e->x = own_nr(r, 0);
}

static void set_release(struct model_event *e, const union any_record *r)
{
	e->x = r->RELEASE.nr;
	e->y = r->RELEASE.exit_code;
	e->a = (uint32_t)r->RELEASE.status;
}

static void set_exit(struct model_event *e, const union any_record *r)
{
	e->x = own_nr(r, 0);
	e->y = r->EXIT.exit_code;
	e->a = (uint32_t)r->EXIT.status;
	e->b = (uint32_t)r->EXIT.live;
}

static void set_stack(struct model_event *e, const union any_record *r)
{
	e->x = (int32_t)r->STACK.type;
}

static void set_wake_parent(struct model_event *e, const union any_record *r)
{
	e->a = r->WAKE_PARENT.parent;
	e->b = r->WAKE_PARENT.real_parent;
	e->x = own_nr(r, 0);
}

static void set_wait_child(struct model_event *e, const union any_record *r)
{
	e->a = r->WAIT_CHILD.waiter_ns;
	e->b = r->WAIT_CHILD.ptrace;
	e->x = r->WAIT_CHILD.pid;
	e->y = r->WAIT_CHILD.exit_state;
}

static void set_notify_pidfd(struct model_event *e, const union any_record *r)
{
	e->a = r->NOTIFY_PIDFD.pid;
	e->x = r->NOTIFY_PIDFD.task_pid;
	e->y = r->NOTIFY_PIDFD.exit_state;
}

static void set_timer_lock(struct model_event *e, const union any_record *r)
{
	e->a = r->TIMER_LOCK.pid;
	e->b = r->TIMER_LOCK.ret;
	e->x = (int32_t)r->TIMER_LOCK.pidtype;
	e->y = r->TIMER_LOCK.head != 0;
}

static void set_call_failed(struct model_event *e, const union any_record *r)
{
	e->a = r->CLONE_FAILED.flags;
	e->x = r->CLONE_FAILED.ret;
}

static void set_sweep(struct model_event *e, const union any_record *r)
{
	e->a = r->SWEEP.id;
	e->b = r->SWEEP.reason;
	e->x = (int32_t)r->SWEEP.phase;
	e->y = (int32_t)r->SWEEP.tasks;
}

static void set_sweep_task(struct model_event *e, const union any_record *r)
{
	e->a = r->SWEEP_TASK.id;
	e->b = (uint32_t)r->SWEEP_TASK.real_parent.pid;
	e->x = r->SWEEP_TASK.task.pid;
	e->y = r->SWEEP_TASK.exit_state;
}

static void set_rename(struct model_event *e, const union any_record *r)
{
	e->x = r->RENAME.task.pid;
}

static void set_kill(struct model_event *e, const union any_record *r)
{
	e->a = r->KILL.origin;
	e->b = (uint32_t)r->KILL.code;
	e->x = r->KILL.task.pid;
	e->y = r->KILL.sender;
}

static void set_orphan(struct model_event *e, const union any_record *r)
{
	e->a = r->ORPHAN.real_parent.task;
	e->x = own_nr(r, 0);
	e->y = r->ORPHAN.real_parent.tgid;
}

static void set_cgroup_move(struct model_event *e, const union any_record *r)
{
	e->a = r->CGROUP_MOVE.task;
	e->b = r->CGROUP_MOVE.cgroup;
}

static void set_reserve_nr(struct model_event *e, const union any_record *r)
{
	e->a = r->RESERVE_NR.inum;
	e->b = r->RESERVE_NR.found;
	e->x = r->RESERVE_NR.ret;
}

static void set_unreserve_nr(struct model_event *e, const union any_record *r)
{
	e->a = r->UNRESERVE_NR.inum;
	e->x = r->UNRESERVE_NR.nr;
}

static void set_deepen(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->b = r->DEEPEN.inum;
	e->x = r->DEEPEN.nr;
	e->y = own_nr(r, 0);
}

static void set_publish_nr(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->b = r->PUBLISH_NR.found;
	e->x = own_nr(r, 0);
}

static void set_deepened(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->b = r->DEEPENED.found;
	e->x = own_nr(r, 0);
}

static void set_commit_deepen(struct model_event *e, const union any_record *r)
{
	e->a = r->COMMIT_DEEPEN.task.thread_pid;
	e->x = (int32_t)r->COMMIT_DEEPEN.pid_allocated;
}

static void set_undeepen(struct model_event *e, const union any_record *r)
{
	e->a = address(r, 0);
	e->x = own_nr(r, 0);
	e->y = (int32_t)r->UNDEEPEN.level;
}

static void (*const setters[WIRE_KERNEL_TYPES])(struct model_event *,
						const union any_record *) = {
	[WIRE_SETNS_ENTER] = set_setns_enter,
	[WIRE_SETNS_EXIT] = set_setns_exit,
	[WIRE_PIDNS_INSTALL] = set_pidns_install,
	[WIRE_NS_CAPABLE] = set_ns_capable,
	[WIRE_SWITCH_NS] = set_switch_ns,
	[WIRE_COMMIT_JOIN] = set_commit_join,
	[WIRE_PID_REWRITE] = set_pid_rewrite,
	[WIRE_FLUSH_PID] = set_flush_pid,
	[WIRE_ALLOC_PID] = set_alloc_pid,
	[WIRE_FREE_PID] = set_free_pid,
	[WIRE_PUT_PID] = set_put_pid,
	[WIRE_PID_GONE] = set_pid_gone,
	[WIRE_ATTACH_PID] = set_link,
	[WIRE_DETACH_PID] = set_link,
	[WIRE_CHANGE_PID] = set_change_pid,
	[WIRE_NS_NEW] = set_pidns,
	[WIRE_NS_FREE] = set_pidns,
	[WIRE_ZAP_ENTER] = set_pidns,
	[WIRE_ZAP_EXIT] = set_pidns,
	[WIRE_FORK] = set_fork,
	[WIRE_EXEC] = set_exec,
	[WIRE_RELEASE] = set_release,
	[WIRE_EXIT] = set_exit,
	[WIRE_STACK] = set_stack,
	[WIRE_WAKE_PARENT] = set_wake_parent,
	[WIRE_WAIT_CHILD] = set_wait_child,
	[WIRE_NOTIFY_PIDFD] = set_notify_pidfd,
	[WIRE_TIMER_LOCK] = set_timer_lock,
	[WIRE_CLONE_FAILED] = set_call_failed,
	[WIRE_CLONE3_FAILED] = set_call_failed,
	[WIRE_UNSHARE_FAILED] = set_call_failed,
	[WIRE_SWEEP] = set_sweep,
	[WIRE_SWEEP_TASK] = set_sweep_task,
	[WIRE_RENAME] = set_rename,
	[WIRE_KILL] = set_kill,
	[WIRE_ORPHAN] = set_orphan,
	[WIRE_CGROUP_MOVE] = set_cgroup_move,
	[WIRE_RESERVE_NR] = set_reserve_nr,
	[WIRE_UNRESERVE_NR] = set_unreserve_nr,
	[WIRE_DEEPEN] = set_deepen,
	[WIRE_PUBLISH_NR] = set_publish_nr,
	[WIRE_DEEPENED] = set_deepened,
	[WIRE_COMMIT_DEEPEN] = set_commit_deepen,
	[WIRE_UNDEEPEN] = set_undeepen,
};

void model_event__set(struct model_event *e, const struct wire_hdr *rec,
		      uint64_t index)
{
	*e = (struct model_event){
		.index = index,
		.ts_ns = rec->ts_ns,
		.type = rec->type,
		.cpu = (uint16_t)rec->cpu,
	};
	if (rec->type < WIRE_KERNEL_TYPES && setters[rec->type])
		setters[rec->type](e, (const void *)rec);
}

static const char *sweep__reason(uint64_t reason)
{
	switch (reason) {
	case WIRE_SWEEP_START:
		return "at the start";
	case WIRE_SWEEP_PERIOD:
		return "periodic";
	case WIRE_SWEEP_FINAL:
		return "at the end";
	}
	return "?";
}

static void put_setns(const struct model_event *e, FILE *out)
{
	switch (e->type) {
	case WIRE_SETNS_ENTER:
		fprintf(out, "(fd %d, flags 0x%x): %s %llu", e->x, e->y,
			e->b == WIRE_FD_PIDFD ? "pidfd of" : "inum", e->a);
		break;
	case WIRE_SETNS_EXIT:
		fprintf(out, " = %d, pid 0x%llx, own number %d", e->x, e->a, e->y);
		if (e->b)
			fprintf(out, ", inode 0x%llx of the old one is left", e->b);
		break;
	case WIRE_PIDNS_INSTALL:
		fprintf(out, "(pid:[%llu]) = %d", e->a, e->x);
		break;
	case WIRE_NS_CAPABLE:
		fprintf(out, "(0x%llx, %d) = %s", e->a, e->x, e->y ? "true" : "false");
		break;
	case WIRE_SWITCH_NS:
		fprintf(out, ": children in pid:[%llu]", e->a);
		break;
	case WIRE_COMMIT_JOIN:
		fprintf(out, ": pid 0x%llx, pid_allocated 0x%x", e->a, e->x);
		break;
	case WIRE_PID_REWRITE:
		fprintf(out, ": 0x%llx -> 0x%llx", e->a, e->b);
		break;
	case WIRE_FLUSH_PID:
		fprintf(out, "(0x%llx)", e->a);
		if (e->b)
			fprintf(out, ", inode 0x%llx", e->b);
		break;
	}
}

static void put_pid(const struct model_event *e, FILE *out)
{
	switch (e->type) {
	case WIRE_ALLOC_PID:
		if (wire_is_err(e->a))
			fprintf(out, "(pid:[%llu]) = error %lld", e->b, (long long)e->a);
		else
			fprintf(out, "(pid:[%llu]) = 0x%llx, number %d", e->b, e->a, e->x);
		break;
	case WIRE_FREE_PID:
		fprintf(out, "(0x%llx), number %d", e->a, e->x);
		break;
	case WIRE_PUT_PID:
		fprintf(out, "(0x%llx), count %d", e->a, e->x);
		break;
	case WIRE_PID_GONE:
		fprintf(out, "(0x%llx), count %d%s", e->a, e->x, e->y ? ", WITH TASKS" : "");
		break;
	case WIRE_ATTACH_PID:
	case WIRE_DETACH_PID:
		fprintf(out, "(task 0x%llx, %s), pid 0x%llx", e->b, pidtype__name(e->x), e->a);
		break;
	case WIRE_CHANGE_PID:
		fprintf(out, "(%s): 0x%llx -> 0x%llx, own number %d",
			pidtype__name(e->x), e->a, e->b, e->y);
		break;
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT:
		fprintf(out, "(pid:[%llu]): in pid:[%llu], level %d, pid_allocated 0x%x",
			e->a, e->b, e->y, e->x);
		break;
	}
}

static void put_ending(const struct model_event *e, FILE *out)
{
	fprintf(out, ": own number %d, exit code 0x%x", e->x, e->y);
	if (e->b)
		fprintf(out, ", threads left: %llu", e->b);
	else if ((int32_t)e->a != e->y)
		fprintf(out, ", status of the process 0x%llx", e->a);
}

static void put_task(const struct model_event *e, FILE *out)
{
	char flags[CLONE_FLAGS_TEXT];

	switch (e->type) {
	case WIRE_FORK:
		fprintf(out, ": own number %d, flags %s", e->x,
			clone_flags__text(e->a, flags, sizeof(flags)));
		break;
	case WIRE_EXEC:
		fprintf(out, ": own number %d", e->x);
		break;
	case WIRE_EXIT:
	case WIRE_RELEASE:
		put_ending(e, out);
		break;
	case WIRE_STACK:
		fprintf(out, " of the next %s", record__name(e->x));
		break;
	case WIRE_WAKE_PARENT:
		fprintf(out, "(0x%llx): real_parent 0x%llx, own number %d", e->a, e->b, e->x);
		break;
	case WIRE_WAIT_CHILD:
		fprintf(out, "(%s %d): exit_state %d, waited for in pid:[%llu]",
			e->b ? "tracee" : "child", e->x, e->y, e->a);
		break;
	case WIRE_NOTIFY_PIDFD:
		fprintf(out, "(%d): pid 0x%llx, exit_state %d", e->x, e->a, e->y);
		break;
	case WIRE_TIMER_LOCK:
		fprintf(out, "(%s of 0x%llx) = 0x%llx%s", pidtype__name(e->x), e->a, e->b,
			e->y ? ", enqueued" : "");
		break;
	case WIRE_SWEEP:
		if (e->x == WIRE_SWEEP_BEGIN)
			fprintf(out, " %llu begins, %s", e->a, sweep__reason(e->b));
		else
			fprintf(out, " %llu ends, %d threads", e->a, e->y);
		break;
	case WIRE_CLONE_FAILED:
	case WIRE_CLONE3_FAILED:
	case WIRE_UNSHARE_FAILED:
		fprintf(out, "(flags 0x%llx) = %d", e->a, e->x);
		break;
	case WIRE_SWEEP_TASK:
		fprintf(out, "(%d): real_parent %llu, exit_state %d, sweep %llu",
			e->x, e->b, e->y, e->a);
		break;
	}
}

static void put_process(const struct model_event *e, FILE *out)
{
	switch (e->type) {
	case WIRE_RENAME:
		fprintf(out, "(%d)", e->x);
		break;
	case WIRE_KILL:
		fprintf(out, "(%d): SIGKILL, ", e->x);
		if (e->a == WIRE_KILL_PRIV)
			fputs("by the kernel", out);
		else
			fprintf(out, "by %d, code %d", e->y, (int32_t)e->b);
		break;
	case WIRE_ORPHAN:
		fprintf(out, ": own number %d, given to %d, task 0x%llx", e->x,
			e->y, e->a);
		break;
	case WIRE_CGROUP_MOVE:
		fprintf(out, "(task 0x%llx): to cgroup %llu", e->a, e->b);
		break;
	}
}

static void put_keep(const struct model_event *e, FILE *out)
{
	switch (e->type) {
	case WIRE_RESERVE_NR:
		fprintf(out, "(pid:[%llu]) = %d", e->a, e->x);
		if (e->b)
			fprintf(out, ", which leads to 0x%llx", e->b);
		break;
	case WIRE_UNRESERVE_NR:
		fprintf(out, "(pid:[%llu], %d)", e->a, e->x);
		break;
	case WIRE_DEEPEN:
		fprintf(out, "(0x%llx, pid:[%llu], %d), own number %d", e->a, e->b,
			e->x, e->y);
		break;
	case WIRE_PUBLISH_NR:
	case WIRE_DEEPENED:
		fprintf(out, "(0x%llx), own number %d, which leads to 0x%llx", e->a,
			e->x, e->b);
		break;
	case WIRE_UNDEEPEN:
		fprintf(out, "(0x%llx), own number %d, level %d left", e->a, e->x,
			e->y);
		break;
	case WIRE_COMMIT_DEEPEN:
		fprintf(out, ": pid 0x%llx, pid_allocated 0x%x", e->a, e->x);
		break;
	}
}

void model_event__detail(const struct model_event *e, FILE *out)
{
	put_setns(e, out);
	put_pid(e, out);
	put_task(e, out);
	put_process(e, out);
	put_keep(e, out);
}

void model_event__print(const struct model_event *e, FILE *out)
{
	fprintf(out, "#%llu %llu.%06llu cpu%u %s", e->index, e->ts_ns / 1000000000,
		e->ts_ns / 1000 % 1000000, e->cpu, record__name(e->type));
	model_event__detail(e, out);
}

void model_history__print(const struct model_task *t, const char *indent,
			  FILE *out)
{
	uint32_t n = t->nhistory < MODEL_HISTORY ? t->nhistory : MODEL_HISTORY;

	for (uint32_t i = t->nhistory - n; i < t->nhistory; i++) {
		fputs(indent, out);
		model_event__print(&t->history[i % MODEL_HISTORY], out);
		fputc('\n', out);
	}
}
