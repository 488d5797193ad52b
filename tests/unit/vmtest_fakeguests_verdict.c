// SPDX-License-Identifier: GPL-2.0-only
/* Guests on a kernel without faults; they differ in what init sends and how they end. */
#include "vmtest_fakeqemu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

/* Sends n blocks of the size, filled with a character; n is 0: sends without end. */
static void put_blocks(int channel, char fill, size_t size, int n)
{
	char *block = calloc(1, size + 1);

	memset(block, fill, size);
	for (int i = 0; !n || i < n; i++)
		put(channel, block);
	free(block);
}

static void put_endless_line(void)
{
	put_blocks(RESULT, 'K', 65536, 0);
}

static void put_100_kb_of_trace(void)
{
	put_blocks(TRACE, 't', 1000, 100);
}

static void put_4_mib_of_trace(void)
{
	put_blocks(TRACE, 't', 65536, 64);
}

/*
 * Sends lines without end, each with its number. A block of them begins and ends with
 * @before and @after, in which a newline of a line is @newline.
 */
static void put_numbers(int channel, const char *before, const char *newline,
			const char *after)
{
	enum { LINES = 1000, WIDTH = 64 };
	char *block = malloc(LINES * (WIDTH + 8) + 64);

	for (long n = 1;; ) {
		char *at = stpcpy(block, before);

		for (int i = 0; i < LINES; i++)
			at += sprintf(at, "%0*ld%s", WIDTH, n++, newline);
		strcpy(at, after);
		put(channel, block);
	}
}

static void put_endless_output(void)
{
	put_numbers(RESULT, "O \"", "\\n", "\"\n");
}

static void put_endless_console(void)
{
	put_numbers(CONSOLE, "", "\r\n", "");
}

static void put_endless_ktap(void)
{
	put_numbers(RESULT, "", "\nK # ", "\n");
}

static void put_32_mib_of_errors(void)
{
	fputs("fakeqemu: first\n", stderr);
	for (int i = 0; i < 32 << 10; i++)
		fprintf(stderr, "%1023d\n", i);
	fputs("fakeqemu: last\n", stderr);
}

static void wait_for_bye(void)
{
	char bye[64];

	read_line(RESULT, bye, sizeof(bye));
}

/* Sends heartbeats that show no progress. */
static void repeat_heartbeat(void)
{
	for (;;) {
		put(RESULT, "P 1.0 5\n");
		usleep(100000);
	}
}

static void make_progress(void)
{
	for (long i = 1;; i++) {
		char line[64];

		usleep(50000);
		snprintf(line, sizeof(line), "P %ld.0 %ld\n", i, i);
		put(RESULT, line);
	}
}

static void kill_self(void)
{
	kill(getpid(), SIGKILL);
}

static void refuse(void)
{
	fprintf(stderr, "fakeqemu: will not do that\n");
	_exit(3);
}

/* Sends the texts of the environment, and ends QEMU, with an error if it has a message. */
static void put_environment(void)
{
	put(CONSOLE, getenv("FAKE_CONSOLE") ?: "");
	put(RESULT, getenv("FAKE_RESULT") ?: "");
	if (!getenv("FAKE_STDERR"))
		return;
	fprintf(stderr, "%s\n", getenv("FAKE_STDERR"));
	_exit(3);
}

#define SHUTDOWN(reason) \
	SEND(QMP, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"" reason "\"}}\r\n")
#define INVALID "\xff\xfe\x80\x1b[2J\x07{\"QMP\": ["

/* The output of a command, and the good end of the command. */
#define CAT "K KTAP version 1\nK 1..1\nK   KTAP version 1\nK   # Subtest: cat\n"
#define CAT_OK "K ok 1 cat\n"

const struct fake_guest verdict_guests[] = {
	{ "good", {
		BOOT, TESTS(THIRD_OK), SEND(TRACE, "0123456789"),
		SEND(RESULT, "G a/b.gcda \"\\u00ff\"\n"
			     "T KTAP version 1\nT 1..2\nT ok 1 I17\nT ok 2 evidence\n"),
		PASS_REPORT, END(WELL) } },
	{ "violation", {
		BOOT, TESTS(THIRD_OK),
		REPORT("FAIL", "[{\"rule\":\"I17\",\"count\":3},{\"rule\":\"I3\",\"count\":1}]"),
		END("V FAIL because\n") } },
	/* A test failed, but report and verdict are PASS: the runner must see FAIL. */
	{ "not_ok", { BOOT, TESTS("K   not ok 3 third\n"), PASS_REPORT,
		      END(WELL) } },
	{ "inconclusive", { BOOT, TESTS(THIRD_OK), REPORT("INCONCLUSIVE", "[]"),
			    END("V INCONCLUSIVE hook x was not hit\n") } },
	{ "environment", { BOOT, CALL(put_environment) } },
	{ "no_verdict", { BOOT, TESTS(THIRD_OK) } },
	{ "resets", { BOOT, SHUTDOWN("guest-reset") } },
	{ "powers_off", { BOOT, SHUTDOWN("guest-shutdown") } },
	{ "exits_late", { BOOT, SHUTDOWN("host-error"), CALL(refuse) } },
	{ "garbage_verdict", { BOOT, TESTS(THIRD_OK), PASS_REPORT,
			       SEND(TRACE, TRACE_TRAILER),
			       SEND(RESULT, "V MAYBE who knows\n") } },
	{ "half_line", { BOOT, TESTS(THIRD_OK), PASS_REPORT,
			 SEND(TRACE, TRACE_TRAILER), SEND(RESULT, "V PASS all is w") } },
	{ "garbage", {
		BOOT, TESTS(THIRD_OK),
		SEND(RESULT, "\x01\xff\x80garbage\nS {\"verdict\":\nO no string\n\n"),
		PASS_REPORT, END(WELL) } },
	{ "no_trailer", { BOOT, TESTS(THIRD_OK), PASS_REPORT,
			  SEND(TRACE, "the rest is still on its w"), SEND(RESULT, WELL),
			  CALL(wait_for_bye) } },
	{ "no_power_off", { BOOT, TESTS(THIRD_OK), PASS_REPORT,
			    SEND(TRACE, TRACE_TRAILER), SEND(RESULT, WELL), SLEEP } },
	{ "no_report", { BOOT, TESTS(THIRD_OK), END(WELL) } },
	{ "no_ktap", { BOOT, SEND(RESULT, CAT "K   hello\n" CAT_OK), PASS_REPORT, END(WELL) } },
	{ "no_plan", { BOOT, SEND(RESULT, CAT "K   ok 1 a\n" CAT_OK), PASS_REPORT, END(WELL) } },
	{ "plan_of_0", { BOOT, SEND(RESULT, CAT "K   1..0\n" CAT_OK), PASS_REPORT, END(WELL) } },
	{ "all_skipped", { BOOT, SEND(RESULT, CAT "K   1..0 # SKIP no root\n" CAT_OK),
			   PASS_REPORT, END(WELL) } },
	{ "crlf", { BOOT, SEND(RESULT, CAT "K   1..2\r\nK   ok 1 a\r\n" CAT_OK),
		    PASS_REPORT, END(WELL) } },
	{ "far_right", { BOOT, SEND(RESULT, CAT "K   1..1\nK   ok 1 a\n"
		"K                                         not ok 1 b\n" CAT_OK),
		PASS_REPORT, END(WELL) } },
	{ "no_tests", { BOOT, PASS_REPORT, END(WELL) } },
	{ "silence", { BOOT, SLEEP } },
	{ "heartbeat_only", { BOOT, CALL(repeat_heartbeat) } },
	{ "dead_at_boot", { SLEEP } },
	{ "endless_line", { BOOT, CALL(put_endless_line) } },
	{ "endless_output", { BOOT, SEND(RESULT, "O \"first\\n\"\n"), CALL(put_endless_output) } },
	{ "endless_console", { BOOT, CALL(put_endless_console) } },
	{ "endless_ktap", { BOOT, TESTS(THIRD_OK), CALL(put_endless_ktap) } },
	{ "many_errors", { CALL(put_32_mib_of_errors), PLAY("good") } },
	{ "killed", { BOOT, TESTS(THIRD_OK), CALL(put_100_kb_of_trace),
		      SEND(RESULT, "K # last words\n"), CALL(kill_self) } },
	/* QEMU is killed after the first test. */
	{ "killed_in_tests", { BOOT,
			       SEND(RESULT, "K KTAP version 1\nK 1..3\nK ok 1 first\n"),
			       CALL(kill_self) } },
	{ "exit_3", { CALL(refuse) } },
	{ "big_trace", { BOOT, CALL(put_4_mib_of_trace), PLAY("good") } },
	/* Sends invalid bytes, and half of a valid message, on each channel. */
	{ "garbage_on_all", {
		BOOT, SEND(CONSOLE, INVALID "\r\n[    1.0] half a li"), SEND(TRACE, INVALID),
		SEND(QMP, INVALID "\r\n{\"return\": {}}\r\n{\"event\": 7}\r\nnull\r\n[]\r\n{\"ret"),
		TESTS(THIRD_OK), SEND(RESULT, "K   ok 4 fo") } },
	/* Each step is late, but within the limit. */
	{ "slow", {
		BOOT, SEND(RESULT, "K KTAP version 1\nK 1..4\n"),
		PAUSE, SEND(RESULT, "K ok 1 step\n"),
		PAUSE, SEND(RESULT, "K ok 2 step\n"),
		PAUSE, SEND(RESULT, "K ok 3 step\n"),
		PAUSE, SEND(RESULT, "K ok 4 step\n"),
		PAUSE, PASS_REPORT, PAUSE, END(WELL) } },
	/* Several findings, then a pause. */
	{ "seen", {
		BOOT,
		SEND(RESULT, "K KTAP version 1\nK 1..1\nP 1.0 1\n"
			     "K   KTAP version 1\nK   # Subtest: semantics\nK   1..2\n"
			     "K   ok 1 first\nK   not ok 2 second\n"
			     "R I17 the numbers differ\nR I3 so do others\n"),
		PAUSE, SEND(RESULT, "K not ok 1 semantics\nP 2.0 7\n"),
		REPORT("FAIL", "[{\"rule\":\"I17\",\"count\":3,\"statement\":\"They are all the new struct pid.\"},{\"rule\":\"I3\",\"count\":1}]"),
		END("V FAIL because\n") } },
	/* Makes progress without end. */
	{ "endless", { BOOT, CALL(make_progress) } },
	{ NULL, { SLEEP } },
};
