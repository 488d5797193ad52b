// SPDX-License-Identifier: GPL-2.0-only
/* Parts that several export formats have in common. */
#include <string.h>

#include "loader/export/export_parts.h"
#include "loader/trace/semantics.h"
#include "loader/trace/trace_format.h"
#include "loader/view/exec.h"

const char *exporter__detail(struct exporter *x, const struct model_view *v)
{
	struct model_event e;

	model_event__set(&e, v->rec, v->index);
	rewind(x->detail);
	model_event__detail(&e, x->detail);
	exec__add(v->rec, x->detail);
	fputc('\0', x->detail);
	fflush(x->detail);
	return x->detail_text + strspn(x->detail_text, ":= ");
}

void exporter__run_json(struct exporter *x)
{
	const struct trace_info *i = &x->info;
	struct buf *t = &x->buf;
	char text[256];

	snprintf(text, sizeof(text),
		 "\"trace_version\":%d,\"wire_version\":%d,\"release\":\"",
		 TRACE_VERSION, WIRE_VERSION);
	buf__str(t, text);
	buf__json(t, i->release, sizeof(i->release));
	snprintf(text, sizeof(text), "\",\"semantics\":\"%s\",\"seed\":%llu,"
		 "\"start_realtime_ns\":%llu,\"start_monotonic_ns\":%llu",
		 semantics__name(i->semantics), (unsigned long long)i->seed,
		 (unsigned long long)i->start_realtime_ns,
		 (unsigned long long)i->start_monotonic_ns);
	buf__str(t, text);
}
