// SPDX-License-Identifier: GPL-2.0-only
/* The steps that fake guests share: a boot, the tests, a report, the end. */
#include "vmtest_fakeqemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/wire/protocol.h"

/* $FAKE_TCG lists TCG's faults; "?": the first test for a fault was skipped. */
static void tcg_tests(void)
{
	const char *faults = getenv("FAKE_TCG");
	int stale, cmpxchg16b;

	faults = faults ? faults : "?";
	stale = !!strstr(faults, "stale-code");
	cmpxchg16b = !!strstr(faults, "cmpxchg16b");
	put(RESULT, "M -\nK KTAP version 1\nK 1..1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: init\nK   1..2\nK   ");
	put(RESULT, stale ? "not ok" : "ok");
	put(RESULT, " 1 " STALE_TEST);
	put(RESULT, *faults == '?' ? " # SKIP one CPU\nK   " : "\nK   ");
	put(RESULT, cmpxchg16b ? "not ok" : "ok");
	put(RESULT, " 2 " CMPXCHG16B_TEST "\nK ");
	put(RESULT, stale || cmpxchg16b ? "not ok 1 init\n" : "ok 1 init\n");
	end_with(stale || cmpxchg16b ? "V FAIL 1 of 1 test programs failed\n" :
				       "V PASS 0 of 1 test programs failed\n");
}

void take_job(void)
{
	if (incoming) {
		migrate();
	} else {
		put(CONSOLE, "[    0.000000] Linux version 6.12.0-fake\r\n");
		put(RESULT, "HELLO 6.12.0-fake\n");
		read_line(RESULT, settings, sizeof(settings));
		if (!strstr(settings, "\"mode\":"))
			put(RESULT, "V FAIL the settings are none\n");
		/* A line that is not on the console, which thus counts as a whole. */
		put(RESULT, "L 6,0,0,-;a record\n");
		put(RESULT, "W for the job\n");
		if (*ram)
			migrate();
	}
	read_line(RESULT, job, sizeof(job));
	if (!strstr(job, "\"seed\":") || !strstr(job, "\"time\":"))
		put(RESULT, "V FAIL the job is not one\n");
	if (strstr(job, "\"" TCG_FLAG "\""))
		tcg_tests();
}

void boot(void)
{
	take_job();
	put(RESULT, "M -\n");
}

void tests(const char *last)
{
	put(RESULT, "K KTAP version 1\nK 1..1\nP 1.0 1\n");
	put(RESULT, "K   KTAP version 1\nK   # Subtest: semantics\n");
	put(RESULT, "K   1..3\nK   ok 1 first\n");
	put(RESULT, "K   ok 2 second # SKIP not here\nE a remark\n");
	put(RESULT, last);
	put(RESULT, "K ok 1 semantics\nP 2.0 7\n");
}

void report(const char *verdict, const char *violations)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "S {\"verdict\":\"%s\",\"reasons\":[\"because\"],\"events\":100,\"lost\":{\"ring\":1,\"map\":2,\"missed\":3},\"joins\":10,\"rewrites\":40,\"violations\":%s}\n",
		 verdict, violations);
	put(RESULT, text);
}

void end_with(const char *verdict)
{
	char bye[64];

	put(TRACE, TRACE_TRAILER);
	put(RESULT, verdict);
	read_line(RESULT, bye, sizeof(bye));
	_exit(strcmp(bye, "BYE\n") ? 98 : 0);
}

void pause_for_a_step(void)
{
	usleep(atoi(getenv("FAKE_STEP_MS")) * 1000);
}

void sleep_for_ever(void)
{
	for (;;)
		pause();
}
