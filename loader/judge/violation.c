// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats one violation for people: the rule, the finding, the task, its numbers before
 * and after, the kernel stack, and the task's last records.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/memory.h"
#include "loader/judge/state.h"
#include "loader/model/history.h"
#include "loader/trace/names.h"

static void print_numbers(FILE *out, const char *label,
			  const struct model_numbers *n)
{
	fprintf(out, "  %-8s ", label);
	if (!n->address) {
		fputs("no struct pid\n", out);
		return;
	}
	fprintf(out, "struct pid 0x%llx:", n->address);
	for (uint32_t i = 0; i < n->levels; i++)
		fprintf(out, "%s %d in pid:[%u]", i ? "," : "", n->upid[i].nr,
			n->upid[i].ns);
	if (!n->levels)
		fputs(" numbers not read", out);
	fputc('\n', out);
}

static void print_image(FILE *out, const char *label,
			const struct wire_hdr *rec, unsigned int i)
{
	struct model_numbers n;
	const struct wire_pid *img = record__pid(rec, i);

	if (!img)
		return;
	model_numbers__set(&n, rec, img);
	print_numbers(out, label, &n);
}

static void print_pids(FILE *out, const char *label, const struct wire_task *t)
{
	fprintf(out, "  %-8s thread_pid 0x%llx, TGID 0x%llx, PGID 0x%llx, SID 0x%llx, task->pid %d, tgid %d, children to pid:[%u]\n",
		label, t->thread_pid, t->pids[WIRE_TGID], t->pids[WIRE_PGID],
		t->pids[WIRE_SID], t->pid, t->tgid, t->children_ns);
}

static void print_stack(FILE *out, const struct model *m, const __u64 *stack,
			const char *of)
{
	fprintf(out, "  stack of %s:\n", of);
	for (int i = 0; i < WIRE_STACK_DEPTH && stack[i]; i++) {
		const char *name = model__symbol(m, stack[i]);

		if (name)
			fprintf(out, "    %s\n", name);
		else
			fprintf(out, "    0x%llx\n", stack[i]);
	}
}

/* Prints the stacks of the record: from a STACK record before it, and its own. */
static void print_stacks(FILE *out, const struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;
	const __u64 *stack = model__stack(c->model, c->view);

	if (stack)
		print_stack(out, c->model, stack, record__name(rec->type));
	if (rec->type == WIRE_ERROR_REPORT)
		print_stack(out, c->model,
			    ((const struct wire_error_report *)rec)->stack,
			    "the report");
}

/* Prints all stacks of the window: they were recorded for all rules, not for one. */
static void print_stacks_inside(FILE *out, const struct rule_ctx *c)
{
	const struct model_window *w = c->w;
	char of[64];

	for (unsigned int i = 0; i < w->nkept; i++) {
		snprintf(of, sizeof(of), "the %s %s()",
			 w->kept[i].type == WIRE_CHANGE_PID ? "first" : "last",
			 record__name(w->kept[i].type));
		print_stack(out, c->model, w->kept[i].stack, of);
	}
}

static void print_window(FILE *out, const struct rule_ctx *c)
{
	const struct model_window *w = c->w;

	fprintf(out, "  call     setns(%d, 0x%x) = %lld, records %llu to %llu\n",
		w->enter.fd, w->enter.flags, c->x->ret, w->index, c->view->index);
	if (w->installs)
		fprintf(out, "  target   pid:[%u], level %u, parent pid:[%u]; pidns_install() = %d\n",
			w->install.target_ns, w->install.target_level,
			w->install.target_parent, w->install.ret);
	print_numbers(out, "before", &w->old);
	print_pids(out, "", &w->enter.task);
	print_image(out, "after", c->view->rec, 0);
	print_pids(out, "", &c->x->task);
	if (w->nallocs)
		print_numbers(out, "alloc", &w->allocs[0].numbers);
	print_stacks_inside(out, c);
}

static void print_record(FILE *out, const struct rule_ctx *c)
{
	const struct wire_hdr *rec = c->view->rec;

	print_image(out, "struct", rec, 0);
	print_image(out, "second", rec, 1);
	if (c->view->task)
		print_pids(out, "task", c->view->task);
	print_stacks(out, c);
}

static void print_known_pid(FILE *out, const struct model_pid *p)
{
	fprintf(out, "  %-8s 0x%llx: number %d in pid:[%u], level %u; alloc_pid() record %llu, free_pid() %llu, delayed_put_pid() %llu, left behind by setns %llu (0: never)\n",
		"struct", p->address, p->nr, p->ns, p->level, p->born, p->freed, p->put,
		p->replaced);
}

static void print_ns(FILE *out, const struct model_ns *ns)
{
	fprintf(out, "  %-8s pid:[%u], level %u, parent pid:[%u], made at record %llu; %lld struct pids in it, end of its init from record %llu to %llu (0: never)\n",
		"pidns", ns->inum, ns->level, ns->parent, ns->born,
		ns->base + ns->pids, ns->zap, ns->zapped);
}

static void print_task(FILE *out, const char *label,
		       const struct model_task *t)
{
	char comm[COMM_TEXT];

	fprintf(out, "  %-8s %s, task 0x%llx, task->pid %d, tgid %d, numbers", label,
		comm__text(t->comm, comm), t->task, t->pid, t->tgid);
	for (uint32_t i = 0; i < t->levels; i++)
		fprintf(out, "%s%d", i ? "," : " ", t->nr[i]);
	fputs(t->levels ? "\n" : " not seen\n", out);
}

static void print_event(FILE *out, const struct model_view *v)
{
	struct model_event e;

	model_event__set(&e, v->rec, v->index);
	fputs("  record   ", out);
	model_event__print(&e, out);
	fputc('\n', out);
}

/* A new task has no history: prints the history of the task that ran the hook. */
static void print_history(FILE *out, const struct model_view *v,
			  const struct model_task *task)
{
	if (task && task->nhistory) {
		fprintf(out, "  the task's last records before it:\n");
		model_history__print(task, "    ", out);
	} else if (v && v->current && v->current->nhistory) {
		fprintf(out, "  the last records before it of the task that ran it:\n");
		model_history__print(v->current, "    ", out);
	}
}

/* Names the same records as print_known_pid() and print_ns(). */
void violation__name(const struct rule_ctx *c, struct judge_finding *f)
{
	const struct model_pid *p = c->pid;
	const struct model_ns *ns = c->ns;

	if (f->record)
		return;
	if (p) {
		f->ns = p->ns;
		f->named[0] = p->born;
		f->named[1] = p->freed;
		f->named[2] = p->put;
		f->named[3] = p->replaced;
	} else if (ns) {
		f->ns = ns->inum;
		f->named[0] = ns->born;
		f->named[1] = ns->zap;
		f->named[2] = ns->zapped;
	}
}

char *violation__text(const struct rule *rule, const struct rule_ctx *c,
		      const struct model_task *task, __u64 seed)
{
	const struct model_view *v = c->view;
	char *text = NULL;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	fprintf(out, "%s: %s\n", rule->id, c->why);
	fprintf(out, "  rule     %s\n", rule->statement);
	if (v)
		print_event(out, v);
	if (task)
		print_task(out, "task", task);
	if (v && v->current && v->current != task)
		print_task(out, "run by", v->current);
	else if (v && !v->current)
		fprintf(out, "  run by   task 0x%llx, not known\n",
			v->rec->current_task);
	if (c->w)
		print_window(out, c);
	else if (v)
		print_record(out, c);
	if (c->pid || (v && v->pid))
		print_known_pid(out, c->pid ? c->pid : v->pid);
	if (c->ns || (v && v->ns))
		print_ns(out, c->ns ? c->ns : v->ns);
	print_history(out, v, task);
	fprintf(out, "  seed     %llu", seed);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
