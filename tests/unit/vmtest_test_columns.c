// SPDX-License-Identifier: GPL-2.0-only
/* Columns of a table, as of mutants, in lines of any width. */
#include <stdio.h>

#include "vmtest/lib/columns.h"
#include "vmtest/lib/util.h"
#include "test.h"

static void expect_columns(size_t width, const char *want)
{
	static const char *const titles[] = { "MUTANT", "BY", "TITLE" };
	struct columns c;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	columns__start(&c, titles, ARRAY_SIZE(titles));
	columns__take(&c, xstrdup("by-rule"));
	columns__take(&c, xstrdup("I17, test: refused: a thread"));
	columns__take(&c, xstrdup("a rule is told at once"));
	columns__take(&c, xstrdup("none"));
	columns__take(&c, xstrdup(""));
	columns__take(&c, xstrdup("-"));
	columns__print(&c, out, width);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void test_columns(void **)
{
	expect_columns(80,
		"MUTANT   BY                            TITLE\n"
		"by-rule  I17, test: refused: a thread  a rule is told at once\n"
		"none                                   -\n");
	/* The last column is printed below its row. */
	expect_columns(50,
		"MUTANT   BY\n    TITLE\n"
		"by-rule  I17, test: refused: a thread\n    a rule is told at once\n"
		"none\n    -\n");
	/* The widest remaining column is broken into lines. */
	expect_columns(24,
		"MUTANT   BY\n    TITLE\n"
		"by-rule  I17, test:\n         refused: a\n         thread\n    a rule is told at\n    once\n"
		"none\n    -\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests_name("vmtest columns", tests, NULL, NULL);
}
