// SPDX-License-Identifier: GPL-2.0-only
/* Feeds a trace to one of the formats, and writes what the format makes of it. */
#include "loader/export/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/export/export_parts.h"

static const struct export_format *const formats[] = {
	&export_perfetto, &export_pftrace, &export_json, &export_csv,
};

const struct export_format *export_format__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

bool export_format__is_binary(const struct export_format *format)
{
	return format->binary;
}

/* Writes the buffer. Keeps the first error; errno is that of the call that failed. */
static int write_out(struct exporter *x)
{
	if (x->error)
		return x->error;
	errno = 0;
	buf__write(&x->buf, x->out);
	if (ferror(x->out))
		x->error = errno ? -errno : -EIO;
	return x->error;
}

static int exporter_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct exporter *x = (struct exporter *)sink;
	struct model_view v = { .rec = rec, .index = ++x->index };

	if (!x->start_ns && rec->type < WIRE_META)
		x->start_ns = rec->ts_ns;
	if (x->model)
		model__resolve(x->model, rec, &v);
	x->format->record(x, &v);
	if (x->model)
		model__apply(x->model, &v);
	return write_out(x);
}

struct exporter *exporter__new(FILE *f, const struct export_format *format,
			       const struct trace_info *info)
{
	struct exporter *x = xcalloc(1, sizeof(*x));

	x->sink.record = exporter_record;
	x->out = f;
	x->format = format;
	x->info = *info;
	x->start_ns = info->start_monotonic_ns;
	x->state = xcalloc(1, format->state_size);
	x->detail = xmemstream(&x->detail_text, &x->detail_size);
	if (format->needs_model)
		x->model = model__new(false);
	format->begin(x);
	return x;
}

void exporter__free(struct exporter *x)
{
	if (!x)
		return;
	if (x->format->free)
		x->format->free(x);
	fclose(x->detail);
	free(x->detail_text);
	free(x->state);
	buf__free(&x->buf);
	model__free(x->model);
	free(x);
}

struct record_sink *exporter__sink(struct exporter *x)
{
	return &x->sink;
}

int exporter__finish(struct exporter *x, const char *cut)
{
	if (x->format->end)
		x->format->end(x, cut);
	if (write_out(x))
		return x->error;
	errno = 0;
	if (fflush(x->out))
		x->error = errno ? -errno : -EIO;
	return x->error;
}
