// SPDX-License-Identifier: GPL-2.0-only
/* Guests whose kernel is well: they differ in what init sends, and in how they end. */
#include "vmtest_fakeqemu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

void good(void)
{
	boot();
	tests("K   ok 3 third\n");
	put(TRACE, "0123456789");
	put(RESULT, "G a/b.gcda \"\\u00ff\"\n");
	put(RESULT, "T KTAP version 1\nT 1..2\nT ok 1 I17\nT ok 2 evidence\n");
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

void violation(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I17\",\"count\":3},{\"rule\":\"I3\",\"count\":1}]");
	end_with("V FAIL because\n");
}

static void not_ok(void)
{
	boot();
	tests("K   not ok 3 third\n");
	report("PASS", "[]");
	/* Contradicts the report: the runner must believe the worse of the two. */
	end_with("V PASS all is well\n");
}

static void inconclusive(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("INCONCLUSIVE", "[]");
	end_with("V INCONCLUSIVE hook x was not hit\n");
}

static void no_verdict(void)
{
	boot();
	tests("K   ok 3 third\n");
}

static void garbage_verdict(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V MAYBE who knows\n");
}

static void half_line(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V PASS all is w");
}

static void garbage(void)
{
	boot();
	tests("K   ok 3 third\n");
	put(RESULT, "\x01\xff\x80garbage\nS {\"verdict\":\nO no string\n\n");
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

static void no_trailer(void)
{
	char bye[64];

	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, "the rest is still on its w");
	put(RESULT, "V PASS all is well\n");
	read_line(RESULT, bye, sizeof(bye));
}

static void no_power_off(void)
{
	boot();
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	put(TRACE, TRACE_TRAILER);
	put(RESULT, "V PASS all is well\n");
	sleep_for_ever();
}

static void no_report(void)
{
	boot();
	tests("K   ok 3 third\n");
	end_with("V PASS all is well\n");
}

static void no_tests(void)
{
	boot();
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

static void silence(void)
{
	boot();
	sleep_for_ever();
}

static void heartbeat_only(void)
{
	boot();
	put(RESULT, "P 1.0 5\n");
	for (;;) {
		usleep(100000);
		put(RESULT, "P 1.0 5\n");
	}
}

static void dead_at_boot(void)
{
	sleep_for_ever();
}

static void endless_line(void)
{
	static char block[65537];

	memset(block, 'K', sizeof(block) - 1);
	boot();
	for (;;)
		put(RESULT, block);
}

void killed(void)
{
	char block[1001];

	memset(block, 't', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	boot();
	tests("K   ok 3 third\n");
	for (int i = 0; i < 100; i++)
		put(TRACE, block);
	put(RESULT, "K # last words\n");
	kill(getpid(), SIGKILL);
}

/* Is killed after its first test. */
static void killed_in_tests(void)
{
	boot();
	put(RESULT, "K KTAP version 1\nK 1..3\nK ok 1 first\n");
	kill(getpid(), SIGKILL);
}

static void exit_3(void)
{
	fprintf(stderr, "fakeqemu: will not do that\n");
	_exit(3);
}

static void big_trace(void)
{
	char block[65537];

	memset(block, 't', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	boot();
	for (int i = 0; i < 64; i++)
		put(TRACE, block);
	good();
}

/* Sends invalid bytes, and half of a valid message, on each channel. */
static void garbage_on_all(void)
{
	static const char bytes[] = "\xff\xfe\x80\x1b[2J\x07{\"QMP\": [";

	boot();
	put(CONSOLE, bytes);
	put(CONSOLE, "\r\n[    1.0] half a li");
	put(TRACE, bytes);
	put(QMP, bytes);
	put(QMP, "\r\n{\"return\": {}}\r\n{\"event\": 7}\r\nnull\r\n[]\r\n{\"ret");
	tests("K   ok 3 third\n");
	put(RESULT, "K   ok 4 fo");
}

/* Each step is late, but within the limit. */
static void slow(void)
{
	int ms = atoi(getenv("FAKE_STEP_MS"));

	boot();
	put(RESULT, "K KTAP version 1\nK 1..4\n");
	for (int i = 1; i <= 4; i++) {
		char line[32];

		usleep(ms * 1000);
		snprintf(line, sizeof(line), "K ok %d step\n", i);
		put(RESULT, line);
	}
	usleep(ms * 1000);
	report("PASS", "[]");
	usleep(ms * 1000);
	end_with("V PASS all is well\n");
}

/* Several findings, then a pause. */
static void seen(void)
{
	boot();
	put(RESULT, "K KTAP version 1\nK 1..1\nP 1.0 1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: semantics\nK   1..2\n");
	put(RESULT, "K   ok 1 first\nK   not ok 2 second\n");
	put(RESULT, "R I17 the numbers differ\nR I3 so do others\n");
	usleep(atoi(getenv("FAKE_STEP_MS")) * 1000);
	put(RESULT, "K not ok 1 semantics\nP 2.0 7\n");
	report("FAIL", "[{\"rule\":\"I17\",\"count\":3,\"statement\":\"They are all the new struct pid.\"},{\"rule\":\"I3\",\"count\":1}]");
	end_with("V FAIL because\n");
}

/* Makes progress without end. */
static void endless(void)
{
	boot();
	for (long i = 1;; i++) {
		char line[64];

		usleep(50000);
		snprintf(line, sizeof(line), "P %ld.0 %ld\n", i, i);
		put(RESULT, line);
	}
}

const struct fake_guest verdict_guests[] = {
	{ "good", good }, { "violation", violation }, { "not_ok", not_ok },
	{ "inconclusive", inconclusive }, { "no_verdict", no_verdict },
	{ "garbage_verdict", garbage_verdict }, { "half_line", half_line },
	{ "garbage", garbage }, { "no_trailer", no_trailer },
	{ "no_power_off", no_power_off }, { "no_report", no_report },
	{ "no_tests", no_tests }, { "silence", silence },
	{ "heartbeat_only", heartbeat_only }, { "dead_at_boot", dead_at_boot },
	{ "endless_line", endless_line }, { "killed", killed },
	{ "killed_in_tests", killed_in_tests }, { "exit_3", exit_3 },
	{ "big_trace", big_trace }, { "garbage_on_all", garbage_on_all },
	{ "slow", slow }, { "seen", seen }, { "endless", endless },
	{ NULL, NULL },
};
