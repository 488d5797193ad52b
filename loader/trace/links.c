// SPDX-License-Identifier: GPL-2.0-only
/* Makes single records of one that has several links of a task. */
#include "loader/trace/links.h"

#include "loader/trace/sink.h"

void links__call(const struct wire_links_pid *links, unsigned int i,
		 struct wire_link_pid *call)
{
	call->hdr = links->hdr;
	call->hdr.size = sizeof(*call);
	call->hdr.flags &= ~WIRE_F_LINKS;
	call->hdr.seq += i;
	call->task = links->task;
	call->start = links->start;
	call->pid = links->pid[i];
	call->task_pid = links->task_pid;
	call->pidtype = links->pidtype[i];
}

int links__pass_on(struct record_sink *sink, const struct wire_hdr *rec)
{
	const struct wire_links_pid *links = (const void *)rec;
	struct wire_link_pid call;
	int err = 0;

	for (unsigned int i = 0; !err && i < links->n; i++) {
		links__call(links, i, &call);
		err = sink->record(sink, &call.hdr);
	}
	return err;
}
