// SPDX-License-Identifier: GPL-2.0-only
/* Kernels with faults, named after their mutants. */
#include "vmtest_fakeqemu.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"

static char mutant[64];		/* from the job */

/* Starts the tests of a kernel that reports the fault "is". */
static void has_mutant(const char *is)
{
	put(RESULT, "M ");
	put(RESULT, is);
	put(RESULT, "\nK KTAP version 1\nK 1..1\nP 1.0 1\n");
}

/* Reports the rule at once, and then nothing: the runner must not wait for more. */
static void by_rule(void)
{
	has_mutant(mutant);
	put(TRACE, "a trace that ends in the mid");
	put(RESULT, "R I17 the numbers differ\n");
	sleep_for_ever();
}

/* Fails a test whose name has a comma and a colon, after another failed test. */
static void by_test(void)
{
	has_mutant(mutant);
	put(RESULT, "K   KTAP version 1\nK   1..3\nK   not ok 1 not this one\n");
	put(RESULT, "K   not ok 2 refused: a thread, or more: EUSERS\n");
	sleep_for_ever();
}

static void by_splat(void)
{
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] BUG: sleeping function called from invalid context at fs/dcache.c:1\r\n");
	sleep_for_ever();
}

static void by_end_of_trace(void)
{
	has_mutant(mutant);
	tests("K   ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I38\",\"count\":1}]");
	end_with("V FAIL because\n");
}

static void missed(void)
{
	has_mutant(mutant);
	tests("K   not ok 3 third\n");
	report("FAIL", "[{\"rule\":\"I3\",\"count\":1}]");
	end_with("V FAIL because\n");
}

static void ignored(void)
{
	has_mutant("none");
	put(RESULT, "R I17 it must not come to this\n");
	sleep_for_ever();
}

static void crash(void)
{
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] Kernel panic - not syncing: fake\r\n");
	sleep_for_ever();
}

static void hangs(void)
{
	has_mutant(mutant);
	sleep_for_ever();
}

/* Panics before the rule is reported if resumed, warns if booted. */
static void panics_resumed(void)
{
	if (incoming)
		crash();
	has_mutant(mutant);
	put(CONSOLE, "[    1.5] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\r\n");
	put(RESULT, "R I17 it was lent\n");
	sleep_for_ever();
}

/* Caught with the third seed, or with widening. */
static void race(void)
{
	has_mutant(mutant);
	if (strstr(job, "\"seed\":3,") || strstr(settings, "\"widen\":true"))
		put(RESULT, "R I34 too late\n");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

static void healthy(void)
{
	has_mutant("none");
	tests("K   ok 3 third\n");
	report("PASS", "[]");
	end_with("V PASS all is well\n");
}

static const struct fake_guest mutants[] = {
	{ "by-rule", by_rule }, { "by-test", by_test }, { "by-splat", by_splat },
	{ "by-end", by_end_of_trace }, { "missed", missed }, { "ignored", ignored },
	{ "crash", crash }, { "crash-known", crash },
	{ "panics-resumed", panics_resumed }, { "hangs", hangs },
	{ "hangs-known", hangs }, { "race", race }, { "none", healthy },
	{ "boots-late", by_rule },
};

static void play_mutant(void)
{
	const char *asked;

	take_job();
	asked = strstr(job, "\"mutant\":\"");
	if (asked)
		sscanf(asked, "\"mutant\":\"%63[^\"]", mutant);
	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
		if (!strcmp(mutant, mutants[i].name))
			mutants[i].play();
	}
	fprintf(stderr, "fakeqemu: no mutant \"%s\"\n", mutant);
	_exit(97);
}

/* Panics before its init at the first start only. */
static void boots_late(void)
{
	if (first_time()) {
		put(CONSOLE, "[    0.1] Kernel panic - not syncing: IO-APIC + timer doesn't work!\r\n");
		_exit(0);
	}
	play_mutant();
}

static void boots_never(void)
{
	put(CONSOLE, "[    0.1] Kernel panic - not syncing: no init\r\n");
}

const struct fake_guest mutant_guests[] = {
	{ "mutants", play_mutant }, { "boots_late", boots_late },
	{ "boots_never", boots_never },
	{ NULL, NULL },
};
