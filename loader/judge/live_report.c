// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a line for each newly violated rule during the run. Each line takes one
 * write(2), so the reader of a pipe gets whole lines.
 */
#include "loader/judge/live_report.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/outpath.h"

static void say(void *arg, const char *rule, const char *why)
{
	const struct live_report *a = arg;

	dprintf(a->fd, "%s %s\n", rule, why ? why : "");
}

static int announce_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct live_report *a = (struct live_report *)sink;

	(void)rec;
	if (!judge__has_new_violations(a->judge))
		return 0;
	if (a->writer)
		trace_writer__flush(a->writer);
	judge__new_violations(a->judge, say, a);
	return 0;
}

int live_report__open(struct live_report *a, const char *path, struct judge *judge,
		   struct trace_writer *writer)
{
	*a = (struct live_report){
		.sink = { .record = announce_record },
		.judge = judge,
		.writer = writer,
		.fd = outpath__open_path(path),
	};
	return a->fd < 0 ? a->fd : 0;
}

void live_report__close(struct live_report *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}
