/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announce.h - says which rules are violated, as soon as they are.
 *
 * A line for each, "I17 why", once a run. Who reads it need not wait for the
 * end, which a broken kernel may not reach.
 */
#ifndef LOADER_ANNOUNCE_H
#define LOADER_ANNOUNCE_H

#include "judge.h"
#include "trace.h"

struct announce {
	struct record_sink sink;	/* first: to be fed after the judge */
	struct judge *judge;
	struct trace_writer *writer;
	int fd;
};

/*
 * Writes to the file, which may be a pipe. The writer, if there is one, is
 * flushed before: the records that prove a line are out when it is.
 * Returns 0 or -errno.
 */
int announce__open(struct announce *a, const char *path, struct judge *judge,
		   struct trace_writer *writer);
void announce__close(struct announce *a);

#endif /* LOADER_ANNOUNCE_H */
