// SPDX-License-Identifier: GPL-2.0-only
/* Kernels with faults, named after their mutants. */
#include "vmtest_fakeqemu.h"

#include <stdio.h>
#include <string.h>

/* Continues as the guest with the name of the job's mutant, which its kernel reports. */
static void play_mutant(void)
{
	char mutant[64] = "";
	const char *asked;

	take_job();
	asked = strstr(job, "\"mutant\":\"");
	if (asked)
		sscanf(asked, "\"mutant\":\"%63[^\"]", mutant);
	put(RESULT, "M ");
	put(RESULT, strcmp(mutant, "ignored") ? mutant : "none");
	put(RESULT, "\nP 1.0 1\n");
	/* "bug-1" and so on: as many bugs as a test needs. */
	play(strncmp(mutant, "bug-", 4) ? mutant : "by-rule");
}

/* Reports the rule with the third seed, or with widening. */
static void report_race(void)
{
	if (strstr(job, "\"seed\":3,") || strstr(settings, "\"widen\":true"))
		put(RESULT, "R I34 too late\n");
}

static void report_if_all(void)
{
	if (strstr(job, "\"semantics\"") && strstr(job, "\"processes\"") &&
	    strstr(job, "\"stress\""))
		put(RESULT, "R I3 found\n");
}

const struct fake_guest mutant_guests[] = {
	{ "mutants", { CALL(play_mutant) } },
	/* Panics before its init at the first start only. */
	{ "boots_late", { IF_FIRST("no_timer_panic"), PLAY("mutants") } },
	{ "no_timer_panic", {
		SEND(CONSOLE, "[    0.1] Kernel panic - not syncing: IO-APIC + timer doesn't work!\r\n") } },
	{ "boots_never", {
		SEND(CONSOLE, "[    0.1] Kernel panic - not syncing: no init\r\n") } },

	/* The guest reports the rule at once, and then nothing: the runner must not wait. */
	{ "by-rule", { SEND(TRACE, "a trace that ends in the mid"),
		       SEND(RESULT, "R I17 the numbers differ\n"), SLEEP } },
	{ "boots-late", { PLAY("by-rule") } },
	/* The test's name has a comma and a colon, and another test fails before it. */
	{ "by-test", {
		SEND(RESULT, "K   KTAP version 1\nK   1..3\nK   not ok 1 not this one\n"
			     "K   not ok 2 refused: a thread, or more: EUSERS\n"),
		SLEEP } },
	{ "by-splat", {
		SEND(CONSOLE, "[    1.5] BUG: sleeping function called from invalid context at fs/dcache.c:1\r\n"),
		SLEEP } },
	{ "by-end", { TESTS(THIRD_OK),
		      REPORT("FAIL", "[{\"rule\":\"I38\",\"count\":1}]"),
		      END("V FAIL because\n") } },
	{ "missed", { TESTS("K   not ok 3 third\n"),
		      REPORT("FAIL", "[{\"rule\":\"I3\",\"count\":1}]"),
		      END("V FAIL because\n") } },
	{ "ignored", { SEND(RESULT, "R I17 it must not come to this\n"), SLEEP } },
	{ "crash", { SEND(CONSOLE, PANIC), SLEEP } },
	{ "crash-known", { PLAY("crash") } },
	{ "hangs", { SLEEP } },
	{ "hangs-known", { SLEEP } },
	/* Panics before the rule is reported if resumed, warns if booted. */
	{ "panics-resumed", { IF_RESUMED("crash"), SEND(CONSOLE, WARNING),
			      SEND(RESULT, "R I17 it was lent\n"), SLEEP } },
	{ "race", { CALL(report_race), PASSES } },
	{ "anywhere", { CALL(report_if_all), PASSES } },
	{ "emulator", {
		SEND(CONSOLE, "[    1.5] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n"
			      "[    1.5] RIP: 0010:fake+0x86/0x580\r\n"
			      "[    1.5] Code: b3 b0 00 00 00 e9 <14> 02 00 00 48\r\n"
			      "[    1.6] Kernel panic - not syncing: Fatal exception\r\n"),
		SLEEP } },
	{ "none", { PASSES } },
	{ NULL, { SLEEP } },
};
