// SPDX-License-Identifier: GPL-2.0-only
/*
 * print_text.c - one operation in one line:
 *
 *	12.345678 nsenter[812] setns(3 pid:[4026532201], CLONE_NEWPID) = 0  ...
 *
 * A task is its comm and its numbers, outermost first: sh[815,7] is 815 in the
 * initial pid namespace and 7 in the one below.
 */
#include <signal.h>
#include <string.h>
#include "print_parts.h"

static const struct {
	uint32_t flag;
	const char *name, *flag_name;
} ns_types[] = {
	{ 0x20000000, "pid", "CLONE_NEWPID" },
	{ 0x10000000, "user", "CLONE_NEWUSER" },
	{ 0x00020000, "mnt", "CLONE_NEWNS" },
	{ 0x02000000, "cgroup", "CLONE_NEWCGROUP" },
	{ 0x04000000, "uts", "CLONE_NEWUTS" },
	{ 0x08000000, "ipc", "CLONE_NEWIPC" },
	{ 0x40000000, "net", "CLONE_NEWNET" },
	{ 0x00000080, "time", "CLONE_NEWTIME" },
};

#define NTYPES (sizeof(ns_types) / sizeof(*ns_types))

const char *ns_type__name(uint32_t flag)
{
	for (size_t i = 0; i < NTYPES; i++)
		if (ns_types[i].flag == flag)
			return ns_types[i].name;
	return "?";
}

const char *clone_flags__text(uint32_t flags, char *buf, size_t len)
{
	size_t n = 0;

	if (!flags)
		return "0";
	buf[0] = '\0';
	for (size_t i = 0; i < NTYPES && n < len; i++) {
		if (!(flags & ns_types[i].flag))
			continue;
		n += snprintf(buf + n, len - n, "%s%s", n ? "|" : "",
			      ns_types[i].flag_name);
		flags &= ~ns_types[i].flag;
	}
	if (flags && n < len)
		snprintf(buf + n, len - n, "%s0x%x", n ? "|" : "", flags);
	return buf;
}

static void put_numbers(FILE *out, const struct model_numbers *n)
{
	for (uint32_t i = 0; i < n->levels; i++)
		fprintf(out, "%s%d", i ? "," : "", n->upid[i].nr);
	if (!n->levels)
		fputs(n->address ? "?" : "none", out);
}

static void put_image(FILE *out, const struct wire_hdr *rec, unsigned int i)
{
	struct model_numbers n;

	model_numbers__set(&n, rec, record__pid(rec, i));
	fputc('[', out);
	put_numbers(out, &n);
	fputc(']', out);
}

/* Comms are bytes that programs choose. */
static void put_comm(FILE *out, const char *comm)
{
	for (int i = 0; i < WIRE_COMM_LEN && comm[i]; i++) {
		unsigned char c = comm[i];

		if (c >= ' ' && c < 0x7f)
			fputc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
}

static void put_time(const struct printed *p)
{
	fprintf(p->out, "%llu.%06llu ", (unsigned long long)(p->ns / 1000000000),
		(unsigned long long)(p->ns / 1000 % 1000000));
}

/* task->pid is shown apart when it is not the outermost number. */
static void put_who(FILE *out, const struct wire_task *t,
		    const struct model_numbers *n)
{
	put_comm(out, t->comm);
	fputc('[', out);
	if (n->levels && n->upid[0].nr != t->pid)
		fprintf(out, "%d / ", t->pid);
	if (n->levels)
		put_numbers(out, n);
	else
		fprintf(out, "%d", t->pid);
	fputc(']', out);
}

/* The task of a record whose first image is its thread_pid. */
static void put_self(const struct printed *p)
{
	struct model_numbers n;

	model_numbers__set(&n, p->view->rec, record__pid(p->view->rec, 0));
	put_who(p->out, p->view->task, &n);
}

/* As it was last seen: of these records it is not the subject. */
static void put_current(const struct printed *p)
{
	const struct model_task *t = p->view->current;

	if (!t) {
		fprintf(p->out, "task 0x%llx",
			(unsigned long long)p->view->rec->current_task);
		return;
	}
	put_comm(p->out, t->comm);
	fputc('[', p->out);
	if (!t->levels || t->nr[0] != t->pid)
		fprintf(p->out, "%d%s", t->pid, t->levels ? " / " : "");
	for (uint32_t i = 0; i < t->levels; i++)
		fprintf(p->out, "%s%d", i ? "," : "", t->nr[i]);
	fputc(']', p->out);
}

/* --- setns --- */

static void put_fd(FILE *out, const struct wire_setns_enter *e)
{
	switch (e->fd_kind) {
	case WIRE_FD_NSFS:
		fprintf(out, "%d %s:[%u]", e->fd, ns_type__name(e->fd_ns_type),
			e->fd_ns);
		break;
	case WIRE_FD_PIDFD:
		fprintf(out, "%d pidfd of %d", e->fd, e->fd_pid);
		break;
	case WIRE_FD_BAD:
		fprintf(out, "%d, not open", e->fd);
		break;
	default:
		fprintf(out, "%d, no namespace", e->fd);
	}
}

static void put_outcome(const struct printed *p, const struct model_window *w,
			const struct wire_setns_exit *x)
{
	FILE *out = p->out;

	if (model_window__moved(w, x) ||
	    w->enter.task.thread_pid != x->task.thread_pid) {
		fprintf(out, "  %s: pid [", x->ret ? "MOVED ALL THE SAME" :
						     "joined");
		put_numbers(out, &w->old);
		fputs("] -> ", out);
		put_image(out, p->view->rec, 0);
		fprintf(out, " in pid:[%u]", x->task.active_ns);
	} else if (!x->ret && w->enter.task.children_ns != x->task.children_ns) {
		fprintf(out, "  children will be in pid:[%u]",
			x->task.children_ns);
	}
}

static void text_setns(const struct printed *p)
{
	const struct wire_setns_exit *x = (const void *)p->view->rec;
	const struct model_window *w = p->view->window;
	char flags[160];

	if (w)
		put_who(p->out, &w->enter.task, &w->old);
	else
		put_self(p);
	fputs(" setns(", p->out);
	if (w)
		put_fd(p->out, &w->enter);
	else
		fprintf(p->out, "%d", x->fd);
	fprintf(p->out, ", %s)",
		clone_flags__text(x->flags, flags, sizeof(flags)));
	if (x->ret < 0)
		fprintf(p->out, " = -1 %s (%s)",
			strerrorname_np((int)-x->ret) ?: "?",
			strerror((int)-x->ret));
	else
		fprintf(p->out, " = %lld", (long long)x->ret);
	if (w)
		put_outcome(p, w, x);
}

/* --- the others --- */

static void text_change(const struct printed *p)
{
	const struct wire_change_pid *r = (const void *)p->view->rec;
	bool other = r->task.task != p->view->rec->current_task;

	put_current(p);
	switch (p->change) {
	case CHANGE_SETSID:
		fputs(" setsid  session ", p->out);
		break;
	case CHANGE_SETPGID:
		fputs(" setpgid  group ", p->out);
		break;
	default:
		fprintf(p->out, " change_pid(%s)  ", pidtype__name(r->pidtype));
	}
	if (other) {
		fputs("of ", p->out);
		put_comm(p->out, r->task.comm);
		fprintf(p->out, "[%d] ", r->task.pid);
	}
	put_image(p->out, p->view->rec, 0);
	fputs(" -> ", p->out);
	put_image(p->out, p->view->rec, 1);
}

static void text_fork(const struct printed *p)
{
	const struct wire_fork *r = (const void *)p->view->rec;

	put_current(p);
	fputs(r->task.pid == r->task.tgid ? " fork  = " : " clone, thread  = ",
	      p->out);
	put_self(p);
	if (r->task.active_ns != r->parent_active_ns)
		fprintf(p->out, " in pid:[%u]", r->task.active_ns);
}

static void text_exec(const struct printed *p)
{
	const struct wire_life *r = (const void *)p->view->rec;

	put_self(p);
	fputs(" exec", p->out);
	if (r->old_pid != r->task.pid)
		fprintf(p->out, "  by thread %d, which takes the leader's number",
			r->old_pid);
}

static void text_exit(const struct printed *p)
{
	const struct wire_life *r = (const void *)p->view->rec;
	int signal = r->exit_code & 0x7f;

	put_self(p);
	if (signal)
		fprintf(p->out, " killed by SIG%s%s",
			sigabbrev_np(signal) ?: "?",
			r->exit_code & 0x80 ? ", core dumped" : "");
	else
		fprintf(p->out, " exit(%d)", (r->exit_code >> 8) & 0xff);
}

static void put_stack(const struct printed *p, const __u64 *stack)
{
	for (int i = 0; i < WIRE_STACK_DEPTH && stack[i]; i++) {
		const char *name = model__symbol(p->model, stack[i]);

		fprintf(p->out, "\n    ");
		if (name)
			fputs(name, p->out);
		else
			fprintf(p->out, "0x%llx", (unsigned long long)stack[i]);
	}
}

static void text_error(const struct printed *p)
{
	const struct wire_error_report *r = (const void *)p->view->rec;

	put_current(p);
	fprintf(p->out, " KERNEL ERROR REPORT, detector %u, address 0x%llx",
		r->detector, (unsigned long long)r->address);
	put_stack(p, r->stack);
}

void print_text__op(const struct printed *p)
{
	put_time(p);
	switch (p->view->rec->type) {
	case WIRE_SETNS_EXIT:
		text_setns(p);
		break;
	case WIRE_CHANGE_PID:
		text_change(p);
		break;
	case WIRE_FORK:
		text_fork(p);
		break;
	case WIRE_EXEC:
		text_exec(p);
		break;
	case WIRE_EXIT:
		text_exit(p);
		break;
	case WIRE_ERROR_REPORT:
		text_error(p);
		break;
	}
	fputc('\n', p->out);
}

void print_text__raw(const struct printed *p)
{
	struct model_event e;

	put_time(p);
	put_current(p);
	fputc(' ', p->out);
	model_event__set(&e, p->view->rec, p->view->index);
	model_event__print(&e, p->out);
	if (p->view->rec->type == WIRE_STACK)
		put_stack(p, ((const struct wire_stack *)p->view->rec)->stack);
	fputc('\n', p->out);
}
