// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts, their order, expectations, summary.json and the exit status. */
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

#include "summary.h"
#include "util.h"
#include "verdict.h"

static void test_order(void **state)
{
	/* DESIGN.md section 6, worst first. */
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
		o.judged.violations[0] = (struct violation){ xstrdup(rule), 2 };
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
	summary__add_target(s, name, &e);
}

static void test_worst_counts(void **state)
{
	static const struct { enum verdict a, b; int status; } c[] = {
		{ VERDICT_PASS, VERDICT_PASS, 0 },
		{ VERDICT_PASS, VERDICT_INCONCLUSIVE, 3 },
		{ VERDICT_LOST, VERDICT_INCONCLUSIVE, 7 },
		{ VERDICT_LOST, VERDICT_FAIL, 1 },
		{ VERDICT_SPLAT, VERDICT_FAIL, 4 },
		{ VERDICT_SPLAT, VERDICT_HANG, 6 },
		{ VERDICT_PANIC, VERDICT_HANG, 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		struct summary *s = summary__new();

		add_target(s, "t", false);
		add_run(s, "t", c[i].a, NULL);
		add_run(s, "t", c[i].b, NULL);
		assert_int_equal(summary__exit_status(s), c[i].status);
		summary__free(s);
	}
}

static void test_expected_guilty(void **state)
{
	struct summary *s = summary__new();

	(void)state;
	add_target(s, "seed", true);
	add_run(s, "seed", VERDICT_FAIL, "I17");
	/* One of the two expected rules is missing. */
	assert_int_equal(summary__exit_status(s), 1);
	add_run(s, "seed", VERDICT_PANIC, "I3");
	assert_int_equal(summary__exit_status(s), 0);
	/* A verdict that is not wanted spoils it, though all was found. */
	add_run(s, "seed", VERDICT_HANG, NULL);
	assert_int_equal(summary__exit_status(s), 6);
	summary__free(s);

	s = summary__new();
	add_target(s, "seed", true);
	add_run(s, "seed", VERDICT_PASS, NULL);
	assert_int_equal(summary__exit_status(s), 1);
	summary__free(s);
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
	struct summary *s = summary__new();
	const char *verdict, *target, *dir, *rule;
	json_int_t version, runs, ok, not_ok, skip, joins, rewrites, events,
		lost, count;
	json_t *root, *seeds, *results, *violations, *first;
	json_error_t e;
	double seconds;
	int expected;

	(void)state;
	add_target(s, "join", false);
	add_target(s, "seed", true);
	add_run(s, "join", VERDICT_PASS, NULL);
	add_run(s, "seed", VERDICT_FAIL, "I17");
	add_run(s, "seed", VERDICT_PANIC, "I17");
	root = written(s);
	assert_int_equal(json_unpack_ex(root, &e, 0, "{s:I, s:[o,o]}", "version",
					&version, "targets", &first, &first), 0);
	assert_int_equal(version, 1);
	if (json_unpack_ex(first, &e, 0,
			   "{s:s, s:s, s:b, s:I, s:o, s:{s:I,s:I,s:I}, s:I, s:I, s:I, s:I, s:o, s:F, s:s, s:o}",
			   "target", &target, "verdict", &verdict, "expected",
			   &expected, "runs", &runs, "seeds", &seeds, "tests",
			   "ok", &ok, "not_ok", &not_ok, "skip", &skip, "joins",
			   &joins, "rewrites", &rewrites, "events", &events,
			   "lost", &lost, "violations", &violations, "seconds",
			   &seconds, "dir", &dir, "results", &results))
		fail_msg("%s", e.text);
	assert_string_equal(target, "seed");
	assert_string_equal(verdict, "PANIC");
	assert_false(expected);
	assert_int_equal(runs, 2);
	assert_int_equal(json_array_size(seeds), 2);
	assert_int_equal(json_array_size(results), 2);
	assert_int_equal(ok, 4);
	assert_int_equal(not_ok, 1);
	assert_int_equal(skip, 2);
	assert_int_equal(joins, 20);
	assert_int_equal(rewrites, 80);
	assert_int_equal(events, 200);
	assert_int_equal(lost, 0);
	assert_int_equal(json_array_size(violations), 1);
	json_unpack(json_array_get(violations, 0), "{s:s, s:I}", "rule", &rule,
		    "count", &count);
	assert_string_equal(rule, "I17");
	assert_int_equal(count, 4);
	assert_true(seconds > 2.9 && seconds < 3.1);
	assert_string_equal(dir, "out/seed-7");
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
	/* Nothing else was left there. */
	assert_int_equal(rmdir(dir), 0);
	free(text);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_worst_counts),
		cmocka_unit_test(test_expected_guilty),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_cannot_write),
		cmocka_unit_test(test_atomic_write),
	};

	return cmocka_run_group_tests_name("vmtest summary", tests, NULL, NULL);
}
