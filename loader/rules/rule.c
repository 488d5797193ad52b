// SPDX-License-Identifier: GPL-2.0-only
/* Questions that the checks of several rules ask, and the report of a violation. */
#include "loader/rules/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *rule_where__text(uint8_t where, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s%s%s", where & RULE_MAINLINE ? "mainline " : "",
		 where & RULE_JOIN ? "join " : "",
		 where & RULE_KEEP ? "keep " : "",
		 where & RULE_SEED ? "seed " : "");
	if (*buf)
		buf[strlen(buf) - 1] = '\0';
	return buf;
}

__attribute__((cold))
enum outcome broken(struct rule_ctx *c, const char *fmt, ...)
{
	va_list ap;

	c->clause = fmt;
	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	return RULE_BROKEN;
}

static unsigned int join_facts(const struct rule_ctx *c)
{
	const unsigned int to = SETNS_TO_JOIN | SETNS_TO_ENTER;

	if (c->x->ret || c->w->install.ret)
		return to;
	return to | SETNS_SUCCEEDED |
	       (model_window__moved(c->w, c->x) ? SETNS_JOINED : 0);
}

static unsigned int keep_facts(const struct rule_ctx *c)
{
	const unsigned int to = SETNS_TO_KEEP | SETNS_TO_ENTER;

	if (c->x->ret || c->w->install.ret)
		return to;
	return to | SETNS_KEPT |
	       (model_window__is_deeper(c->w, c->x) ? SETNS_DEEPENED : 0);
}

unsigned int rule_ctx__setns_facts(const struct rule_ctx *c)
{
	unsigned int facts = SETNS_WHOLE;

	if (c->kind == WINDOW_NONE)
		return 0;
	if (c->x->ret < 0)
		facts |= SETNS_FAILED;
	if (c->w->nallocs || c->w->nkeep.reserves)
		facts |= SETNS_ALLOCATED;
	if (c->w->changes)
		facts |= SETNS_CHANGED;
	if (c->kind == WINDOW_JOIN)
		facts |= join_facts(c);
	if (c->kind == WINDOW_KEEP)
		facts |= keep_facts(c);
	return facts;
}

const char *rule_ctx__difference(const struct rule_ctx *c)
{
	const struct wire_task *a = &c->w->enter.task, *b = &c->x->task;

	if (a->thread_pid != b->thread_pid)
		return "thread_pid";
	if (a->pids[WIRE_TGID] != b->pids[WIRE_TGID])
		return "pids[TGID]";
	if (a->nr_threads == 1 && a->pids[WIRE_SID] != b->pids[WIRE_SID])
		return "pids[SID]";
	if (a->pid != b->pid)
		return "task->pid";
	if (a->tgid != b->tgid)
		return "task->tgid";
	return NULL;
}

bool rule__has_number_in(const struct wire_hdr *rec,
			 const struct wire_pid *pid, uint32_t ns)
{
	unsigned int n = record__levels(rec, pid);

	for (unsigned int i = 0; i < n; i++)
		if (pid->upid[i].ns == ns)
			return true;
	return false;
}

/*
 * A task inside setns or an exec has, for a moment, half of its new numbers. A visit
 * is shorter than the time since the previous sweep began.
 */
bool rule_ctx__visited_at_rest(struct rule_ctx *c)
{
	const struct wire_sweep_task *r = (const void *)c->view->rec;
	const struct model_sweep *s = model__sweep(c->model);
	const struct model_task *t = c->view->subject;

	if (r->exit_state)
		return false;
	if (t && (t->window || (t->renumbered &&
				t->renumbered >= s->before_begin)))
		return false;
	c->since = s->before_begin ? s->before_begin : 1;
	return true;
}

bool rule_ctx__is_held(const struct rule_ctx *c, const struct model_pid *p)
{
	return p->followed && p->put && p->used != model__sweep(c->model)->id;
}
