/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export.h - a trace in the formats of others. What each of them says is in the
 * head of its file: export_json.c, export_csv.c, export_perfetto.c.
 *
 * It is a stream: memory is bounded by what is alive in the trace, and what was
 * written is whole after each record but for an end that exporter__finish() adds.
 */
#ifndef LOADER_EXPORT_H
#define LOADER_EXPORT_H

#include <stdio.h>
#include "sink.h"
#include "trace.h"

#define EXPORT_FORMATS "perfetto, json, csv"

struct export_format;

/* One of EXPORT_FORMATS, or NULL. */
const struct export_format *export_format__find(const char *name);

struct exporter;

/*
 * out stays the caller's; info is what the trace's header says. 0 or -ENOMEM.
 */
int exporter__new(struct exporter **x, FILE *out,
		  const struct export_format *format,
		  const struct trace_info *info);

/* record() returns the negative errno when out cannot be written. */
struct record_sink *exporter__sink(struct exporter *x);

/*
 * Ends what is open. cut: why the trace ends before its end, or NULL. 0, or the
 * first error there was in writing: then nothing more is written.
 */
int exporter__finish(struct exporter *x, const char *cut);
void exporter__free(struct exporter *x);	/* NULL is legal */

#endif /* LOADER_EXPORT_H */
