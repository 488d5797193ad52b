// SPDX-License-Identifier: GPL-2.0-only
/* Exit statuses for `git bisect run', and the mode of a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmtest/options/bisect.h"
#include "vmtest/image/target.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

static void test_status(void **)
{
	static const struct {
		enum verdict verdict;
		int booted, not_booted;
	} want[] = {
		{ VERDICT_PASS, BISECT_GOOD, BISECT_GOOD },
		{ VERDICT_FAIL, BISECT_BAD, BISECT_SKIP },
		{ VERDICT_SPLAT, BISECT_BAD, BISECT_SKIP },
		{ VERDICT_PANIC, BISECT_BAD, BISECT_SKIP },
		{ VERDICT_HANG, BISECT_BAD, BISECT_SKIP },
		{ VERDICT_INCONCLUSIVE, BISECT_SKIP, BISECT_SKIP },
		{ VERDICT_LOST, BISECT_SKIP, BISECT_SKIP },
	};

	assert_int_equal(ARRAY_SIZE(want), VERDICT_NR);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(bisect__status(want[i].verdict, true),
				 want[i].booted);
		assert_int_equal(bisect__status(want[i].verdict, false),
				 want[i].not_booted);
	}
	/* git stops above 127; 125 skips the commit, any other status marks it bad. */
	assert_true(BISECT_STOP > 127);
}

/* Wrong arguments must not make every commit a bad one. */
static void test_arguments(void **)
{
	char *tree = in_root("tree");
	char *argv[] = { (char *)"bisect-step", NULL, NULL };
	struct options o;

	argv[1] = (char *)"--mutants";
	assert_int_equal(bisect__parse(&o, 2, argv), -EINVAL);
	/* Neither the current directory nor KERNEL_SRC is a kernel tree. */
	unsetenv("KERNEL_SRC");
	assert_int_equal(bisect__parse(&o, 1, argv), -EINVAL);
	setenv("KERNEL_SRC", tree, 1);
	assert_int_equal(bisect__parse(&o, 1, argv), 0);
	assert_int_equal(o.targets.n, 1);
	assert_string_equal(o.targets.v[0], "tree");
	assert_string_equal(o.place, "bisect/tree");
	options__free(&o);
	unsetenv("KERNEL_SRC");
	free(tree);
}

static void test_mode_of_tree(void **)
{
	char *tree = in_root("tree");

	assert_string_equal(target__mode_of_tree(tree), "mainline");
	assert_int_equal(shell("mkdir -p %s/tree/%s", "kernel"), 0);
	put("tree/kernel/pid_namespace.c", "/* no setns_pid_join here */\n", 0644);
	assert_string_equal(target__mode_of_tree(tree), "mainline");
	put("tree/kernel/pid_namespace.c", "\t.procname\t= \"setns_pid_join\",\n", 0644);
	assert_string_equal(target__mode_of_tree(tree), "join");
	put("tree/kernel/pid_namespace.c",
	    "\tpid_deepen(pid, ns, nr);\n\t.procname\t= \"setns_pid_join\",\n", 0644);
	assert_string_equal(target__mode_of_tree(tree), "keep");
	free(tree);
}

static void expect_series(const char *mode, const char *version, const char *want)
{
	static const char table[] =
		"join-6.12 series join base join\n"
		"join-6.12-gcov series join base,gcov join\n"
		"keep-6.12-gcov series join,keep base,gcov keep\n"
		"keep-6.12 series join,keep base keep\n"
		"mutants-7.3 series join,keep,mutants base keep\n"
		"join-7.3 series join base join\n"
		"seed-6.18 series seed base seed\n";
	char *file = in_root("targets");
	char *tree = in_root("tree");
	const struct target *found;
	struct targets ts;

	put("targets", table, 0644);
	assert_int_equal(mkdir_p(tree), 0);
	put("tree/Makefile", version, 0644);
	assert_int_equal(targets__read(&ts, file), 0);
	found = targets__series_for(&ts, mode, tree);
	if (want)
		assert_string_equal(found->name, want);
	else
		assert_null(found);
	targets__free(&ts);
	free(tree);
	free(file);
}

static void test_series_for_a_tree(void **)
{
	static const char v6_12[] = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\n";
	static const char v7_3[] = "# SPDX\nVERSION = 7\nPATCHLEVEL = 3\n";

	expect_series("join", v6_12, "join-6.12");
	expect_series("join", "# SPDX\nVERSION = 6\nPATCHLEVEL = 18\n", "join-6.12");
	expect_series("join", v7_3, "join-7.3");
	expect_series("join", "# SPDX\nVERSION = 8\nPATCHLEVEL = 0\n", "join-7.3");
	expect_series("join", "# SPDX\nVERSION = 6\nPATCHLEVEL = 1\n", "join-6.12");
	expect_series("join", "all:\n", "join-6.12");
	expect_series("keep", v6_12, "keep-6.12");
	expect_series("keep", v7_3, "keep-6.12");
	expect_series("mutants", v6_12, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_series_for_a_tree),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_mode_of_tree),
	};

	return cmocka_run_group_tests(tests, harness__setup, harness__teardown);
}
