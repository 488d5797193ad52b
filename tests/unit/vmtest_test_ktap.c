// SPDX-License-Identifier: GPL-2.0-only
/* The KTAP reader: which lines count as tests, and which as failures. */
#include <string.h>

#include "results/ktap_read.h"
#include "vmtest/lib/util.h"
#include "test.h"

struct ktap_case {
	const char *name, *text;
	uint64_t ok, not_ok, skip;
	const char *first_failed;
};

static const struct ktap_case cases[] = {
	{ "flat", "KTAP version 1\n1..2\nok 1 a\nnot ok 2 b\n", 1, 1, 0, "b" },
	{ "dash before the name", "1..1\nnot ok 1 - b c\n", 0, 1, 0, "b c" },
	{ "no plan at all", "ok 1 a\nok 2 b\n", 2, 0, 0, "" },
	{ "skip counts apart", "1..2\nok 1 a # SKIP no root\nok 2 b\n", 1, 0, 1, "" },
	{ "failed skip is a skip", "1..1\nnot ok 1 a # skip\n", 0, 0, 1, "" },
	{ "todo may fail", "1..1\nnot ok 1 a # TODO later\n", 1, 0, 0, "" },
	{ "plan not kept", "1..3\nok 1 a\n", 1, 2, 0, "test 2 of 3: no result" },
	{ "empty plan", "1..0 # SKIP all\n", 0, 0, 0, "" },
	{ "leaves count, not sums",
	  "1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 all\n", 2, 0, 0, "" },
	{ "a failed leaf is one failure",
	  "1..1\n  1..2\n  ok 1 a\n  not ok 2 b\nnot ok 1 all\n", 1, 1, 0, "b" },
	{ "failed though all leaves were ok",
	  "1..1\n  1..1\n  ok 1 a\nnot ok 1 all signal 11\n", 1, 1, 0, "all signal 11" },
	{ "subtest died",
	  "1..2\n  1..3\n  ok 1 a\nnot ok 1 first\n  1..1\n  ok 1 x\nok 2 second\n",
	  2, 2, 0, "test 2 of 3: no result" },
	{ "three deep",
	  "1..1\n  1..1\n    1..2\n    ok 1 a\n    ok 2 b\n  ok 1 mid\nok 1 top\n",
	  2, 0, 0, "" },
	{ "bail out", "1..2\nok 1 a\nBail out! no memory\n", 1, 2, 0, "Bail out! no memory" },
	{ "diagnostics are none", "# ok 1 a\nokay then\nnot okay\n1..1\nok 1\n", 1, 0, 0, "" },
	{ "half a result line at the end", "1..1\nnot o", 0, 1, 0, "test 1 of 1: no result" },
	{ "result without a name", "1..1\nnot ok 1\n", 0, 1, 0, "(without a name)" },
	{ "deeper than anyone nests", "                    not ok 1 a\nok 1 b\n", 1, 0, 0, "" },
	{ "nothing", "", 0, 0, 0, "" },
};

static void test_case(void **state)
{
	const struct ktap_case *c = *state;
	char *copy = xstrdup(c->text), *rest = copy, *line;
	struct ktap k = { 0 };

	while ((line = strsep(&rest, "\n")))
		ktap__line(&k, line);
	ktap__finish(&k);
	events__finish(&k.events);
	assert_int_equal(k.events.totals.ok, c->ok);
	assert_int_equal(k.events.totals.not_ok, c->not_ok);
	assert_int_equal(k.events.totals.skip, c->skip);
	assert_string_equal(k.events.first_failed, c->first_failed);
	ktap__free(&k);
	free(copy);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(cases)];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[i] = ROW_TEST(test_case, &cases[i]);
	return cmocka_run_group_tests_name("vmtest ktap", tests, NULL, NULL);
}
