// SPDX-License-Identifier: GPL-2.0-only
/* Checks the data that `report` collects from a trace for its page. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/page/page.h"
#include "loader/trace/record.h"
#include "loader/rules/rules.h"
#include "loader/trace/fan_out.h"
#include "page_scenes.h"
#include "test.h"

/* The page of the last scene, and the verdict on the same records. */
static struct {
	struct record_sink sink;	/* counts the records */
	struct page *page;
	struct judge *judge;
	const struct judge_result *result;
	json_t *data;
	char *text;
	int ret;
	uint64_t kernel;		/* records of the kernel side */
	uint64_t of_type[WIRE_KERNEL_TYPES];
} made;

static int count_record(struct record_sink *, const struct wire_hdr *rec)
{
	if (rec->type >= WIRE_META)
		return 0;
	made.kernel++;
	made.of_type[rec->type]++;
	return 0;
}

static json_t *parse(const char *text)
{
	json_error_t err;
	json_t *json = json_loads(text, 0, &err);

	if (!json)
		fail_msg("%s at line %d, column %d: %.60s", err.text, err.line,
			 err.column, text + (err.position > 30 ?
					     err.position - 30 : 0));
	return json;
}

static void unmake(void)
{
	json_decref(made.data);
	free(made.text);
	page__free(made.page);
	judge__free(made.judge);
	memset(&made, 0, sizeof(made));
}

/* Writes the page's data, and reads them back. */
static void read_back(const struct judge_result *result)
{
	size_t len;
	FILE *out = open_memstream(&made.text, &len);

	page__write_json(made.page, result, out);
	fclose(out);
	made.data = parse(made.text);
}

/* Plays a scene; with: options of its page, or NULL. */
static void make(const char *name, const struct page_opts *with)
{
	const struct page_scene *scene = page_scene__find(name);
	struct judge_opts opts = { .semantics = scene->semantics };
	const struct trace_info info = {
		.start_monotonic_ns = PAGE_SCENE_START_NS, .release = "6.12",
	};
	struct page_opts page = with ? *with : (struct page_opts){ 0 };
	struct fan_out fan_out;
	char err[128];

	unmake();
	made.sink.record = count_record;
	page.title = "a <b> & c";
	page.file = "x.bin";
	assert_int_equal(judge__new(&made.judge, &opts, err, sizeof(err)), 0);
	made.page = page__new(&page, &info);
	judge__watch(made.judge, page__violation, made.page);
	fan_out__init(&fan_out);
	fan_out__add(&fan_out, &made.sink);
	fan_out__add(&fan_out, judge__sink(made.judge));
	page_scene__play(scene, &fan_out.sink, 2000);
	made.result = judge__finish(made.judge);
	page_scene__play(scene, page__sink(made.page), 2000);
	made.ret = page__finish(made.page);
	if (!made.ret)
		read_back(made.result);
}

/* Looks up a path such as "events.record". */
static json_t *at(const char *path)
{
	const char *dot = strchr(path, '.');
	char first[32];

	if (!dot)
		return json_object_get(made.data, path);
	snprintf(first, sizeof(first), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(made.data, first), dot + 1);
}

static long long number(const json_t *array, size_t i)
{
	return json_integer_value(json_array_get(array, i));
}

/* Returns the record of an event; the page stores differences. */
static long long record_of(size_t event)
{
	long long sum = 0;

	for (size_t i = 0; i <= event; i++)
		sum += number(at("events.record"), i);
	return sum;
}

static const char *label(long long id)
{
	return json_string_value(json_array_get(at("strings"), id));
}

#define NESTED_NAMESPACES 4

static void lanes_nest_as_namespaces_do(void **)
{
	static const struct {
		long long parent, level;
		bool made, freed;
	} want[NESTED_NAMESPACES] = {
		{ -1, 0, false, false }, { 0, 1, false, false },
		{ 1, 2, true, true }, { 1, 2, true, false },
	};
	json_t *ns;

	make("nested", NULL);
	ns = at("ns");
	assert_int_equal(json_array_size(ns), NESTED_NAMESPACES);
	for (size_t i = 0; i < NESTED_NAMESPACES; i++) {
		json_t *row = json_array_get(ns, i);

		assert_int_equal(number(row, 1), want[i].parent);
		assert_int_equal(number(row, 2), want[i].level);
		assert_int_equal(number(row, 3) >= 0, want[i].made);
		assert_int_equal(number(row, 4) >= 0, want[i].freed);
	}
	/* A reused inum has its own lane. */
	assert_int_equal(number(json_array_get(ns, 2), 0),
			 number(json_array_get(ns, 3), 0));
}

static void a_join_moves_the_line(void **)
{
	json_t *segments, *types;
	unsigned int moved = 0;

	make("nested", NULL);
	segments = at("segments");
	types = at("events.type");
	for (size_t i = 4; i < json_array_size(segments); i += 4) {
		size_t before = i - 4;

		while (before && number(segments, before + 1) !=
				 number(segments, i + 1))
			before -= 4;
		if (number(segments, before + 1) != number(segments, i + 1) ||
		    number(segments, before + 2) == number(segments, i + 2))
			continue;
		/* The line moves only where its setns() returns. */
		assert_int_equal(number(types, number(segments, i)),
				 WIRE_SETNS_EXIT);
		assert_non_null(strstr(label(number(segments, before + 3)),
				       moved == 1 ? "\"bad\\x0a\\x80 \\x22comm\"[106,5]" :
						    "nsenter["));
		if (moved == 1)
			assert_string_equal(label(number(segments, i + 3)),
					    "\"bad\\x0a\\x80 \\x22comm\"[107,6,2]");
		moved++;
	}
	assert_int_equal(moved, 3);
	assert_int_equal(moved, made.result->joins);
}

/* Each task begins and ends at its records. */
static void lines_begin_and_end(void **)
{
	uint64_t born = 0, exits = 0, reaped = 0, threads = 0;
	json_t *tasks, *types, *of;

	make("nested", NULL);
	tasks = at("tasks");
	types = at("events.type");
	of = at("events.task");
	for (size_t i = 0; i < json_array_size(tasks); i += 5) {
		long long first = number(tasks, i), exit = number(tasks, i + 1),
			  release = number(tasks, i + 2);

		if (first >= 0) {
			assert_int_equal(number(types, first), WIRE_FORK);
			assert_int_equal(number(of, first), i / 5);
			born++;
		}
		if (exit >= 0) {
			assert_int_equal(number(types, exit), WIRE_EXIT);
			assert_int_equal(number(of, exit), i / 5);
			exits++;
		}
		if (release >= 0) {
			assert_int_equal(number(types, release), WIRE_RELEASE);
			assert_true(release > exit);
			reaped++;
		}
		if (number(tasks, i + 4) & 2) {
			assert_int_not_equal(number(tasks, i + 3), i / 5);
			threads++;
		}
	}
	assert_int_equal(born, made.of_type[WIRE_FORK]);
	assert_int_equal(exits, made.of_type[WIRE_EXIT]);
	assert_int_equal(reaped, made.of_type[WIRE_RELEASE]);
	assert_int_equal(threads, 1);
}

/* A comm cannot end the script with the data, and becomes valid UTF-8. */
static void text_stays_text(void **)
{
	char *html;
	size_t len;
	FILE *out;

	make("nested", NULL);
	assert_null(strchr(made.text, '<'));
	assert_non_null(strstr(made.text, "\\u003c/script>\\u003cb>["));
	for (const char *p = made.text; *p; p++)
		assert_true((unsigned char)*p < 0x80);
	out = open_memstream(&html, &len);
	page__write_html(made.page, made.result, out);
	fclose(out);
	assert_non_null(strstr(html, "<title>a &lt;b> &amp; c</title>"));
	assert_non_null(strstr(html, made.text));
	assert_non_null(strstr(html, "default-src 'none'"));
	assert_null(strstr(html, "@JS@"));
	free(html);
}

static void columns_are_as_long(void)
{
	static const char *const columns[] = {
		"events.record", "events.ns", "events.type", "events.cpu",
		"events.task", "events.other", "events.who", "events.line",
	};
	long long n = json_integer_value(at("events.n"));

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		assert_int_equal(json_array_size(at(columns[i])), n);
}

static void all_is_all(void **)
{
	struct page_opts all = { .everything = true };

	make("nested", &all);
	columns_are_as_long();
	assert_int_equal(json_integer_value(at("events.n")), made.kernel);
	assert_int_equal(page__wanted(made.page), made.kernel);
	make("nested", NULL);
	columns_are_as_long();
	assert_true(page__wanted(made.page) < made.kernel / 2);
	assert_int_equal(json_array_size(at("losses")), 0);
}

static void a_part_of_it(void **)
{
	struct page_opts part = { .first = 116, .last = 166 };
	long long n;

	make("nested", &part);
	n = json_integer_value(at("events.n"));
	assert_true(n > 5);
	assert_true(record_of(0) >= 116);
	assert_true(record_of(n - 1) <= 166);
	/* All records were judged; the violation is outside the part. */
	assert_int_equal(json_array_size(at("rules")), 1);
	assert_int_equal(json_array_size(at("violations")), 1);
	assert_int_equal(number(at("named"), 1), -1);
	/* A task that is older than the part begins before it. */
	assert_int_equal(number(at("segments"), 0), -1);
}

static void too_many(void **)
{
	struct page_opts few = { .max_events = 20 };

	make("nested", &few);
	assert_int_equal(made.ret, -E2BIG);
	assert_true(page__wanted(made.page) > 70);
}

/* Every violation is marked at its record, for the rules that the judge names. */
static void violations_are_marked(void **)
{
	json_t *violations, *named;
	uint64_t want = 0;

	make("guilty", NULL);
	violations = at("violations");
	named = at("named");
	for (size_t i = 0; i < made.result->nrules; i++) {
		const struct judge_rule *r = &made.result->rules[i];
		uint64_t n = 0;

		for (size_t k = 0; k < json_array_size(violations); k++) {
			json_t *v = json_array_get(violations, k);

			if (strcmp(json_string_value(json_array_get(v, 0)),
				   r->rule->id))
				continue;
			n++;
			assert_non_null(label(number(v, 1)));
			assert_int_equal(number(v, 2), 0);
		}
		assert_int_equal(n, r->violations);
		want += n;
	}
	assert_true(want >= 9);
	assert_int_equal(json_array_size(named), 2 * want);
	for (size_t i = 0; i < want; i++) {
		assert_int_equal(number(named, 2 * i), i);
		assert_true(number(named, 2 * i + 1) >= 0);
	}
	assert_int_equal(number(at("events.type"), number(named, 1)),
			 WIRE_SETNS_EXIT);
	assert_string_equal(json_string_value(at("result.verdict")), "FAIL");
}

/* A record that breaks a rule is drawn, although others of its type are not. */
static void a_guilty_record_is_drawn(void **)
{
	const struct rule *rule = rules__find("I13");
	struct page_opts opts = { .title = "", .file = "" };
	const struct trace_info info = { .start_monotonic_ns = 1 };
	struct wire_put_pid rec = {
		.hdr = { .type = WIRE_PUT_PID, .size = sizeof(rec), .ts_ns = 5 },
		.pid = 0xa0,
	};
	const struct judge_result res = { .verdict = VERDICT_FAIL };

	unmake();
	made.page = page__new(&opts, &info);
	page__violation(made.page, &(struct judge_finding){
		.rule = rule, .why = "put twice", .record = 2 });
	page__violation(made.page, &(struct judge_finding){
		.rule = rule, .why = "in the end" });
	for (int i = 0; i < 3; i++) {
		rec.hdr.seq = i;
		record_sink__record(page__sink(made.page), &rec.hdr);
	}
	assert_int_equal(page__finish(made.page), 0);
	read_back(&res);
	assert_int_equal(json_integer_value(at("events.n")), 1);
	assert_int_equal(record_of(0), 2);
	assert_int_equal(json_array_size(at("violations")), 2);
	assert_int_equal(json_array_size(at("named")), 2);
	assert_int_equal(number(at("named"), 0), 0);
	assert_int_equal(number(at("named"), 1), 0);
}

/* Checks one event that a leak names: its type, and the lane with the mark. */
static void check_named(size_t i, int violation, int type, int lane)
{
	long long event = number(at("named"), 2 * i + 1);

	assert_int_equal(number(at("named"), 2 * i), violation);
	assert_int_equal(number(at("events.type"), event), type);
	assert_int_equal(number(at("events.other"), event), lane);
	/* Records of a struct pid are on no line of a task. */
	assert_int_equal(number(at("events.task"), event) < 0, violation == 0);
}

/* A leak is found when the trace has ended; its object's records have the marks. */
static void leaks_are_marked(void **)
{
	for (int everything = 0; everything < 2; everything++) {
		struct page_opts opts = { .everything = everything };

		make("leaky", &opts);
		assert_int_equal(json_array_size(at("violations")), 2);
		for (int v = 0; v < 2; v++)
			assert_int_equal(number(json_array_get(at("violations"), v),
						2), 1);
		assert_int_equal(json_array_size(at("named")), 12);
		check_named(0, 0, WIRE_ALLOC_PID, 0);
		check_named(1, 0, WIRE_FREE_PID, 0);
		check_named(2, 0, WIRE_PUT_PID, 0);
		check_named(3, 1, WIRE_NS_NEW, 1);
		check_named(4, 1, WIRE_ZAP_ENTER, 1);
		check_named(5, 1, WIRE_ZAP_EXIT, 1);
	}
}

static void losses_have_a_place(void **)
{
	json_t *losses;
	uint64_t sum = 0;

	make("lossy", NULL);
	losses = at("losses");
	for (size_t i = 0; i < json_array_size(losses); i++) {
		json_t *l = json_array_get(losses, i);

		sum += number(l, 1);
		assert_int_equal(number(l, 2) + 1, number(l, 3));
	}
	assert_true(sum > 3);
	assert_int_equal(sum, made.result->lost_ring);
}

static void a_cut_is_said(void **)
{
	make("nested", NULL);
	assert_true(json_is_null(at("about.cut")));
	page__cut(made.page, "cut short at byte 7");
	json_decref(made.data);
	free(made.text);
	read_back(made.result);
	assert_string_equal(json_string_value(at("about.cut")),
			    "cut short at byte 7");
}

/* The page has the machine whose clock its times are of, with the escapes of all text. */
static void the_machine_is_named(void **)
{
	static const struct wire_meta_machine guest = {
		.hdr = { .type = WIRE_META_MACHINE, .size = sizeof(guest) },
		.realtime_ns = 1796056006500000000, .node = "gu\033e\nst",
	};
	const char *node = NULL, *wall = NULL;
	int here = true;

	make("nested", NULL);
	assert_true(json_is_null(at("about.machine")));
	record_sink__record(page__sink(made.page), &guest.hdr);
	json_decref(made.data);
	free(made.text);
	read_back(made.result);
	assert_int_equal(json_unpack(at("about.machine"), "{s:s, s:b, s:s}", "node", &node,
				     "here", &here, "wall", &wall), 0);
	assert_string_equal(node, "gu\\x1be\\x0ast");
	assert_false(here);
	assert_string_equal(wall, "2026-11-30T16:26:46.500000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_nest_as_namespaces_do),
		cmocka_unit_test(a_join_moves_the_line),
		cmocka_unit_test(lines_begin_and_end),
		cmocka_unit_test(text_stays_text),
		cmocka_unit_test(all_is_all),
		cmocka_unit_test(a_part_of_it),
		cmocka_unit_test(too_many),
		cmocka_unit_test(violations_are_marked),
		cmocka_unit_test(a_guilty_record_is_drawn),
		cmocka_unit_test(leaks_are_marked),
		cmocka_unit_test(losses_have_a_place),
		cmocka_unit_test(a_cut_is_said),
		cmocka_unit_test(the_machine_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
