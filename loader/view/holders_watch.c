// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds in each sweep the tasks that hold a pid namespace. A task holds it by a number in
 * it, dead or alive, and by pid_ns_for_children.
 *
 * Bad at: process groups and sessions whose leader is gone. Their number also keeps the
 * init in zap_pid_ns_processes(), and no sweep shows it.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/capture/proc_state.h"
#include "loader/lib/table.h"
#include "loader/view/holders_parts.h"
#include "loader/view/printer_parts.h"
#include "loader/view/roster.h"
#include "loader/view/visit.h"

/* Processes that a text names as those for which an init waits; others are counted. */
#define AWAITED_SHOWN 4

/* A task of the present sweep that holds the namespace. */
struct member {
	enum holder_kind kind;
	int32_t tgid;
	uint32_t active_ns;
	struct visit visit;
	char *numbers;		/* "142,2" */
};

struct watch {
	uint32_t ns, own;
	struct roster roster;
	struct table own_nr;	/* by tgid: the number in the namespace of /proc */
	struct table children;	/* a set of processes, by tgid */
	struct member *members;
	size_t n;
};

struct watch *watch__new(uint32_t ns, uint32_t own)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->ns = ns;
	w->own = own;
	return w;
}

static void begin_sweep(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->members[i].numbers);
	w->n = 0;
	roster__clear(&w->roster);
	table__clear(&w->own_nr);
	table__clear(&w->children);
}

void watch__free(struct watch *w)
{
	if (!w)
		return;
	begin_sweep(w);
	free(w->members);
	free(w);
}

/* --- visits --- */

static int32_t number_in(const struct wire_hdr *rec, uint32_t ns)
{
	const struct wire_pid *img = record__pid(rec, 0);
	unsigned int levels = record__levels(rec, img);

	for (unsigned int i = 0; i < levels; i++)
		if (img->upid[i].ns == ns)
			return img->upid[i].nr;
	return 0;
}

static char *numbers_text(const struct wire_hdr *rec)
{
	const struct wire_pid *img = record__pid(rec, 0);
	unsigned int levels = record__levels(rec, img);
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (unsigned int i = 0; i < levels; i++)
		fprintf(out, "%s%d", i ? "," : "", img->upid[i].nr);
	fclose(out);
	return text;
}

static void add_member(struct watch *w, enum holder_kind kind,
		       const struct wire_sweep_task *r)
{
	struct member *m;

	w->members = xrealloc(w->members, (w->n + 1) * sizeof(*w->members));
	m = &w->members[w->n++];
	*m = (struct member){
		.kind = kind,
		.tgid = r->task.tgid,
		.active_ns = r->task.active_ns,
		.numbers = numbers_text(&r->hdr),
	};
	visit__set(&m->visit, r);
}

static void visit_leader(struct watch *w, const struct wire_sweep_task *r)
{
	int32_t own = number_in(&r->hdr, w->own);
	struct visit v;

	if (own && !table__find(&w->own_nr, (uint32_t)r->task.tgid))
		table__add(&w->own_nr, (uint32_t)r->task.tgid, (void *)(intptr_t)own);
	if (!number_in(&r->hdr, w->ns))
		return;
	visit__set(&v, r);
	add_member(w, v.zombie ? HOLDER_ZOMBIE :
		      r->task.active_ns == w->ns && v.init ? HOLDER_INIT : HOLDER_PROCESS, r);
}

static void visit(struct watch *w, const struct wire_sweep_task *r)
{
	const struct model_view v = { .rec = &r->hdr, .task = &r->task };

	roster__record(&w->roster, &v);
	if (visit__is_leader(r))
		visit_leader(w, r);
	if (r->task.children_ns == w->ns && r->task.active_ns != w->ns &&
	    !table__find(&w->children, (uint32_t)r->task.tgid)) {
		table__add(&w->children, (uint32_t)r->task.tgid, w);
		add_member(w, HOLDER_CHILDREN, r);
	}
}

/* --- texts --- */

/* Writes "lazy[140]". */
static char *kin_text(const struct watch *w, const struct kin *kin)
{
	struct kin now = *kin;
	char comm[COMM_TEXT];

	roster__name(&w->roster, &now);
	return xasprintf("%s[%d]", comm__text(now.comm, comm), now.tgid);
}

static char *member_text(const struct member *m)
{
	char comm[COMM_TEXT];

	return xasprintf("%s[%s]", comm__text(m->visit.comm, comm), m->numbers);
}

/* Writes what the process does at the moment; "" if that is not known. */
static void doing(const struct watch *w, int32_t tgid, char *text, size_t len)
{
	void *own = table__find(&w->own_nr, (uint32_t)tgid);

	proc_state__describe(own ? (int32_t)(intptr_t)own : 0, text, len);
}

/* The parent, or first of all a tracer, has to wait for a zombie. */
static void describe_zombie(const struct watch *w, const struct member *m,
			    struct holder *h)
{
	bool traced = m->visit.tracer.tgid;
	const struct kin *by = traced ? &m->visit.tracer : &m->visit.parent;
	char *waiter = kin_text(w, by), *self = member_text(m), text[128];

	doing(w, by->tgid, text, sizeof(text));
	h->why = xasprintf("its %s %s%s%s%s, and has not waited for it",
			   traced ? "tracer" : "parent", waiter,
			   by->ns && by->ns != w->ns ? ", outside" : "",
			   *text ? ", " : "", text);
	h->help = xasprintf("%s waits for %s, or ends", waiter, self);
	free(waiter);
	free(self);
}

/* Returns for whom the init waits: all other members. */
static char *awaited_text(const struct watch *w)
{
	unsigned int n = 0;
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (size_t i = 0; i < w->n; i++) {
		const struct member *m = &w->members[i];

		if (m->kind != HOLDER_PROCESS && m->kind != HOLDER_ZOMBIE)
			continue;
		if (n++ < AWAITED_SHOWN) {
			char *one = member_text(m);

			fprintf(out, "%s%s", n > 1 ? ", " : "", one);
			free(one);
		}
	}
	if (n > AWAITED_SHOWN)
		fprintf(out, " and %u more", n - AWAITED_SHOWN);
	fclose(out);
	return text;
}

static void describe_init(const struct watch *w, const struct member *m,
			  struct holder *h)
{
	char *awaited = m->visit.zapping ? awaited_text(w) : NULL;

	if (!awaited && !m->visit.dying) {
		char *self = member_text(m);

		h->help = xasprintf("%s ends, which ends all that are in the namespace", self);
		free(self);
	} else if (awaited && *awaited) {
		h->why = xasprintf("waits in zap_pid_ns_processes() for %s", awaited);
	} else if (awaited) {
		h->why = xstrdup("waits in zap_pid_ns_processes(), for a process group or a session that has a number here and members elsewhere");
	}
	free(awaited);
}

/* A process that is being killed may be unable to end; the init's end kills others. */
static void describe_process(const struct watch *w, const struct member *m,
			     struct holder *h)
{
	char text[128];

	if (!m->visit.dying)
		return;
	doing(w, m->tgid, text, sizeof(text));
	if (*text)
		h->why = xstrdup(text);
}

/* Writes "sh[142,2], being killed by SIGKILL, in pid:[N]". */
static char *what_text(const struct watch *w, const struct member *m)
{
	char *self = member_text(m), *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	if (m->kind == HOLDER_CHILDREN)
		fputs("of ", out);
	fputs(self, out);
	if (m->kind == HOLDER_CHILDREN)
		fputs(", the next one", out);
	else if (m->active_ns != w->ns)
		fprintf(out, ", in pid:[%u], which is below it", m->active_ns);
	if (m->kind != HOLDER_CHILDREN &&
	    (m->visit.zombie || m->visit.zapping || m->visit.dying)) {
		fputs(", ", out);
		visit__put_end(&m->visit, out);
	}
	fclose(out);
	free(self);
	return text;
}

static void add_holder(const struct watch *w, const struct member *m,
		       struct holder_set *set)
{
	struct holder *h = holder_set__add(set, m->kind, m->tgid);

	h->what = what_text(w, m);
	if (m->kind == HOLDER_ZOMBIE) {
		describe_zombie(w, m, h);
	} else if (m->kind == HOLDER_INIT) {
		describe_init(w, m, h);
	} else if (m->kind == HOLDER_PROCESS) {
		describe_process(w, m, h);
	} else {
		char *self = member_text(m);

		h->help = xasprintf("%s ends", self);
		free(self);
	}
}

bool watch__record(struct watch *w, const struct wire_hdr *rec, struct holder_set *set)
{
	const struct wire_sweep *mark = (const void *)rec;

	if (rec->type == WIRE_SWEEP_TASK) {
		visit(w, (const void *)rec);
		return false;
	}
	if (rec->type != WIRE_SWEEP)
		return false;
	if (mark->phase == WIRE_SWEEP_BEGIN) {
		begin_sweep(w);
		return false;
	}
	for (size_t i = 0; i < w->n; i++)
		add_holder(w, &w->members[i], set);
	return true;
}
