// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts, their order, expectations, table, summary.json, exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/report/summary.h"
#include "vmtest/lib/util.h"
#include "lib/verdict.h"

static void test_order(void **state)
{
	/* The worst comes first, as in vmtest(1). */
	static const enum verdict worst_first[] = {
		VERDICT_PANIC, VERDICT_HANG, VERDICT_SPLAT, VERDICT_FAIL,
		VERDICT_LOST, VERDICT_INCONCLUSIVE, VERDICT_PASS,
	};
	static const int status[] = { 5, 6, 4, 1, 7, 3, 0 };

	(void)state;
	assert_int_equal(ARRAY_SIZE(worst_first), VERDICT_NR);
	for (size_t i = 0; i < ARRAY_SIZE(worst_first); i++) {
		enum verdict parsed, v = worst_first[i];

		assert_int_equal(verdict__exit_status(v), status[i]);
		assert_int_equal(verdict__parse(verdict__name(v), &parsed), 0);
		assert_int_equal(parsed, v);
		for (size_t k = i; k < ARRAY_SIZE(worst_first); k++) {
			assert_int_equal(verdict__worse(v, worst_first[k]), v);
			assert_int_equal(verdict__worse(worst_first[k], v), v);
		}
	}
}

static void add_run(struct summary *s, const char *target, enum verdict v,
		    const char *rule)
{
	struct run_outcome o = { .verdict = v, .seed = 7, .seconds = 1.5 };

	o.reason = xstrdup("why");
	o.dir = xasprintf("out/%s-7", target);
	o.tests.ok = 2;
	o.tests.not_ok = v == VERDICT_FAIL;
	o.tests.skip = 1;
	o.judged.events = 100;
	o.judged.joins = 10;
	o.judged.rewrites = 40;
	if (rule) {
		o.judged.violations = xcalloc(1, sizeof(struct violation));
		o.judged.violations[0] = (struct violation){
			xstrdup(rule), 2, NULL };
		o.judged.n = 1;
	}
	summary__add_run(s, target, &o);
	assert_null(o.reason);
}

static void add_target(struct summary *s, const char *name, bool guilty)
{
	struct expect e = { 0 };

	if (guilty) {
		e.wanted[VERDICT_FAIL] = e.wanted[VERDICT_PANIC] = true;
		strv__add(&e.rules, "I17");
		strv__add(&e.rules, "I3");
	} else {
		e.wanted[VERDICT_PASS] = true;
	}
	summary__add_target(s, name, &e, 2);
}

static json_t *written(const struct summary *s)
{
	char path[] = "/tmp/vmtest-unit-XXXXXX";
	int fd = mkstemp(path);
	json_t *root;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(summary__write(s, path), 0);
	root = json_load_file(path, 0, NULL);
	unlink(path);
	assert_non_null(root);
	return root;
}

static void test_schema(void **state)
{
	/* The sums over two runs. */
	static const char sums[] =
		"{\"target\": \"seed\", \"verdict\": \"PANIC\", \"expected\": false, \"runs\": 2,"
		" \"seeds\": [7, 7], \"tests\": {\"ok\": 4, \"not_ok\": 1, \"skip\": 2},"
		" \"joins\": 20, \"rewrites\": 80, \"events\": 200, \"lost\": 0,"
		" \"violations\": [{\"rule\": \"I17\", \"count\": 4}],"
		" \"seconds\": 3.0, \"dir\": \"out/seed-7\"}";
	struct summary *s = summary__new();
	json_t *want = json_loads(sums, 0, NULL), *root, *target, *value;
	const char *key;

	(void)state;
	add_target(s, "join", false);
	add_target(s, "seed", true);
	add_run(s, "join", VERDICT_PASS, NULL);
	add_run(s, "seed", VERDICT_FAIL, "I17");
	add_run(s, "seed", VERDICT_PANIC, "I17");
	root = written(s);
	assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
	target = json_array_get(json_object_get(root, "targets"), 1);
	json_object_foreach(want, key, value) {
		if (!json_equal(json_object_get(target, key), value))
			fail_msg("%s differs", key);
	}
	assert_int_equal(json_array_size(json_object_get(target, "results")), 2);
	json_decref(want);
	json_decref(root);
	summary__free(s);
}

static void test_cannot_write(void **state)
{
	struct summary *s = summary__new();

	(void)state;
	add_target(s, "join", false);
	assert_int_equal(summary__write(s, "/proc/nonexistent/summary.json"), -ENOENT);
	summary__free(s);
}

static void test_atomic_write(void **state)
{
	char dir[] = "/tmp/vmtest-unit-XXXXXX", *path, *text;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/f", dir);
	assert_int_equal(write_file_atomic(path, "old", 3), 0);
	assert_int_equal(write_file_atomic(path, "new!", 4), 0);
	assert_int_equal(read_file(path, &text, NULL), 0);
	assert_string_equal(text, "new!");
	assert_int_equal(unlink(path), 0);
	/* The directory is empty. */
	assert_int_equal(rmdir(dir), 0);
	free(text);
	free(path);
}

/* --- the table --- */

static const struct summary_look plain = { .width = 80,
					   .tracer = "build/pidnstrace" };

/* Returns the rows of the finished targets, or all remaining rows. */
static char *printed(struct summary *s, struct summary_look look, bool ready)
{
	char *text;
	size_t len;

	look.out = open_memstream(&text, &len);
	if (ready)
		summary__print(s, &look, false);
	else
		summary__print(s, &look, true);
	fclose(look.out);
	return text;
}

static void expect_printed(struct summary *s, struct summary_look look,
			   bool ready, const char *want)
{
	char *text = printed(s, look, ready);

	assert_string_equal(text, want);
	free(text);
}

#define HEAD \
	"TARGET  VERDICT       RUNS  TESTS             JOINS  EVENTS  LOST  SECONDS\n"

/* A target's row is printed once, when all its runs have ended. */
static void test_row_when_done(void **state)
{
	struct summary *s = summary__new();

	(void)state;
	summary__announce(s, "b");
	add_target(s, "a", false);
	add_target(s, "b", false);
	add_run(s, "a", VERDICT_PASS, NULL);
	expect_printed(s, plain, true, "");
	add_run(s, "b", VERDICT_PASS, NULL);
	add_run(s, "b", VERDICT_PASS, NULL);
	expect_printed(s, plain, true, HEAD
		"b       PASS             2  4 ok, 2 skip         20     200     0      3.0\n");
	expect_printed(s, plain, true, "");
	add_run(s, "a", VERDICT_PASS, NULL);
	expect_printed(s, plain, true,
		"a       PASS             2  4 ok, 2 skip         20     200     0      3.0\n");
	expect_printed(s, plain, false, "");
	summary__free(s);
}

/* A target with some runs missing is printed at the end. */
static void test_row_of_some_runs(void **state)
{
	struct summary *s = summary__new();

	(void)state;
	add_target(s, "a", false);
	add_run(s, "a", VERDICT_PASS, NULL);
	expect_printed(s, plain, true, "");
	expect_printed(s, plain, false, HEAD
		"a       PASS             1  2 ok, 1 skip         10     100     0      1.5\n");
	summary__free(s);
}

static void add_bad_run(struct summary *s, const char *target, uint64_t seed)
{
	static const char *const statements[] = {
		"After success thread_pid, pids[TGID], pids[PGID] and pids[SID] are all the new struct pid.",
		NULL,
	};
	struct run_outcome o = { .verdict = VERDICT_FAIL, .seed = seed,
				 .seconds = 27 };

	o.reason = xstrdup("violated: I17 x3186 I3 x1");
	o.dir = xasprintf("build/vmtest/%s-%d", target, (int)seed);
	o.tests.ok = 30;
	o.tests.not_ok = 7;
	o.judged.events = 150163;
	o.judged.joins = 1935;
	o.judged.violations = xcalloc(2, sizeof(struct violation));
	o.judged.n = 2;
	for (size_t i = 0; i < 2; i++)
		o.judged.violations[i] = (struct violation){
			xstrdup(i ? "I3" : "I17"), i ? 1 : 3186,
			statements[i] ? xstrdup(statements[i]) : NULL };
	for (size_t i = 0; i < 7; i++) {
		char *name = xasprintf("refused: case %zu", i);

		findings__add(&o.findings, FINDING_TEST, name, 1);
		free(name);
	}
	findings__add(&o.findings, FINDING_RULE, "I17", 1);
	faults__add(&o.faults, "violated: I3 I17", NULL);
	strcpy(o.faults.v[0].fingerprint, "01234567");
	summary__add_run(s, target, &o);
}

static const char bad_run[] =
	"TARGET     VERDICT       TESTS             JOINS  EVENTS  LOST  SECONDS\n"
	"join-6.12  FAIL          30 ok, 7 not ok    1935  150163     0     27.0\n"
	"  I17 x3186  After success thread_pid, pids[TGID], pids[PGID] and pids[SID] are\n"
	"             all the new struct pid.\n"
	"  I3 x1\n"
	"  not ok  refused: case 0\n"
	"  not ok  refused: case 1\n"
	"  not ok  refused: case 2\n"
	"  not ok  refused: case 3\n"
	"  not ok  refused: case 4\n"
	"  and 2 more\n"
	"  1x 01234567 FAIL: violated: I3 I17\n"
	"  more:   build/pidnstrace replay --rules I17,I3 build/vmtest/join-6.12-1/trace.bin\n"
	"  repeat: sh build/vmtest/join-6.12-1/repro.sh\n";

static void add_one_run_target(struct summary *s, const char *name)
{
	struct expect e = { .wanted[VERDICT_PASS] = true };

	summary__add_target(s, name, &e, 1);
}

static void test_details_of_a_failure(void **state)
{
	struct summary *s = summary__new();

	(void)state;
	add_one_run_target(s, "join-6.12");
	add_bad_run(s, "join-6.12", 1);
	expect_printed(s, plain, true, bad_run);
	summary__free(s);
}

static void test_faults_of_many_runs(void **state)
{
	struct summary *s = summary__new();
	char *text;

	(void)state;
	add_target(s, "join-6.12", false);
	add_bad_run(s, "join-6.12", 1);
	add_bad_run(s, "join-6.12", 2);
	text = printed(s, plain, true);
	assert_non_null(strstr(text,
		"\n  2 of 2 runs of join-6.12 failed: 1 distinct fault\n"
		"  2x 01234567 FAIL: violated: I3 I17\n"
		"      seeds 1, 2; build/vmtest/join-6.12-1/repro.sh\n"));
	/* Each test is named once, whatever the number of runs. */
	assert_non_null(strstr(text, "\n  and 2 more\n"));
	assert_non_null(strstr(text, "\n  I17 x6372  After"));
	free(text);
	summary__free(s);
}

/* "HANG: hang (...)" would repeat the verdict. */
static void test_verdict_once(void **state)
{
	struct summary *s = summary__new();
	struct run_outcome o = { .verdict = VERDICT_HANG, .dir = xstrdup("d") };
	char *text;

	(void)state;
	o.reason = xstrdup("no output for 2 s");
	faults__add(&o.faults, "hang (no output) in f", NULL);
	add_one_run_target(s, "t");
	summary__add_run(s, "t", &o);
	text = printed(s, plain, true);
	assert_non_null(strstr(text, " hang (no output) in f\n"));
	assert_null(strstr(text, "HANG: "));
	free(text);
	summary__free(s);
}

struct table_case {
	const char *target;
	bool guilty, color;
	struct { enum verdict verdict; const char *rule; } runs[3];
	size_t n;
	int exit;
	const char *parts[2];	/* texts of the table */
	const char *whole;	/* NULL: not compared */
};

static void test_table(void **state)
{
	const struct table_case *c = *state;
	struct summary_look look = plain;
	struct summary *s = summary__new();
	char *text;

	look.color = c->color;
	add_target(s, c->target, c->guilty);
	for (size_t i = 0; i < c->n; i++)
		add_run(s, c->target, c->runs[i].verdict, c->runs[i].rule);
	assert_int_equal(summary__exit_status(s), c->exit);
	text = printed(s, look, false);
	for (size_t i = 0; i < ARRAY_SIZE(c->parts) && c->parts[i]; i++) {
		if (!strstr(text, c->parts[i]))
			fail_msg("no \"%s\" in %s", c->parts[i], text);
	}
	if (c->whole)
		assert_string_equal(text, c->whole);
	free(text);
	summary__free(s);
}

#define TABLE(title, ...) \
	{ title, test_table, NULL, NULL, &(struct table_case){ __VA_ARGS__ } }
#define RUN(verdict, rule) { VERDICT_##verdict, rule }

/* The worst verdict decides the exit status. */
#define WORST(a, b, status) \
	TABLE(#a " and " #b, "t", .runs = { RUN(a, NULL), RUN(b, NULL) }, .n = 2, .exit = status)

/* Each verdict has its file; paths with blanks are quoted. */
#define COMMAND(verdict, status, file) \
	TABLE("command after " #verdict, "a b", .runs = { RUN(verdict, NULL) }, .n = 1, .exit = status, \
	      .parts = { "less 'out/a b-7'/" file "\n", "repeat: sh 'out/a b-7'/repro.sh\n" })

/* Columns are in the same places as without colour. */
#define COLOR(verdict, is_guilty, status, text) \
	TABLE("colour of " #verdict, "t", .color = true, .guilty = is_guilty, \
	      .runs = { RUN(verdict, NULL) }, .n = 1, .exit = status, \
	      .parts = { "\033[1;" text "\033[0m", "TARGET  VERDICT" })

/* No line is too long, except commands: a shell needs them in one piece. */
static void test_fits(void **state)
{
	static const size_t widths[] = { 30, 40, 60, 72, 80, 100, 200 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct summary_look look = plain;
		struct summary *s = summary__new();
		char *text, *rest, *line;

		look.width = widths[i];
		add_target(s, "mutants-6.12-debug", true);
		add_one_run_target(s, "join-6.12");
		add_run(s, "mutants-6.12-debug", VERDICT_PANIC, "I17");
		add_run(s, "mutants-6.12-debug", VERDICT_HANG, "I3");
		add_bad_run(s, "join-6.12", UINT64_C(1));
		text = rest = printed(s, look, false);
		while ((line = strsep(&rest, "\n"))) {
			if (strlen(line) > widths[i] &&
			    strncmp(line, "  more", 6) &&
			    strncmp(line, "  repeat", 8) && !strstr(line, "/repro.sh"))
				fail_msg("more than %zu: %s", widths[i], line);
		}
		free(text);
		text = NULL;
		summary__free(s);
	}
}

/* A long number uses up the gaps; nothing is cut. */
static void test_many_digits(void **state)
{
	struct summary *s = summary__new();
	struct run_outcome o = { .seed = 1, .seconds = 123456.7 };

	(void)state;
	o.tests.ok = 5240000;
	o.tests.skip = 1234567;
	o.judged.joins = 1234567;
	o.judged.events = 123456789012;
	o.judged.lost = 1234567;
	o.reason = xstrdup("");
	add_one_run_target(s, "stock-6.12");
	summary__add_run(s, "stock-6.12", &o);
	expect_printed(s, plain, true,
		"TARGET      VERDICT       TESTS             JOINS  EVENTS  LOST  SECONDS\n"
		"stock-6.12  PASS          5240000 ok        1234567 123456789012 1234567\n"
		"  123456.7\n");
	summary__free(s);
}

#define SEED_HEAD \
	"TARGET     VERDICT           TESTS             JOINS  EVENTS  LOST  SECONDS\n"

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_order),
	cmocka_unit_test(test_schema),
	cmocka_unit_test(test_cannot_write),
	cmocka_unit_test(test_atomic_write),
	cmocka_unit_test(test_row_when_done),
	cmocka_unit_test(test_row_of_some_runs),
	cmocka_unit_test(test_details_of_a_failure),
	cmocka_unit_test(test_faults_of_many_runs),
	cmocka_unit_test(test_verdict_once),
	cmocka_unit_test(test_fits),
	cmocka_unit_test(test_many_digits),
	WORST(PASS, PASS, 0), WORST(PASS, INCONCLUSIVE, 3),
	WORST(LOST, INCONCLUSIVE, 7), WORST(LOST, FAIL, 1), WORST(SPLAT, FAIL, 4),
	WORST(SPLAT, HANG, 6), WORST(PANIC, HANG, 5),
	COMMAND(SPLAT, 4, "splat.txt"), COMMAND(PANIC, 5, "splat.txt"),
	COMMAND(HANG, 6, "splat.txt"), COMMAND(FAIL, 1, "tests.ktap"),
	COMMAND(LOST, 7, "log"), COMMAND(INCONCLUSIVE, 3, "log"),
	COLOR(PASS, false, 0, "32mPASS"), COLOR(FAIL, false, 1, "31mFAIL"),
	COLOR(PANIC, false, 5, "31mPANIC"), COLOR(LOST, false, 7, "33mLOST"),
	COLOR(INCONCLUSIVE, false, 3, "33mINCONCLUSIVE"),
	COLOR(PASS, true, 1, "31mPASS (unexpected)"),
	TABLE("one of two rules", "seed-6.12", true,
	      .runs = { RUN(FAIL, "I17") }, .n = 1, .exit = 1),
	TABLE("expected guilty", "seed-6.12", true,
	      .runs = { RUN(FAIL, "I17"), RUN(PANIC, "I3") }, .n = 2,
	      .exit = 0, .whole = SEED_HEAD
	      "seed-6.12  PANIC (expected)  4 ok, 1 not ok       20     200     0      3.0\n"
	      "  2 of 2 expected rules violated\n"),
	TABLE("all rules, and an unexpected verdict", "seed-6.12", true,
	      .runs = { RUN(FAIL, "I17"), RUN(PANIC, "I3"), RUN(HANG, NULL) }, .n = 3,
	      .exit = 6),
	TABLE("the same rule twice", "seed-6.12", true,
	      .runs = { RUN(FAIL, "I3"), RUN(FAIL, "I3") }, .n = 2, .exit = 1,
	      .whole = SEED_HEAD
	      "seed-6.12  FAIL              4 ok, 2 not ok       20     200     0      3.0\n"
	      "  1 of 2 expected rules violated; not violated: I17\n"),
	TABLE("unexpected PASS", "seed-6.12", true,
	      .runs = { RUN(PASS, NULL), RUN(PASS, NULL) }, .n = 2, .exit = 1,
	      .whole = SEED_HEAD
	      "seed-6.12  PASS (unexpected) 4 ok, 2 skip         20     200     0      3.0\n"
	      "  0 of 2 expected rules violated; not violated: I17 I3\n"
	      "  more:   less out/seed-6.12-7/log\n"
	      "  repeat: sh out/seed-6.12-7/repro.sh\n"),
};

int main(void)
{
	return cmocka_run_group_tests_name("vmtest summary", tests, NULL, NULL);
}
