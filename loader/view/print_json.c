// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats an operation as one JSON object on one line. The numbers of a pid are an
 * array of {"nr", "ns"}, outermost first.
 */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/lib/json_text.h"
#include "loader/trace/names.h"
#include "loader/trace/machine.h"
#include "loader/view/container.h"
#include "loader/view/exec.h"
#include "loader/view/failed.h"
#include "loader/view/printer_parts.h"
#include "loader/view/reason.h"

static json_t *numbers(const struct model_numbers *n)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < n->levels; i++)
		json_array_append_new(a, json_pack("{s:i, s:I}",
			"nr", n->upid[i].nr,
			"ns", (json_int_t)n->upid[i].ns));
	return a;
}

static json_t *image(const struct wire_hdr *rec, unsigned int i)
{
	struct model_numbers n;

	model_numbers__set(&n, rec, record__pid(rec, i));
	return numbers(&n);
}

json_t *json_comm(const char *bytes)
{
	return json_text__of_bytes(bytes, WIRE_COMM_LEN);
}

static void set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static void set_int(json_t *o, const char *key, int64_t value)
{
	set(o, key, json_integer(value));
}

static json_t *begin(const struct printed *p, const char *op)
{
	json_t *o = json_object();
	const struct model_task *t = p->view->current;
	char wall[WALL_TEXT];

	set(o, "time", json_real((double)p->ns / 1e9));
	set(o, "op", json_string(op));
	if (t) {
		set(o, "comm", json_comm(t->comm));
		set_int(o, "pid", t->pid);
		set_int(o, "tgid", t->tgid);
	}
	if (p->wall_ns)
		set(o, "wall", json_string(wall__utc(p->wall_ns, wall)));
	return o;
}

static void put_line(FILE *out, json_t *o)
{
	json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', out);
	json_decref(o);
}

static void end(const struct printed *p, json_t *o)
{
	put_line(p->out, o);
}

static json_t *stack(const struct printed *p, const __u64 *addresses)
{
	json_t *a = json_array();
	char hex[24];

	for (int i = 0; i < WIRE_STACK_DEPTH && addresses[i]; i++) {
		const char *name = model__symbol(p->model, addresses[i]);

		snprintf(hex, sizeof(hex), "0x%llx",
			 (unsigned long long)addresses[i]);
		json_array_append_new(a, json_string(name ? name : hex));
	}
	return a;
}

/* Adds the name of an error, and its reason if the records show it. */
static void set_error(const struct printed *p, json_t *o, int error)
{
	const char *name = strerrorname_np(error);
	char *reason = reason__text(p->model, p->view);

	set(o, "error", name ? json_string(name) : json_integer(error));
	if (reason)
		set(o, "reason", json_string(reason));
	free(reason);
}

static void add_setns(const struct printed *p, json_t *o)
{
	const struct wire_setns_exit *x = (const void *)p->view->rec;
	const struct model_window *w = p->view->window;

	set_int(o, "fd", x->fd);
	set_int(o, "flags", x->flags);
	set_int(o, "ret", x->ret);
	if (x->ret < 0)
		set_error(p, o, wire_errno(x->ret));
	if (w) {
		const struct wire_setns_enter *e = &w->enter;

		set(o, "kind", json_string(fd_kind__name(e->fd_kind)));
		if (e->fd_kind == WIRE_FD_NSFS) {
			set(o, "type",
			    json_string(ns_type__name(e->fd_ns_type)));
			set_int(o, "ns", e->fd_ns);
		}
		if (e->fd_kind == WIRE_FD_PIDFD)
			set_int(o, "target_pid", e->fd_pid);
		if (w->installs)
			set_int(o, "target", w->install.target_ns);
		bool deeper = model_window__is_deeper(w, x);

		set(o, "moved", json_boolean(deeper || x->task.thread_pid !=
					     e->task.thread_pid));
		set(o, "kept", json_boolean(deeper));
		set(o, "before", numbers(&w->old));
	}
	set(o, "after", image(p->view->rec, 0));
	set_int(o, "children_ns", x->task.children_ns);
}

static void add_change(const struct printed *p, json_t *o)
{
	const struct wire_change_pid *r = (const void *)p->view->rec;
	const __u64 *at = model__stack(p->model, p->view);

	set(o, "type", json_string(pidtype__name(r->pidtype)));
	set_int(o, "subject", r->task.pid);
	set(o, "inside_setns", json_boolean(p->change == CHANGE_JOIN));
	set(o, "before", image(p->view->rec, 0));
	set(o, "after", image(p->view->rec, 1));
	set(o, "stack", at ? stack(p, at) : json_array());
}

static json_t *flag_names(uint64_t flags)
{
	char text[CLONE_FLAGS_TEXT], *rest = text, *name;
	json_t *a = json_array();

	if (!flags)
		return a;
	clone_flags__text(flags, text, sizeof(text));
	while ((name = strsep(&rest, "|")))
		json_array_append_new(a, json_string(name));
	return a;
}

static void add_fork(const struct printed *p, json_t *o)
{
	const struct wire_fork *r = (const void *)p->view->rec;

	set_int(o, "child", r->task.pid);
	set(o, "thread", json_boolean(r->task.pid != r->task.tgid));
	set(o, "child_numbers", image(p->view->rec, 0));
	set_int(o, "flags", (int64_t)r->clone_flags);
	set(o, "flag_names", flag_names(r->clone_flags));
	container__json(model__cgroup(p->model, r->cgroup), o);
}

static json_t *exec_args(const struct wire_exec *r)
{
	struct exec_arg arg = { .next = 0 };
	json_t *a;

	if (!r->args_size)
		return json_null();
	a = json_array();
	while (exec_arg__next(r, &arg))
		json_array_append_new(a, json_text__of_bytes(arg.bytes, arg.len));
	return a;
}

/* Adds the call, with the numbers that it asked for, and its error. */
static void add_failed(const struct printed *p, json_t *o)
{
	const struct wire_call_failed *r = (const void *)p->view->rec;
	unsigned int n = failed__asked(r);
	json_t *asked = json_array();

	set(o, "syscall", json_string(failed__system_call(r)));
	set(o, "numbers", image(p->view->rec, 0));
	set_int(o, "flags", (int64_t)r->flags);
	set(o, "flag_names", flag_names(r->flags));
	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(asked, json_pack("{s:i, s:I}",
			"nr", r->asked[i].nr, "ns", (json_int_t)r->asked[i].ns));
	set(o, "set_tid", asked);
	set_int(o, "ret", r->ret);
	set_error(p, o, wire_errno(r->ret));
}

static void add_exec(const struct printed *p, json_t *o)
{
	const struct wire_exec *r = (const void *)p->view->rec;

	set(o, "numbers", image(p->view->rec, 0));
	set(o, "now", json_comm(r->task.comm));
	set_int(o, "old_pid", r->old_pid);
	set(o, "path", json_text__of_bytes(r->path, sizeof(r->path)));
	set(o, "argv", exec_args(r));
	set(o, "truncated", json_boolean(exec__path_is_cut(r) ||
					 exec__args_are_cut(r)));
	container__json(model__cgroup(p->model, r->cgroup), o);
}

static json_t *json_sender(const struct model_killer *k)
{
	json_t *o = json_object(), *numbers;

	json_object_set_new(o, "kind", json_string(killer_kind__name(k->kind)));
	if (k->kind == KILLER_ZAP)
		json_object_set_new(o, "ns", json_integer(k->ns));
	if (k->kind != KILLER_PROCESS)
		return o;
	numbers = json_array();
	for (uint32_t i = 0; i < k->levels; i++)
		json_array_append_new(numbers, json_integer(k->nr[i]));
	json_object_set_new(o, "comm", json_comm(k->comm));
	json_object_set_new(o, "pid", json_integer(k->pid));
	json_object_set_new(o, "numbers", numbers);
	return o;
}

void json_set_sender(json_t *o, int32_t status,
		     const struct model_killer *killer)
{
	if (killer && status == SIGKILL)
		json_object_set_new(o, "sender", json_sender(killer));
}

void json_ending(json_t *o, int32_t status, const struct model_killer *killer)
{
	json_object_set_new(o, "code", json_integer(status >> 8 & 0xff));
	json_object_set_new(o, "signal", json_integer(status & 0x7f));
	if (status & 0x80)
		json_object_set_new(o, "core_dumped", json_true());
	json_set_sender(o, status, killer);
}

static json_t *numbers_of(const struct model_task *t)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < t->levels; i++)
		json_array_append_new(a, json_pack("{s:i, s:I}",
			"nr", t->nr[i], "ns", (json_int_t)t->ns[i]));
	return a;
}

static void add_thread_exit(const struct printed *p, json_t *o)
{
	const struct wire_exit *r = (const void *)p->view->rec;

	set(o, "numbers", image(p->view->rec, 0));
	json_ending(o, r->exit_code, NULL);
}

/* Adds the end of a process, which its leader stands for. */
static void add_exit(const struct printed *p, json_t *o)
{
	const struct wire_exit *r = (const void *)p->view->rec;
	const struct model_task *leader = p->view->leader;

	if (!p->view->ends_process) {
		add_thread_exit(p, o);
		return;
	}
	if (r->task.state & WIRE_T_LEADER) {
		set(o, "numbers", image(p->view->rec, 0));
	} else {
		if (leader)
			set(o, "comm", json_comm(leader->comm));
		set_int(o, "pid", r->task.tgid);
		set(o, "numbers", leader ? numbers_of(leader) : json_array());
		set_int(o, "last_thread", r->task.pid);
	}
	json_ending(o, r->status, leader ? leader->end.killer : NULL);
}

/* The current task is the waiter, unless it is the released task, or exits itself. */
static void add_wait(const struct printed *p, json_t *o)
{
	const struct wire_release *r = (const void *)p->view->rec;
	const struct model_task *t = p->view->subject;

	set_int(o, "child", r->pid);
	set(o, "child_comm", json_comm(t ? t->comm : (char[WIRE_COMM_LEN]){}));
	set(o, "child_numbers", t ? numbers_of(t) : json_array());
	set(o, "reaped", json_boolean(model_view__reaper(p->view)));
	json_ending(o, r->status, p->view->leader ?
		    p->view->leader->end.killer : NULL);
}

static void add_orphan(const struct printed *p, json_t *o)
{
	const struct wire_orphan *r = (const void *)p->view->rec;

	set_int(o, "child", r->task.pid);
	set(o, "child_comm", json_comm(r->task.comm));
	set(o, "child_numbers", image(p->view->rec, 0));
	set_int(o, "parent", r->real_parent.tgid);
	set(o, "parent_comm", json_comm(r->parent_comm));
	set(o, "parent_numbers", image(p->view->rec, 1));
}

static void add_namespace(const struct printed *p, json_t *o)
{
	const struct wire_pidns *r = (const void *)p->view->rec;

	set_int(o, "ns", r->inum);
	set_int(o, "parent", r->parent);
	set_int(o, "level", r->level);
	if (r->hdr.type == WIRE_ZAP_ENTER && p->view->leader)
		json_set_sender(o, p->view->leader->end.status,
				p->view->leader->end.killer);
}

static void add_error(const struct printed *p, json_t *o)
{
	const struct wire_error_report *r = (const void *)p->view->rec;

	set_int(o, "detector", r->detector);
	set(o, "stack", stack(p, r->stack));
}

static const struct {
	const char *name;
	void (*add)(const struct printed *p, json_t *o);
} ops[WIRE_KERNEL_TYPES] = {
	[WIRE_SETNS_EXIT] = { "setns", add_setns },
	[WIRE_CHANGE_PID] = { "change_pid", add_change },
	[WIRE_FORK] = { "fork", add_fork },
	[WIRE_EXEC] = { "exec", add_exec },
	[WIRE_EXIT] = { "exit", add_exit },
	[WIRE_RELEASE] = { "wait", add_wait },
	[WIRE_NS_NEW] = { "ns_new", add_namespace },
	[WIRE_NS_FREE] = { "ns_free", add_namespace },
	[WIRE_ZAP_ENTER] = { "ns_end", add_namespace },
	[WIRE_ERROR_REPORT] = { "error_report", add_error },
	[WIRE_CLONE_FAILED] = { "clone", add_failed },
	[WIRE_CLONE3_FAILED] = { "clone3", add_failed },
	[WIRE_UNSHARE_FAILED] = { "unshare", add_failed },
	[WIRE_ORPHAN] = { "orphan", add_orphan },
};

static const char *op_name(const struct printed *p)
{
	unsigned int type = p->view->rec->type;

	if (type__is_call_failed(type))
		return failed__name((const void *)p->view->rec);
	if (type == WIRE_EXIT && !p->view->ends_process)
		return "thread_exit";
	return p->change == CHANGE_SETSID ? "setsid" :
	       p->change == CHANGE_SETPGID ? "setpgid" : ops[type].name;
}

void print_json__op(const struct printed *p)
{
	json_t *o = begin(p, op_name(p));

	ops[p->view->rec->type].add(p, o);
	end(p, o);
}

void print_json__lost(const struct printed *p, uint32_t cpu, uint32_t count)
{
	end(p, json_pack("{s:f, s:s, s:I, s:I}", "time", (double)p->ns / 1e9,
			 "op", "lost", "cpu", (json_int_t)cpu,
			 "records", (json_int_t)count));
}

void print_json__machine(FILE *out, const struct wire_meta_machine *m)
{
	json_t *o = json_pack("{s:s}", "op", "machine");

	json_object_update_new(o, machine__json(m));
	put_line(out, o);
}

void print_json__raw(const struct printed *p)
{
	struct model_event e;
	char *text;
	size_t len;
	FILE *f = xmemstream(&text, &len);
	json_t *o = begin(p, record__name(p->view->rec->type));

	model_event__set(&e, p->view->rec, p->view->index);
	model_event__print(&e, f);
	fclose(f);
	set(o, "text", json_string(text));
	free(text);
	if (p->view->rec->type == WIRE_STACK)
		set(o, "stack", stack(p, ((const struct wire_stack *)
					  p->view->rec)->stack));
	set_int(o, "cpu", p->view->rec->cpu);
	set_int(o, "seq", p->view->rec->seq);
	end(p, o);
}
