// SPDX-License-Identifier: GPL-2.0-only
/* Parts that several export formats have in common. */
#include <string.h>

#include "loader/export/export_parts.h"
#include "loader/trace/semantics.h"
#include "loader/trace/trace_format.h"

const char *exporter__detail(struct exporter *x, const struct model_view *v)
{
	struct model_event e;

	model_event__set(&e, v->rec, v->index);
	rewind(x->detail);
	model_event__detail(&e, x->detail);
	fputc('\0', x->detail);
	fflush(x->detail);
	return x->detail_text + strspn(x->detail_text, ":= ");
}

void exporter__run_json(struct exporter *x)
{
	const struct trace_info *i = &x->info;
	struct buf *t = &x->buf;

	buf__lit(t, "\"trace_version\":");
	buf__u64(t, TRACE_VERSION);
	buf__lit(t, ",\"wire_version\":");
	buf__u64(t, WIRE_VERSION);
	buf__lit(t, ",\"release\":\"");
	buf__json(t, i->release, sizeof(i->release));
	buf__lit(t, "\",\"semantics\":\"");
	buf__str(t, semantics__name(i->semantics));
	buf__lit(t, "\",\"seed\":");
	buf__u64(t, i->seed);
	buf__lit(t, ",\"start_realtime_ns\":");
	buf__u64(t, i->start_realtime_ns);
	buf__lit(t, ",\"start_monotonic_ns\":");
	buf__u64(t, i->start_monotonic_ns);
}
