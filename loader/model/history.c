// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packs the facts of a record into four numbers, besides its type, time and CPU, and
 * prints them as a line of text.
 *
 * Bad at: complete records. Most fields do not fit; the trace has them.
 */
#include "loader/model/history.h"

const char *pidtype__name(unsigned int pidtype)
{
	static const char *const names[WIRE_PIDTYPES] = {
		[WIRE_PID] = "PID", [WIRE_TGID] = "TGID",
		[WIRE_PGID] = "PGID", [WIRE_SID] = "SID",
	};

	return pidtype < WIRE_PIDTYPES ? names[pidtype] : "?";
}

static int32_t own_nr(const struct wire_hdr *rec, const struct wire_pid *img)
{
	unsigned int n = record__levels(rec, img);

	return n ? img->upid[n - 1].nr : 0;
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

#define A ((unsigned long long)e->a)
#define B ((unsigned long long)e->b)

static void set_setns_enter(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_setns_enter *r = (const void *)rec;

	e->a = r->fd_kind == WIRE_FD_PIDFD ? (uint32_t)r->fd_pid :
					     r->fd_ns;
	e->b = r->fd_kind;
	e->x = r->fd;
	e->y = (int32_t)r->flags;
}

static void set_setns_exit(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_setns_exit *r = (const void *)rec;
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = r->task.thread_pid;
	e->b = r->inodes_left;
	e->x = (int32_t)r->ret;
	e->y = own_nr(rec, img);
}

static void set_pidns_install(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pidns_install *r = (const void *)rec;

	e->a = r->target_ns;
	e->x = r->ret;
}

static void set_ns_capable(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_ns_capable *r = (const void *)rec;

	e->a = r->user_ns;
	e->x = r->cap;
	e->y = r->ret;
}

static void set_alloc_pid(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_alloc_pid *r = (const void *)rec;
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = r->ret;
	e->b = r->ns;
	e->x = own_nr(rec, img);
}

static void set_free_pid(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = img->address;
	e->x = own_nr(rec, img);
}

static void set_link(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_link_pid *r = (const void *)rec;

	e->a = r->pid;
	e->b = r->task;
	e->x = (int32_t)r->pidtype;
}

static void set_change_pid(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_change_pid *r = (const void *)rec;
	const struct wire_pid *to = record__pid(rec, 1);
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = img->address;
	e->b = to->address;
	e->x = (int32_t)r->pidtype;
	e->y = own_nr(rec, to);
}

static void set_switch_ns(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_switch_ns *r = (const void *)rec;

	e->a = r->new_children_ns;
}

static void set_commit_join(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_commit_join *r = (const void *)rec;

	e->a = r->task.thread_pid;
	e->x = (int32_t)r->pid_allocated;
}

static void set_pid_rewrite(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = img->address;
	e->b = record__pid(rec, 1)->address;
}

static void set_flush_pid(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_flush_pid *r = (const void *)rec;

	e->a = r->pid;
	e->b = r->inodes;
}

static void set_put_pid(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_put_pid *r = (const void *)rec;

	e->a = r->pid;
	e->x = (int32_t)r->count;
}

static void set_stack(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_stack *r = (const void *)rec;

	e->x = (int32_t)r->type;
	e->a = r->stack[0];
}

static void set_pid_gone(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pid_gone *r = (const void *)rec;

	e->a = r->pid;
	e->x = (int32_t)r->count;
	e->y = (int32_t)r->hashed;
}

static void set_pidns(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pidns *r = (const void *)rec;

	e->a = r->inum;
	e->b = r->parent;
	e->x = (int32_t)r->pid_allocated;
	e->y = (int32_t)r->level;
}

static void set_wake_parent(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_wake_parent *r = (const void *)rec;
	const struct wire_pid *img = record__pid(rec, 0);

	e->a = r->parent;
	e->b = r->real_parent;
	e->x = own_nr(rec, img);
}

static void set_wait_child(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_wait_child *r = (const void *)rec;

	e->a = r->waiter_ns;
	e->b = r->ptrace;
	e->x = r->pid;
	e->y = r->exit_state;
}

static void set_notify_pidfd(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_notify_pidfd *r = (const void *)rec;

	e->a = r->pid;
	e->x = r->task_pid;
	e->y = r->exit_state;
}

static void set_timer_lock(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_timer_lock *r = (const void *)rec;

	e->a = r->pid;
	e->b = r->ret;
	e->x = (int32_t)r->pidtype;
	e->y = r->head != 0;
}

static void set_sweep(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_sweep *r = (const void *)rec;

	e->a = r->id;
	e->b = r->reason;
	e->x = (int32_t)r->phase;
	e->y = (int32_t)r->tasks;
}

static void set_sweep_task(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_sweep_task *r = (const void *)rec;

	e->a = r->id;
	e->b = (uint32_t)r->real_parent.pid;
	e->x = r->task.pid;
	e->y = r->exit_state;
}

static void set_life(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	e->x = own_nr(rec, img);
	e->y = rec->type == WIRE_FORK ?
	       0 : ((const struct wire_life *)rec)->exit_code;
	e->a = img->address;
}

static void put_setns_enter(const struct model_event *e, FILE *out)
{
	fprintf(out, "(fd %d, flags 0x%x): %s %llu", e->x, e->y,
		e->b == WIRE_FD_PIDFD ? "pidfd of" : "inum", A);
}

static void put_setns_exit(const struct model_event *e, FILE *out)
{
	fprintf(out, " = %d, pid 0x%llx, own number %d", e->x, A, e->y);
	if (e->b)
		fprintf(out, ", inode 0x%llx of the old one is left",
			B);
}

static void put_pidns_install(const struct model_event *e, FILE *out)
{
	fprintf(out, "(pid:[%llu]) = %d", A, e->x);
}

static void put_ns_capable(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx, %d) = %s", A, e->x,
		e->y ? "true" : "false");
}

static void put_alloc_pid(const struct model_event *e, FILE *out)
{
	if (wire_is_err(e->a))
		fprintf(out, "(pid:[%llu]) = error %lld", B,
			(long long)e->a);
	else
		fprintf(out, "(pid:[%llu]) = 0x%llx, number %d", B, A,
			e->x);
}

static void put_free_pid(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx), number %d", A, e->x);
}

static void put_link(const struct model_event *e, FILE *out)
{
	fprintf(out, "(task 0x%llx, %s), pid 0x%llx", B,
		pidtype__name(e->x), A);
}

static void put_change_pid(const struct model_event *e, FILE *out)
{
	fprintf(out, "(%s): 0x%llx -> 0x%llx, own number %d",
		pidtype__name(e->x), A, B, e->y);
}

static void put_switch_ns(const struct model_event *e, FILE *out)
{
	fprintf(out, ": children in pid:[%llu]", A);
}

static void put_commit_join(const struct model_event *e, FILE *out)
{
	fprintf(out, ": pid 0x%llx, pid_allocated 0x%x", A, e->x);
}

static void put_pid_rewrite(const struct model_event *e, FILE *out)
{
	fprintf(out, ": 0x%llx -> 0x%llx", A, B);
}

static void put_flush_pid(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx)", A);
	if (e->b)
		fprintf(out, ", inode 0x%llx", B);
}

static void put_put_pid(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx), count %d", A, e->x);
}

static void put_stack(const struct model_event *e, FILE *out)
{
	fprintf(out, " of the next %s", record__name(e->x));
}

static void put_pid_gone(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx), count %d%s", A, e->x,
		e->y ? ", WITH TASKS" : "");
}

static void put_pidns(const struct model_event *e, FILE *out)
{
	fprintf(out, "(pid:[%llu]): in pid:[%llu], level %d, pid_allocated 0x%x",
		A, B, e->y, e->x);
}

static void put_wake_parent(const struct model_event *e, FILE *out)
{
	fprintf(out, "(0x%llx): real_parent 0x%llx, own number %d", A,
		B, e->x);
}

static void put_wait_child(const struct model_event *e, FILE *out)
{
	fprintf(out, "(%s %d): exit_state %d, waited for in pid:[%llu]",
		e->b ? "tracee" : "child", e->x, e->y, A);
}

static void put_notify_pidfd(const struct model_event *e, FILE *out)
{
	fprintf(out, "(%d): pid 0x%llx, exit_state %d", e->x, A, e->y);
}

static void put_timer_lock(const struct model_event *e, FILE *out)
{
	fprintf(out, "(%s of 0x%llx) = 0x%llx%s", pidtype__name(e->x), A,
		B, e->y ? ", enqueued" : "");
}

static void put_sweep(const struct model_event *e, FILE *out)
{
	if (e->x == WIRE_SWEEP_BEGIN)
		fprintf(out, " %llu begins, %s", A,
			sweep__reason(e->b));
	else
		fprintf(out, " %llu ends, %d threads", A, e->y);
}

static void put_sweep_task(const struct model_event *e, FILE *out)
{
	fprintf(out, "(%d): real_parent %llu, exit_state %d, sweep %llu",
		e->x, B, e->y, A);
}

static void put_number(const struct model_event *e, FILE *out)
{
	fprintf(out, ": own number %d", e->x);
}

static void put_exit_code(const struct model_event *e, FILE *out)
{
	fprintf(out, ": own number %d, exit code 0x%x", e->x, e->y);
}

/* A type without a row has no text after its name. */
static const struct {
	void (*set)(struct model_event *e, const struct wire_hdr *rec);
	void (*put)(const struct model_event *e, FILE *out);
} events[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_ENTER] = { set_setns_enter, put_setns_enter },
	[WIRE_SETNS_EXIT] = { set_setns_exit, put_setns_exit },
	[WIRE_PIDNS_INSTALL] = { set_pidns_install, put_pidns_install },
	[WIRE_NS_CAPABLE] = { set_ns_capable, put_ns_capable },
	[WIRE_ALLOC_PID] = { set_alloc_pid, put_alloc_pid },
	[WIRE_FREE_PID] = { set_free_pid, put_free_pid },
	[WIRE_PUT_PID] = { set_put_pid, put_put_pid },
	[WIRE_ATTACH_PID] = { set_link, put_link },
	[WIRE_CHANGE_PID] = { set_change_pid, put_change_pid },
	[WIRE_DETACH_PID] = { set_link, put_link },
	[WIRE_SWITCH_NS] = { set_switch_ns, put_switch_ns },
	[WIRE_COMMIT_JOIN] = { set_commit_join, put_commit_join },
	[WIRE_PID_REWRITE] = { set_pid_rewrite, put_pid_rewrite },
	[WIRE_FLUSH_PID] = { set_flush_pid, put_flush_pid },
	[WIRE_FORK] = { set_life, put_number },
	[WIRE_EXEC] = { set_life, put_number },
	[WIRE_EXIT] = { set_life, put_exit_code },
	[WIRE_RELEASE] = { set_life, put_exit_code },
	[WIRE_STACK] = { set_stack, put_stack },
	[WIRE_PID_GONE] = { set_pid_gone, put_pid_gone },
	[WIRE_NS_NEW] = { set_pidns, put_pidns },
	[WIRE_NS_FREE] = { set_pidns, put_pidns },
	[WIRE_ZAP_ENTER] = { set_pidns, put_pidns },
	[WIRE_ZAP_EXIT] = { set_pidns, put_pidns },
	[WIRE_WAKE_PARENT] = { set_wake_parent, put_wake_parent },
	[WIRE_WAIT_CHILD] = { set_wait_child, put_wait_child },
	[WIRE_NOTIFY_PIDFD] = { set_notify_pidfd, put_notify_pidfd },
	[WIRE_TIMER_LOCK] = { set_timer_lock, put_timer_lock },
	[WIRE_SWEEP] = { set_sweep, put_sweep },
	[WIRE_SWEEP_TASK] = { set_sweep_task, put_sweep_task },
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
	if (rec->type < WIRE_KERNEL_TYPES && events[rec->type].set)
		events[rec->type].set(e, rec);
}

void model_event__detail(const struct model_event *e, FILE *out)
{
	if (e->type < WIRE_KERNEL_TYPES && events[e->type].put)
		events[e->type].put(e, out);
}

void model_event__print(const struct model_event *e, FILE *out)
{
	fprintf(out, "#%llu %llu.%06llu cpu%u %s",
		(unsigned long long)e->index,
		(unsigned long long)(e->ts_ns / 1000000000ull),
		(unsigned long long)(e->ts_ns / 1000 % 1000000), e->cpu,
		record__name(e->type));
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
