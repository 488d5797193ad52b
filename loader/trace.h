/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - trace files.
 *
 * A header, then blocks of records, each with a checksum. Never seeks: a trace
 * can be written to and read from a file, a pipe, a socket or a virtio port.
 * In the byte order of the machine that made it; another order is refused.
 */
#ifndef LOADER_TRACE_H
#define LOADER_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include "semantics.h"
#include "sink.h"

/* What the file header says about the run. */
struct trace_info {
	enum semantics semantics;	/* as given when it was recorded */
	uint64_t seed;			/* of the workload, 0: none */
	uint64_t start_realtime_ns;	/* CLOCK_REALTIME at start */
	uint64_t start_monotonic_ns;	/* CLOCK_MONOTONIC at the same moment */
	char release[64];		/* uname -r */
};

/* Fills in the times and the release of this machine. */
void trace_info__init(struct trace_info *info);

struct trace_writer;

/*
 * Creates or truncates path ("-" is stdout; a device or a fifo is opened as it
 * is) and writes the header. *out is the caller's to close.
 * Returns 0 or a negative errno; nothing is left open then.
 */
int trace_writer__open(struct trace_writer **out, const char *path,
		       const struct trace_info *info);

/* The same on an open descriptor, which the writer then owns. */
int trace_writer__open_fd(struct trace_writer **out, int fd,
			  const struct trace_info *info);

/*
 * Its sink. A write error is returned by the call it happens in and by each
 * one after it; trace_writer__error() words it.
 */
struct record_sink *trace_writer__sink(struct trace_writer *w);

/* "cannot write at byte N: No space left on device", or "" so far. */
const char *trace_writer__error(const struct trace_writer *w);

/* Bytes and records handed to the file so far, buffered ones included. */
uint64_t trace_writer__bytes(const struct trace_writer *w);
uint64_t trace_writer__records(const struct trace_writer *w);

/*
 * Writes what is buffered; the writer stays open. 0, or the first error there
 * was: call it before the last look at trace_writer__error().
 */
int trace_writer__flush(struct trace_writer *w);

/* Flushes, closes and frees. 0 or the first error there was. NULL is legal. */
int trace_writer__close(struct trace_writer *w);

struct trace_reader;

/*
 * Opens path ("-" is stdin) and reads the header. On error *out is NULL and
 * err says what is wrong in words, with the path:
 *   -ENOENT, -EACCES, ...  of open and read
 *   -ENOMSG   not a trace at all
 *   -EPROTO   a trace of another version, or byte order
 *   -EBADMSG  a trace, but the header is damaged or cut short
 */
int trace_reader__open(struct trace_reader **out, const char *path, char *err,
		       size_t errlen);

const struct trace_info *trace_reader__info(const struct trace_reader *r);

/*
 * Pushes all records into each sink in turn. Returns
 *   0         the file ended where a block ends. Whether the trace is whole
 *             is told by its WIRE_META_END, which the judge looks for
 *   -EBADMSG  damaged or cut short; what came before was delivered;
 *             trace_reader__error() names byte offset and record number
 *   other     error of a sink, or of reading
 */
int trace_reader__run(struct trace_reader *r, struct record_sink **sinks,
		      size_t nsinks);

const char *trace_reader__error(const struct trace_reader *r);

/* Records delivered so far. */
uint64_t trace_reader__records(const struct trace_reader *r);

/* NULL is legal. */
void trace_reader__close(struct trace_reader *r);

#endif /* LOADER_TRACE_H */
