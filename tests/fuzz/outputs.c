// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the outputs of a trace. A row of @outputs is a part of the program with its
 * options; the trace's seed selects the row, so that an input and its mutations stay with
 * one part.
 */
#include "outputs.h"

#include <jansson.h>
#include <string.h>

#include "lib/array.h"
#include "loader/export/export.h"
#include "loader/judge/report.h"
#include "loader/page/page.h"
#include "loader/view/printer.h"
#include "perfetto_trace.pb-c.h"
#include "plain_text.h"

/* An output has a limited length for each record, and a length of its own. */
#define OUTPUT_A_RECORD 16384
#define OUTPUT_AT_ALL (1 << 20)

/* A stream into memory. */
struct memory {
	FILE *out;
	char *text;
	size_t len;
};

static void memory_open(struct memory *m)
{
	m->out = open_memstream(&m->text, &m->len);
	CHECK(m->out);
}

static void memory_close(struct memory *m, const struct stream *s)
{
	CHECK(!ferror(m->out) && !fclose(m->out));
	CHECK(m->len <= OUTPUT_AT_ALL + OUTPUT_A_RECORD * s->n, "%zu bytes of %zu records",
	      m->len, s->n);
}

static void memory_close_text(struct memory *m, const struct stream *s,
			      enum plain_text_own own)
{
	memory_close(m, s);
	plain_text__check(m->text, m->len, own);
}

static void check_json(const char *text, size_t len)
{
	json_error_t err;
	/* An export has unsigned 64-bit integers, which overflow those of jansson. */
	json_t *json = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, &err);

	CHECK(json, "%s at line %d:\n%.*s", err.text, err.line, (int)len, text);
	plain_text__check_json(json);
	json_decref(json);
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Ends the text, which is lines of JSON. */
static void check_lines(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		check_json(line, strlen(line));
}

/* --- reports --- */

/* Every element is closed, and text has no '<' of its own. */
static void check_xml(const char *text)
{
	int depth = 0;

	while ((text = strchr(text, '<'))) {
		size_t len = strcspn(text + 1, "<>") + 1;

		CHECK(text[len] == '>', "%.80s", text);
		if (text[1] == '/')
			depth--;
		else if (text[1] != '?' && text[len - 1] != '/')
			depth++;
		CHECK(depth >= 0, "%.80s", text);
		text += len;
	}
	CHECK(!depth);
}

static void check_reports(const struct input *in, const void *unused)
{
	static void (*const formats[])(const struct judge_result *, FILE *) = {
		report__text, report__ktap, report__junit, report__json,
	};
	struct memory m;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		memory_open(&m);
		formats[i](in->result, m.out);
		memory_close_text(&m, in->stream, PLAIN_TEXT_ONLY);
		CHECK(m.len, "report %zu is empty", i);
		if (formats[i] == report__json)
			check_json(m.text, m.len);
		if (formats[i] == report__junit)
			check_xml(m.text);
		free(m.text);
	}
}

/* --- lines and views --- */

struct print {
	struct print_opts opts;
	const char *pid, *comm, *ns;	/* arguments of the filter, or NULL */
};

static struct filter make_filter(const struct print *p)
{
	struct filter f = {};
	char why[256];

	CHECK(!p->pid || !filter__add_pid(&f, p->pid, why, sizeof(why)));
	CHECK(!p->comm || !filter__add_comm(&f, p->comm, why, sizeof(why)));
	CHECK(!p->ns || !filter__add_namespace(&f, p->ns, why, sizeof(why)), "%s", why);
	return f;
}

static void check_print(const struct input *in, const void *arg)
{
	const struct print *print = arg;
	struct print_opts opts = print->opts;
	struct printer *p;
	struct memory m;
	int err, end;

	opts.may_come = true;
	opts.filter = make_filter(print);
	memory_open(&m);
	p = printer__new(m.out, &opts);
	err = feed(printer__sink(p), in->stream);
	end = printer__finish(p);
	/* A trace may lack the selected process or namespace. */
	CHECK((!err && !end) || print->pid || print->ns, "%d %d", err, end);
	printer__free(p);
	memory_close_text(&m, in->stream, opts.color == COLOR_ALWAYS ? PLAIN_TEXT_COLORS :
						PLAIN_TEXT_ONLY);
	if (opts.format == PRINT_JSON)
		check_lines(m.text);
	free(m.text);
}

/* --- exports --- */

static void check_perfetto(const char *text, size_t len)
{
	check_json(text, len);
	CHECK(times(text, "{\"ph\":\"B\"") == times(text, "{\"ph\":\"E\""));
	CHECK(times(text, "{\"ph\":\"s\"") == times(text, "{\"ph\":\"f\""));
}

/* Checks that every slice and arrow that begins in the packets ends. */
static void check_packets(const char *bytes, size_t len)
{
	Pf__Trace *trace = pf__trace__unpack(NULL, len, (const uint8_t *)bytes);
	size_t flows = 0;
	int open = 0;

	CHECK(trace);
	for (size_t i = 0; i < trace->n_packet; i++) {
		const Pf__TrackEvent *e = trace->packet[i]->track_event;

		if (!e)
			continue;
		open += e->type == PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN;
		open -= e->type == PF__TRACK_EVENT__TYPE__TYPE_SLICE_END;
		CHECK(open >= 0);
		flows += e->n_flow_ids - e->n_terminating_flow_ids;
	}
	CHECK(!open && !flows);
	pf__trace__free_unpacked(trace, NULL);
}

/* Returns the number of cells in the row, and moves *text behind it. */
static size_t cells(const char **text)
{
	bool quoted = false;
	size_t n = 1;
	const char *s = *text;

	for (; *s && (quoted || *s != '\r'); s++) {
		quoted ^= *s == '"';
		n += !quoted && *s == ',';
	}
	CHECK(!strncmp(s, "\r\n", 2), "%.80s", s);
	*text = s + 2;
	return n;
}

static void check_csv(const char *text, size_t records)
{
	size_t columns = cells(&text), rows = 0;

	for (; *text; rows++) {
		const char *row = text;

		CHECK(cells(&text) == columns, "not %zu cells: %.200s", columns, row);
	}
	CHECK(rows == records);
}

static void check_export(const struct input *in, const void *arg)
{
	const char *format = arg;
	const struct stream *s = in->stream;
	struct exporter *x;
	struct memory m;

	memory_open(&m);
	x = exporter__new(m.out, export_format__find(format), in->info);
	CHECK(!feed(exporter__sink(x), s));
	CHECK(!exporter__finish(x, s->n % 2 ? "cut" : NULL));
	exporter__free(x);
	memory_close(&m, s);
	if (strcmp(format, "pftrace"))
		plain_text__check(m.text, m.len, !strcmp(format, "csv") ? PLAIN_TEXT_CRLF :
							PLAIN_TEXT_ONLY);
	if (!strcmp(format, "perfetto"))
		check_perfetto(m.text, m.len);
	else if (!strcmp(format, "pftrace"))
		check_packets(m.text, m.len);
	else if (!strcmp(format, "csv"))
		check_csv(m.text, s->n);
	else if (!strcmp(format, "json")) {
		CHECK(times(m.text, "\n") == s->n + 1);
		check_lines(m.text);
	}
	free(m.text);
}

/* --- the page --- */

/*
 * Checks that the page's data is JSON without '<', which could begin a tag, and that
 * opts.everything selects every record of the kernel side.
 */
static void check_page(const struct input *in, const void *arg)
{
	const struct page_opts *opts = arg;
	const struct stream *s = in->stream;
	struct judge *j = in->new_judge(in->info->semantics);
	struct page *p = page__new(opts, in->info);
	struct memory m;

	judge__watch(j, page__violation, p);
	for (size_t i = 0; i < s->n; i++) {
		CHECK(!record_sink__record(judge__sink(j), s->records[i]));
		CHECK(!record_sink__record(page__sink(p), s->records[i]));
	}
	if (s->n % 3 == 2)
		page__cut(p, "cut <short>");
	CHECK(!page__finish(p));
	memory_open(&m);
	page__write_json(p, judge__finish(j), m.out);
	memory_close_text(&m, s, PLAIN_TEXT_ONLY);
	CHECK(!strchr(m.text, '<'));
	CHECK(page__wanted(p) <= s->kernel);
	CHECK(!opts->everything || page__wanted(p) == s->kernel);
	check_json(m.text, m.len);
	free(m.text);
	page__free(p);
	judge__free(j);
}

/* --- all of them --- */

#define PRINT(...) \
	check_print, &(const struct print){ .opts = { .everyone = true, __VA_ARGS__ } }
#define FILTERED(members, ...) \
	check_print, &(const struct print){ .opts = { .everyone = true, __VA_ARGS__ }, members }
#define VIEWS (PRINT_TREE | PRINT_SUMMARY)

static const struct {
	void (*check)(const struct input *in, const void *arg);
	const void *arg;
} outputs[] = {
	{ check_reports, NULL },
	{ PRINT(.what = PRINT_DEFAULT) },
	{ PRINT(.what = PRINT_DEFAULT, .stack = true, .color = COLOR_ALWAYS) },
	{ PRINT(.what = PRINT_ALL) },
	{ PRINT(.what = PRINT_DEFAULT, .format = PRINT_JSON, .stack = true) },
	{ PRINT(.what = PRINT_ALL, .format = PRINT_JSON) },
	{ PRINT(.what = PRINT_DEFAULT, .views = VIEWS) },
	{ PRINT(.what = PRINT_DEFAULT, .views = VIEWS, .color = COLOR_ALWAYS) },
	{ PRINT(.what = PRINT_DEFAULT, .views = VIEWS, .format = PRINT_JSON) },
	{ check_print, &(const struct print){
		.opts = { .what = PRINT_DEFAULT, .stack = true } } },
	{ FILTERED(.pid = "1", .what = PRINT_DEFAULT) },
	{ FILTERED(.pid = "2", .what = PRINT_DEFAULT, .views = VIEWS) },
	{ FILTERED(.comm = "*e*", .what = PRINT_DEFAULT) },
	{ FILTERED(.ns = "4026531836", .what = PRINT_DEFAULT, .views = VIEWS) },
	{ check_export, "perfetto" },
	{ check_export, "pftrace" },
	{ check_export, "json" },
	{ check_export, "csv" },
	{ check_page, &(const struct page_opts){ .title = "", .file = "" } },
	{ check_page, &(const struct page_opts){
		.title = "", .file = "", .everything = true } },
};

void outputs__check(const struct input *in, uint64_t which)
{
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		if (!which || which % ARRAY_SIZE(outputs) == i)
			outputs[i].check(in, outputs[i].arg);
}
