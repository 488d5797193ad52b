// SPDX-License-Identifier: GPL-2.0-only
/* Records of /dev/kmsg, and what they and the console say together. */
#include <stdint.h>
#include <string.h>

#include "vmtest/lib/util.h"
#include "vmtest/triage/kernel_log.h"
#include "test.h"

static void test_records(void **)
{
	static const struct {
		const char *record, *lines;	/* NULL: refused */
	} cases[] = {
		{ "6,0,0,-;Linux version 6.12", "<6>[    0.000000] Linux version 6.12\n" },
		{ "4,1,122000001,c;WARNING: x", "<4>[  122.000001] WARNING: x\n" },
		{ "12,2,5140900,-,caller=T1;a; b", "<12>[    5.140900] a; b\n" },
		/* The kernel escapes what cannot be printed. */
		{ "6,3,1,-;a\\x09b\\x5cx41 \\xzz \\x4",
		  "<6>[    0.000001] a\tb\\x41 \\xzz \\x4\n" },
		{ "6,4,1,-;one\\x0atwo", "<6>[    0.000001] one\n<6>[    0.000001] two\n" },
		{ "6,5,123456789012345,-;", "<6>[123456789.012345] \n" },
		{ "# /dev/kmsg: no", "" },
		{ "", NULL }, { "6,6,1,-", NULL }, { "6;6,1,-", NULL },
		{ "a,6,1,-;x", NULL }, { "#", NULL },
		/* A number that has been there. */
		{ "6,5,1,-;x", NULL },
	};
	struct kernel_log l = { .begun = false };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *lines = kernel_log__take(&l, cases[i].record);

		if (!lines != !cases[i].lines ||
		    (lines && strcmp(lines, cases[i].lines)))
			fail_msg("%s: %s", cases[i].record, lines ? lines : "refused");
		free(lines);
	}
	assert_string_equal(l.missing, "/dev/kmsg: no");
	assert_int_equal(l.lost, 0);
	kernel_log__free(&l);
}

static void test_gaps(void **)
{
	struct kernel_log l = { .begun = false };

	assert_false(kernel_log__whole(&l));
	free(kernel_log__take(&l, "6,0,0,-;first"));
	assert_true(kernel_log__whole(&l));
	free(kernel_log__take(&l, "6,4,0,-;fifth"));
	assert_int_equal(l.lost, 3);
	assert_false(kernel_log__whole(&l));
	kernel_log__free(&l);
	/* The first records were overwritten before init began to read. */
	free(kernel_log__take(&l, "6,9,0,-;tenth"));
	assert_int_equal(l.lost, 9);
	kernel_log__free(&l);
}

#define LOG \
	"<6>[    1.000000] one\n<12>[    1.500000] WARNING: a program's\n" \
	"<4>[    2.000000] WARNING: hidden\n<6>[    3.000000] end\n"
#define KERNELS \
	"[    1.000000] one\n[    2.000000] WARNING: hidden\n[    3.000000] end\n"

static void test_merge(void **)
{
	static const struct {
		const char *console;
		const char *whole, *gap;	/* what comes after KERNELS */
	} cases[] = {
		{ "", "", "" },
		{ "[    1.000000] one\r\n[    1.500000] WARNING: a program's\r\n"
		  "[    3.000000] end\r\n", "", "" },
		/* Before the last line that is in the log, all others are a program's. */
		{ "[    1.000000] one\r\nx[    9.000000] WARNING: y\r\n"
		  "[    3.000000] end\r\n", "", "x\n[    9.000000] WARNING: y\n" },
		{ "[    1.000000][    T1] one\r\nWARNING: x\r\n[    3.000000] end\r\n",
		  "", "WARNING: x\n" },
		/* After it, all count. A clock of another CPU may be behind. */
		{ "[    3.000000] end\r\n[    2.999999] WARNING: late\r\n",
		  "[    2.999999] WARNING: late\n", "[    2.999999] WARNING: late\n" },
		{ "[    1.000000] one\r\n[    2.500000] dead\r\nlast",
		  "[    2.500000] dead\nlast\n", "[    2.500000] dead\nlast\n" },
		/* The same text at another time is another line. */
		{ "[    3.000001] end\r\n", "[    3.000001] end\n", "[    3.000001] end\n" },
		/* Without stamps nothing is known. */
		{ "one\r\nend\r\n", "one\nend\n", "one\nend\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases) * 2; i++) {
		const struct kernel_log l = { .begun = true, .lost = i % 2 };
		const char *more = i % 2 ? cases[i / 2].gap : cases[i / 2].whole;
		char *expected = xasprintf(KERNELS "%s", more);
		char *text = kernel_log__merge(&l, LOG, cases[i / 2].console);

		if (strcmp(text, expected))
			fail_msg("%s, %llu lost: %s", cases[i / 2].console,
				 (unsigned long long)l.lost, text);
		free(text);
		free(expected);
	}
}

/* Without a log, as before init: all of the console. */
static void test_no_log(void **)
{
	const struct kernel_log l = { .begun = false };
	char *text = kernel_log__merge(&l, "", "[    1.000000] one\r\nBUG: x\r\n");

	assert_string_equal(text, "[    1.000000] one\nBUG: x\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_no_log),
	};

	return cmocka_run_group_tests_name("vmtest kernel log", tests, NULL, NULL);
}
