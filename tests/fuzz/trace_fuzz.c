// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements libFuzzer's target. Reads any bytes as a trace file and judges the trace
 * twice, by all rules. Then the size of the records selects one of four slow checks:
 * the reports, the printer and an exporter, the judge's memory, or the page.
 *
 * A crash is not the only failure. The fuzzer counts records itself, without the judge,
 * and checks that
 * - the verdict is PASS only if the trace has its end and no record is missing;
 * - every other verdict has reasons, and a second judge returns the same result;
 * - the judge's memory stays within a limit if the same records are repeated;
 * - all JSON output can be parsed.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sanitizer/allocator_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/export/export.h"
#include "loader/judge/judge.h"
#include "loader/page/page.h"
#include "loader/view/printer.h"
#include "loader/trace/record.h"
#include "loader/judge/report.h"
#include "loader/rules/rules.h"
#include "loader/trace/trace.h"
#include "perfetto_trace.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory that a record may cost: a task with its history, or an open window. */
#define BYTES_A_RECORD 8192
/* Memory that any judge may use: the empty judge, and tables of limited size. */
#define BYTES_AT_ALL (4 << 20)
/* Memory that a repeated record may add: the judge stores suspected violations. */
#define BYTES_A_REPEAT 64

#define CHECK(cond, ...)						\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		fprintf(stderr, "" __VA_ARGS__);			\
		fputc('\n', stderr);					\
		abort();						\
	}								\
} while (0)

/* Keeps the records of one trace, and totals computed without the judge. */
struct stream {
	struct record_sink sink;
	struct wire_hdr **records;
	size_t n, max, bytes;
	uint64_t kernel;	/* records made by the kernel side */
	uint64_t ends, end_records;
	bool lost;		/* a META_STATS record counts a loss */
};

static int stream_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct stream *s = (struct stream *)sink;
	struct wire_hdr *copy;

	CHECK(!((uintptr_t)rec & 7), "a record is not aligned");
	CHECK(record__check(rec, rec->size) == rec->size);
	if (s->n == s->max) {
		s->max = s->max * 2 + 64;
		s->records = realloc(s->records, s->max * sizeof(*s->records));
		CHECK(s->records);
	}
	/* Allocate the exact size: ASan then catches a read beyond the record. */
	copy = malloc(rec->size);
	CHECK(copy);
	memcpy(copy, rec, rec->size);
	s->records[s->n++] = copy;
	s->bytes += rec->size;
	s->kernel += rec->type < WIRE_META;
	if (rec->type == WIRE_META_END) {
		s->ends++;
		s->end_records = ((const struct wire_meta_end *)rec)->records;
	}
	if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *t = (const void *)rec;

		s->lost |= t->type < WIRE_KERNEL_TYPES &&
			   (t->lost_ring || t->lost_map || t->missed);
	}
	return 0;
}

static void stream_free(struct stream *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->records[i]);
	free(s->records);
}

static int by_cpu_and_seq(const void *a, const void *b)
{
	const struct wire_hdr *x = *(struct wire_hdr *const *)a;
	const struct wire_hdr *y = *(struct wire_hdr *const *)b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Tests that each CPU's sequence is 0, 1, 2, ... without gaps or duplicates. */
static bool complete(const struct stream *s)
{
	struct wire_hdr **sorted = calloc(s->n + 1, sizeof(*sorted));
	size_t n = 0;
	bool ok = true;

	CHECK(sorted);
	for (size_t i = 0; i < s->n; i++)
		if (s->records[i]->type < WIRE_META)
			sorted[n++] = s->records[i];
	qsort(sorted, n, sizeof(*sorted), by_cpu_and_seq);
	for (size_t i = 0; i < n; i++) {
		bool first = !i || sorted[i]->cpu != sorted[i - 1]->cpu;

		ok &= sorted[i]->seq == (first ? 0 : sorted[i - 1]->seq + 1);
	}
	free(sorted);
	return ok;
}

static void feed(struct record_sink *sink, const struct stream *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t size = s->records[i]->size;
		struct wire_hdr *copy = malloc(size);

		CHECK(copy);
		memcpy(copy, s->records[i], size);
		CHECK(!record_sink__record(sink, copy));
		/* ASan catches a sink that has kept a pointer to the record. */
		free(copy);
	}
}

static struct judge *new_judge(enum semantics semantics)
{
	struct judge_opts opts = { .semantics = semantics, .seed = 1 };
	char err[256];
	struct judge *j;

	CHECK(!judge__new(&j, &opts, err, sizeof(err)), "%s", err);
	return j;
}

static void check_verdict(const struct judge_result *r, const struct stream *s,
			  bool damaged)
{
	bool violated = false, unsure = false, unavailable = false;

	CHECK(r->events == s->kernel);
	for (size_t i = 0; i < r->nrules; i++) {
		const struct judge_rule *rule = &r->rules[i];

		violated |= rule->state == RULE_VIOLATED;
		unavailable |= rule->state == RULE_UNAVAILABLE;
		unsure |= rule->unsure != 0;
		CHECK((rule->state == RULE_VIOLATED) == (rule->violations != 0));
		CHECK(!rule->violations || rule->text, "%s", rule->rule->id);
	}
	CHECK((r->verdict == VERDICT_FAIL) == violated);
	CHECK((r->verdict == VERDICT_PASS) == !r->nreasons);
	if (r->verdict != VERDICT_PASS)
		return;
	CHECK(!damaged);
	CHECK(s->ends, "PASS without the trace's end");
	CHECK(s->end_records == s->kernel, "PASS, but records are missing");
	CHECK(s->kernel, "PASS of nothing");
	CHECK(!s->lost, "PASS, though records were lost");
	CHECK(complete(s), "PASS, though numbers are missing");
	CHECK(!unsure && !unavailable);
}

static void check_same(const struct judge_result *a,
		       const struct judge_result *b)
{
	CHECK(a->verdict == b->verdict);
	CHECK(a->nreasons == b->nreasons);
	for (size_t i = 0; i < a->nreasons; i++)
		CHECK(!strcmp(a->reasons[i], b->reasons[i]), "%s\n%s",
		      a->reasons[i], b->reasons[i]);
	for (size_t i = 0; i < a->nrules; i++) {
		const struct judge_rule *x = &a->rules[i], *y = &b->rules[i];

		CHECK(x->state == y->state && x->checked == y->checked &&
		      x->violations == y->violations && x->unsure == y->unsure,
		      "%s", x->rule->id);
		CHECK(!x->text == !y->text &&
		      (!x->text || !strcmp(x->text, y->text)), "%s\n%s",
		      x->text, y->text);
	}
}

/* Repeats the stream, as in an endless run, and checks that memory stays limited. */
static void check_growth(const struct stream *s, enum semantics semantics)
{
	size_t before = __sanitizer_get_current_allocated_bytes(), once, more;
	struct judge *j = new_judge(semantics);

	feed(judge__sink(j), s);
	feed(judge__sink(j), s);
	once = __sanitizer_get_current_allocated_bytes() - before;
	CHECK(once < BYTES_AT_ALL + BYTES_A_RECORD * s->n,
	      "%zu bytes for %zu records", once, s->n);
	for (int i = 0; i < 4; i++)
		feed(judge__sink(j), s);
	more = __sanitizer_get_current_allocated_bytes() - before;
	CHECK(more <= once + (16 << 10) + BYTES_A_REPEAT * 4 * s->n,
	      "%zu bytes, then %zu after repeating the %zu records", once, more,
	      s->n);
	judge__free(j);
}

static void check_json(const char *text, size_t len)
{
	json_error_t err;
	/* An export has unsigned 64-bit integers, which overflow those of jansson. */
	json_t *json = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, &err);

	CHECK(json, "%s at line %d:\n%.*s", err.text, err.line, (int)len, text);
	json_decref(json);
}

static void check_lines(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		check_json(line, strlen(line));
}

static void check_reports(const struct judge_result *res)
{
	static void (*const formats[])(const struct judge_result *, FILE *) = {
		report__text, report__ktap, report__junit, report__json,
	};
	char *text;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		FILE *out = open_memstream(&text, &len);

		CHECK(out);
		formats[i](res, out);
		CHECK(!ferror(out) && !fclose(out));
		CHECK(len, "report %zu is empty", i);
		if (formats[i] == report__json)
			check_json(text, len);
		free(text);
	}
}

static void check_print(const struct stream *s, enum print_format format)
{
	const struct print_opts opts = {
		.format = format, .what = PRINT_ALL | PRINT_DEFAULT,
		.everyone = true,
	};
	char *text;
	struct printer *p;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	p = printer__new(out, &opts);
	feed(printer__sink(p), s);
	CHECK(!printer__finish(p));
	printer__free(p);
	fclose(out);
	if (format == PRINT_JSON)
		check_lines(text);
	free(text);
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
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

static void check_export(const struct stream *s, const struct trace_info *info,
			 const char *format)
{
	struct exporter *x;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	x = exporter__new(out, export_format__find(format), info);
	feed(exporter__sink(x), s);
	CHECK(!exporter__finish(x, s->n % 2 ? "cut" : NULL));
	exporter__free(x);
	fclose(out);
	if (!strcmp(format, "perfetto")) {
		check_json(text, len);
		CHECK(times(text, "{\"ph\":\"B\"") ==
		      times(text, "{\"ph\":\"E\""));
		CHECK(times(text, "{\"ph\":\"s\"") ==
		      times(text, "{\"ph\":\"f\""));
	} else if (!strcmp(format, "pftrace")) {
		check_packets(text, len);
	} else if (!strcmp(format, "csv")) {
		CHECK(times(text, "\r\n") == s->n + 1);
	} else {
		CHECK(times(text, "\n") == s->n + 1);
		check_lines(text);
	}
	free(text);
}

/*
 * Checks that the page's data is JSON without '<', which could begin a tag, and that
 * opts.everything selects every record of the kernel side.
 */
static void check_page(const struct stream *s, enum semantics semantics)
{
	const struct page_opts opts = {
		.title = "", .file = "", .everything = s->n % 2,
	};
	struct judge *j = new_judge(semantics);
	struct page *p;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	p = page__new(&opts, &(struct trace_info){ 0 });
	judge__watch(j, page__violation, p);
	feed(judge__sink(j), s);
	judge__finish(j);
	feed(page__sink(p), s);
	CHECK(!page__finish(p));
	page__write_json(p, judge__finish(j), out);
	fclose(out);
	CHECK(!strchr(text, '<'));
	CHECK(page__wanted(p) <= s->kernel);
	CHECK(!opts.everything || page__wanted(p) == s->kernel);
	check_json(text, len);
	free(text);
	page__free(p);
	judge__free(j);
}

static struct trace_reader *open_bytes(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct trace_reader *r;
	char path[64], err[512] = "";
	int ret;

	if (fd < 0)
		fd = memfd_create("trace", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 0) &&
	      pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = trace_reader__open(&r, path, err, sizeof(err));
	CHECK(!ret == !!r && !ret == !*err, "%d %s", ret, err);
	CHECK(!ret || ret == -ENOMSG || ret == -EPROTO || ret == -EBADMSG,
	      "%d %s", ret, err);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "perfetto", "pftrace", "json", "csv" };
	struct stream s = { .sink.record = stream_record };
	const struct judge_result *first, *second;
	struct record_sink *sinks[2] = { &s.sink };
	struct trace_reader *r = open_bytes(data, size);
	enum semantics semantics;
	struct judge *a, *b;
	int ret;

	if (!r)
		return 0;
	semantics = trace_reader__info(r)->semantics;
	a = new_judge(semantics);
	b = new_judge(semantics);
	sinks[1] = judge__sink(a);
	ret = trace_reader__run(r, sinks, 2);
	CHECK(!ret || ret == -EBADMSG, "%d %s", ret, trace_reader__error(r));
	CHECK(!ret == !*trace_reader__error(r));
	CHECK(trace_reader__records(r) == s.n && s.bytes <= size);
	feed(judge__sink(b), &s);
	if (ret) {
		judge__reason(a, "%s", trace_reader__error(r));
		judge__reason(b, "%s", trace_reader__error(r));
	}
	first = judge__finish(a);
	second = judge__finish(b);
	check_verdict(first, &s, ret);
	check_same(first, second);
	/* Run one slow check per input. The size selects the check, reproducibly. */
	if (s.bytes / 8 % 4 == 0)
		check_reports(first);
	if (s.bytes / 8 % 4 == 1) {
		check_print(&s, s.n % 2 ? PRINT_JSON : PRINT_TEXT);
		check_export(&s, trace_reader__info(r), formats[s.n % ARRAY_SIZE(formats)]);
	}
	if (s.bytes / 8 % 4 == 2)
		check_growth(&s, semantics);
	if (s.bytes / 8 % 4 == 3)
		check_page(&s, semantics);
	judge__free(a);
	judge__free(b);
	trace_reader__close(r);
	stream_free(&s);
	return 0;
}
