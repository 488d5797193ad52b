/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes records on to several sinks, in order: tee__init(), then tee__add() for each
 * sink; then tee.sink takes the records.
 */
#ifndef LOADER_TRACE_FAN_OUT_H
#define LOADER_TRACE_FAN_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/trace/sink.h"

#define TEE_MAX 4

struct tee {
	struct record_sink sink;	/* first member: the tee is a sink */
	struct {
		struct record_sink *sink;
		bool optional;
	} to[TEE_MAX];
	size_t n;
};

/* The caller owns the sinks, which must outlive the tee. */
void tee__init(struct tee *tee);
void tee__add(struct tee *tee, struct record_sink *sink);

/* Errors of an optional sink do not end the stream; after the first, it is dropped. */
void tee__add_optional(struct tee *tee, struct record_sink *sink);

#endif /* LOADER_TRACE_FAN_OUT_H */
