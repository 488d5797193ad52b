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

static void set_kernel(struct model_event *e, const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);

	switch (rec->type) {
	case WIRE_SETNS_ENTER: {
		const struct wire_setns_enter *r = (const void *)rec;

		e->a = r->fd_kind == WIRE_FD_PIDFD ? (uint32_t)r->fd_pid :
						     r->fd_ns;
		e->b = r->fd_kind;
		e->x = r->fd;
		e->y = (int32_t)r->flags;
		break;
	}
	case WIRE_SETNS_EXIT: {
		const struct wire_setns_exit *r = (const void *)rec;

		e->a = r->task.thread_pid;
		e->b = r->inodes_left;
		e->x = (int32_t)r->ret;
		e->y = own_nr(rec, img);
		break;
	}
	case WIRE_PIDNS_INSTALL: {
		const struct wire_pidns_install *r = (const void *)rec;

		e->a = r->target_ns;
		e->x = r->ret;
		break;
	}
	case WIRE_NS_CAPABLE: {
		const struct wire_ns_capable *r = (const void *)rec;

		e->a = r->user_ns;
		e->x = r->cap;
		e->y = r->ret;
		break;
	}
	case WIRE_ALLOC_PID: {
		const struct wire_alloc_pid *r = (const void *)rec;

		e->a = r->ret;
		e->b = r->ns;
		e->x = own_nr(rec, img);
		break;
	}
	case WIRE_FREE_PID:
		e->a = img->address;
		e->x = own_nr(rec, img);
		break;
	case WIRE_ATTACH_PID:
	case WIRE_DETACH_PID: {
		const struct wire_link_pid *r = (const void *)rec;

		e->a = r->pid;
		e->b = r->task;
		e->x = (int32_t)r->pidtype;
		break;
	}
	case WIRE_CHANGE_PID: {
		const struct wire_change_pid *r = (const void *)rec;
		const struct wire_pid *to = record__pid(rec, 1);

		e->a = img->address;
		e->b = to->address;
		e->x = (int32_t)r->pidtype;
		e->y = own_nr(rec, to);
		break;
	}
	case WIRE_SWITCH_NS: {
		const struct wire_switch_ns *r = (const void *)rec;

		e->a = r->new_children_ns;
		break;
	}
	case WIRE_COMMIT_JOIN: {
		const struct wire_commit_join *r = (const void *)rec;

		e->a = r->task.thread_pid;
		e->x = (int32_t)r->pid_allocated;
		break;
	}
	case WIRE_PID_REWRITE:
		e->a = img->address;
		e->b = record__pid(rec, 1)->address;
		break;
	case WIRE_FLUSH_PID: {
		const struct wire_flush_pid *r = (const void *)rec;

		e->a = r->pid;
		e->b = r->inodes;
		break;
	}
	case WIRE_PUT_PID: {
		const struct wire_put_pid *r = (const void *)rec;

		e->a = r->pid;
		e->x = (int32_t)r->count;
		break;
	}
	case WIRE_STACK: {
		const struct wire_stack *r = (const void *)rec;

		e->x = (int32_t)r->type;
		e->a = r->stack[0];
		break;
	}
	case WIRE_PID_GONE: {
		const struct wire_pid_gone *r = (const void *)rec;

		e->a = r->pid;
		e->x = (int32_t)r->count;
		e->y = (int32_t)r->hashed;
		break;
	}
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT: {
		const struct wire_pidns *r = (const void *)rec;

		e->a = r->inum;
		e->b = r->parent;
		e->x = (int32_t)r->pid_allocated;
		e->y = (int32_t)r->level;
		break;
	}
	case WIRE_WAKE_PARENT: {
		const struct wire_wake_parent *r = (const void *)rec;

		e->a = r->parent;
		e->b = r->real_parent;
		e->x = own_nr(rec, img);
		break;
	}
	case WIRE_WAIT_CHILD: {
		const struct wire_wait_child *r = (const void *)rec;

		e->a = r->waiter_ns;
		e->b = r->ptrace;
		e->x = r->pid;
		e->y = r->exit_state;
		break;
	}
	case WIRE_NOTIFY_PIDFD: {
		const struct wire_notify_pidfd *r = (const void *)rec;

		e->a = r->pid;
		e->x = r->task_pid;
		e->y = r->exit_state;
		break;
	}
	case WIRE_TIMER_LOCK: {
		const struct wire_timer_lock *r = (const void *)rec;

		e->a = r->pid;
		e->b = r->ret;
		e->x = (int32_t)r->pidtype;
		e->y = r->head != 0;
		break;
	}
	case WIRE_SWEEP: {
		const struct wire_sweep *r = (const void *)rec;

		e->a = r->id;
		e->b = r->reason;
		e->x = (int32_t)r->phase;
		e->y = (int32_t)r->tasks;
		break;
	}
	case WIRE_SWEEP_TASK: {
		const struct wire_sweep_task *r = (const void *)rec;

		e->a = r->id;
		e->b = (uint32_t)r->real_parent.pid;
		e->x = r->task.pid;
		e->y = r->exit_state;
		break;
	}
	case WIRE_FORK:
	case WIRE_EXEC:
	case WIRE_EXIT:
	case WIRE_RELEASE:
		e->x = own_nr(rec, img);
		e->y = rec->type == WIRE_FORK ?
		       0 : ((const struct wire_life *)rec)->exit_code;
		e->a = img->address;
		break;
	}
}

void model_event__set(struct model_event *e, const struct wire_hdr *rec,
		      uint64_t index)
{
	*e = (struct model_event){
		.index = index,
		.ts_ns = rec->ts_ns,
		.type = rec->type,
		.cpu = (uint16_t)rec->cpu,
	};
	set_kernel(e, rec);
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

void model_event__detail(const struct model_event *e, FILE *out)
{
	switch (e->type) {
	case WIRE_SETNS_ENTER:
		fprintf(out, "(fd %d, flags 0x%x): %s %llu", e->x, e->y,
			e->b == WIRE_FD_PIDFD ? "pidfd of" : "inum", A);
		break;
	case WIRE_SETNS_EXIT:
		fprintf(out, " = %d, pid 0x%llx, own number %d", e->x, A, e->y);
		if (e->b)
			fprintf(out, ", inode 0x%llx of the old one is left",
				B);
		break;
	case WIRE_PIDNS_INSTALL:
		fprintf(out, "(pid:[%llu]) = %d", A, e->x);
		break;
	case WIRE_NS_CAPABLE:
		fprintf(out, "(0x%llx, %d) = %s", A, e->x,
			e->y ? "true" : "false");
		break;
	case WIRE_ALLOC_PID:
		if (wire_is_err(e->a))
			fprintf(out, "(pid:[%llu]) = error %lld", B,
				(long long)e->a);
		else
			fprintf(out, "(pid:[%llu]) = 0x%llx, number %d", B, A,
				e->x);
		break;
	case WIRE_FREE_PID:
		fprintf(out, "(0x%llx), number %d", A, e->x);
		break;
	case WIRE_ATTACH_PID:
	case WIRE_DETACH_PID:
		fprintf(out, "(task 0x%llx, %s), pid 0x%llx", B,
			pidtype__name(e->x), A);
		break;
	case WIRE_CHANGE_PID:
		fprintf(out, "(%s): 0x%llx -> 0x%llx, own number %d",
			pidtype__name(e->x), A, B, e->y);
		break;
	case WIRE_SWITCH_NS:
		fprintf(out, ": children in pid:[%llu]", A);
		break;
	case WIRE_COMMIT_JOIN:
		fprintf(out, ": pid 0x%llx, pid_allocated 0x%x", A, e->x);
		break;
	case WIRE_PID_REWRITE:
		fprintf(out, ": 0x%llx -> 0x%llx", A, B);
		break;
	case WIRE_FLUSH_PID:
		fprintf(out, "(0x%llx)", A);
		if (e->b)
			fprintf(out, ", inode 0x%llx", B);
		break;
	case WIRE_PUT_PID:
		fprintf(out, "(0x%llx), count %d", A, e->x);
		break;
	case WIRE_STACK:
		fprintf(out, " of the next %s", record__name(e->x));
		break;
	case WIRE_PID_GONE:
		fprintf(out, "(0x%llx), count %d%s", A, e->x,
			e->y ? ", WITH TASKS" : "");
		break;
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT:
		fprintf(out, "(pid:[%llu]): in pid:[%llu], level %d, pid_allocated 0x%x",
			A, B, e->y, e->x);
		break;
	case WIRE_WAKE_PARENT:
		fprintf(out, "(0x%llx): real_parent 0x%llx, own number %d", A,
			B, e->x);
		break;
	case WIRE_WAIT_CHILD:
		fprintf(out, "(%s %d): exit_state %d, waited for in pid:[%llu]",
			e->b ? "tracee" : "child", e->x, e->y, A);
		break;
	case WIRE_NOTIFY_PIDFD:
		fprintf(out, "(%d): pid 0x%llx, exit_state %d", e->x, A, e->y);
		break;
	case WIRE_TIMER_LOCK:
		fprintf(out, "(%s of 0x%llx) = 0x%llx%s", pidtype__name(e->x), A,
			B, e->y ? ", enqueued" : "");
		break;
	case WIRE_SWEEP:
		if (e->x == WIRE_SWEEP_BEGIN)
			fprintf(out, " %llu begins, %s", A,
				sweep__reason(e->b));
		else
			fprintf(out, " %llu ends, %d threads", A, e->y);
		break;
	case WIRE_SWEEP_TASK:
		fprintf(out, "(%d): real_parent %llu, exit_state %d, sweep %llu",
			e->x, B, e->y, A);
		break;
	case WIRE_FORK:
	case WIRE_EXEC:
		fprintf(out, ": own number %d", e->x);
		break;
	case WIRE_EXIT:
	case WIRE_RELEASE:
		fprintf(out, ": own number %d, exit code 0x%x", e->x, e->y);
		break;
	}
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
