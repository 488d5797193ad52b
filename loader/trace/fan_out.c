// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes each record and each tick on to several sinks, in order. Every sink gets the
 * record, whatever the others return.
 */
#include "loader/trace/fan_out.h"

#include <assert.h>

/* Drops sink @i if it is optional. Returns the error that counts. */
static int fan_out__failed(struct fan_out *fan_out, size_t i, int before, int err)
{
	if (!fan_out->to[i].optional)
		return before ? before : err;
	fan_out->to[i].sink = NULL;
	return before;
}

static int fan_out__record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct fan_out *fan_out = (struct fan_out *)sink;
	int err = 0;

	for (size_t i = 0; i < fan_out->n; i++) {
		struct record_sink *to = fan_out->to[i].sink;
		int e = to ? record_sink__record(to, rec) : 0;

		if (e)
			err = fan_out__failed(fan_out, i, err, e);
	}
	return err;
}

static int fan_out__tick(struct record_sink *sink)
{
	struct fan_out *fan_out = (struct fan_out *)sink;
	int err = 0;

	for (size_t i = 0; i < fan_out->n; i++) {
		struct record_sink *to = fan_out->to[i].sink;
		int e = to ? record_sink__tick(to) : 0;

		if (e)
			err = fan_out__failed(fan_out, i, err, e);
	}
	return err;
}

void fan_out__init(struct fan_out *fan_out)
{
	*fan_out = (struct fan_out) {
		.sink = { .record = fan_out__record, .tick = fan_out__tick,
			  .takes_links = true },
	};
}

void fan_out__add(struct fan_out *fan_out, struct record_sink *sink)
{
	assert(fan_out->n < TEE_MAX);
	fan_out->to[fan_out->n++].sink = sink;
}

void fan_out__add_optional(struct fan_out *fan_out, struct record_sink *sink)
{
	fan_out__add(fan_out, sink);
	fan_out->to[fan_out->n - 1].optional = true;
}
