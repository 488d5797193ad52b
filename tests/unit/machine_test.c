// SPDX-License-Identifier: GPL-2.0-only
/* Tests what outputs say of the traced machine and its clocks. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/memory.h"
#include "loader/judge/report.h"
#include "loader/trace/machine.h"
#include "loader/view/printer.h"
#include "test.h"
#include "tracegen.h"

/* The first record is 3 us younger than the readings, which are of 5 s since the boot. */
#define BOOTED_NS	5000000000ull
#define FIRST_NS	(BOOTED_NS + 3000)

/* 2026-11-30T16:26:46.5Z */
#define WALL_NS		1796056006500000000ull

static const struct wire_meta_machine guest = {
	.hdr = { .type = WIRE_META_MACHINE, .size = sizeof(guest) },
	.monotonic_ns = BOOTED_NS,
	.realtime_ns = WALL_NS,
	.boottime_ns = BOOTED_NS + 1000000000,
	.node = "gu\033est", .release = "6.12.48", .boot_id = "another",
};

static struct wire_meta_machine here(void)
{
	struct wire_meta_machine m = { .hdr = guest.hdr };

	machine__fill(&m);
	return m;
}

/* Prints two forks, 1 ms apart, of a machine, if one is given. */
static char *print(const struct print_opts *opts, const struct wire_meta_machine *m)
{
	char *text = NULL;
	size_t len;
	FILE *f = xmemstream(&text, &len);
	struct printer *p = printer__new(f, opts);
	struct gen *g = gen__new(printer__sink(p), 16);
	struct gen_task *t;

	if (m)
		record_sink__record(printer__sink(p), &m->hdr);
	gen__begin(g, 0);
	g->ts_ns = FIRST_NS;
	t = gen__fork(g, g->init);
	g->ts_ns = FIRST_NS + 1000000;
	gen__exec(g, t, "sh");
	g->ts_ns = FIRST_NS + 3500000;
	gen__exit(g, t, 0);
	gen__end(g);
	assert_int_equal(printer__finish(p), 0);
	printer__free(p);
	gen__free(g);
	fclose(f);
	return text;
}

/* Checks that each line begins with the row's text, "" ends the list. */
static void expect_lines(const struct print_opts *opts, const struct wire_meta_machine *m,
			 const char *const *want)
{
	char *text = print(opts, m), *rest = text, *line;

	for (; *want; want++) {
		line = strsep(&rest, "\n");
		if (!line || strncmp(line, *want, strlen(*want)))
			fail_msg("%s: no line with %s", line ?: "the end", *want);
	}
	assert_string_equal(rest, "");
	free(text);
}

static void test_wall(void **)
{
	struct wire_meta_machine m = here();

	setenv("TZ", "XXX-1", 1);	/* one hour east */
	tzset();
	expect_lines(&(struct print_opts){ .wall = true }, &guest,
		     (const char *const[]){
		"--- times of day are by the clock of gu\\x1best, Linux 6.12.48, another machine or an earlier boot",
		"2026-11-30 17:26:46.500", "2026-11-30 17:26:46.501",
		"2026-11-30 17:26:46.503", NULL });
	m.monotonic_ns = BOOTED_NS;
	m.realtime_ns = WALL_NS;
	expect_lines(&(struct print_opts){ .wall = true }, &m, (const char *const[]){
		"2026-11-30 17:26:46.500", "2026-11-30 17:26:46.501",
		"2026-11-30 17:26:46.503", NULL });
	/* A trace that does not have the clocks. */
	expect_lines(&(struct print_opts){ .wall = true }, NULL, (const char *const[]){
		"? init[", "? sh[", "? sh[", NULL });
}

static void test_relative(void **)
{
	char *text, *rest;

	expect_lines(&(struct print_opts){ .relative = true }, &guest,
		     (const char *const[]){ "0.000000 init", "0.000", "0.002", NULL });
	text = print(&(struct print_opts){ .wall = true, .relative = true }, &guest);
	rest = strchr(text, '\n');
	assert_string_equal(strndupa(rest + 1, 23), "2026-11-30 17:26:46.500");
	assert_int_equal(strncmp(rest + 27, " +0.000000 init[", 16), 0);
	free(text);
}

static void test_json(void **)
{
	char *text = print(&(struct print_opts){ .format = PRINT_JSON }, &guest);
	char *rest = text;
	json_t *o = json_loads(strsep(&rest, "\n"), 0, NULL);
	const char *wall;

	assert_string_equal(json_string_value(json_object_get(o, "op")), "machine");
	assert_string_equal(json_string_value(json_object_get(o, "node")), "gu\\x1best");
	assert_string_equal(json_string_value(json_object_get(o, "wall")),
			    "2026-11-30T16:26:46.500000Z");
	assert_true(json_is_false(json_object_get(o, "here")));
	assert_true(json_real_value(json_object_get(o, "monotonic")) == 5);
	assert_true(json_real_value(json_object_get(o, "boottime")) == 6);
	json_decref(o);
	o = json_loads(strsep(&rest, "\n"), 0, NULL);
	wall = json_string_value(json_object_get(o, "wall"));
	assert_non_null(wall);
	assert_int_equal(strncmp(wall, "2026-11-30T16:26:46.5000", 24), 0);
	json_decref(o);
	free(text);
	text = print(&(struct print_opts){ .format = PRINT_JSON }, NULL);
	assert_null(strstr(text, "\"wall\""));
	free(text);
}

static void test_here(void **)
{
	struct wire_meta_machine m = here();
	char text[MACHINE_TEXT];

	assert_true(machine__is_here(&m));
	assert_non_null(strstr(machine__text(&m, text), ", this machine"));
	assert_false(machine__is_here(&guest));
	/* A machine without an id of its boot is never this one. */
	*m.boot_id = '\0';
	assert_false(machine__is_here(&m));
}

/* A damaged trace may lack every NUL, and have any time. */
static void test_damaged(void **)
{
	struct wire_meta_machine m = { .hdr = guest.hdr };
	char text[MACHINE_TEXT], wall[WALL_TEXT];
	json_t *o;

	memset(m.node, 0x80, sizeof(m.node));
	memset(m.release, 0x80, sizeof(m.release));
	memset(m.boot_id, 0x80, sizeof(m.boot_id));
	assert_in_range(strlen(machine__text(&m, text)), 500, MACHINE_TEXT - 1);
	assert_non_null(strstr(text, "earlier boot"));
	o = machine__json(&m);
	assert_non_null(o);
	json_decref(o);
	assert_true(*wall__utc(UINT64_MAX, wall));
	assert_true(*wall__local(UINT64_MAX, wall));
}

typedef void write_report(const struct judge_result *r, FILE *out);

/* Checks that the report has a text; NULL: a trace without a machine, and a report without one. */
static void expect_report(write_report *report, const char *want)
{
	struct judge_result r = { .machine = want ? guest : here() };
	char *text;
	size_t len;
	FILE *f = xmemstream(&text, &len);

	if (!want)
		r.machine.hdr.size = 0;
	report(&r, f);
	fclose(f);
	if (want && !strstr(text, want))
		fail_msg("\"%s\" is not in\n%s", want, text);
	if (!want)
		assert_null(strstr(text, "machine"));
	free(text);
}

#define TEXT	"gu\\x1best, Linux 6.12.48, another machine or an earlier boot\n"

static void test_report(void **)
{
	expect_report(report__text, "\nmachine         " TEXT
		      "clock           its CLOCK_MONOTONIC, which was 5.000000 at 2026-11-30T16:26:46.500000Z of its wall clock\n");
	expect_report(report__ktap, "KTAP version 1\n# machine: " TEXT "1..1\n");
	expect_report(report__junit, " skipped=\"0\" hostname=\"gu\\x1best\">\n");
	expect_report(report__junit, "<system-out>machine: " TEXT);
	expect_report(report__text, NULL);
	expect_report(report__ktap, NULL);
	expect_report(report__junit, NULL);
}

/* The machine that a report in JSON names, with its clocks. */
static void test_json_report(void **)
{
	struct judge_result r = { .machine = guest };
	const char *node = NULL, *wall = NULL;
	int here = true;
	double monotonic = 0;
	char *text;
	size_t len;
	FILE *f = xmemstream(&text, &len);
	json_t *o;

	report__json(&r, f);
	fclose(f);
	o = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(o, "{s:{s:s, s:b, s:s, s:f}}", "machine",
				     "node", &node, "here", &here, "wall", &wall,
				     "monotonic", &monotonic), 0);
	assert_string_equal(node, "gu\\x1best");
	assert_false(here);
	assert_string_equal(wall, "2026-11-30T16:26:46.500000Z");
	assert_true(monotonic == 5);
	json_decref(o);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_relative),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_here),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_json_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
