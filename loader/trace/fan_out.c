// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes each record and each tick on to several sinks, in order. Every sink gets the
 * record, whatever the others return.
 */
#include "loader/trace/fan_out.h"

#include <assert.h>

/*
 * Each sink gets the record, whatever the others return. Returns the first error of a
 * sink that is not optional. A NULL @rec is a tick.
 */
static int tee__each(struct tee *tee, const struct wire_hdr *rec)
{
	int err = 0;

	for (size_t i = 0; i < tee->n; i++) {
		struct record_sink *sink = tee->to[i].sink;
		int e;

		if (!sink)
			continue;
		e = rec ? record_sink__record(sink, rec) :
			  record_sink__tick(sink);
		if (e && tee->to[i].optional)
			tee->to[i].sink = NULL;
		else if (!err)
			err = e;
	}
	return err;
}

static int tee__record(struct record_sink *sink, const struct wire_hdr *rec)
{
	return tee__each((struct tee *)sink, rec);
}

static int tee__tick(struct record_sink *sink)
{
	return tee__each((struct tee *)sink, NULL);
}

void tee__init(struct tee *tee)
{
	*tee = (struct tee) {
		.sink = { .record = tee__record, .tick = tee__tick },
	};
}

static void tee__append(struct tee *tee, struct record_sink *sink,
			bool optional)
{
	assert(tee->n < TEE_MAX);
	tee->to[tee->n].sink = sink;
	tee->to[tee->n].optional = optional;
	tee->n++;
}

void tee__add(struct tee *tee, struct record_sink *sink)
{
	tee__append(tee, sink, /* optional */ false);
}

void tee__add_optional(struct tee *tee, struct record_sink *sink)
{
	tee__append(tee, sink, /* optional */ true);
}
