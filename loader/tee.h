/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tee.h - one sink that hands on to several, in order.
 */
#ifndef PIDNS_TEE_H
#define PIDNS_TEE_H

#include <stdbool.h>
#include <stddef.h>

#include "sink.h"

#define TEE_MAX 4

struct tee {
	struct record_sink sink;	/* first: what is passed on as the sink */
	struct {
		struct record_sink *sink;
		bool optional;
	} to[TEE_MAX];
	size_t n;
};

/* The sinks stay the caller's and must outlive the tee. */
void tee__init(struct tee *tee);
void tee__add(struct tee *tee, struct record_sink *sink);

/* Its errors are not the stream's; after the first it gets nothing more. */
void tee__add_optional(struct tee *tee, struct record_sink *sink);

#endif /* PIDNS_TEE_H */
