// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a line for each newly violated rule during the run. Each line takes one
 * write(2), so the reader of a pipe gets whole lines.
 */
#include "loader/judge/live_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Writes each line with one write(2), so a pipe's reader gets whole lines. */
static void say(void *arg, const char *rule, const char *why)
{
	const struct announce *a = arg;

	dprintf(a->fd, "%s %s\n", rule, why ? why : "");
}

static int announce_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct announce *a = (struct announce *)sink;

	(void)rec;
	if (!judge__has_news(a->judge))
		return 0;
	if (a->writer)
		trace_writer__flush(a->writer);
	judge__news(a->judge, say, a);
	return 0;
}

int announce__open(struct announce *a, const char *path, struct judge *judge,
		   struct trace_writer *writer)
{
	*a = (struct announce){
		.sink = { .record = announce_record },
		.judge = judge,
		.writer = writer,
		.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			   0666),
	};
	return a->fd < 0 ? -errno : 0;
}

void announce__close(struct announce *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}
