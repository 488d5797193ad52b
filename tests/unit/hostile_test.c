// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts hostile bytes into the names of tasks of a trace; then into every other field of
 * characters (symbols), into the header, the reasons, the title and the path; and plays
 * both into every output. With the expected texts of the bytes replaced, an output must
 * be the same as that of harmless bytes: nothing else of the bytes may be in it, and
 * they may change nothing else.
 *
 * A new field of characters is covered as soon as bpf/wire.h has it.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "loader/cmd/cmd.h"
#include "loader/export/export.h"
#include "loader/judge/judge.h"
#include "loader/judge/report.h"
#include "loader/page/page.h"
#include "loader/trace/fields.h"
#include "loader/view/printer.h"
#include "hostile.h"
#include "stories.h"
#include "test.h"

static const struct hostile harmless = { "harmless", "harmless", NULL, NULL };

/* Bytes for the names, and for everything else. */
struct trace {
	const struct hostile *names, *others;
};

/* --- the hostile stream --- */

/* Changes the records on their way to another sink. */
struct changer {
	struct record_sink sink;
	struct record_sink *to;
	struct trace trace;
};

/* Fills a field, with a NUL if there is room. */
static void fill(char *to, size_t size, const char *bytes)
{
	memset(to, 0, size);
	memcpy(to, bytes, strnlen(bytes, size));
}

static bool is_comm(const struct field *d)
{
	return d->name_len >= 4 && !strncmp(d->key + 1 + d->name_len - 4, "comm", 4);
}

static void change_fields(char *base, const struct fields *f, const struct trace *t)
{
	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];

		if (d->kind == FIELD_STRUCT)
			change_fields(base + d->offset, d->of, t);
		else if (d->kind == FIELD_CHARS || d->kind == FIELD_STRINGS)
			fill(base + d->offset, d->size,
			     (is_comm(d) ? t->names : t->others)->bytes);
	}
}

/* Emits the symbols of a record's stack before it. */
static void emit_symbols(struct changer *c, const char *base, const struct fields *f)
{
	for (size_t i = 0; f->field[i].key; i++) {
		const struct field *d = &f->field[i];
		const uint64_t *stack = (const void *)(base + d->offset);

		for (size_t k = 0; d->kind == FIELD_STACK && k < d->count; k++) {
			struct wire_meta_sym sym = {
				.hdr = { .type = WIRE_META_SYM, .size = sizeof(sym) },
				.address = stack[k],
			};

			fill(sym.name, sizeof(sym.name), c->trace.others->bytes);
			if (stack[k])
				record_sink__record(c->to, &sym.hdr);
		}
	}
}

static int changer_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct changer *c = (struct changer *)sink;
	struct wire_hdr *copy = xmalloc(rec->size);
	int err;

	memcpy(copy, rec, rec->size);
	emit_symbols(c, (const char *)rec, record__fields(rec->type));
	change_fields((char *)copy, record__fields(rec->type), &c->trace);
	if (rec->type == WIRE_EXEC)
		((struct wire_exec *)copy)->args_size = strlen(c->trace.others->bytes) + 1;
	err = record_sink__record(c->to, copy);
	free(copy);
	return err;
}

/* Plays all that is printed: the rules are broken, a setns() does not return. */
static void play(const struct trace *t, struct record_sink *to)
{
	struct changer c = { .sink.record = changer_record, .to = to, .trace = *t };
	struct gen *g = gen__new(&c.sink, 256);
	/* Generated tasks are in the cgroup 0. */
	struct wire_meta_cgroup cgroup = {
		.hdr = { .type = WIRE_META_CGROUP, .size = sizeof(cgroup) },
	};
	struct wire_meta_machine machine = {
		.hdr = { .type = WIRE_META_MACHINE, .size = sizeof(machine) },
		.monotonic_ns = 1, .realtime_ns = 2, .boottime_ns = 3,
	};

	assert_int_equal(record_sink__record(&c.sink, &machine.hdr), 0);
	assert_int_equal(record_sink__record(&c.sink, &cgroup.hdr), 0);
	g->knob = WIRE_KNOB_ON;
	gen__begin(g, 0);
	story_stock(g, gen__fork(g, g->init));
	story_joins(g, gen__fork(g, g->init));
	story_seed(g, gen__fork(g, g->init));
	gen__end(g);
	assert_int_equal(g->error, 0);
	gen__free(g);
}

static struct trace_info info_of(const char *release)
{
	struct trace_info info = { .semantics = SEMANTICS_JOIN, .start_monotonic_ns = 5000000000 };

	fill(info.release, sizeof(info.release), release);
	return info;
}

/* --- the outputs --- */

struct output {
	const char *name;
	void (*write)(const struct output *o, const struct trace *t, FILE *out);
	form_fn *form;
	bool quoted, bare;		/* how names are printed */
	struct print_opts print;
	const char *format;		/* an export's or a report's */
};

static void write_print(const struct output *o, const struct trace *t, FILE *out)
{
	struct printer *p = printer__new(out, &o->print);

	play(t, printer__sink(p));
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
}

static void write_export(const struct output *o, const struct trace *t, FILE *out)
{
	struct trace_info info = info_of(t->others->bytes);
	struct exporter *x = exporter__new(out, export_format__find(o->format), &info);

	play(t, exporter__sink(x));
	assert_int_equal(exporter__finish(x, NULL), 0);
	exporter__free(x);
}

static struct judge *judge_of(void)
{
	const struct judge_opts opts = { .semantics = SEMANTICS_JOIN, .seed = 7 };
	char err[256];
	struct judge *j;

	assert_int_equal(judge__new(&j, &opts, err, sizeof(err)), 0);
	return j;
}

static void write_report(const struct output *o, const struct trace *t, FILE *out)
{
	static const struct {
		const char *name;
		void (*write)(const struct judge_result *r, FILE *out);
	} formats[] = {
		{ "text", report__text }, { "json", report__json },
		{ "ktap", report__ktap }, { "junit", report__junit },
	};
	struct judge *j = judge_of();

	play(t, judge__sink(j));
	judge__reason(j, "%s: damaged", hostile__line(t->others));	/* the path of a trace */
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i].name, o->format))
			formats[i].write(judge__finish(j), out);
	judge__free(j);
}

/* Returns the text of a page, as HTML or as its data. */
static char *page_of(const struct trace *t, bool html)
{
	const char *path = hostile__line(t->others);
	const struct page_opts opts = {
		.title = path, .file = path, .first = 1, .last = UINT64_MAX,
		.everything = true,
	};
	struct trace_info info = info_of(path);
	struct page *p = page__new(&opts, &info);
	struct judge *j = judge_of();
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	judge__watch(j, page__violation, p);
	play(t, judge__sink(j));
	play(t, page__sink(p));
	page__cut(p, path);
	assert_int_equal(page__finish(p), 0);
	(html ? page__write_html : page__write_json)(p, judge__finish(j), out);
	fclose(out);
	page__free(p);
	judge__free(j);
	return text;
}

/* Decodes the data of a page, which has only ASCII, and "<" as a number. */
static void write_page_data(const struct output *o, const struct trace *t, FILE *out)
{
	char *text = page_of(t, false);
	json_t *data = json_loads(text, 0, NULL);

	(void)o;
	assert_non_null(data);
	json_dumpf(data, out, JSON_INDENT(1));
	json_decref(data);
	free(text);
}

#define PRINT(n, ...) \
	{ n, write_print, form__plain, true, false, .print = { __VA_ARGS__ } }
#define PRINT_OBJECTS(n, ...) \
	{ n, write_print, form__json, false, true, .print = { .format = PRINT_JSON, __VA_ARGS__ } }

static const struct output outputs[] = {
	PRINT("trace, text", .stack = true),
	PRINT("trace, colours", .stack = true, .color = COLOR_ALWAYS),
	PRINT("trace, raw", .what = PRINT_ALL),
	PRINT("trace, times of day", .wall = true),
	PRINT("tree", .views = PRINT_TREE),
	PRINT("summary", .views = PRINT_SUMMARY),
	PRINT_OBJECTS("trace, JSON", .stack = true),
	PRINT_OBJECTS("trace, raw JSON", .what = PRINT_ALL),
	PRINT_OBJECTS("tree, JSON", .views = PRINT_TREE),
	PRINT_OBJECTS("summary, JSON", .views = PRINT_SUMMARY),
	{ "report, text", write_report, form__plain, true, false, .format = "text" },
	{ "report, JSON", write_report, form__json, true, false, .format = "json" },
	{ "report, KTAP", write_report, form__plain, true, false, .format = "ktap" },
	{ "report, JUnit", write_report, form__xml, true, false, .format = "junit" },
	{ "export, JSON", write_export, form__json, false, true, .format = "json" },
	{ "export, CSV", write_export, form__csv, false, true, .format = "csv" },
	{ "export, Perfetto", write_export, form__json, true, true, .format = "perfetto" },
	{ "page", write_page_data, form__json, true, false, .format = NULL },
};

/* --- the comparison --- */

/* Columns are as wide as the names in them. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++)
		if (*p != ' ' || p[1] != ' ')
			*to++ = *p;
	*to = '\0';
}

/* Replaces a form of a text by @. */
static char *hide(const struct output *o, char *output, const char *text)
{
	char *form = o->form(text);

	/* A cell that is no number, with or without quotes. */
	if (o->form == form__csv) {
		char *whole = form__cell(text);

		output = text__replace_all(output, whole, "@");
		free(whole);
	}
	output = text__replace_all(output, form, "@");
	free(form);
	return output;
}

/* Returns the output for a trace, with @ for the bytes. */
static char *play_trace(const struct output *o, const struct trace *t)
{
	size_t len;
	char *text, *quoted, *size;
	FILE *out = xmemstream(&text, &len);

	o->write(o, t, out);
	fclose(out);
	if (strlen(text) != len)
		fail_msg("%s: has a NUL", o->name);
	size = xasprintf("\"args_size\":%zu", strlen(t->others->bytes) + 1);
	text = text__replace_all(text, size, "\"args_size\":@");
	free(size);
	quoted = hostile__quoted(t->others);
	text = hide(o, text, quoted);
	free(quoted);
	/* The quoted form may have the other in it. */
	if (o->quoted)
		text = hide(o, text, hostile__name(t->names));
	if (o->bare)
		text = hide(o, text, hostile__text(t->names));
	text = hide(o, text, hostile__text(t->others));
	squeeze(text);
	return text;
}

static void show_difference(const struct output *o, const struct hostile *r, const char *got,
			    const char *want)
{
	size_t at = 0, from;

	while (got[at] == want[at])
		at++;
	from = at < 60 ? 0 : at - 60;
	for (size_t i = from; i < at + 60 && got[i]; i++)
		if (!isprint((unsigned char)got[i]))
			((char *)got)[i] = '?';
	fail_msg("%s, %s:\n%.120s\nbut of a harmless name:\n%.120s", o->name, r->name,
		 got + from, want + from);
}

/* The state is an output. */
static void test_output(void **state)
{
	const struct output *o = *state;
	char *want = play_trace(o, &(struct trace){ &harmless, &harmless });

	if (!strstr(o->name, "summary"))
		assert_non_null(strchr(want, '@'));
	assert_null(strstr(want, "harmless"));
	for (size_t i = 0; i < 2 * hostile_count; i++) {
		const struct hostile *r = &hostile[i / 2];
		char *got = play_trace(o, i % 2 ? &(struct trace){ r, &harmless } :
					      &(struct trace){ &harmless, r });

		if (strcmp(got, want))
			show_difference(o, r, got, want);
		free(got);
	}
	free(want);
}

static char *export(const char *format, const struct hostile *r)
{
	const struct output o = { .format = format };
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	write_export(&o, &(struct trace){ r, r }, out);
	fclose(out);
	return text;
}

static bool is_formula(const char *p)
{
	char *end;

	if (!strchr("=+-@", *p) && strncmp(p, "\357\274\235", 3))
		return false;
	strtoll(p, &end, 10);
	return *p && (end == p || !strchr(",\r ", *end));
}

/*
 * No cell is a formula for a spreadsheet that separates cells by commas, or by
 * semicolons: then a quote in the middle of a cell has no meaning.
 */
static void test_formulas(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		char *text = export("csv", &hostile[i]);
		bool quoted = false, begins = true;

		for (const char *p = text; *p; p++) {
			if (begins && is_formula(p + (*p == '"')))
				fail_msg("%s: %.20s", hostile[i].name, p);
			quoted ^= *p == '"';
			begins = *p == ';' || (strchr(",\n", *p) && !quoted);
		}
		free(text);
	}
}

/* A file in Perfetto's own format has each text in the form of the others. */
static void test_pftrace(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		const struct output o = { .format = "pftrace" };
		const struct hostile *r = &hostile[i];
		const char *want = hostile__text(r);
		size_t len;
		char *text;
		FILE *out = xmemstream(&text, &len);

		write_export(&o, &(struct trace){ r, r }, out);
		fclose(out);
		if (!memmem(text, len, want, strlen(want)))
			fail_msg("%s: %s is not in it", r->name, want);
		if (r->text && memmem(text, len, r->bytes, strlen(r->bytes)))
			fail_msg("%s: the bytes are in it", r->name);
		free(text);
	}
}

/* A lane's name is the task's name, as in a line, and its numbers. */
static void test_lanes(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		char *text = export("perfetto", &hostile[i]), *want = xasprintf("%s[", hostile__name(&hostile[i]));
		json_t *doc = json_loads(text, 0, NULL), *e;
		unsigned int lanes = 0;
		size_t k;

		assert_non_null(doc);
		json_array_foreach(json_object_get(doc, "traceEvents"), k, e) {
			const char *lane = json_string_value(json_object_get(
				json_object_get(e, "args"), "name"));

			if (strcmp(json_string_value(json_object_get(e, "name")) ?: "",
				   "thread_name"))
				continue;
			if (strncmp(lane, want, strlen(want)) && lane[0] != '?')
				fail_msg("%s, not %s", lane, want);
			lanes++;
		}
		assert_true(lanes > 5);
		json_decref(doc);
		free(want);
		free(text);
	}
}

/* In a page's own tags and scripts, only the title is from outside. */
static void test_page_tags(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		char *text = page_of(&(struct trace){ &hostile[i], &hostile[i] }, true), *end = strstr(text, "</title>");

		for (const char *p = text; *p; p++)
			if (!isprint((unsigned char)*p) && !strchr("\n\t", *p) &&
			    p < end && (unsigned char)*p < 0x80)
				fail_msg("%s: byte %02x in the head", hostile[i].name,
					 (unsigned char)*p);
		*end = '\0';
		assert_null(strstr(text, "<zq>"));
		assert_null(strstr(text, "</script>"));
		assert_null(strstr(end + 1, "<zq>"));
		assert_null(strstr(end + 1, "<!--zq"));
		free(text);
	}
}

/* Runs a command, in a process that it may end, and returns what is on its stderr. */
static char *stderr_of(int (*cmd)(int, char **), int argc, char **argv)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600), status;
	pid_t pid = fork();
	char *text;

	if (!pid) {
		dup2(fd, STDERR_FILENO);
		argp_err_exit_status = EXIT_USAGE;
		_exit(cmd(argc, argv));	/* without a slow check for leaks */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	text = xcalloc(1, 4096);
	assert_true(pread(fd, text, 4095, 0) > 0);
	if (status != EXIT_USAGE << 8)
		fail_msg("status %x: %s", status, text);
	close(fd);
	return text;
}

/* Checks that a message has a text, in this number of printable lines. */
static void expect_message(const struct hostile *h, const char *text, const char *want,
			   int lines)
{
	const char *p = text;

	if (!strstr(text, want))
		fail_msg("%s: %s: not in %s", h->name, want, text);
	while ((p = strchr(p, '\n')) && p++)
		lines--;
	if (lines || text[strcspn(text, "\033\r\t\007\233")])
		fail_msg("%s: %s", h->name, text);
}

/* A word of the command line in an error of argp, of getopt, or in our own. */
static void test_words(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		const char *bytes = hostile[i].bytes;
		char *option = xasprintf("--%s", bytes);
		char *format = xasprintf("--format=%s", bytes);
		/* a backslash stays */
		const char *want = strchr(bytes, '\\') ? bytes : hostile__text(&hostile[i]);
		const struct {
			char *word, *want;
		} words[] = {
			{ option, xasprintf("option '--%.*s", (int)strcspn(want, "="), want) },
			{ format, xasprintf("--format %s: ", want) },
		};

		for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
			char *argv[] = { (char *)"pidnstrace rules", words[k].word, NULL };
			char *text = stderr_of(cmd_rules, 2, argv);

			expect_message(&hostile[i], text, words[k].want, 3);
			free(text);
			free(words[k].want);
		}
		free(option);
		free(format);
	}
}

/* A path in a message is a part of one printable line. */
static void test_paths(void **)
{
	for (size_t i = 0; i < hostile_count; i++) {
		char *path = xasprintf("/nonesuch/%s", hostile[i].bytes);
		char *argv[][5] = {
			{ "replay", path }, { "report", "-o", "/dev/null", path },
			{ "export", "--format=csv", path },
			{ "replay", "--print", path },
		};
		static int (*const cmds[])(int, char **) = {
			cmd_replay, cmd_report, cmd_export, cmd_replay,
		};
		char *want = strchr(path, '\\') ? path : (char *)hostile__text(&hostile[i]);

		for (size_t k = 0; k < ARRAY_SIZE(argv); k++) {
			int argc = 0;
			char *text;

			while (argv[k][argc])
				argc++;
			text = stderr_of(cmds[k], argc, argv[k]);
			expect_message(&hostile[i], text, want, 1);
			free(text);
		}
		free(path);
	}
}

#define NOUTPUTS ARRAY_SIZE(outputs)

int main(void)
{
	static struct CMUnitTest tests[NOUTPUTS + 6];
	size_t n = 0;

	for (size_t i = 0; i < NOUTPUTS; i++)
		tests[n++] = ROW_TEST(test_output, &outputs[i]);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_formulas);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_pftrace);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_lanes);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_page_tags);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_paths);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_words);
	return _cmocka_run_group_tests("hostile", tests, n, NULL, NULL);
}
