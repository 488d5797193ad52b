/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines the interface of all receivers of records.
 *
 * The live session and the trace reader both push every record, kernel and META alike,
 * in stream order, into sinks: the trace writer, the judge, the printer. A sink must
 * not keep the pointer: the bytes belong to the source.
 */
#ifndef LOADER_TRACE_SINK_H
#define LOADER_TRACE_SINK_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/wire.h"
#include "loader/trace/links.h"

struct record_sink {
	/*
	 * Takes one record, which has passed record__check(). Returns 0, or a
	 * negative errno, which ends the stream: the source returns the errno
	 * to its caller unchanged.
	 */
	int (*record)(struct record_sink *sink, const struct wire_hdr *rec);
	/*
	 * May be NULL. A live source calls tick about ten times a second, and after
	 * it was idle, so that the sink can flush its buffers.
	 */
	int (*tick)(struct record_sink *sink);
	/* True: record takes a wire_links_pid as such, not its calls one by one. */
	bool takes_links;
};

static inline int record_sink__record(struct record_sink *sink,
				      const struct wire_hdr *rec)
{
	if (links__are(rec) && !sink->takes_links)
		return links__pass_on(sink, rec);
	return sink->record(sink, rec);
}

static inline int record_sink__tick(struct record_sink *sink)
{
	return sink->tick ? sink->tick(sink) : 0;
}

#endif /* LOADER_TRACE_SINK_H */
