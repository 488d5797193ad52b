/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares the writer of each format, which walks over the stream; see events.h. */
#ifndef RESULTS_WRITE_H
#define RESULTS_WRITE_H

#include "results/events.h"

/* Returns the index of the event after the diagnostic, or the whole subtest, at i. */
static inline size_t event__next(const struct events *ev, size_t i)
{
	return (ev->v[i].type == EVENT_BEGIN ? ev->v[i].end : i) + 1;
}

void write__ktap(const struct events *ev, FILE *out);
void write__junit(const struct events *ev, const char *name, FILE *out);
int write__json(const struct events *ev, const char *name, FILE *out);

#endif /* RESULTS_WRITE_H */
