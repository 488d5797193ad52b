/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes and reads trace files.
 *
 * A trace is a header, then blocks of records, each with a checksum. Neither side
 * seeks, so a trace may be a file, a pipe, a socket or a virtio port. A trace has the
 * byte order of the machine that made it; the reader refuses another order.
 */
#ifndef LOADER_TRACE_TRACE_H
#define LOADER_TRACE_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include "loader/trace/semantics.h"
#include "loader/trace/sink.h"

/* Facts about the run, from the file header. */
struct trace_info {
	enum semantics semantics;	/* as given to the recording */
	uint64_t seed;			/* the workload's, 0: none */
	uint64_t start_realtime_ns;	/* CLOCK_REALTIME at start */
	uint64_t start_monotonic_ns;	/* CLOCK_MONOTONIC, same moment */
	char release[64];		/* uname -r */
};

/* Fills in the times and the release of this machine. */
void trace_info__init(struct trace_info *info);

struct trace_writer;

/*
 * Creates or truncates path ("-" is stdout; a device or a fifo is opened as it is) and
 * writes the header. The caller closes *out.
 * Returns 0, or a negative errno with nothing left open.
 */
int trace_writer__open(struct trace_writer **out, const char *path,
		       const struct trace_info *info);

/* Like trace_writer__open(), on an open descriptor. The writer takes ownership. */
int trace_writer__open_fd(struct trace_writer **out, int fd,
			  const struct trace_info *info);

/*
 * Returns the writer's sink. The call in which a write error occurs and each later
 * call return the error; trace_writer__error() returns the message.
 */
struct record_sink *trace_writer__sink(struct trace_writer *w);

/* Returns "cannot write at byte N: No space left on device", or "" without error. */
const char *trace_writer__error(const struct trace_writer *w);

/* Return the bytes and records written so far, including buffered ones. */
uint64_t trace_writer__bytes(const struct trace_writer *w);
uint64_t trace_writer__records(const struct trace_writer *w);

/*
 * Writes the buffered records; the writer stays open. Returns 0 or the first error so
 * far. Flush before the last call of trace_writer__error().
 */
int trace_writer__flush(struct trace_writer *w);

/* Flushes, closes and frees. Returns 0 or the first error. NULL is legal. */
int trace_writer__close(struct trace_writer *w);

struct trace_reader;

/*
 * Opens path ("-" is stdin) and reads the header. On error, *out is NULL and err has a
 * message with the path:
 *   -ENOENT, -EACCES, ...  from open and read
 *   -ENOMSG   not a trace at all
 *   -EPROTO   a trace of another version or byte order
 *   -EBADMSG  a trace, but the header is damaged or cut short
 */
int trace_reader__open(struct trace_reader **out, const char *path, char *err,
		       size_t errlen);

const struct trace_info *trace_reader__info(const struct trace_reader *r);

/*
 * Pushes all records into each sink in turn. Returns
 *   0         the file ended where a block ends. The trace is complete only if it
 *             has a WIRE_META_END, which the judge checks
 *   -EBADMSG  damaged or cut short; earlier records were delivered;
 *             trace_reader__error() names byte offset and record number
 *   other     error of a sink, or of reading
 */
int trace_reader__run(struct trace_reader *r, struct record_sink **sinks,
		      size_t nsinks);

const char *trace_reader__error(const struct trace_reader *r);

/* Returns the number of records delivered so far. */
uint64_t trace_reader__records(const struct trace_reader *r);

/* NULL is legal. */
void trace_reader__close(struct trace_reader *r);

#endif /* LOADER_TRACE_TRACE_H */
