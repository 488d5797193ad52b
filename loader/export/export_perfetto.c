// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a trace for a viewer of trace events: as "perfetto" in Chrome's "Trace Event
 * Format", which ui.perfetto.dev and chrome://tracing open (trace_event_json.c), as
 * "pftrace" in Perfetto's own format (trace_event_proto.c). Both show the same:
 *
 *	process		a pid namespace, "pid:[4026532201] level 1", sorted by level
 *	thread		a task, "comm[815,7]" (timeline.h)
 *	slices		the task's life under these numbers; inside, the programs
 *			it runs; inside these, each setns; after its exit,
 *			"exited" until the task is reaped
 *	instants	the records of the table below, with the record's number,
 *			the index of the json format; "records lost"; "trace cut
 *			short"
 *	flows		"fork", to the start of the child; "join", from the old
 *			namespace to the new one
 *	counters	"tasks": live tasks of each namespace, without descendants
 *
 * A join is shown when the setns returns, because until then the task has two lives.
 * Records keep the order of the stream and times never decrease: a record that was
 * overtaken by a record of another CPU gets the later time. Kernel threads are tasks
 * like others. A task has no lane before its first record.
 */
#include <signal.h>
#include <string.h>

#include "loader/export/export_parts.h"
#include "loader/export/timeline.h"
#include "loader/export/trace_event.h"
#include "loader/trace/names.h"
#include "loader/trace/seq_gap.h"
#include "loader/view/printer_parts.h"

struct perfetto {
	struct trace_event_writer w;
	struct timeline lanes;
	struct seq_gaps gaps;
	uint64_t lost_ring, lost_map, missed;
};

/* The lane on which a record is shown as an instant. */
enum shown_on { NOWHERE, CURRENT, SUBJECT, EVERYWHERE };

static const enum shown_on instants[WIRE_KERNEL_TYPES] = {
	[WIRE_PIDNS_INSTALL] = CURRENT,
	[WIRE_CHANGE_PID] = SUBJECT,
	[WIRE_SWITCH_NS] = SUBJECT,
	[WIRE_COMMIT_JOIN] = SUBJECT,
	[WIRE_PID_REWRITE] = SUBJECT,
	[WIRE_DEEPEN] = SUBJECT,
	[WIRE_DEEPENED] = SUBJECT,
	[WIRE_COMMIT_DEEPEN] = SUBJECT,
	[WIRE_EXCHANGE_TIDS] = SUBJECT,
	[WIRE_FORK] = CURRENT,
	[WIRE_EXEC] = SUBJECT,
	[WIRE_EXIT] = SUBJECT,
	[WIRE_RELEASE] = CURRENT,
	[WIRE_WAIT_CHILD] = CURRENT,
	[WIRE_WAKE_PARENT] = CURRENT,
	[WIRE_NOTIFY_PIDFD] = SUBJECT,
	[WIRE_ERROR_REPORT] = EVERYWHERE,
	[WIRE_CLONE_FAILED] = SUBJECT,
	[WIRE_CLONE3_FAILED] = SUBJECT,
	[WIRE_UNSHARE_FAILED] = SUBJECT,
	[WIRE_KILL] = SUBJECT,
	[WIRE_ORPHAN] = SUBJECT,
};

static void begin(struct exporter *x, const struct trace_event_encoding *e)
{
	struct perfetto *p = x->state;

	p->w.encoding = e;
	p->w.buf = &x->buf;
	e->begin(x, &p->w);
	timeline__init(&p->lanes, &p->w);
}

static void perfetto_begin(struct exporter *x)
{
	begin(x, &trace_event_json);
}

static void pftrace_begin(struct exporter *x)
{
	begin(x, &trace_event_proto);
}

static struct lane *current_lane(struct perfetto *p,
				 const struct model_view *v)
{
	return v->current ? timeline__find(&p->lanes, v->current->task,
					v->current->start) : NULL;
}

static struct lane *subject_lane(struct perfetto *p,
				 const struct model_view *v)
{
	/* The lane of a new child is drawn after its arrow has begun. */
	if (v->subject && v->task && v->rec->type == WIRE_FORK &&
	    v->subject != v->current)
		return timeline__add(&p->lanes, v->rec, v->task);
	if (v->subject && v->task)
		return timeline__see(&p->lanes, v->rec, v->task);
	return v->subject ? timeline__find(&p->lanes, v->subject->task,
					v->subject->start) : NULL;
}

/* --- instants --- */

/* Begins an instant on a lane; without one, on all. */
static void instant(struct perfetto *p, const char *cat, const char *name,
		    const struct lane *lane)
{
	trace_event__named(&p->w, EVENT_INSTANT, cat, name,
			   lane ? lane->group->pid : p->lanes.initial->pid,
			   lane ? lane->tid : 0);
	p->w.event.everywhere = !lane;
}

static void arg_numbers(struct perfetto *p, const char *key,
			const struct model_view *v, unsigned int image)
{
	struct model_numbers n;
	struct trace_arg *a;

	model_numbers__set(&n, v->rec, record__pid(v->rec, image));
	a = trace_event__arg_list(&p->w, key);
	for (uint32_t i = 0; i < n.levels; i++)
		a->numbers[a->count++] = n.upid[i].nr;
}

/* Writes all fields of a record as one argument. */
static void arg_fields(struct perfetto *p, const struct wire_hdr *rec)
{
	trace_event__arg_json(&p->w, "fields");
	buf__char(&p->w.text, '{');
	fields__json(record__fields(rec->type), rec, &p->w.text);
	buf__char(&p->w.text, '}');
}

static void arg_record(struct exporter *x, const struct model_view *v)
{
	struct perfetto *p = x->state;
	const char *detail = exporter__detail(x, v);

	trace_event__arg_num(&p->w, "record", (int64_t)v->index);
	if (*detail)
		trace_event__arg_str(&p->w, "detail", detail);
	else
		arg_fields(p, v->rec);
	if (v->rec->npids == 2) {
		arg_numbers(p, "before", v, 0);
		arg_numbers(p, "after", v, 1);
	}
}

static void arg_lane(struct perfetto *p, const char *key,
		     const struct lane *lane, uint64_t task)
{
	trace_event__arg(&p->w, key);
	if (lane)
		lane__name(lane, &p->w.text);
	else
		buf__hex(&p->w.text, task);
}

/* Writes which process ended with this thread, and how. */
static void arg_ending(struct perfetto *p, const struct model_view *v)
{
	const struct wire_exit *r = (const void *)v->rec;
	const struct model_task *leader = v->leader ?: v->subject;
	const struct model_killer *k = leader ? leader->end.killer : NULL;
	char status[ENDING_TEXT];

	if (leader)
		arg_lane(p, "process",
			 timeline__find(&p->lanes, leader->task, leader->start),
			 leader->task);
	trace_event__arg_str(&p->w, "status", ending__text(r->status, status));
	if (!k || r->status != SIGKILL)
		return;
	trace_event__arg_str(&p->w, "sent_by", killer_kind__name(k->kind));
	if (k->kind == KILLER_PROCESS)
		trace_event__arg_num(&p->w, "sender", k->pid);
}

static void show_instant(struct exporter *x, const struct model_view *v,
			 const struct lane *current, const struct lane *subject)
{
	struct perfetto *p = x->state;
	enum shown_on on = instants[v->rec->type];
	const struct lane *lane = on == SUBJECT ? subject :
				  on == CURRENT ? current : NULL;

	if (on == NOWHERE)
		return;
	instant(p, "record", record__name(v->rec->type), lane);
	arg_record(x, v);
	if (v->ends_process)
		arg_ending(p, v);
	if (subject && subject != lane)
		arg_lane(p, "task", subject, 0);
	if (!current || current != lane)
		arg_lane(p, "by", current, v->rec->current_task);
}

static void show_loss(struct perfetto *p, const char *key, uint64_t n)
{
	instant(p, "lost", "records lost", NULL);
	trace_event__arg_num(&p->w, key, (int64_t)n);
}

static void show_gap(struct perfetto *p, const struct wire_hdr *rec)
{
	uint32_t missing = seq_gaps__before(&p->gaps, rec);

	if (!missing)
		return;
	show_loss(p, "records", missing);
	trace_event__arg_num(&p->w, "cpu", rec->cpu);
}

/* --- setns --- */

static void setns_begin(struct perfetto *p, struct lane *lane,
			const struct wire_setns_enter *r)
{
	char flags[CLONE_FLAGS_TEXT];

	lane__begin(&p->lanes, lane, SLICE_SETNS);
	trace_event__arg_num(&p->w, "fd", r->fd);
	trace_event__arg_str(&p->w, "flags",
			     clone_flags__text(r->flags, flags, sizeof(flags)));
	trace_event__arg_str(&p->w, "kind", fd_kind__name(r->fd_kind));
	if (r->fd_kind == WIRE_FD_NSFS) {
		trace_event__arg_str(&p->w, "type",
				     ns_type__name(r->fd_ns_type));
		trace_event__arg_num(&p->w, "ns", r->fd_ns);
	}
	if (r->fd_kind == WIRE_FD_PIDFD)
		trace_event__arg_num(&p->w, "target_pid", r->fd_pid);
}

static void arg_result(struct perfetto *p, const struct model_view *v)
{
	const struct wire_setns_exit *r = (const void *)v->rec;
	const struct model_window *w = v->window;

	trace_event__arg_num(&p->w, "ret", r->ret);
	if (r->ret < 0)
		trace_event__arg_str(&p->w, "error",
				     strerrorname_np(wire_errno(r->ret)) ?: "?");
	if (!w)
		return;
	trace_event__arg_str(&p->w, "joined",
			     model_window__joined(w, r) ? "yes" : "no");
	arg_numbers(p, "numbers", v, 0);
	trace_event__arg_num(&p->w, "children_ns", r->task.children_ns);
}

static void setns_end(struct perfetto *p, struct lane *lane,
		      const struct model_view *v)
{
	const struct wire_pid *img = record__pid(v->rec, 0);

	/* The arrow of a join must begin inside the slice of the call. */
	lane__leave(&p->lanes, lane, v->rec, img);
	if (lane__end(&p->lanes, lane, SLICE_SETNS))
		arg_result(p, v);
	lane__settle(&p->lanes, lane, v->rec, img);
}

/* --- namespaces --- */

static void show_namespace(struct exporter *x, const struct model_view *v,
			   struct lane *current)
{
	struct perfetto *p = x->state;
	const struct wire_pidns *r = (const void *)v->rec;
	struct lane_group *g = r->hdr.type == WIRE_NS_NEW ?
			       timeline__group_new(&p->lanes, r) :
			       timeline__group_find(&p->lanes, r);

	if (!g)
		return;
	trace_event__named(&p->w, EVENT_INSTANT, "namespace",
			   record__name(r->hdr.type), g->pid, 0);
	arg_record(x, v);
	if (current)
		arg_lane(p, "by", current, 0);
	if (r->hdr.type == WIRE_NS_FREE)
		timeline__group_gone(&p->lanes, g);
	if (r->hdr.type == WIRE_ZAP_ENTER && current) {
		lane__begin(&p->lanes, current, SLICE_ZAP);
		trace_event__arg_num(&p->w, "ns", r->inum);
	}
	if (r->hdr.type == WIRE_ZAP_EXIT && current)
		lane__end(&p->lanes, current, SLICE_ZAP);
}

/* --- tasks --- */

/* Makes the lane of a parent that had no record before this FORK of its child. */
static struct lane *bare_parent(struct perfetto *p, const struct model_view *v)
{
	const struct wire_fork *r = (const void *)v->rec;
	struct wire_task parent = {
		.task = r->parent, .start = r->parent_start, .pid = r->parent_pid,
		.active_ns = r->parent_active_ns, .comm = "?",
	};

	if (v->current)
		memcpy(parent.comm, v->current->comm, sizeof(parent.comm));
	/* A tampered trace may name any task as the parent. */
	return r->parent == r->task.task ? NULL :
	       timeline__see(&p->lanes, NULL, &parent);
}

/*
 * Draws the child's lane, and the arrow to it from the instant on the parent's lane,
 * which is the open event. A child that was seen before has no first slice for an
 * arrow to reach.
 */
static void show_fork(struct perfetto *p, const struct lane *parent,
		      struct lane *child)
{
	uint64_t flow;

	if (!parent || child->drawn) {
		lane__draw(&p->lanes, child);
		return;
	}
	flow = timeline__flow_out(&p->lanes, "fork");
	lane__draw(&p->lanes, child);
	timeline__flow_in(&p->lanes, "fork", flow);
}

static void show_release(struct perfetto *p, const struct model_view *v,
			 struct lane *current, struct lane *dead)
{
	if (lane__end(&p->lanes, dead, SLICE_EXITED))
		arg_lane(p, "reaped_by", current, v->rec->current_task);
	lane__drop(&p->lanes, dead);
}

/* Returns true if image 0 of a record of this type has the subject's numbers. */
static bool tells_numbers(unsigned int type)
{
	return type == WIRE_SETNS_ENTER || type == WIRE_FORK ||
	       type == WIRE_EXEC || type == WIRE_EXIT;
}

static void show_record(struct exporter *x, const struct model_view *v)
{
	struct perfetto *p = x->state;
	const struct wire_hdr *rec = v->rec;
	struct lane *subject = subject_lane(p, v);
	struct lane *current = current_lane(p, v);

	if (subject && subject->drawn && tells_numbers(rec->type))
		lane__settle(&p->lanes, subject, rec, record__pid(rec, 0));
	if (subject && !current && rec->type == WIRE_FORK)
		current = bare_parent(p, v);
	show_instant(x, v, current, subject);
	switch (rec->type) {
	case WIRE_NS_NEW:
	case WIRE_NS_FREE:
	case WIRE_ZAP_ENTER:
	case WIRE_ZAP_EXIT:
		show_namespace(x, v, current);
		return;
	}
	if (!subject)
		return;
	switch (rec->type) {
	case WIRE_SETNS_ENTER:
		setns_begin(p, subject, (const void *)rec);
		return;
	case WIRE_SETNS_EXIT:
		setns_end(p, subject, v);
		return;
	case WIRE_FORK:
		show_fork(p, current, subject);
		return;
	case WIRE_EXEC:
		lane__exec(&p->lanes, subject, v->task->comm);
		return;
	case WIRE_RENAME:
		lane__rename(&p->lanes, subject, v->task->comm);
		return;
	case WIRE_EXIT:
		lane__exit(&p->lanes, subject);
		return;
	case WIRE_RELEASE:
		show_release(p, v, current, subject);
		return;
	}
}

static void perfetto_record(struct exporter *x, const struct model_view *v)
{
	struct perfetto *p = x->state;
	const struct wire_hdr *rec = v->rec;

	if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *s = (const void *)rec;

		p->lost_ring += s->lost_ring;
		p->lost_map += s->lost_map;
		p->missed += s->missed;
	}
	if (rec->type >= WIRE_META)
		return;
	p->w.start_ns = x->start_ns;
	if (rec->ts_ns > x->start_ns + p->w.now_ns)
		p->w.now_ns = rec->ts_ns - x->start_ns;
	show_gap(p, rec);
	show_record(x, v);
	trace_event__end(&p->w);
}

static void perfetto_end(struct exporter *x, const char *cut)
{
	struct perfetto *p = x->state;

	if (p->lost_ring || p->lost_map || p->missed) {
		show_loss(p, "ring", p->lost_ring);
		trace_event__arg_num(&p->w, "map", (int64_t)p->lost_map);
		trace_event__arg_num(&p->w, "missed", (int64_t)p->missed);
	}
	timeline__end_all(&p->lanes);
	if (cut) {
		instant(p, "lost", "trace cut short", NULL);
		trace_event__arg(&p->w, "why");
		buf__escaped(&p->w.text, cut, strlen(cut));
	}
	trace_event__end(&p->w);
	if (p->w.encoding->end)
		p->w.encoding->end(x, cut);
}

static void perfetto_free(struct exporter *x)
{
	struct perfetto *p = x->state;

	timeline__free(&p->lanes);
	trace_event__free(&p->w);
}

const struct export_format export_perfetto = {
	.name = "perfetto",
	.state_size = sizeof(struct perfetto),
	.needs_model = true,
	.begin = perfetto_begin,
	.record = perfetto_record,
	.end = perfetto_end,
	.free = perfetto_free,
};

const struct export_format export_pftrace = {
	.name = "pftrace",
	.binary = true,
	.state_size = sizeof(struct perfetto),
	.needs_model = true,
	.begin = pftrace_begin,
	.record = perfetto_record,
	.end = perfetto_end,
	.free = perfetto_free,
};
