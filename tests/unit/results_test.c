// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the stream of results: its invariants, each format byte for byte, and which
 * lines of KTAP count as tests, and which as failures. tests/results_test.sh has other
 * programs read the formats.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/memory.h"
#include "results/ktap_read.h"
#include "results/text.h"
#include "test.h"

static char *render(const struct events *ev, enum results_format format)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(results__write(ev, "run", format, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void build(struct events *ev)
{
	events__begin(ev, NULL);
	events__diag(ev, "of the suite");
	events__test(ev, "first", TEST_OK, "not told of what is ok");
	events__begin(ev, "second #2");
	events__diag(ev, "one\ntwo <&>");
	events__end(ev, NULL, TEST_NOT_OK, "broke");
	events__end(ev, "suite", TEST_OK, NULL);
	events__test(ev, "third", TEST_SKIP, "no root");
	events__finish(ev);
}

static const char ktap[] =
	"KTAP version 1\n"
	"1..2\n"
	"  KTAP version 1\n"
	"  # Subtest: suite\n"
	"  # of the suite\n"
	"  1..2\n"
	"  ok 1 first\n"
	"  # one\n"
	"  # two <&>\n"
	"  # broke\n"
	"  not ok 2 second \\x232\n"
	"not ok 1 suite\n"
	"ok 2 third # SKIP no root\n";

static const char junit[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<testsuites tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">\n"
	"  <testsuite name=\"run\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">\n"
	"    <testsuite name=\"suite\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
	"      <testcase classname=\"run.suite\" name=\"first\"/>\n"
	"      <testcase classname=\"run.suite\" name=\"second #2\">\n"
	"        <failure message=\"broke\"/>\n"
	"        <system-out>one\ntwo &lt;&amp;&gt;\n</system-out>\n"
	"      </testcase>\n"
	"      <system-out>of the suite\n</system-out>\n"
	"    </testsuite>\n"
	"    <testcase classname=\"run\" name=\"third\">\n"
	"      <skipped message=\"no root\"/>\n"
	"    </testcase>\n"
	"  </testsuite>\n"
	"</testsuites>\n";

static const char json[] =
	"{\n"
	" \"name\": \"run\",\n"
	" \"result\": \"not ok\",\n"
	" \"totals\": {\n"
	"  \"ok\": 1,\n"
	"  \"not_ok\": 1,\n"
	"  \"skip\": 1\n"
	" },\n"
	" \"tests\": [\n"
	"  {\n"
	"   \"name\": \"suite\",\n"
	"   \"result\": \"not ok\",\n"
	"   \"diagnostics\": [\n"
	"    \"of the suite\"\n"
	"   ],\n"
	"   \"totals\": {\n"
	"    \"ok\": 1,\n"
	"    \"not_ok\": 1,\n"
	"    \"skip\": 0\n"
	"   },\n"
	"   \"tests\": [\n"
	"    {\n"
	"     \"name\": \"first\",\n"
	"     \"result\": \"ok\"\n"
	"    },\n"
	"    {\n"
	"     \"name\": \"second #2\",\n"
	"     \"result\": \"not ok\",\n"
	"     \"reason\": \"broke\",\n"
	"     \"diagnostics\": [\n"
	"      \"one\",\n"
	"      \"two <&>\"\n"
	"     ]\n"
	"    }\n"
	"   ]\n"
	"  },\n"
	"  {\n"
	"   \"name\": \"third\",\n"
	"   \"result\": \"skip\",\n"
	"   \"reason\": \"no root\"\n"
	"  }\n"
	" ],\n"
	" \"version\": 1\n"
	"}\n";

static const char *const golden[] = {
	[RESULTS_KTAP] = ktap,
	[RESULTS_JUNIT] = junit,
	[RESULTS_JSON] = json,
};

static void test_golden(void **)
{
	struct events ev = { 0 };

	build(&ev);
	for (int i = RESULTS_KTAP; i <= RESULTS_JSON; i++) {
		char *text = render(&ev, (enum results_format)i);

		assert_string_equal(text, golden[i]);
		free(text);
	}
	events__free(&ev);
}

static void read_text(struct ktap *k, const char *text)
{
	char *copy = strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		ktap__line(k, line);
	free(copy);
	ktap__finish(k);
	events__finish(&k->events);
}

/* Written output reads back unchanged, except for characters a name cannot contain. */
static void test_round_trip(void **)
{
	struct ktap k = { 0 };
	char *text;

	read_text(&k, ktap);
	text = render(&k.events, RESULTS_KTAP);
	assert_string_equal(text, ktap);
	free(text);
	ktap__free(&k);
}

/* A stream grafted into another is unchanged, one level deeper. */
static void test_graft(void **)
{
	struct events ev = { 0 }, part = { 0 }, empty = { 0 };
	char *text;

	build(&part);
	events__finish(&empty);
	events__graft(&ev, "part", &part);
	events__graft(&ev, "nothing", &empty);
	events__finish(&ev);
	assert_int_equal(ev.totals.ok, 2);
	assert_int_equal(ev.totals.not_ok, 1);
	assert_string_equal(ev.first_failed, "second #2");
	text = render(&ev, RESULTS_KTAP);
	assert_non_null(strstr(text, "\n    not ok 2 second \\x232\n  not ok 1 suite\n  ok 2 third # SKIP no root\nnot ok 1 part\nok 2 nothing\n"));
	free(text);
	events__free(&ev);
	events__free(&part);
	events__free(&empty);
}

/* KTAP, its totals, and a part of the KTAP that is written again. */
static const struct reading {
	const char *name, *in;
	uint64_t ok, not_ok, skip;
	const char *first_failed, *part;
} readings[] = {
	{ "flat", "KTAP version 1\n1..2\nok 1 a\nnot ok 2 b\n", 1, 1, 0, "b", "" },
	{ "dash before the name", "1..1\nnot ok 1 - b c\n", 0, 1, 0, "b c", "" },
	{ "no plan at all", "ok 1 a\nok 2 b\n", 2, 0, 0, "", "" },
	{ "skip counts apart", "1..2\nok 1 a # SKIP no root\nok 2 b\n", 1, 0, 1, "", "" },
	{ "failed skip is a skip", "1..1\nnot ok 1 a # skip\n", 0, 0, 1, "", "" },
	{ "todo may fail", "1..1\nnot ok 1 a # TODO later\n", 1, 0, 0, "", "" },
	{ "plan not kept", "1..3\nok 1 a\n", 1, 2, 0, "test 2 of 3: no result", "" },
	{ "empty plan", "1..0 # SKIP all\n", 0, 0, 0, "", "" },
	{ "empty plan without a reason", "1..0\n", 0, 0, 0, "", "" },
	{ "empty plan with another comment", "1..0 # none\n", 0, 0, 0, "", "" },
	{ "a program that skips all", "1..1\n  KTAP version 1\n  1..0 # SKIP no root\nok 1 p\n",
	  0, 0, 1, "", "ok 1 p # SKIP no root\n" },
	{ "a program that skips all, and fails", "1..1\n  1..0 # SKIP no root\nnot ok 1 p\n",
	  0, 1, 0, "p", "" },
	{ "a program that skips no test", "1..1\n  1..0\nok 1 p\n",
	  1, 0, 0, "", "" },
	{ "a program without KTAP", "1..1\n  # Subtest: p\n  hello\nok 1 p\n",
	  1, 0, 0, "", "" },
	{ "a program without a plan", "1..1\n  ok 1 a\nok 1 p\n",
	  1, 0, 0, "", "" },
	/* The program that ran a nested test prints its result. */
	{ "a nested test without a plan", "1..1\n  1..1\n    ok 1 a\n  ok 1 b\nok 1 p\n",
	  1, 0, 0, "", "" },
	{ "the plan at the end", "1..1\n  ok 1 a\n  ok 2 b\n  1..2\nok 1 p\n", 2, 0, 0, "", "" },
	{ "the plan at the end, and one missing", "1..1\n  ok 1 a\n  1..2\nok 1 p\n",
	  1, 1, 0, "test 2 of 2: no result", "" },
	{ "the plan in the middle", "1..1\n  ok 1 a\n  1..3\n  ok 2 b\n  ok 3 c\nok 1 p\n",
	  3, 1, 0, "result after the plan", "# the plan 1..3 came after 1 results\n" },
	{ "a second plan", "1..1\nok 1 a\n1..1\n", 1, 1, 0, "a second plan",
	  "# 1..1, after 1..1\n" },
	{ "two outputs in one", "1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n",
	  2, 3, 0, "a second plan", "not ok 4 result out of order\n" },
	{ "a plan with words", "1..2 are planned\nok 1 a\n", 1, 0, 0, "", "" },
	{ "a plan after an unended test", "  1..1\n  ok 1 a\n1..1\n", 1, 1, 0,
	  "(without a name)", "# it never ended\n" },
	{ "a number twice", "1..3\nok 1 a\nok 2 b\nok 2 c\n", 3, 1, 0, "result out of order",
	  "# number 2, expected 3\n" },
	{ "a number left out", "1..3\nok 1 a\nok 3 c\n", 2, 2, 0, "result out of order",
	  "# 3 planned, 2 results\n" },
	{ "number 0", "1..1\nok 0 a\n", 1, 1, 0, "result out of order", "" },
	{ "numbers backwards", "1..2\nok 2 b\nok 1 a\n", 2, 2, 0, "result out of order", "" },
	{ "a nested number twice", "1..1\n  1..2\n  ok 1 a\n  ok 1 b\nok 1 p\n",
	  2, 1, 0, "result out of order", "" },
	{ "no numbers", "1..2\nok - a\nok - b\n", 2, 0, 0, "", "ok 2 b\n" },
	{ "a name that begins with a digit", "1..1\nok 1 3rd try\n", 1, 0, 0, "", "ok 1 3rd try\n" },
	{ "a digit, and no number", "1..1\nok 3rd try\n", 1, 0, 0, "", "ok 1 3rd try\n" },
	{ "CRLF", "KTAP version 1\r\n1..2\r\nok 1 a\r\nnot ok 2 b\r\n", 1, 1, 0, "b",
	  "not ok 2 b\n" },
	{ "CRLF, and one missing", "1..2\r\nok 1\r\n", 1, 1, 0, "test 2 of 2: no result", "" },
	{ "a result after progress", "1..1\n10%\r20%\rnot ok 1 a\n", 0, 1, 0, "a", "# 20%\n" },
	{ "indented by a tab", "1..1\n\t1..1\n\tnot ok 1 a\nok 1 b\n", 0, 1, 0, "a", "" },
	{ "indented words", "1..1\n  ok then\n  not ok either\nok 1 a\n", 1, 0, 0, "",
	  "#   ok then\n" },
	{ "expected to fail", "1..1\nnot ok 1 a # XFAIL known\n", 1, 0, 0, "", "" },
	{ "ok, and timed out", "1..1\nok 1 a # TIMEOUT 30 seconds\n", 0, 1, 0, "a # TIMEOUT 30 seconds", "" },
	{ "ok, and an error", "1..1\nok 1 a # ERROR no fork\n", 0, 1, 0, "a # ERROR no fork", "" },
	{ "leaves count, not sums",
	  "1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 all\n", 2, 0, 0, "", "" },
	{ "a failed leaf is one failure",
	  "1..1\n  1..2\n  ok 1 a\n  not ok 2 b\nnot ok 1 all\n", 1, 1, 0, "b", "" },
	{ "failed though all leaves were ok",
	  "1..1\n  1..1\n  ok 1 a\nnot ok 1 all signal 11\n", 1, 1, 0, "all signal 11", "" },
	{ "subtest died",
	  "1..2\n  1..3\n  ok 1 a\nnot ok 1 first\n  1..1\n  ok 1 x\nok 2 second\n",
	  2, 2, 0, "test 2 of 3: no result", "" },
	{ "three deep",
	  "1..1\n  1..1\n    1..2\n    ok 1 a\n    ok 2 b\n  ok 1 mid\nok 1 top\n",
	  2, 0, 0, "", "" },
	{ "bail out", "1..2\nok 1 a\nBail out! no memory\n", 1, 2, 0, "Bail out! no memory", "" },
	{ "diagnostics are none", "# ok 1 a\nokay then\nnot okay\n1..1\nok 1\n", 1, 0, 0, "", "" },
	{ "half a result line at the end", "1..1\nnot o", 0, 1, 0, "test 1 of 1: no result", "" },
	{ "result without a name", "1..1\nnot ok 1\n", 0, 1, 0, "(without a name)", "" },
	{ "deeper than anyone nests", "1..1\n                    not ok 1 a\nok 1 b\n", 0, 1, 0, "a", "" },
	{ "behind 40 blanks", "1..1\n  1..1\n  ok 1 a\n"
	  "                                        not ok 1 b\nok 1 p\n", 1, 2, 0, "b", "" },
	{ "nothing", "", 0, 0, 0, "", "" },
	{ "a suite that never ended", "1..2\n  KTAP version 1\n  # Subtest: s\n  1..3\n  ok 1 a\n",
	  1, 3, 0, "test 2 of 3: no result",
	  "  not ok 3 test 3 of 3: no result\n# it never ended\nnot ok 1 s\n" },
	{ "without a plan either", "  ok 1 a\n", 1, 1, 0, "(without a name)", "as a whole\n" },
	{ "more than planned", "1..1\nok 1 a\nok 2 b\n",
	  2, 1, 0, "more results than planned", "not ok 3 more results than planned\n" },
	{ "an endless plan", "1..18446744073709551615\n",
	  0, 101, 0, "test 1 of 18446744073709551615: no result",
	  "tests 101 to 18446744073709551615 of" },
	{ "a skip without a name", "1..1\nok 1 # SKIP no such file\n",
	  0, 0, 1, "", "ok 1 no such file # SKIP no such file\n" },
	{ "a reason with a hash", "1..1\nok 1 a # SKIP see #3\n",
	  0, 0, 1, "", "ok 1 a # SKIP see \\x233\n" },
	{ "a name with a hash", "1..1\nok 1 fd #3\n", 1, 0, 0, "", "ok 1 fd \\x233\n" },
	{ "four blanks a level", "1..1\n    1..1\n        1..1\n        ok 1 a\n    ok 1 b\nok 1 c\n",
	  1, 0, 0, "", "    ok 1 a\n  ok 1 b\nok 1 c\n" },
	{ "other people's lines", "1..1\nhello\n# world\nnot ok 1 a\n",
	  0, 1, 0, "a", "# hello\n# world\nnot ok 1 a\n" },
	{ "ok with a test that is not", "1..1\n  1..1\n  not ok 1 a\nok 1 b\n",
	  0, 1, 0, "a", "  not ok 1 a\nnot ok 1 b\n" },
	{ "two deep, both gone", "1..1\n  1..1\n    1..1\n    ok 1 a\nok 1 top\n",
	  1, 1, 0, "(without a name)", "not ok 1 top\n" },
};

/* The readings that leave a doubt, with a part of it. */
static const struct {
	const char *name, *doubt;
} doubts[] = {
	{ "no plan at all", "no plan (1..N)" },
	{ "empty plan without a reason", "no test planned (1..0)" },
	{ "empty plan with another comment", "no test planned (1..0)" },
	{ "a program that skips no test", "p: no test planned (1..0)" },
	{ "a program without KTAP", "p: no KTAP" },
	{ "a program without a plan", "p: no plan (1..N)" },
	{ "a plan with words", "no plan" },
	{ "nothing", "no KTAP" },
	{ "deeper than anyone nests", "b: no plan (1..N)" },
	{ "without a plan either", "no plan" },
};

static const char *doubt_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++) {
		if (!strcmp(doubts[i].name, name))
			return doubts[i].doubt;
	}
	return NULL;
}

static void test_reading(void **state)
{
	const struct reading *r = *state;
	const char *doubt = doubt_of(r->name);
	struct ktap k = { 0 };
	char *text;

	read_text(&k, r->in);
	text = render(&k.events, RESULTS_KTAP);
	if (!strstr(text, r->part))
		fail_msg("no \"%s\" in\n%s", r->part, text);
	assert_int_equal(k.events.totals.ok, r->ok);
	assert_int_equal(k.events.totals.not_ok, r->not_ok);
	assert_int_equal(k.events.totals.skip, r->skip);
	assert_string_equal(k.events.first_failed, r->first_failed);
	if (!k.doubt != !doubt || (doubt && !strstr(k.doubt, doubt)))
		fail_msg("doubt: %s", k.doubt);
	free(text);
	ktap__free(&k);
}

/* Each line is one blank deeper; the levels are limited, the results are not. */
static void test_depth(void **)
{
	struct ktap k = { 0 };

	for (int i = 1; i < 3 * KTAP_DEPTH_MAX; i++) {
		char *line = xasprintf("%*snot ok 1 a", i, "");

		assert_int_equal(ktap__line(&k, line), KTAP_RESULT);
		free(line);
	}
	ktap__finish(&k);
	events__finish(&k.events);
	assert_true(k.events.totals.not_ok > 3 * KTAP_DEPTH_MAX - 2);
	ktap__free(&k);
}

static const struct {
	const char *in, *out;
} texts[] = {
	{ "plain", "plain" },
	{ "\303\244\342\202\254\360\237\220\247", "\303\244\342\202\254\360\237\220\247" },
	{ "a\tb", "a b" },
	{ "end\r", "end" },
	{ "\001\033\177", "\\x01\\x1b\\x7f" },
	{ "\377", "\\xff" },
	{ "\303", "\\xc3" },
	{ "\303(", "\\xc3(" },
	{ "\300\200", "\\xc0\\x80" },			/* overlong form */
	{ "\340\200\257", "\\xe0\\x80\\xaf" },
	{ "\355\240\200", "\\xed\\xa0\\x80" },		/* surrogate */
	{ "\364\220\200\200", "\\xf4\\x90\\x80\\x80" },	/* beyond the last code point */
	{ "\357\277\276", "\\xef\\xbf\\xbe" },
	{ "\342\200\250", "\\xe2\\x80\\xa8" },		/* line separator */
	{ "\302\205", "\\xc2\\x85" },			/* next line, to some programs */
	{ "", "" },
};

static void test_text(void **)
{
	char *big, *out;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		out = text__clean(texts[i].in, strlen(texts[i].in));
		assert_string_equal(out, texts[i].out);
		free(out);
	}
	/* The cut is between characters, not inside one. */
	big = malloc(TEXT_MAX + 100);
	memset(big, 'x', TEXT_MAX + 100);
	memcpy(big + TEXT_MAX - 1, "\303\244", 2);
	out = text__clean(big, TEXT_MAX + 100);
	assert_string_equal(out + TEXT_MAX - 1, "\303\244 [cut here]");
	free(out);
	free(big);
}

/* Ends without a beginning, missing names, and an empty stream. */
static void test_misuse(void **)
{
	struct events ev = { 0 };
	char *text;

	events__end(&ev, "x", TEST_OK, NULL);
	events__test(&ev, NULL, TEST_OK, NULL);
	events__test(&ev, "", TEST_NOT_OK, NULL);
	events__end(&ev, "x", TEST_OK, NULL);
	events__finish(&ev);
	text = render(&ev, RESULTS_KTAP);
	assert_string_equal(text, "KTAP version 1\n1..2\nok 1 (without a name)\nnot ok 2 (without a name)\n");
	free(text);
	events__free(&ev);
	assert_int_equal(results__write(&ev, "none", RESULTS_KTAP, stderr),
			 -ENODATA);
}

int main(void)
{
	struct CMUnitTest tests[6 + ARRAY_SIZE(readings)] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_graft),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_depth),
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		tests[6 + i] = ROW_TEST(test_reading, &readings[i]);
	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
