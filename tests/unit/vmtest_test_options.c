// SPDX-License-Identifier: GPL-2.0-only
/* The command line, the target table, the expectation files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/report/expect.h"
#include "vmtest/options/options.h"
#include "vmtest/image/target.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

static int parse(struct options *o, const char *const *words)
{
	char *argv[ARGS_MAX + 2] = { (char *)"vmtest" };
	int argc = 1;

	for (; *words; words++)
		argv[argc++] = (char *)*words;
	return options__parse(o, argc, argv);
}

#define PARSE(o, ...) parse(o, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static void test_defaults(void **)
{
	struct options o;

	assert_int_equal(PARSE(&o), 0);
	assert_int_equal(o.targets.n, 0);
	assert_int_equal(o.seed_first, 1);
	assert_int_equal(o.seed_last, 1);
	assert_int_equal(o.runs, 1);
	assert_int_equal(o.jobs, 0);
	assert_int_equal(o.accel, ACCEL_AUTO);
	assert_int_equal(o.tests.n, 0);
	assert_int_equal(o.cmd.n, 0);
	options__free(&o);
}

static void test_gdb(void **)
{
	struct options o;

	assert_int_equal(PARSE(&o, "--gdb"), 0);
	assert_true(o.gdb);
	assert_null(o.gdb_script);
	options__free(&o);
	assert_int_equal(PARSE(&o, "--gdb=/dev/../dev/null"), 0);
	assert_string_equal(o.gdb_script, "/dev/null");
	options__free(&o);
	assert_int_equal(PARSE(&o, "--gdb=/proc/nonexistent"), -EINVAL);
	assert_int_equal(PARSE(&o, "--gdb", "--record"), -EINVAL);
	assert_int_equal(PARSE(&o, "--gdb", "--runs=2"), -EINVAL);
	assert_int_equal(PARSE(&o, "--gdb", "--seed=1..2"), -EINVAL);
	assert_int_equal(PARSE(&o, "--gdb", "--target=a", "--target=b"), -EINVAL);
	assert_int_equal(PARSE(&o, "--gdb", "--mutants"), -EINVAL);
}

static void test_shell(void **)
{
	char *const good[] = { (char *)"vmtest shell", (char *)"--target=a",
			       (char *)"--seed=7", (char *)"--gdb", NULL };
	char *const bad[][3] = {
		{ (char *)"vmtest shell", (char *)"--seed=1..2" },
		{ (char *)"vmtest shell", (char *)"--record" },
		{ (char *)"vmtest shell", (char *)"--runs=2" },
		{ (char *)"vmtest shell", (char *)"ls" },
	};
	struct options o;

	assert_int_equal(options__parse_shell(&o, 4, (char **)good), 0);
	assert_true(o.shell && o.bare && o.gdb);
	assert_int_equal(o.seed_first, 7);
	assert_string_equal(o.targets.v[0], "a");
	assert_string_equal(o.cmd.v[0], "/bin/sh");
	options__free(&o);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(options__parse_shell(&o, 2, (char **)bad[i]),
				 -EINVAL);
}

static void test_tests_by_mode(void **)
{
	static const struct {
		const char *args[3], *mode;
		bool faults;
		const char *want;
	} cases[] = {
		{ { NULL }, "join", true,
		  "semantics purposes creation processes numbers failnth races entrances stress" },
		{ { NULL }, "join", false,
		  "semantics purposes creation processes numbers races entrances stress" },
		/* Mode keep runs what mode join does. */
		{ { NULL }, "keep", true,
		  "semantics purposes creation processes numbers failnth races entrances stress" },
		{ { NULL }, "mainline", false,
		  "semantics purposes creation processes numbers entrances stress" },
		{ { NULL }, "seed", true, "semantics purposes creation stress dangerous" },
		/* With one CPU the races test runs only on request. */
		{ { "--cpus=1" }, "join", true,
		  "semantics purposes creation processes numbers failnth entrances stress" },
		{ { "--record" }, "join", false,
		  "semantics purposes creation processes numbers entrances stress" },
		{ { "--record", "--tests=races" }, "join", false, "races" },
		{ { "--tests=purposes" }, "seed", true, "purposes" },
		{ { "--", "true" }, "seed", true, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strv tests = { 0 };
		struct options o;
		char *got;

		assert_int_equal(parse(&o, cases[i].args), 0);
		options__tests(&o, cases[i].mode, cases[i].faults, &tests);
		got = strv__quote(&tests);
		assert_string_equal(got, cases[i].want);
		free(got);
		strv__free(&tests);
		options__free(&o);
	}
}

static void test_tests_that_do_not_fit(void **)
{
	static const struct { const char *tests, *mode; int err; } cases[] = {
		{ "--tests=races", "join", 0 },
		{ "--tests=races", "mainline", -EINVAL },
		{ "--tests=races:init", "seed", -EINVAL },
		{ "--tests=failnth", "mainline", 0 },
		{ "--tests=failnth", "seed", -EINVAL },
		{ "--tests=processes", "mainline", 0 },
		{ "--tests=processes", "seed", -EINVAL },
		{ "--tests=numbers", "mainline", 0 },
		{ "--tests=numbers", "seed", -EINVAL },
		{ "--tests=dangerous", "seed", 0 },
		{ "--tests=stress,dangerous", "join", -EINVAL },
		{ "--tests=semantics,purposes,stress", "seed", 0 },
	};
	struct options o;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(PARSE(&o, cases[i].tests), 0);
		assert_int_equal(options__check_tests(&o, "t", cases[i].mode),
				 cases[i].err);
		options__free(&o);
	}
}

static void test_all(void **)
{
	struct options o;

	assert_int_equal(PARSE(&o, "--target", "a", "--target=b", "--seed",
			       "3..9", "--jobs=2", "--add", "/x:/y", "-v"), 0);
	assert_int_equal(o.targets.n, 2);
	assert_string_equal(o.targets.v[1], "b");
	assert_int_equal(o.seed_first, 3);
	assert_int_equal(o.seed_last, 9);
	assert_int_equal(o.jobs, 2);
	assert_string_equal(o.add.v[0], "/x:/y");
	assert_true(o.verbose);
	options__free(&o);
	assert_int_equal(PARSE(&o, "--tests=stress,semantics", "--ops", "7",
			       "--accel=tcg", "--timeout=9", "--kernel=/k",
			       "--append", "a b=\"c d\"", "--append=e"), 0);
	assert_int_equal(o.append.n, 2);
	assert_string_equal(o.append.v[0], "a b=\"c d\"");
	assert_int_equal(o.tests.n, 2);
	assert_string_equal(o.tests.v[0], "stress");
	assert_int_equal(o.ops, 7);
	assert_int_equal(o.accel, ACCEL_TCG);
	assert_int_equal(o.timeout_s, 9);
	assert_string_equal(o.kernel, "/k");
	options__free(&o);
}

static void test_command(void **)
{
	struct options o;

	/* Arguments of the command, with or without dashes, are passed unchanged. */
	assert_int_equal(PARSE(&o, "--jobs=3", "--", "ls", "--jobs=x", "--",
			       "-z"), 0);
	assert_int_equal(o.jobs, 3);
	assert_int_equal(o.cmd.n, 4);
	assert_string_equal(o.cmd.v[0], "ls");
	assert_string_equal(o.cmd.v[1], "--jobs=x");
	assert_string_equal(o.cmd.v[3], "-z");
	options__free(&o);
}

static void test_refused(void **)
{
	static const char *const bad[] = {
		"--seed=", "--seed=x", "--seed=-1", "--seed=1..", "--seed=..2",
		"--seed=5..4", "--seed=1..2..3", "--seed=1.5", "--seed=0x10",
		"--seed=18446744073709551616", "--seed=1..9999999999",
		"--runs=0", "--runs=many", "--jobs=0", "--jobs=1000",
		"--timeout=0", "--timeout=-5", "--ops=0", "--ops=1e6",
		"--accel=hvf", "--accel=", "--tests=", "--tests=stress,",
		"--tests=all", "--out=", "stock-6.12",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct options o;

		if (parse(&o, (const char *const[]){ bad[i], NULL }) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
	}
}

static int read_table(struct targets *ts, const char *text)
{
	char *path = in_root("table");
	int err;

	put("table", text, 0644);
	err = targets__read(ts, path);
	free(path);
	return err;
}

static void test_targets(void **)
{
	struct targets ts;
	char *names;

	assert_int_equal(read_table(&ts, "# c\n\n a  package  p  -  mainline\n"
				    "b\tseries\tjoin\tbase,x\tjoin # why\n"), 0);
	assert_int_equal(ts.n, 2);
	assert_string_equal(targets__find(&ts, "b")->mode, "join");
	assert_string_equal(targets__find(&ts, "a")->what, "p");
	assert_null(targets__find(&ts, "c"));
	names = targets__names(&ts);
	assert_string_equal(names, "a, b");
	free(names);
	targets__free(&ts);
	assert_int_equal(read_table(&ts, "a package p - often\n"), -EINVAL);
	assert_int_equal(read_table(&ts, "a package p mainline\n"), -EINVAL);
	assert_int_equal(read_table(&ts, "a b c d join more\n"), -EINVAL);
	assert_int_equal(targets__read(&ts, "/proc/nonexistent"), -ENOENT);
}

static int read_expect(struct expect *e, const char *text)
{
	put("expected", text, 0644);
	return expect__read(e, root, "expected");
}

static void test_expect(void **)
{
	struct expect e;

	assert_int_equal(expect__read(&e, "/tmp", "no-such-expectation"), 0);
	assert_true(e.wanted[VERDICT_PASS]);
	assert_false(e.wanted[VERDICT_FAIL]);
	expect__free(&e);
	assert_int_equal(read_expect(&e, "# c\nverdict FAIL PANIC # x\nrule I17 I3\nrule I9\n"), 0);
	assert_false(e.wanted[VERDICT_PASS]);
	assert_true(e.wanted[VERDICT_FAIL]);
	assert_true(e.wanted[VERDICT_PANIC]);
	assert_int_equal(e.rules.n, 3);
	expect__free(&e);
	assert_int_equal(read_expect(&e, "rule I17\n"), -EINVAL);
	assert_int_equal(read_expect(&e, "verdict GUILTY\n"), -EINVAL);
	assert_int_equal(read_expect(&e, "verdicts FAIL\n"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tests_by_mode),
		cmocka_unit_test(test_tests_that_do_not_fit),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_gdb),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_expect),
	};

	return cmocka_run_group_tests_name("vmtest options", tests,
					   harness__setup, harness__teardown);
}
