// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes each record and each tick on to several sinks, in order. Every sink gets the
 * record, whatever the others return.
 */
#include "loader/trace/fan_out.h"

#include <assert.h>

/* Returns the first error of a sink that is not optional. A NULL @rec is a tick. */
static int fan_out__each(struct fan_out *fan_out, const struct wire_hdr *rec)
{
	int err = 0;

	for (size_t i = 0; i < fan_out->n; i++) {
		struct record_sink *sink = fan_out->to[i].sink;
		int e;

		if (!sink)
			continue;
		e = rec ? record_sink__record(sink, rec) :
			  record_sink__tick(sink);
		if (e && fan_out->to[i].optional)
			fan_out->to[i].sink = NULL;
		else if (!err)
			err = e;
	}
	return err;
}

static int fan_out__record(struct record_sink *sink, const struct wire_hdr *rec)
{
	return fan_out__each((struct fan_out *)sink, rec);
}

static int fan_out__tick(struct record_sink *sink)
{
	return fan_out__each((struct fan_out *)sink, NULL);
}

void fan_out__init(struct fan_out *fan_out)
{
	*fan_out = (struct fan_out) {
		.sink = { .record = fan_out__record, .tick = fan_out__tick },
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
