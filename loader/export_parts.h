/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_parts.h - what the formats of an export have in common; nobody else
 * includes it.
 */
#ifndef LOADER_EXPORT_PARTS_H
#define LOADER_EXPORT_PARTS_H

#include "export.h"
#include "fields.h"
#include "history.h"
#include "model.h"
#include "buf.h"

struct export_format {
	const char *name;
	size_t state_size;	/* of x->state, zeroed before begin() */
	bool needs_model;	/* else a view has its record and number only */
	void (*begin)(struct exporter *x);
	/* As it was before the record. */
	void (*record)(struct exporter *x, const struct model_view *v);
	void (*end)(struct exporter *x, const char *cut);	/* may be NULL */
	void (*free)(struct exporter *x);			/* may be NULL */
};

extern const struct export_format export_json, export_csv, export_perfetto;

struct exporter {
	struct record_sink sink;	/* first: the sink is the exporter */
	FILE *out;
	const struct export_format *format;
	struct trace_info info;
	struct model *model;
	uint64_t index;			/* of the last record */
	uint64_t start_ns;		/* CLOCK_MONOTONIC that is time 0 */
	int error;			/* in writing, the first one */
	struct buf buf;		/* not written yet */
	void *state;			/* the format's */
	/* What exporter__detail() prints into. */
	FILE *detail;
	char *detail_text;
	size_t detail_size;
};

/*
 * What model_event__detail() says of a kernel record, "" at worst. Valid until
 * the next call.
 */
const char *exporter__detail(struct exporter *x, const struct model_view *v);

/* "name":value,... of the run, as members of a JSON object. */
void exporter__run_json(struct exporter *x);

#endif /* LOADER_EXPORT_PARTS_H */
