/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports violated rules during the run.
 *
 * Each rule is reported once a run, as a line "I17 why". A reader need not wait for the
 * end of the run, which a broken kernel may not reach.
 */
#ifndef LOADER_JUDGE_LIVE_REPORT_H
#define LOADER_JUDGE_LIVE_REPORT_H

#include "loader/judge/judge.h"
#include "loader/trace/trace.h"

struct live_report {
	struct record_sink sink;	/* first member; runs after the judge's sink */
	struct judge *judge;
	struct trace_writer *writer;
	int fd;
};

/*
 * Opens the file, which may be a pipe. The trace writer, unless NULL, is flushed
 * before each report, so the records that prove a line are written before the
 * line. Returns 0 or -errno.
 */
int live_report__open(struct live_report *a, const char *path, struct judge *judge,
		   struct trace_writer *writer);
void live_report__close(struct live_report *a);

#endif /* LOADER_JUDGE_LIVE_REPORT_H */
