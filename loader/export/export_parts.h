/* SPDX-License-Identifier: GPL-2.0-only */
/* Definitions for export.c and the export formats only. */
#ifndef LOADER_EXPORT_EXPORT_PARTS_H
#define LOADER_EXPORT_EXPORT_PARTS_H

#include "loader/export/export.h"
#include "loader/lib/buf.h"
#include "loader/model/history.h"
#include "loader/model/model.h"
#include "loader/trace/fields.h"

struct export_format {
	const char *name;
	bool binary;
	size_t state_size;	/* size of x->state, zeroed before begin() */
	bool needs_model;	/* false: views have only their record and number */
	void (*begin)(struct exporter *x);
	/* The view shows the state before the record. */
	void (*record)(struct exporter *x, const struct model_view *v);
	void (*end)(struct exporter *x, const char *cut);	/* may be NULL */
	void (*free)(struct exporter *x);			/* may be NULL */
};

extern const struct export_format export_json, export_csv, export_perfetto,
	export_pftrace;

struct exporter {
	struct record_sink sink;	/* first member: cast to struct exporter */
	FILE *out;
	const struct export_format *format;
	struct trace_info info;
	struct model *model;
	uint64_t index;			/* number of the last record */
	uint64_t start_ns;		/* CLOCK_MONOTONIC at time 0 */
	int error;			/* the first write error */
	struct buf buf;		/* output not yet written */
	void *state;			/* private to the format */
	/* Memory stream of exporter__detail(). */
	FILE *detail;
	char *detail_text;
	size_t detail_size;
};

/* export_common.c */

/*
 * Returns the text of model_event__detail(), possibly "", valid until the next call. An
 * exec has its path and arguments as well.
 */
const char *exporter__detail(struct exporter *x, const struct model_view *v);

/* Writes the trace header as members of a JSON object: "name":value,... */
void exporter__run_json(struct exporter *x);

#endif /* LOADER_EXPORT_EXPORT_PARTS_H */
