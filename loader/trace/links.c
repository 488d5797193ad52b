// SPDX-License-Identifier: GPL-2.0-only
/* Makes single records of one that has several links of a task. */
#include "loader/trace/links.h"

#include "loader/trace/sink.h"

static void fill(struct wire_link_pid *link, const struct wire_links_pid *links,
		 unsigned int i)
{
	link->hdr = links->hdr;
	link->hdr.size = sizeof(*link);
	link->hdr.flags &= ~WIRE_F_LINKS;
	link->hdr.seq += i;
	link->task = links->task;
	link->start = links->start;
	link->pid = links->pid[i];
	link->task_pid = links->task_pid;
	link->pidtype = links->pidtype[i];
}

int links__pass_on(struct record_sink *sink, const struct wire_hdr *rec)
{
	const struct wire_links_pid *links = (const void *)rec;
	struct wire_link_pid link;
	int err = 0;

	for (unsigned int i = 0; !err && i < links->n; i++) {
		fill(&link, links, i);
		err = sink->record(sink, &link.hdr);
	}
	return err;
}
