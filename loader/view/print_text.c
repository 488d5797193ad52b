// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats an operation as one line:
 *
 *	12.345678 nsenter[812] setns(3 pid:[4026532201], CLONE_NEWPID) = 0  ...
 *
 * A task is printed as its comm and its numbers, outermost first: sh[815,7] is 815 in
 * the initial pid namespace and 7 in the one below.
 */
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/machine.h"
#include "loader/trace/names.h"
#include "loader/view/container.h"
#include "loader/view/exec.h"
#include "loader/view/failed.h"
#include "loader/view/printer_parts.h"
#include "loader/view/reason.h"

static const char *const styles[] = {
	[STYLE_PLAIN] = "", [STYLE_TIME] = SGR_DIM,
	[STYLE_MOVE] = SGR_GOOD, [STYLE_NEWS] = "\033[36m",
	[STYLE_END] = "\033[35m", [STYLE_ERROR] = SGR_BAD,
	[STYLE_LOST] = SGR_DOUBT,
};

const char *style__on(enum style style, bool color)
{
	return color ? styles[style] : "";
}

const char *style__off(enum style style, bool color)
{
	return color && *styles[style] ? SGR_OFF : "";
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

static void put_comm(FILE *out, const char *comm)
{
	char text[COMM_TEXT];

	fputs(comm__text(comm, text), out);
}

static void put_seconds(FILE *out, uint64_t ns)
{
	fprintf(out, "%llu.%06llu", (unsigned long long)(ns / 1000000000),
		(unsigned long long)(ns / 1000 % 1000000));
}

static void put_time(const struct printed *p)
{
	char wall[WALL_TEXT];

	fputs(style__on(STYLE_TIME, p->color), p->out);
	if (p->wall)
		fputs(p->wall_ns ? wall__local(p->wall_ns, wall) : "?", p->out);
	if (p->wall && p->relative)
		fputs(" +", p->out);
	if (p->relative)
		put_seconds(p->out, p->before_ns);
	else if (!p->wall)
		put_seconds(p->out, p->ns);
	fprintf(p->out, "%s ", style__off(STYLE_TIME, p->color));
}

/* Writes the name or the outcome of an operation. */
__attribute__((format(printf, 3, 4)))
static void put_styled(const struct printed *p, enum style style,
		       const char *format, ...)
{
	va_list ap;

	fputs(style__on(style, p->color), p->out);
	va_start(ap, format);
	vfprintf(p->out, format, ap);
	va_end(ap);
	fputs(style__off(style, p->color), p->out);
}

/* task->pid is printed separately if it is not the outermost number. */
static void put_who(FILE *out, const struct wire_task *t,
		    const struct model_numbers *n)
{
	put_comm(out, t->comm);
	fputc('[', out);
	if (!n->levels || n->upid[0].nr != t->pid)
		fprintf(out, "%d%s", t->pid, n->levels ? " / " : "");
	if (n->levels)
		put_numbers(out, n);
	fputc(']', out);
}

/* Prints the task of a record whose first image is its thread_pid. */
static void put_self(const struct printed *p)
{
	struct model_numbers n;

	model_numbers__set(&n, p->view->rec, record__pid(p->view->rec, 0));
	put_who(p->out, p->view->task, &n);
}

static void put_task(FILE *out, const struct model_task *t)
{
	put_comm(out, t->comm);
	fputc('[', out);
	if (!t->levels || t->nr[0] != t->pid)
		fprintf(out, "%d%s", t->pid, t->levels ? " / " : "");
	for (uint32_t i = 0; i < t->levels; i++)
		fprintf(out, "%s%d", i ? "," : "", t->nr[i]);
	fputc(']', out);
}

void print_text__current(const struct printed *p)
{
	if (p->view->current)
		put_task(p->out, p->view->current);
	else
		fprintf(p->out, "task 0x%llx",
			(unsigned long long)p->view->rec->current_task);
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

/* Prints the error of a call, and its reason, or if that is not known the error's text. */
static void put_error(const struct printed *p, int error)
{
	const char *name = strerrorname_np(error) ?: "?";
	char *reason = reason__text(p->model, p->view);

	if (reason)
		put_styled(p, STYLE_ERROR, " = -1 %s, %s", name, reason);
	else
		put_styled(p, STYLE_ERROR, " = -1 %s (%s)", name, strerror(error));
	free(reason);
}

static void put_outcome(const struct printed *p, const struct model_window *w,
			const struct wire_setns_exit *x)
{
	FILE *out = p->out;

	bool deeper = model_window__is_deeper(w, x);

	if (deeper || w->enter.task.thread_pid != x->task.thread_pid) {
		fputs("  ", out);
		put_styled(p, x->ret ? STYLE_ERROR : STYLE_MOVE, "%s",
			   x->ret ? "MOVED ALL THE SAME" : "joined");
		fputs(": pid [", out);
		put_numbers(out, &w->old);
		fputs("] -> ", out);
		put_image(out, p->view->rec, 0);
		fprintf(out, " in pid:[%u]%s", x->task.active_ns,
			deeper ? ", keeps its struct pid" : "");
	} else if (!x->ret && w->enter.task.children_ns != x->task.children_ns) {
		fputs("  ", out);
		put_styled(p, STYLE_MOVE, "children will be in pid:[%u]",
			   x->task.children_ns);
	}
}

static void text_setns(const struct printed *p)
{
	const struct wire_setns_exit *x = (const void *)p->view->rec;
	const struct model_window *w = p->view->window;
	char flags[CLONE_FLAGS_TEXT];

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
		put_error(p, wire_errno(x->ret));
	else
		fprintf(p->out, " = %lld", (long long)x->ret);
	if (w)
		put_outcome(p, w, x);
}

/* --- other operations --- */

static void text_failed(const struct printed *p)
{
	const struct wire_call_failed *r = (const void *)p->view->rec;

	put_self(p);
	fputc(' ', p->out);
	failed__put_call(r, p->out);
	put_error(p, wire_errno(r->ret));
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

static void text_change(const struct printed *p)
{
	const struct wire_change_pid *r = (const void *)p->view->rec;
	const __u64 *stack = model__stack(p->model, p->view);
	bool other = r->task.task != p->view->rec->current_task;

	print_text__current(p);
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
	if (p->stack && stack)
		put_stack(p, stack);
}

/* Flags of fork() and pthread_create() in the C library. */
#define USUAL_FLAGS (CLONE_SETTLS | CLONE_PARENT_SETTID | \
		     CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID)
#define USUAL_THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
			    CLONE_THREAD | CLONE_SYSVSEM)

static void put_unusual_flags(FILE *out, const struct wire_fork *r)
{
	bool thread = r->task.pid != r->task.tgid;
	uint64_t usual = USUAL_FLAGS | (thread ? USUAL_THREAD_FLAGS : 0);
	char flags[CLONE_FLAGS_TEXT];

	if (r->clone_flags & ~usual)
		fprintf(out, "(%s)", clone_flags__text(r->clone_flags & ~usual,
						       flags, sizeof(flags)));
}

static void text_fork(const struct printed *p)
{
	const struct wire_fork *r = (const void *)p->view->rec;

	print_text__current(p);
	put_styled(p, STYLE_NEWS, r->task.pid == r->task.tgid ?
		   " fork" : " clone, thread");
	put_unusual_flags(p->out, r);
	fputs("  = ", p->out);
	put_self(p);
	if (r->task.active_ns != r->parent_active_ns)
		put_styled(p, STYLE_MOVE, " in pid:[%u]", r->task.active_ns);
}

static void text_exec(const struct printed *p)
{
	const struct wire_exec *r = (const void *)p->view->rec;

	put_self(p);
	fputs(" exec", p->out);
	exec__print(r, p->out);
	container__print(model__cgroup(p->model, r->cgroup), p->out);
	if (r->old_pid != r->task.pid)
		fprintf(p->out, "  by thread %d, which takes the leader's number",
			r->old_pid);
}

void put_sender(FILE *out, int32_t status, const struct model_killer *killer)
{
	char comm[COMM_TEXT];

	if (!killer || status != SIGKILL)
		return;
	switch (killer->kind) {
	case KILLER_KERNEL:
		fputs(", sent by the kernel", out);
		break;
	case KILLER_OOM:
		fputs(", sent by the kernel, out of memory", out);
		break;
	case KILLER_ZAP:
		fprintf(out, ", sent at the end of pid:[%u]", killer->ns);
		break;
	case KILLER_PROCESS:
		fprintf(out, ", sent by %s[", comm__text(killer->comm, comm));
		for (uint32_t i = 0; i < killer->levels; i++)
			fprintf(out, "%s%d", i ? "," : "", killer->nr[i]);
		fputc(']', out);
	}
}

/* Prints the leader of the subject's process, if it is another task. */
static void put_process(const struct printed *p)
{
	const struct wire_task *t = p->view->task;

	if (t->state & WIRE_T_LEADER) {
		put_self(p);
	} else if (p->view->leader) {
		put_task(p->out, p->view->leader);
	} else {
		put_comm(p->out, t->comm);
		fprintf(p->out, "[%d]", t->tgid);
	}
}

/* The end of a process is printed once, with the status that wait4() returns. */
static void text_exit(const struct printed *p)
{
	const struct wire_exit *r = (const void *)p->view->rec;
	const struct model_task *leader = p->view->leader;

	if (!p->view->ends_process) {
		put_self(p);
		put_styled(p, STYLE_END, " thread exit");
		return;
	}
	put_process(p);
	fputc(' ', p->out);
	fputs(style__on(STYLE_END, p->color), p->out);
	put_exit_code(p->out, r->status);
	fputs(style__off(STYLE_END, p->color), p->out);
	put_sender(p->out, r->status, leader ? leader->end.killer : NULL);
	if (!(r->task.state & WIRE_T_LEADER))
		fprintf(p->out, ", last thread %d", r->task.pid);
}

/* reboot() in a pid namespace changes the status of an init that has ended. */
static void put_changed_status(const struct printed *p)
{
	const struct wire_release *r = (const void *)p->view->rec;
	const struct model_task *leader = p->view->leader;

	if (!leader || !leader->end.ended || leader->end.status == r->status)
		return;
	fputs(", ", p->out);
	put_exit_code(p->out, r->status);
}

/* Prints the released task. */
static void put_released(const struct printed *p)
{
	const struct wire_release *r = (const void *)p->view->rec;

	if (p->view->subject)
		put_task(p->out, p->view->subject);
	else
		fprintf(p->out, "[%d]", r->pid);
}

static void text_wait(const struct printed *p)
{
	if (!model_view__reaper(p->view)) {
		put_released(p);
		put_styled(p, STYLE_END, " not waited for");
	} else {
		print_text__current(p);
		put_styled(p, STYLE_END, " wait");
		fputs("  = ", p->out);
		put_released(p);
	}
	put_changed_status(p);
}

static void text_orphan(const struct printed *p)
{
	const struct wire_orphan *r = (const void *)p->view->rec;

	put_self(p);
	put_styled(p, STYLE_MOVE, " orphaned");
	fputs(": given to ", p->out);
	put_comm(p->out, r->parent_comm);
	put_image(p->out, p->view->rec, 1);
}

/* The last thread of the init ends the namespace. */
static void text_zap(const struct printed *p)
{
	const struct wire_pidns *r = (const void *)p->view->rec;
	const struct model_task *init = p->view->leader;

	if (init)
		put_task(p->out, init);
	else
		print_text__current(p);
	put_styled(p, STYLE_END, " ends pid:[%u]", r->inum);
	fputs("  kills all that are in it", p->out);
	if (init && init->end.killer && init->end.status == SIGKILL) {
		fputs("; was itself killed by SIGKILL", p->out);
		put_sender(p->out, SIGKILL, init->end.killer);
	}
}

static void text_namespace(const struct printed *p)
{
	const struct wire_pidns *r = (const void *)p->view->rec;

	switch (r->hdr.type) {
	case WIRE_NS_NEW:
		print_text__current(p);
		put_styled(p, STYLE_NEWS, " new pid:[%u]", r->inum);
		fprintf(p->out, "  level %u, in pid:[%u]", r->level, r->parent);
		break;
	case WIRE_ZAP_ENTER:
		text_zap(p);
		break;
	default:
		/* An RCU callback: the current task is unrelated. */
		put_styled(p, STYLE_END, "pid:[%u] gone", r->inum);
	}
}

void print_text__lost(const struct printed *p, uint32_t cpu, uint32_t count)
{
	put_styled(p, STYLE_LOST,
		   "--- %u records of cpu %u were lost before this", count,
		   cpu);
	fputc('\n', p->out);
}

static void text_error(const struct printed *p)
{
	const struct wire_error_report *r = (const void *)p->view->rec;

	print_text__current(p);
	put_styled(p, STYLE_ERROR,
		   " KERNEL ERROR REPORT, detector %u, address 0x%llx",
		   r->detector, (unsigned long long)r->address);
	put_stack(p, r->stack);
}

static void text_stack(const struct printed *p)
{
	const struct wire_stack *r = (const void *)p->view->rec;

	print_text__current(p);
	fprintf(p->out, " stack of %s", record__name(r->type));
	put_stack(p, r->stack);
}

static void (*const lines[WIRE_KERNEL_TYPES])(const struct printed *p) = {
	[WIRE_SETNS_EXIT] = text_setns,
	[WIRE_CHANGE_PID] = text_change,
	[WIRE_FORK] = text_fork,
	[WIRE_EXEC] = text_exec,
	[WIRE_EXIT] = text_exit,
	[WIRE_RELEASE] = text_wait,
	[WIRE_NS_NEW] = text_namespace,
	[WIRE_NS_FREE] = text_namespace,
	[WIRE_ZAP_ENTER] = text_namespace,
	[WIRE_ERROR_REPORT] = text_error,
	[WIRE_STACK] = text_stack,
	[WIRE_CLONE_FAILED] = text_failed,
	[WIRE_CLONE3_FAILED] = text_failed,
	[WIRE_UNSHARE_FAILED] = text_failed,
	[WIRE_ORPHAN] = text_orphan,
};

bool print_text__has_line(unsigned int type)
{
	return lines[type];
}

void print_text__line(const struct printed *p)
{
	lines[p->view->rec->type](p);
}

void print_text__op(const struct printed *p)
{
	put_time(p);
	print_text__line(p);
	fputc('\n', p->out);
}

void print_text__raw(const struct printed *p)
{
	struct model_event e;

	put_time(p);
	print_text__current(p);
	fputc(' ', p->out);
	model_event__set(&e, p->view->rec, p->view->index);
	model_event__print(&e, p->out);
	exec__add(p->view->rec, p->out);
	if (p->view->rec->type == WIRE_STACK)
		put_stack(p, ((const struct wire_stack *)p->view->rec)->stack);
	fputc('\n', p->out);
}
