// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects what a setns does that keeps the struct pid of its caller: the number that it
 * reserves in the target, and how this number becomes one of the struct pid's.
 */
#include "loader/model/parts.h"

static void take_reserve(struct model_window *w, const struct wire_reserve_nr *r)
{
	if (r->ret < 0) {
		w->nkeep.failed_reserves++;
		w->keep.failed_reserve = *r;
	} else {
		w->nkeep.reserves++;
		w->keep.reserve = *r;
	}
}

static void take_image(struct model_numbers *n, const struct model_view *v)
{
	model_numbers__set(n, v->rec, record__pid(v->rec, 0));
}

static void take_notice(struct model_window *w, const struct wire_notify_pidfd *r)
{
	w->nkeep.notices += r->task == w->task->task;
}

void model_keep__record(struct model_window *w, const struct model_view *v)
{
	struct model_keep_counts *n = &w->nkeep;
	struct model_keep *k = &w->keep;

	switch (v->rec->type) {
	case WIRE_RESERVE_NR:
		take_reserve(w, (const void *)v->rec);
		break;
	case WIRE_UNRESERVE_NR:
		n->unreserves++;
		k->unreserve = *(const struct wire_unreserve_nr *)v->rec;
		break;
	case WIRE_DEEPEN:
		n->deepens++;
		k->deepen = *(const struct wire_deepen *)v->rec;
		take_image(&k->before, v);
		break;
	case WIRE_PUBLISH_NR:
		n->publishes++;
		k->publish = *(const struct wire_publish_nr *)v->rec;
		take_image(&k->published, v);
		break;
	case WIRE_DEEPENED:
		n->events++;
		k->event = *(const struct wire_deepened *)v->rec;
		take_image(&k->shown, v);
		break;
	case WIRE_COMMIT_DEEPEN:
		n->commits++;
		k->commit = *(const struct wire_commit_deepen *)v->rec;
		break;
	case WIRE_NOTIFY_PIDFD:
		take_notice(w, (const void *)v->rec);
		break;
	}
}
