/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes records on to several sinks, in order: fan_out__init(), then fan_out__add() for each
 * sink; then fan_out.sink takes the records.
 */
#ifndef LOADER_TRACE_FAN_OUT_H
#define LOADER_TRACE_FAN_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/trace/sink.h"

#define TEE_MAX 4

struct fan_out {
	struct record_sink sink;	/* first member: the fan-out is a sink */
	struct {
		struct record_sink *sink;
		bool optional;
	} to[TEE_MAX];
	size_t n;
};

/* The caller owns the sinks, which must outlive the fan-out. */
void fan_out__init(struct fan_out *fan_out);
void fan_out__add(struct fan_out *fan_out, struct record_sink *sink);

/* Errors of an optional sink do not end the stream; after the first, it is dropped. */
void fan_out__add_optional(struct fan_out *fan_out, struct record_sink *sink);

#endif /* LOADER_TRACE_FAN_OUT_H */
