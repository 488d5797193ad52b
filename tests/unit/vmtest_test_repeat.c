// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of the emulator and of resumed guests: their detection, the conditions for
 * repeating a run, and the choice between the two outcomes. Also the measures against a
 * TCG with faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vmtest/triage/emulator.h"
#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

#define GOLDEN VMTEST_TOP "/tests/golden/splats"
#define NO_TIMER "the host was too busy while the guest calibrated its timer"
#define EMULATOR "QEMU ran an int3 that is not in memory (at fake+0x85): a fault of the emulator"

static void expect_place(const char *console, const char *want)
{
	char *have = int3__not_in_memory(console, &scanner, NULL);

	if (want)
		assert_string_equal(have, want);
	else
		assert_null(have);
	free(have);
}

static void expect_golden(const char *name, const char *want)
{
	char *text = content(GOLDEN, name);

	expect_place(text, want);
	free(text);
}

/* Output of real kernels: see tests/golden/splats/remake.sh. */
static void test_int3_of_real_kernels(void **state)
{
	(void)state;
	expect_golden("int3-emulator.console", "dequeue_entity+0x85");
	expect_golden("int3-kernel.console", NULL);
	expect_golden("bug.console", NULL);
	expect_golden("well-stock.console", NULL);
}

static void expect_flags(const char *name, uint32_t want)
{
	char *text = content(GOLDEN, name);
	uint32_t have = 0;

	assert_int_equal(flags__impossible(text, &have), want != 0);
	if (want)
		assert_int_equal(have, want);
	free(text);
}

static void test_flags_that_no_cpu_has(void **state)
{
	static const struct {
		const char *console;
		bool impossible;
	} cases[] = {
		{ "[ 1.5] RSP: 0018:ffff EFLAGS: 00010246\n", false },
		{ "[ 1.5] RSP: 0018:ffff EFLAGS: 00000244\n", true },
		{ "[ 1.5] RSP: 0018:ffff EFLAGS: 0000024a\n", true },
		{ "[ 1.5] RSP: 0018:ffff EFLAGS: 00400246\n", true },
		{ "[ 1.5] RSP: 0018:ffff EFLAGS: 00000246\n"
		  "[ 1.5] RSP: 0018:ffff EFLAGS: 07620202\n", false },
		{ "[ 1.5] EFLAGS: no number\n", false },
		{ "", false },
	};
	uint32_t flags;

	(void)state;
	expect_flags("flags-emulator.console", 0x044b4b02);
	expect_flags("int3-kernel.console", 0);
	expect_flags("null-pointer.console", 0);
	expect_flags("kasan.console", 0);
	expect_flags("well-stock.console", 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(flags__impossible(cases[i].console, &flags),
				 cases[i].impossible);
}

#define OOPS "[    1.5] Oops: int3: 0000 [#1] SMP\r\n"
#define RIP "[    1.5] RIP: 0010:f+0x5/0x9\r\n"

static void test_int3_in_other_words(void **state)
{
	(void)state;
	/* The format before 6.10, with a line of another CPU in between. */
	expect_place("[ 1.5] int3: 0000 [#1] SMP\n[ 1.5] RIP: 0010:f+0x5/0x9\n"
		     "[ 1.5] hello\n[ 1.5] Code: 00 90 <90> cc\n", "f+0x4");
	expect_place(OOPS "[ 1.5] RIP: 0010:0xffffffffc0000001\n"
		     "[ 1.5] Code: 90 <90>\n", "an unknown function");
	/* The first byte is marked; the line has no bytes; there is no such line. */
	expect_place(OOPS RIP "[ 1.5] Code: <90> 90\n", NULL);
	expect_place(OOPS RIP "[ 1.5] Code: Unable to access opcode bytes at 0x1.\n",
		     NULL);
	expect_place(OOPS RIP, NULL);
	expect_place("", NULL);
	/* A second report may be a consequence of the first. */
	expect_place("[ 1.0] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\n" OOPS
		     RIP "[ 1.5] Code: 00 90 <90>\n", NULL);
}

/* --- repeated runs --- */

#define RESULT(key, json) TARGET("results/0/" key, json)
#define ENDS_WITH(key, text) ENDS("summary.json?targets/0/results/0/" key, text "\"")

/* The reported outcome of a run that was repeated n times, with a part of its reason. */
#define OUTCOME(n, verdict, why, dir) \
	TARGET("runs", "1"), TARGET("retried", n), RESULT("retried", n), \
	RESULT("verdict", "\"" verdict "\""), ENDS_WITH("dir", "/" dir), \
	HAS("summary.json?targets/0/results/0/reason", why)

/* An outcome that is reported at once. */
#define ONCE(guest, args, status, verdict, why) \
	{ guest, { { guest, T1 " --timeout=5" args, .exit = status, { \
		OUTCOME("0", verdict, why, "t1-1"), SAYS_NOT("; repeating, booted ("), \
		ABSENT("summary.json?targets/0/results/0/other"), \
		ABSENT("t1-1.first/console.log") } } } }

/* An outcome in one directory, and the other one, which is not reported. */
#define TWICE(guest, args, status, verdict, why, dir, other, other_dir) \
	{ guest, { { guest, T1 " --timeout=5" args, .exit = status, { \
		OUTCOME("1", verdict, why, dir), SAYS("; repeating, booted ("), \
		RESULT("other/verdict", "\"" other "\""), ENDS_WITH("other/dir", "/" other_dir), \
		THERE("t1-1/console.log"), THERE("t1-1.first/console.log") } } } }

#define SECOND(guest, args, status, verdict, why, other) \
	TWICE(guest, args, status, verdict, why, "t1-1", other, "t1-1.first")
#define FIRST(guest, status, verdict, why, other) \
	TWICE(guest, "", status, verdict, why, "t1-1.first", other, "t1-1")

/* --- the faults of a TCG --- */

#define ONE "one thread is used"
#define STALE SAYS(" runs stale code under thread=multi (found by booting); " ONE)
#define FLAGS SAYS(" gets the flags of cmpxchg16b wrong (found by booting); CPUs without it are used")
#define UNKNOWN(then) SAYS(": cannot determine the faults of its TCG (a test was skipped)" then)
#define NO_STALE SAYS_NOT(" runs stale code under thread=multi")
#define NO_FLAGS SAYS_NOT(" gets the flags of cmpxchg16b wrong")
#define NO_UNKNOWN SAYS_NOT(": cannot determine the faults of its TCG")

/* In QEMU's arguments. */
#define MULTI HAS("t1-1/cmdline", "-accel tcg,thread=multi ")
#define SINGLE HAS("t1-1/cmdline", "-accel tcg,thread=single ")
#define WHOLE HAS("t1-1/cmdline", "+popcnt ")
#define WITHOUT HAS("t1-1/cmdline", ",-cx16 ")

/* A run whose guest answers with these faults, and n cached answers after it. */
#define TCG(faults, args, n, set_up, ...) \
	{ "good", T1 args, .exit = 0, { __VA_ARGS__ }, .env = "FAKE_TCG=" faults, \
	  .before = set_up, \
	  .after = "rm -rf kept; mkdir -p cache/good/tcg && mv cache/good/tcg kept && " \
		   "[ $(ls kept | wc -l) = " n " ]" }
#define FORGET "rm -rf cache/good/tcg"
#define REMEMBER "rm -rf cache/good/tcg && mv kept cache/good/tcg"

/* Two threads gain nothing on a host with one CPU. */
#define TWO_CPUS "[ $(nproc) -gt 1 ] || exit 77; "

/* The cached answer is used, whatever a guest would report. */
#define KNOWN(faults, ...) \
	{ faults, { TCG("'" faults "'", "", "1", TWO_CPUS FORGET, __VA_ARGS__), \
		    TCG("'?'", "", "1", REMEMBER, __VA_ARGS__) } }

static const struct test_case cases[] = {
	SECOND("int3_of_emulator_once", "", 0, "PASS", "", "INCONCLUSIVE"),
	SECOND("int3_of_emulator", "", 3, "INCONCLUSIVE", EMULATOR, "INCONCLUSIVE"),
	SECOND("int3_of_emulator", " --no-snapshot", 3, "INCONCLUSIVE", EMULATOR, "INCONCLUSIVE"),
	SECOND("no_timer_once", "", 0, "PASS", "", "INCONCLUSIVE"),
	SECOND("no_timer", "", 3, "INCONCLUSIVE", NO_TIMER, "INCONCLUSIVE"),
	SECOND("flags_of_emulator_once", "", 0, "PASS", "", "INCONCLUSIVE"),
	SECOND("int3_of_kernel", "", 5, "PANIC", "; also when booted", "PANIC"),
	ONCE("int3_of_kernel", " --no-snapshot", 5, "PANIC", "Oops: int3"),
	SECOND("panic", "", 5, "PANIC", "not syncing: fake; also when booted", "PANIC"),
	ONCE("panic", " --no-snapshot", 5, "PANIC", "not syncing: fake"),
	FIRST("panic_resumed", 5, "PANIC",
	      "not syncing: fake; only when resumed from the saved guest; when booted: PASS (", "PASS"),
	FIRST("splat_resumed", 4, "SPLAT", "; only when resumed from the saved guest; when booted: PASS (", "PASS"),
	FIRST("killed_resumed", 7, "LOST", "; only when resumed from the saved guest; when booted: PASS (", "PASS"),
	FIRST("panic_then_splat", 5, "PANIC",
	      "not syncing: fake; when booted: SPLAT (", "SPLAT"),
	SECOND("splat_then_panic", "", 5, "PANIC",
	       "not syncing: fake; when resumed from the saved guest: SPLAT (", "SPLAT"),
	/* These outcomes are not repeated. */
	ONCE("violation", "", 1, "FAIL", "violated: I17"),
	ONCE("good", "", 0, "PASS", ""),

	/* A saved guest that alone fails is removed; one that fails like a booted guest stays. */
	{ "a saved guest that alone fails", {
		{ "panic_resumed", T1, .exit = 5, .after = "[ -z \"$(ls cache/panic_resumed/snapshots)\" ]" },
		{ "panic", T1, .exit = 5, .after = "[ \"$(ls cache/panic/snapshots)\" ]" } } },

	/* The first run's directory replaces that of a previous vmtest. */
	{ "files of an earlier run", {
		{ "panic", T1, .exit = 5 },
		/* The entries are t1-1, t1-1.first, and the reports of all runs. */
		{ "panic", T1, .exit = 5, .after = "[ $(ls $OUT | wc -l) = 6 ]" } } },
	/* A later run of the same seed keeps the files of an unexpected run. */
	{ "unwanted runs keep their files", { { "violation", T1 " --runs=2", .exit = 1, {
		THERE("t1-1.unwanted-1/console.log"), THERE("t1-1.unwanted-2/console.log"),
		THERE("t1-1.unwanted-2/repro.sh"),
		ENDS("summary.json?targets/0/results/1/dir", "/t1-1.unwanted-2\"") } } } },
	/* An expected verdict is not repeated. */
	{ "guilty is not repeated", {
		{ "panic", "--target=guilty --accel=tcg --out $OUT -- cat", .exit = 5, {
			SAYS("repeating, booted") } },
		{ "panic", "--target=guilty --accel=tcg --out $OUT", .exit = 0, {
			SAYS_NOT("repeating, booted") } } } },

	KNOWN("none", MULTI, WHOLE, NO_STALE, NO_FLAGS, NO_UNKNOWN),
	KNOWN("stale-code", SINGLE, WHOLE, STALE, NO_FLAGS, NO_UNKNOWN),
	KNOWN("cmpxchg16b", MULTI, WITHOUT, NO_STALE, FLAGS, NO_UNKNOWN),
	KNOWN("stale-code cmpxchg16b", SINGLE, WITHOUT, STALE, FLAGS, NO_UNKNOWN),
	{ "?", { TCG("'?'", "", "0", TWO_CPUS FORGET, SINGLE, WHOLE,
		     NO_STALE, NO_FLAGS, UNKNOWN("; " ONE)) } },
	/* A known fault is avoided even if the test for another gave no answer. */
	{ "? cmpxchg16b", { TCG("'? cmpxchg16b'", "", "0", TWO_CPUS FORGET, SINGLE, WITHOUT,
				NO_STALE, FLAGS, UNKNOWN("; " ONE)) } },
	/* For a guest with one CPU the number of threads does not matter. */
	{ "TCG of one CPU", {
		TCG("stale-code", " --cpus=1", "1", FORGET, MULTI, WHOLE,
		    NO_STALE, NO_FLAGS, NO_UNKNOWN),
		TCG("'stale-code cmpxchg16b'", " --cpus=1", "1", FORGET, MULTI, WITHOUT,
		    NO_STALE, FLAGS, NO_UNKNOWN),
		TCG("'?'", " --cpus=1", "0", FORGET, MULTI, WHOLE,
		    NO_STALE, NO_FLAGS, UNKNOWN("\n")) } },
	/* An invalid cached answer is ignored. */
	{ "TCG kept wrong", {
		TCG("none", "", "1", TWO_CPUS FORGET, MULTI, WHOLE,
		    NO_STALE, NO_FLAGS, NO_UNKNOWN),
		TCG("'?'", "", "1", "sed -i 's/: .*/: another/' kept/* && " REMEMBER, SINGLE, WHOLE,
		    NO_STALE, NO_FLAGS, UNKNOWN("; " ONE)) } },
	/* A changed program file counts as a different QEMU. */
	{ "TCG of another QEMU", {
		TCG("none QEMU=$ROOT/qemu", "", "1", TWO_CPUS FORGET "; "
		    "printf '#!/bin/sh\\nexec " FAKE_QEMU " \"$@\"\\n' >qemu && chmod 755 qemu",
		    MULTI, NO_STALE),
		TCG("stale-code QEMU=$ROOT/qemu", "", "2", REMEMBER " && "
		    "printf '# another\\n' >>qemu", SINGLE, WHOLE,
		    STALE, NO_FLAGS, NO_UNKNOWN),
		/* So does one of the same size and mtime. */
		TCG("none QEMU=$ROOT/qemu", "", "3", REMEMBER " && "
		    "touch -r qemu stamp && sed 's/another/someone/' qemu >qemu.new && "
		    "cat qemu.new >qemu && touch -r stamp qemu", MULTI, NO_STALE) } },
};

#define SCANNING(test) cmocka_unit_test_setup_teardown(test, scanner_setup, scanner_teardown)

int main(void)
{
	static const struct CMUnitTest others[] = {
		SCANNING(test_int3_of_real_kernels),
		SCANNING(test_int3_in_other_words),
		cmocka_unit_test(test_flags_that_no_cpu_has),
	};

	return cases__run("vmtest repeat", cases, ARRAY_SIZE(cases), others,
			  ARRAY_SIZE(others));
}
