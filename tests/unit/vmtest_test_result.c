// SPDX-License-Identifier: GPL-2.0-only
/* The lines of the result port, complete, broken and hostile; and the line splitter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/lib/lines.h"
#include "vmtest/run/result_port.h"
#include "vmtest/lib/util.h"

static enum result_line put(struct result_port *r, const char *text)
{
	static char line[4096];
	size_t len;
	char *rest;

	snprintf(line, sizeof(line), "%s", text);
	return result_port__line(r, line, strlen(line), &rest, &len);
}

static void greet(struct result_port *r)
{
	assert_int_equal(put(r, "HELLO 6.12"), RESULT_HELLO);
}

static void test_order(void **state)
{
	static const struct { const char *line; enum result_line is; } lines[] = {
		{ "V PASS x", RESULT_GARBAGE },
		{ "HELLO 6.12", RESULT_HELLO },
		{ "K ok 1 a", RESULT_KTAP },
		{ "P 1.5 7", RESULT_PROGRESS },
		{ "P 2.5 7", RESULT_HEARTBEAT },
		{ "P 3.5 8", RESULT_PROGRESS },
		{ "V PASS fine so far", RESULT_ENDED },
		{ "V PASS again", RESULT_GARBAGE },
	};
	struct result_port r = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(put(&r, lines[i].line), lines[i].is);
	assert_string_equal(r.release, "6.12");
	assert_int_equal(r.ktap.events.totals.ok, 1);
	assert_string_equal(r.reason, "fine so far");
	assert_int_equal(r.garbage, 2);
	result_port__free(&r);
}

static void test_garbage(void **state)
{
	static const char *const bad[] = {
		"", "K", "KTAP", "Z x", "V", "V ", "V MAYBE", "V PASSED x",
		"V PANIC x", "V pass", "P", "P x", "P 1.0 -3", "P 1.0 x",
		"S ", "S {", "S []", "S {}", "S {\"verdict\":\"GOOD\"}",
		"S {\"verdict\":\"PASS\"}", "O ", "O x", "O {}", "O \"\\ud83d\\ude00\"",
		"\xff\xfe",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct result_port r = { 0 };

		greet(&r);
		if (put(&r, bad[i]) != RESULT_GARBAGE)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(r.garbage, 1);
		assert_false(r.ended);
		assert_false(r.verified);
		result_port__free(&r);
	}
}

static void test_output_bytes(void **state)
{
	struct result_port r = { 0 };
	char line[256 * 6 + 8], *p = line, *rest;
	size_t len;

	(void)state;
	greet(&r);
	p += sprintf(p, "O \"");
	for (int i = 0; i < 256; i++)
		p += sprintf(p, "\\u%04x", i);
	sprintf(p, "\"");
	assert_int_equal(result_port__line(&r, line, strlen(line), &rest, &len),
			 RESULT_OUTPUT);
	assert_int_equal(len, 256);
	for (int i = 0; i < 256; i++)
		assert_int_equal((unsigned char)rest[i], i);
	result_port__free(&r);
}

static void test_report(void **state)
{
	static const char text[] = "S {\"verdict\":\"FAIL\",\"reasons\":[\"r1\",\"r2\"],\"events\":5,\"lost\":{\"ring\":1,\"map\":0,\"missed\":2},\"joins\":3,\"rewrites\":4,\"violations\":[{\"rule\":\"I17\",\"count\":2,\"text\":\"t\"},{\"rule\":\"I3\"},{\"rule\":\"I17\",\"count\":1}]}";
	struct result_port r = { 0 };

	(void)state;
	greet(&r);
	assert_int_equal(put(&r, text), RESULT_VERIFY);
	assert_int_equal(r.judged.verdict, VERDICT_FAIL);
	assert_string_equal(r.judged.reason, "r1");
	assert_int_equal(r.judged.lost, 3);
	assert_int_equal(r.judged.n, 2);
	assert_int_equal(verify_report__violations(&r.judged, "I17"), 3);
	assert_int_equal(verify_report__violations(&r.judged, "I3"), 1);
	assert_int_equal(verify_report__violations(&r.judged, "I1"), 0);
	assert_int_equal(put(&r, text), RESULT_GARBAGE);
	result_port__free(&r);
}

static void count_line(void *ctx, char *line, size_t len)
{
	size_t *seen = ctx;

	assert_int_equal(strlen(line), len);
	*seen = *seen * 10 + len;
}

static void test_lines(void **state)
{
	struct lines l = { .max = 8 };
	size_t seen = 0;

	(void)state;
	assert_int_equal(lines__feed(&l, "a\nbb\n\nc", 7, count_line, &seen), 0);
	assert_int_equal(seen, 120);
	assert_int_equal(lines__feed(&l, "cc\n", 3, count_line, &seen), 0);
	assert_int_equal(seen, 1203);
	assert_int_equal(lines__feed(&l, "12345678", 8, count_line, &seen), 0);
	assert_int_equal(lines__feed(&l, "9", 1, count_line, &seen), -EMSGSIZE);
	assert_int_equal(seen, 1203);
	lines__free(&l);
}

static void test_bytes(void **state)
{
	char good[] = "\"a\\u0000\\u00ff\\n\"", bad[] = "\"\\u0100\"",
	     none[] = "7";
	size_t len = strlen(good);

	(void)state;
	assert_true(result_port__decode(good, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(good, "a\0\xff\n", 4);
	len = strlen(bad);
	assert_false(result_port__decode(bad, &len));
	len = strlen(none);
	assert_false(result_port__decode(none, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_output_bytes),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests_name("vmtest result", tests, NULL, NULL);
}
