/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Converts a trace to formats of other programs: exporter__new(), then the records into
 * exporter__sink(), then exporter__finish(). The head comments of export_json.c,
 * export_csv.c and export_perfetto.c (perfetto, pftrace) describe the formats.
 *
 * The conversion is a stream: memory is bounded by what is alive in the trace, and
 * after each record the output lacks only the end that exporter__finish() adds.
 */
#ifndef LOADER_EXPORT_EXPORT_H
#define LOADER_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>
#include "loader/trace/sink.h"
#include "loader/trace/trace.h"

#define EXPORT_FORMATS "perfetto, pftrace, json, csv"

struct export_format;

/* Returns the format of this name, one of EXPORT_FORMATS, or NULL. */
const struct export_format *export_format__find(const char *name);

/* Returns whether the output is not text. */
bool export_format__is_binary(const struct export_format *format);

struct exporter;

/* The caller keeps ownership of out; info comes from the trace's header. */
struct exporter *exporter__new(FILE *out, const struct export_format *format,
			       const struct trace_info *info);

/* The sink's record() returns a negative errno if out cannot be written. */
struct record_sink *exporter__sink(struct exporter *x);

/*
 * Writes the end of the output. cut: why the trace is incomplete, or NULL. Returns 0
 * or the first write error.
 */
int exporter__finish(struct exporter *x, const char *cut);
void exporter__free(struct exporter *x);	/* NULL is legal */

#endif /* LOADER_EXPORT_EXPORT_H */
