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
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/triage/emulator.h"
#include "vmtest/host/tcg.h"
#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

#define GOLDEN VMTEST_TOP "/tests/golden/splats"
#define NO_TIMER "the host was too busy while the guest calibrated its timer"
#define EMULATOR "QEMU ran an int3 that is not in memory (at fake+0x85): a fault of the emulator"

static void expect_place(const char *console, const char *want)
{
	char *have = int3__not_in_memory(console, &scanner, NULL);

	if (want) {
		assert_non_null(have);
		assert_string_equal(have, want);
	} else {
		assert_null(have);
	}
	free(have);
}

static void expect_golden(const char *name, const char *want)
{
	char *path = xasprintf(GOLDEN "/%s.console", name), *text;

	assert_int_equal(read_file(path, &text, NULL), 0);
	expect_place(text, want);
	free(text);
	free(path);
}

/* Output of real kernels: see tests/golden/splats/remake.sh. */
static void test_int3_of_real_kernels(void **state)
{
	(void)state;
	expect_golden("int3-emulator", "dequeue_entity+0x85");
	expect_golden("int3-kernel", NULL);
	expect_golden("bug", NULL);
	expect_golden("well-stock", NULL);
}

static void expect_flags(const char *name, uint32_t want)
{
	char *path = xasprintf(GOLDEN "/%s.console", name), *text;
	uint32_t have = 0;

	assert_int_equal(read_file(path, &text, NULL), 0);
	assert_int_equal(flags__impossible(text, &have), want != 0);
	if (want)
		assert_int_equal(have, want);
	free(text);
	free(path);
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
	expect_flags("flags-emulator", 0x044b4b02);
	expect_flags("int3-kernel", 0);
	expect_flags("null-pointer", 0);
	expect_flags("kasan", 0);
	expect_flags("well-stock", 0);
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

static json_t *target_of(const char *out)
{
	char *path = xasprintf("%s/summary.json", out);
	json_t *s = json_load_file(path, 0, NULL), *t;

	t = json_incref(json_array_get(json_object_get(s, "targets"), 0));
	json_decref(s);
	free(path);
	return t;
}

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

struct repeat_case {
	const char *guest;
	const char *argument;	/* additional argument, or NULL */
	const char *verdict, *reason;	/* reported outcome; part of its reason */
	int exit;
	const char *other;	/* verdict that is not reported; NULL: one run */
	const char *dir;	/* files of the reported run */
};

static const struct repeat_case cases[] = {
	{ "int3_of_emulator_once", NULL, "PASS", "", 0, "INCONCLUSIVE",
	  "t1-1" },
	{ "int3_of_emulator", NULL, "INCONCLUSIVE", EMULATOR, 3,
	  "INCONCLUSIVE", "t1-1" },
	{ "int3_of_emulator", "--no-snapshot", "INCONCLUSIVE", EMULATOR, 3,
	  "INCONCLUSIVE", "t1-1" },
	{ "no_timer_once", NULL, "PASS", "", 0, "INCONCLUSIVE", "t1-1" },
	{ "no_timer", NULL, "INCONCLUSIVE", NO_TIMER, 3, "INCONCLUSIVE",
	  "t1-1" },
	{ "flags_of_emulator_once", NULL, "PASS", "", 0, "INCONCLUSIVE",
	  "t1-1" },
	{ "int3_of_kernel", NULL, "PANIC", "Oops: int3", 5, "PANIC", "t1-1" },
	{ "int3_of_kernel", "--no-snapshot", "PANIC", "Oops: int3", 5, NULL,
	  "t1-1" },
	{ "panic", NULL, "PANIC", "not syncing: fake", 5, "PANIC", "t1-1" },
	{ "panic", "--no-snapshot", "PANIC", "not syncing: fake", 5, NULL,
	  "t1-1" },
	{ "panic_resumed", NULL, "PANIC",
	  "not syncing: fake; did not recur when booted (PASS, ", 5, "PASS",
	  "t1-1.first" },
	{ "splat_resumed", NULL, "SPLAT", "did not recur when booted (PASS, ",
	  4, "PASS", "t1-1.first" },
	{ "killed_resumed", NULL, "LOST", "did not recur when booted (PASS, ",
	  7, "PASS", "t1-1.first" },
	{ "panic_then_splat", NULL, "PANIC",
	  "not syncing: fake; another outcome when booted (SPLAT, ", 5,
	  "SPLAT", "t1-1.first" },
	/* These outcomes are not repeated. */
	{ "violation", NULL, "FAIL", "violated: I17", 1, NULL, "t1-1" },
	{ "good", NULL, "PASS", "", 0, NULL, "t1-1" },
};

static void check_json(const struct repeat_case *c, const char *out)
{
	char *first = xasprintf("%s/t1-1.first", out);
	json_t *t = target_of(out);
	const json_t *run = json_array_get(json_object_get(t, "results"), 0);
	const json_t *other = json_object_get(run, "other");

	assert_int_equal(json_integer_value(json_object_get(t, "runs")), 1);
	assert_int_equal(json_integer_value(json_object_get(t, "retried")),
			 c->other != NULL);
	assert_int_equal(json_integer_value(json_object_get(run, "retried")),
			 c->other != NULL);
	assert_string_equal(text_of(run, "verdict"), c->verdict);
	if (!strstr(text_of(run, "reason"), c->reason))
		fail_msg("\"%s\" is not in: %s", c->reason,
			 text_of(run, "reason"));
	assert_string_equal(strrchr(text_of(run, "dir"), '/') + 1, c->dir);
	assert_int_equal(!!exists(first, "console.log"), c->other != NULL);
	if (c->other) {
		assert_string_equal(text_of(other, "verdict"), c->other);
		assert_true(exists(text_of(other, "dir"), "console.log"));
	} else {
		assert_null(other);
	}
	json_decref(t);
	free(first);
}

static void test_repeats(void **state)
{
	const struct repeat_case *c = *state;
	char *out = fresh_out();
	struct ended e;

	shell("rm -f %s/booted%s", "");
	RUN(&e, c->guest, "--target=t1", "--accel=tcg", "--timeout=5", "--out",
	    out, c->argument ? c->argument : "--jobs=1");
	expect_exit(&e, c->exit);
	assert_int_equal(!!strstr(e.err, "; repeating, booted ("),
			 c->other != NULL);
	check_json(c, out);
	free(out);
	free_ended(&e);
}

/* The first run's directory replaces that of a previous vmtest. */
static void test_files_of_an_earlier_run(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		RUN(&e, "panic", "--target=t1", "--accel=tcg", "--out", out);
		expect_exit(&e, 5);
		free_ended(&e);
	}
	/* The entries are t1-1, t1-1.first, and the reports of all runs. */
	assert_int_equal(entries(out), 6);
	free(out);
}

/* A later run of the same seed keeps the files of an unexpected run. */
static void test_unwanted_runs_keep_their_files(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-1.unwanted-2", out);
	const json_t *second;
	struct ended e;
	json_t *t;

	(void)state;
	RUN(&e, "violation", "--target=t1", "--accel=tcg", "--runs=2", "--out",
	    out);
	expect_exit(&e, 1);
	assert_true(exists(out, "t1-1.unwanted-1/console.log"));
	assert_true(exists(dir, "console.log") && exists(dir, "repro.sh"));
	t = target_of(out);
	second = json_array_get(json_object_get(t, "results"), 1);
	assert_string_equal(text_of(second, "dir"), dir);
	json_decref(t);
	free(dir);
	free(out);
	free_ended(&e);
}

/* An expected verdict is not repeated. */
static void test_guilty_is_not_repeated(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "panic", "--target=guilty", "--accel=tcg", "--out", out, "--",
	    "cat");
	assert_non_null(strstr(e.err, "repeating, booted"));
	free_ended(&e);
	RUN(&e, "panic", "--target=guilty", "--accel=tcg", "--out", out);
	assert_null(strstr(e.err, "repeating, booted"));
	free_ended(&e);
	free(out);
}

/* --- the faults of a TCG --- */

#define ONE "one thread is used"
#define STALE " runs stale code under thread=multi (found by booting); " ONE
#define FLAGS " gets the flags of cmpxchg16b wrong (found by booting); CPUs without it are used"
#define UNKNOWN ": cannot determine the faults of its TCG (a test was skipped)"
#define MULTI "-accel tcg,thread=multi "
#define SINGLE "-accel tcg,thread=single "
#define WHOLE "+popcnt "
#define WITHOUT ",-cx16 "
#define SAID_MAX 2

struct tcg_case {
	const char *faults;	/* the guest's answer */
	const char *said[SAID_MAX];
	const char *accel, *cpu;
	bool kept;
};

static const struct tcg_case tcg_cases[] = {
	{ "none", { NULL }, MULTI, WHOLE, true },
	{ "stale-code", { STALE }, SINGLE, WHOLE, true },
	{ "cmpxchg16b", { FLAGS }, MULTI, WITHOUT, true },
	{ "stale-code cmpxchg16b", { STALE, FLAGS }, SINGLE, WITHOUT, true },
	{ "?", { UNKNOWN "; " ONE }, SINGLE, WHOLE, false },
	/* A known fault is avoided even if the test for another gave no answer. */
	{ "? cmpxchg16b", { UNKNOWN "; " ONE, FLAGS }, SINGLE, WITHOUT, false },
};

#define UNKNOWN_CASE 4

/* For a guest with one CPU the number of threads does not matter. */
static const struct tcg_case of_one_cpu[] = {
	{ "stale-code", { NULL }, MULTI, WHOLE, true },
	{ "stale-code cmpxchg16b", { FLAGS }, MULTI, WITHOUT, true },
	{ "?", { UNKNOWN "\n" }, MULTI, WHOLE, false },
};

static unsigned int count_notes(const char *err)
{
	return !!strstr(err, STALE) + !!strstr(err, FLAGS) +
	       !!strstr(err, UNKNOWN);
}

static void run_probed(const struct tcg_case *c, const char *argument)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-1", out);
	unsigned int said = 0;
	struct ended e;

	setenv("FAKE_TCG", c->faults, 1);
	finish("run", start("run", (const char *const[]){ "--target=t1",
		"--accel=tcg", "--out", out, argument, NULL }), &e);
	expect_exit(&e, 0);
	for (; said < SAID_MAX && c->said[said]; said++)
		assert_non_null(strstr(e.err, c->said[said]));
	assert_int_equal(count_notes(e.err), said);
	expect_in(dir, "cmdline", c->accel);
	expect_in(dir, "cmdline", c->cpu);
	free_ended(&e);
	unsetenv("FAKE_TCG");
	free(dir);
	free(out);
}

static void run_unknown(const struct tcg_case *c, const char *argument)
{
	char *answers = xasprintf("%s/tcg", getenv("CACHE"));

	shell("rm -rf %s/cache%s", "/good/tcg");
	run_probed(c, argument);
	assert_int_equal(entries(answers), c->kept);
	free(answers);
}

static bool has_two_cpus(void)
{
	cpu_set_t set;

	return !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 1;
}

static void test_tcg(void **state)
{
	const struct tcg_case *c = *state;
	struct tcg_case again = *c;

	/* Two threads gain nothing on a host with one CPU. */
	if (!has_two_cpus())
		skip();
	set_env("good");
	run_unknown(c, "--jobs=1");
	/* The cached answer is used, whatever a guest would report. */
	again.faults = "?";
	if (c->kept)
		run_probed(&again, "--jobs=1");
}

static void test_tcg_of_one_cpu(void **state)
{
	(void)state;
	set_env("good");
	for (size_t i = 0; i < ARRAY_SIZE(of_one_cpu); i++)
		run_unknown(&of_one_cpu[i], "--cpus=1");
}

/* An invalid cached answer is ignored. */
static void test_tcg_kept_wrong(void **state)
{
	const struct tcg_case *c = &tcg_cases[UNKNOWN_CASE];

	(void)state;
	if (!has_two_cpus())
		skip();
	set_env("good");
	run_unknown(&tcg_cases[0], "--jobs=1");
	shell("sed -i 's/: .*/: another/' %s/cache%s", "/good/tcg/*");
	run_probed(c, "--jobs=1");
}

/* A changed program file counts as a different QEMU. */
static void test_tcg_of_another_qemu(void **state)
{
	char *qemu;

	(void)state;
	if (!has_two_cpus())
		skip();
	set_env("good");
	qemu = in_root("qemu");
	put("qemu", "#!/bin/sh\nexec " FAKE_QEMU " \"$@\"\n", 0755);
	setenv("QEMU", qemu, 1);
	assert_int_equal(tcg__keep(getenv("CACHE"), qemu, 0), 0);
	put("qemu", "#!/bin/sh\n# another\nexec " FAKE_QEMU " \"$@\"\n", 0755);
	run_probed(&tcg_cases[1], "--jobs=1");
	free(qemu);
}

static int setup(void **state)
{
	int err = harness__setup(state);

	return err ? err : scanner_setup(state);
}

static int teardown(void **state)
{
	scanner_teardown(state);
	return harness__teardown(state);
}

#define FIXED 9

int main(void)
{
	struct CMUnitTest tests[FIXED + ARRAY_SIZE(cases) +
				ARRAY_SIZE(tcg_cases)] = {
		cmocka_unit_test(test_int3_of_real_kernels),
		cmocka_unit_test(test_int3_in_other_words),
		cmocka_unit_test(test_flags_that_no_cpu_has),
		cmocka_unit_test(test_files_of_an_earlier_run),
		cmocka_unit_test(test_unwanted_runs_keep_their_files),
		cmocka_unit_test(test_guilty_is_not_repeated),
		cmocka_unit_test(test_tcg_of_one_cpu),
		cmocka_unit_test(test_tcg_kept_wrong),
		cmocka_unit_test(test_tcg_of_another_qemu),
	};
	size_t n = FIXED;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[n++] = (struct CMUnitTest){
			cases[i].guest, test_repeats, NULL, NULL,
			(void *)&cases[i],
		};
	for (size_t i = 0; i < ARRAY_SIZE(tcg_cases); i++)
		tests[n++] = (struct CMUnitTest){
			tcg_cases[i].faults, test_tcg, NULL, NULL,
			(void *)&tcg_cases[i],
		};
	return cmocka_run_group_tests_name("vmtest repeat", tests, setup,
					   teardown);
}
