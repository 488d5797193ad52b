// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole runner, as a user starts it, with fake guests: each run must get its
 * verdict, exit status and files, without leftovers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/host/host.h"
#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

static json_t *summary_of(const char *out)
{
	char *path = xasprintf("%s/summary.json", out);
	json_t *s = json_load_file(path, 0, NULL);

	free(path);
	return s;
}

static json_t *first_target(json_t *summary)
{
	return json_array_get(json_object_get(summary, "targets"), 0);
}

struct guest_case {
	const char *guest;
	int exit;
	const char *verdict;
	const char *reason;	/* part of the message on stderr */
	double at_most_s;
};

static const struct guest_case guests[] = {
	{ "good", 0, "PASS", "t1 seed 7: PASS", 240 },
	{ "violation", 1, "FAIL", "violated: I17 x3 I3 x1", 240 },
	{ "not_ok", 1, "FAIL", "1 test not ok: third", 240 },
	{ "inconclusive", 3, "INCONCLUSIVE", "hook x was not hit", 240 },
	{ "no_verdict", 7, "LOST", "no verdict; QEMU ended with exit status 0", 240 },
	{ "garbage_verdict", 7, "LOST", "garbage on the result port: not a verdict: \"V MAYBE", 240 },
	{ "half_line", 7, "LOST", "no verdict", 240 },
	{ "garbage", 7, "LOST", "garbage on the result port", 240 },
	{ "no_trailer", 3, "INCONCLUSIVE", "the end of the trace is missing", 240 },
	{ "no_power_off", 6, "HANG", "did not power off after its verdict", 120 },
	{ "no_report", 7, "LOST", "no report from pidnstrace", 240 },
	{ "no_tests", 3, "INCONCLUSIVE", "no test passed", 240 },
	{ "panic", 5, "PANIC", "Kernel panic - not syncing: fake", 60 },
	{ "panic_at_boot", 5, "PANIC", "Kernel panic - not syncing: VFS", 60 },
	{ "late_panic", 5, "PANIC", "not syncing: at the end", 60 },
	{ "splat", 4, "SPLAT", "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240 },
	{ "silence", 6, "HANG", "no output for ", 120 },
	{ "heartbeat_only", 6, "HANG", "no progress of the tests", 120 },
	{ "dead_at_boot", 6, "HANG", "while booting", 120 },
	{ "console_flood", 6, "HANG", "but the kernel prints messages", 360 },
	{ "endless_line", 7, "LOST", "endless line on the result port", 240 },
	{ "killed", 7, "LOST", "signal 9 (Killed)", 240 },
	{ "exit_3", 7, "LOST", "no output from the guest; QEMU ended with exit status 3: fakeqemu: will not do that", 240 },
};

/* make hides the exit status, so the last line after the table contains it. */
static void expect_last_line(const char *text, const char *verdict, int status)
{
	char *want = xasprintf("\nvmtest: %s, exit status %d\n", verdict, status);
	size_t len = strlen(text), n = strlen(want);

	if (len < n || strcmp(text + len - n, want))
		fail_msg("no%s at the end of: %s", want, text);
	free(want);
}

static void expect_verdict_once(const struct ended *e, const char *verdict)
{
	char *twice = xasprintf("%s: %s", verdict, verdict);

	assert_null(strcasestr(e->err, twice));
	assert_null(strcasestr(e->out, twice));
	free(twice);
}

static void test_guest(void **state)
{
	const struct guest_case *c = *state;
	char *out = fresh_out(), *dir;
	struct ended e;
	json_t *s;

	RUN(&e, c->guest, "--target=t1", "--seed=7", "--accel=tcg",
	    "--timeout=1", "--out", out);
	expect_exit(&e, c->exit);
	if (!strstr(e.err, c->reason))
		fail_msg("\"%s\" is not in: %s", c->reason, e.err);
	assert_true(e.seconds < c->at_most_s);
	expect_last_line(e.out, c->verdict, c->exit);
	expect_verdict_once(&e, c->verdict);
	s = summary_of(out);
	assert_string_equal(json_string_value(json_object_get(first_target(s),
							      "verdict")),
			    c->verdict);
	dir = xasprintf("%s/t1-7", out);
	assert_true(exists(dir, "console.log") && exists(dir, "trace.bin") &&
		    exists(dir, "cmdline") && exists(dir, "seed") &&
		    exists(dir, "tests.ktap") && exists(dir, "log") &&
		    exists(dir, "results.ktap") && exists(dir, "junit.xml") &&
		    exists(dir, "results.json") && exists(out, "results.ktap") &&
		    exists(out, "junit.xml") && exists(out, "results.json"));
	/* The script to reproduce a run exists unless the run passed. */
	assert_int_equal(exists(dir, "repro.sh"), c->exit != 0);
	json_decref(s);
	free(dir);
	free(out);
	free_ended(&e);
}

/* The guest's results as received, then the rules, nested, and the verdict. */
static const char results_of_a_good_run[] =
	"KTAP version 1\n1..3\n"
	"  KTAP version 1\n  # Subtest: semantics\n  1..3\n"
	"  ok 1 first\n  ok 2 second # SKIP not here\n  ok 3 third\n"
	"ok 1 semantics\n"
	"  KTAP version 1\n  # Subtest: rules\n  1..2\n"
	"  ok 1 I17\n  ok 2 evidence\n"
	"ok 2 rules\n"
	"ok 3 verdict\n";

static void test_facts_of_a_good_run(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out), *text;
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "good", "--target=t1", "--seed=7", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	text = content(dir, "trace.bin");
	/* The trailer belongs to the channel, not to the file. */
	assert_string_equal(text, "0123456789");
	free(text);
	text = content(dir, "tests.ktap");
	assert_string_equal(text, "KTAP version 1\n1..1\n  KTAP version 1\n  # Subtest: semantics\n  1..3\n  ok 1 first\n  ok 2 second # SKIP not here\n  ok 3 third\nok 1 semantics\n");
	free(text);
	text = content(dir, "results.ktap");
	assert_string_equal(text, results_of_a_good_run);
	free(text);
	/* The results of all runs have the same lines, nested two levels deeper. */
	expect_in(out, "results.ktap",
		  "\n      ok 3 third\n    ok 1 semantics\n");
	expect_in(out, "results.ktap",
		  "\n    ok 3 verdict\n  ok 1 seed 7\nok 1 t1\n");
	text = content(dir, "log");
	assert_non_null(strstr(text, "a remark\n"));
	free(text);
	text = content(dir, "counts");
	assert_string_equal(text, "a/b.gcda \"\\u00ff\"\n");
	free(text);
	text = content(dir, "console.log");
	assert_string_equal(text, "[    0.000000] Linux version 6.12.0-fake\r\n");
	free(text);
	s = summary_of(out);
	assert_int_equal(json_integer_value(json_object_get(first_target(s), "lost")), 6);
	assert_int_equal(json_integer_value(json_object_get(first_target(s), "joins")), 10);
	assert_true(json_is_true(json_object_get(first_target(s), "expected")));
	json_decref(s);
	assert_non_null(strstr(e.out, " 2 ok, 1 skip "));
	free(dir);
	free(out);
	free_ended(&e);
}

static void test_nothing_received_is_lost(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out), *text;
	struct ended e;
	struct stat st;
	char *path;

	(void)state;
	RUN(&e, "killed", "--target=t1", "--seed=7", "--accel=tcg", "--out", out);
	expect_exit(&e, 7);
	path = xasprintf("%s/trace.bin", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 100000);
	text = content(dir, "tests.ktap");
	assert_non_null(strstr(text, "# last words\n"));
	free(text);
	free(path);
	free(dir);
	free(out);
	free_ended(&e);
}

static void test_hang_is_dumped(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out), *text;
	struct ended e;

	(void)state;
	RUN(&e, "hang", "--target=t1", "--seed=7", "--accel=tcg",
	    "--timeout=1", "--out", out);
	expect_exit(&e, 6);
	text = content(dir, "registers");
	assert_string_equal(text, "CPU#0\r\nRIP=ffffffff81000000\r\n");
	free(text);
	/* The answer to each sysrq letter, sent after its own break, in this order. */
	text = content(dir, "console.log");
	assert_string_equal(text, "[    0.000000] Linux version 6.12.0-fake\r\n"
		"[    9.0] sysrq: Show what l asks for\r\n[    9.0]  busy+0x1/0x2\r\n"
		"[    9.0] sysrq: Show what w asks for\r\n[    9.0]  busy+0x1/0x2\r\n"
		"[    9.0] sysrq: Show what t asks for\r\n[    9.0]  busy+0x1/0x2\r\n");
	free(text);
	text = content(dir, "splat.txt");
	assert_non_null(strstr(text, "# not symbolised: "));
	assert_non_null(strstr(text, "vmlinux.debug: No such file"));
	assert_non_null(strstr(text, "\n[    9.0] sysrq: Show what l asks for\n"));
	assert_null(strstr(text, "Linux version"));
	free(text);
	free(dir);
	free(out);
	free_ended(&e);
}

static void test_splat_is_kept(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/guilty-7", out), *text;
	struct ended e;

	(void)state;
	/* splat.txt is written after the replay of this guest's trace. */
	RUN(&e, "panic", "--target=guilty", "--seed=7", "--accel=tcg", "--out",
	    out);
	expect_exit(&e, 0);
	text = content(dir, "splat.txt");
	assert_non_null(strstr(text, "\n[    1.5] Kernel panic - not syncing: fake\n"));
	free(text);
	assert_true(exists(dir, "verify.json"));
	/* The replay's findings are reported as if they came from the guest. */
	text = content(dir, "results.ktap");
	assert_non_null(strstr(text, "\n  not ok 1 I17\n  not ok 2 evidence\nnot ok 1 rules\n"));
	assert_non_null(strstr(text, "\n# Kernel panic - not syncing: fake\nnot ok 2 verdict\n"));
	free(text);
	/* The target is expected to be found guilty. */
	expect_in(out, "results.ktap",
		  "  ok 1 seed 7 fails as expected\n  ok 2 I17 found\nok 1 guilty\n");
	free_ended(&e);
	RUN(&e, "violation", "--target=guilty", "--seed=7", "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 0);
	assert_false(exists(dir, "splat.txt"));
	free(dir);
	free(out);
	free_ended(&e);
}

/* Runs a kernel with debugging aids, recognized by its config. */
static void run_debug(struct ended *e, const char *guest, const char *out)
{
	char *kernel = in_root("debug/image");

	RUN(e, guest, "--target=t1", "--seed=7", "--accel=tcg", "--timeout=5",
	    "--kernel", kernel, "--out", out);
	free(kernel);
}

static void test_debug_kernel(void **state)
{
	static const char *const words[] = {
		" panic_on_warn=1 ", " kmemleak.verbose=1", " -m 1792 ",
	};
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out), *text;
	struct ended e;

	(void)state;
	run_debug(&e, "allowed", out);
	expect_exit(&e, 0);
	text = content(dir, "cmdline");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strstr(text, words[i]))
			fail_msg("no \"%s\" in %s", words[i], text);
	}
	free(text);
	text = content(dir, "log");
	assert_non_null(strstr(text, "1 splat is allowed, the first: BUG: KCSAN: data-race in a / b"));
	assert_non_null(strstr(text, "\"checks\":[\"lockdep\",\"kmemleak\",\"kcsan\"]"));
	assert_non_null(strstr(text, "\"slower\":"));
	free(text);
	assert_false(exists(dir, "splat.txt"));
	free_ended(&e);
	free(dir);
	free(out);
}

static void test_allowed_is_not_all(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out), *text;
	struct ended e;

	(void)state;
	run_debug(&e, "not_allowed", out);
	expect_exit(&e, 4);
	assert_non_null(strstr(e.err, "SPLAT: BUG: KCSAN: data-race in a / change_pid"));
	text = content(dir, "splat.txt");
	assert_null(strstr(text, "a / b"));
	assert_non_null(strstr(text, "a / change_pid"));
	free(text);
	free_ended(&e);
	free(dir);
	free(out);
}

/* The runner itself requested the panic, with panic_on_warn. */
static void test_panic_on_warn_is_a_splat(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	run_debug(&e, "warned", out);
	expect_exit(&e, 4);
	assert_non_null(strstr(e.err, "SPLAT: BUG: KASAN: slab-use-after-free in fake"));
	free_ended(&e);
	free(out);
}

static void test_dead_guest_is_judged_here(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	/* The trace of a guest that panicked is replayed: I17, as expected. */
	RUN(&e, "panic", "--target=guilty", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	s = summary_of(out);
	assert_string_equal(json_string_value(json_object_get(first_target(s),
							      "verdict")),
			    "PANIC");
	assert_true(json_is_true(json_object_get(first_target(s), "expected")));
	/* The fake pidnstrace reports the trace's size as its number of events. */
	assert_int_equal(json_integer_value(json_object_get(first_target(s),
							    "events")),
			 strlen("a trace that ends in the mid"));
	json_decref(s);
	free(out);
	free_ended(&e);
}

static void test_expected_guilty(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "violation", "--target=guilty", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	assert_non_null(strstr(e.out, "guilty  FAIL (expected) "));
	assert_non_null(strstr(e.out, "  1 of 1 expected rules violated\n"));
	expect_last_line(e.out, "PASS", 0);
	free_ended(&e);
	RUN(&e, "good", "--target=guilty", "--accel=tcg", "--out", out);
	expect_exit(&e, 1);
	assert_non_null(strstr(e.err, "guilty: expected to violate I17, but did not"));
	free_ended(&e);
	/* The expectation applies to the tests, not to a command. */
	RUN(&e, "command", "--target=guilty", "--accel=tcg", "--out", out, "--",
	    "cat");
	expect_exit(&e, 0);
	free_ended(&e);
	free(out);
}

static void test_worst_of_targets(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "violation", "--target=guilty", "--target=t1", "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 1);
	free_ended(&e);
	free(out);
}

static void test_output_of_a_command(void **state)
{
	static const char want[] = "a\0b\xff\x01\"\\\n";
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "command", "--target=t1", "--accel=tcg", "--out", out, "--",
	    "cat", "-x");
	expect_exit(&e, 0);
	assert_int_equal(e.out_len, sizeof(want) - 1);
	assert_memory_equal(e.out, want, sizeof(want) - 1);
	expect_last_line(e.err, "PASS", 0);
	free_ended(&e);
	free(out);
}

/* Without the tracer no report is expected; all other checks apply. */
static void test_bare_command(void **state)
{
	static const struct {
		const char *guest;
		int exit;
		const char *said;
	} cases[] = {
		{ "bare", 0, "PASS" }, { "bare_fails", 1, "exit status 1" },
		{ "no_trailer", 3, "end of the trace" }, { "panic", 5, "PANIC" },
		{ "splat", 4, "SPLAT" }, { "no_verdict", 7, "no verdict" },
	};
	char *out = fresh_out(), *repro;
	struct ended e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		RUN(&e, cases[i].guest, "--target=t1", "--accel=tcg", "--out",
		    out, "--bare", "--memory=300", "--", "cat");
		expect_exit(&e, cases[i].exit);
		assert_non_null(strstr(e.err, cases[i].said));
		free_ended(&e);
	}
	repro = xasprintf("%s/t1-1/repro.sh", out);
	assert_int_equal(access(repro, X_OK), 0);
	free(repro);
	repro = content(out, "t1-1/repro.sh");
	assert_non_null(strstr(repro, "--bare --memory=300"));
	free(repro);
	RUN(&e, "bare", "--target=t1", "--accel=tcg", "--out", out, "--", "cat");
	expect_exit(&e, 1);
	free_ended(&e);
	RUN(&e, "bare", "--target=t1", "--accel=tcg", "--out", out, "--bare");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "--bare: needs a command"));
	free_ended(&e);
	free(out);
}

/* A command with --ktap prints only its test results. */
static void test_command_that_tests(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out, "--ktap",
	    "--", "cat");
	expect_exit(&e, 0);
	assert_non_null(strstr(e.out, " 2 ok, 1 skip "));
	free_ended(&e);
	RUN(&e, "no_tests", "--target=t1", "--accel=tcg", "--out", out,
	    "--ktap", "--", "cat");
	expect_exit(&e, 3);
	assert_non_null(strstr(e.err, "no test passed"));
	free_ended(&e);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out, "--ktap");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "--ktap"));
	free_ended(&e);
	free(out);
}

static void test_many_runs(void **state)
{
	char *out = fresh_out();
	struct ended e;
	json_t *s;

	(void)state;
	RUN(&e, "good", "--target=t1", "--seed=3..5", "--runs=2", "--jobs=3",
	    "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	s = summary_of(out);
	assert_int_equal(json_integer_value(json_object_get(first_target(s), "runs")), 6);
	assert_int_equal(json_array_size(json_object_get(first_target(s), "seeds")), 6);
	assert_true(exists(out, "t1-3") && exists(out, "t1-4") &&
		    exists(out, "t1-5"));
	json_decref(s);
	free_ended(&e);
	free(out);
}

/* Runs a guest on the first n CPUs of this process, or on all of them. */
static void expect_at_once(int n, const char *cpus, const char *option,
			   int guests)
{
	char *out = fresh_out(), *said = xasprintf("guests at once: %d\n", guests);
	cpu_set_t all, some;
	struct ended e;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&some);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&some) < n; cpu++) {
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &some);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(some), &some), 0);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "-v", "--out", out,
	    "--memory=64", cpus, option);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	expect_exit(&e, 0);
	if (!strstr(e.err, said))
		fail_msg("%s %s on %d CPUs: %s", cpus, option, n, e.err);
	free_ended(&e);
	free(said);
	free(out);
}

/* The default: a CPU for each guest thread, and half of the memory stays free. */
static void test_guests_at_once(void **state)
{
	int cpus = (int)host__cpus(), mib = (int)(host__free_mib() / 3);
	char *half = xasprintf("--memory=%d", mib);

	(void)state;
	expect_at_once(1, "--cpus=1", "-v", 1);
	expect_at_once(cpus, "--cpus=1", "-v", cpus < 8 ? cpus : 8);
	expect_at_once(cpus, "--cpus=2", "-v",
		       cpus < 4 ? 1 : cpus < 16 ? cpus / 2 : 8);
	expect_at_once(cpus, "--cpus=1", half, 1);
	expect_at_once(1, "--cpus=1", "--jobs=3", 3);
	free(half);
}

/* No other packed program needs libcmocka. */
static void test_added_program(void **state)
{
	char *out = fresh_out(), *self = realpath("/proc/self/exe", NULL);
	char *add = xasprintf("--add=%s:/opt/prog", self);
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=t1", "--accel=tcg", add, "--out", out);
	expect_exit(&e, 0);
	assert_int_equal(shell("cd %s%s && cpio -it --quiet >packed <"
			       "\"$(grep -o '[^ ]*[.]cpio' t1-1/cmdline)\"",
			       out + strlen(root)), 0);
	expect_in(out, "packed", "opt/prog\n");
	expect_in(out, "packed", "/libcmocka.so");
	free_ended(&e);
	free(add);
	free(self);
	free(out);
}

static void test_repro(void **state)
{
	char *out = fresh_out(), *script;
	struct ended e;
	int status;

	(void)state;
	RUN(&e, "violation", "--target=t1", "--seed=9", "--accel=tcg",
	    "--tests=stress", "--ops=5", "--append=quiet a=\"b c\"",
	    "--append=x", "--out", out);
	expect_exit(&e, 1);
	expect_in(out, "t1-9/cmdline", " quiet a=\"b c\" x'");
	expect_in(out, "summary.json", "\"append\": \"quiet a=\\\"b c\\\" x\"");
	expect_in(out, "t1-9/repro.sh",
		  "'--append=quiet a=\"b c\"' --append=x");
	expect_in(out, "t1-9/repro.sh", "--seed=9");
	expect_in(out, "t1-9/repro.sh", "--ops=5");
	expect_in(out, "t1-9/repro.sh", "--tests=stress");
	status = shell("cd %s && %s/t1-9/repro.sh >/dev/null 2>&1", out);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_true(exists(out, "t1-9/again/t1-9/trace.bin") &&
		    exists(out, "t1-9/repro.sh") &&
		    exists(out, "t1-9/trace.bin"));
	/* A different kernel under that name is not the same run. */
	put("top/kernel/image", "another kernel", 0644);
	status = shell("cd %s && %s/t1-9/repro.sh >/dev/null 2>err", out);
	put("top/kernel/image", "no kernel at all", 0644);
	assert_int_equal(WEXITSTATUS(status), 2);
	script = content(root, "err");
	assert_non_null(strstr(script, "is not the kernel of that run"));
	free(script);
	free(out);
	free_ended(&e);
}

struct usage_case {
	const char *name;
	const char *args[4];
	const char *env[2];
	const char *said;
};

static const struct usage_case usages[] = {
	{ "no such target", { "--target=t9" }, { NULL }, "no target t9; the targets are: t1, guilty, broken, slow, mutants-6.12" },
	{ "target mistyped", { "--target=guitly" }, { NULL }, "no target guitly; did you mean guilty? the targets are: t1, guilty, " },
	{ "option mistyped", { "--tagret=t1" }, { NULL }, "--tagret: no such option; did you mean --target?" },
	{ "first mistake first", { "--seed=x", "--tagret=t1" }, { NULL }, "--seed x" },
	{ "test mistyped", { "--tests=sterss" }, { NULL }, "--tests sterss: not a list of semantics, purposes, failnth, races, stress and dangerous; did you mean stress?" },
	{ "command mistyped", { "replya", "x" }, { NULL }, "replya: no such command; did you mean replay?" },
	{ "help of a command mistyped", { "help", "replya" }, { NULL }, "replya: no such command; did you mean replay?" },
	{ "no command", { "true" }, { NULL }, "true: unexpected; put a command after --" },
	{ "option of replay mistyped", { "replay", "--gbd", "x" }, { NULL }, "--gbd: no such option; did you mean --gdb?" },
	{ "bad colour", { "--color=blue" }, { NULL }, "--color blue: not one of auto, always, never" },
	{ "target twice", { "--target=t1", "--target=t1" }, { NULL }, "given twice" },
	{ "no such option", { "--frobnicate" }, { NULL }, "--frobnicate: no such option; see --help" },
	{ "bad seed", { "--seed=x" }, { NULL }, "--seed x" },
	{ "kernel that cannot be built", { "--target=broken" }, { NULL }, "target broken: " },
	{ "no such kernel", { "--kernel=/proc/nonexistent/vmlinux" }, { NULL }, "kernel /proc/nonexistent/vmlinux: No such file" },
	{ "kernel that is a directory", { "--kernel=/tmp" }, { NULL }, "not a file" },
	{ "sample of what", { "--sample" }, { NULL }, "--sample: needs --mutants" },
	{ "mutants of a target", { "--mutants", "--target=t1" }, { NULL }, "neither a target nor a command" },
	{ "no QEMU", { "--target=t1" }, { "QEMU", "/proc/nonexistent/qemu" }, "/proc/nonexistent/qemu: no such program; \"./deps.sh --how qemu-system-x86_64\" names the package" },
	{ "nothing built", { "--target=t1" }, { "VMTEST_BUILD", "/proc/nonexistent" }, "/proc/nonexistent" },
	{ "no source tree", { "--list" }, { "VMTEST_TOP", "/proc/nonexistent" }, "is VMTEST_TOP the source tree?" },
	{ "no such program", { "--target=t1", "--", "no-such-program" }, { NULL }, "no-such-program: no such program in PATH" },
	{ "no such file to add", { "--target=t1", "--add=/proc/nonexistent" }, { NULL }, "--add /proc/nonexistent" },
	{ "a test that would end the kernel", { "--target=t1", "--target=guilty", "--tests=failnth" }, { NULL }, "--tests failnth: not on guilty, whose mode is seed; failnth is for every mode but seed" },
	{ "a test for another mode", { "--target=guilty", "--tests=stress", "--tests=races:init" }, { NULL }, "--tests races:init: not on guilty, whose mode is seed; races is for mode join" },
	{ "a test for the seed", { "--target=t1", "--tests=dangerous" }, { NULL }, "--tests dangerous: not on t1" },
	{ "no such image", { "--target=t1" }, { "BZIMAGE", "/proc/nonexistent/bzImage" }, "kernel /proc/nonexistent/bzImage: No such file" },
	{ "unwritable output", { "--target=t1", "--out=/proc/1/x" }, { NULL }, "name another directory with --out" },
	{ "output below a file", { "--target=t1", "--out=/etc/passwd/x" }, { NULL }, "name another directory with --out" },
};

static void test_usage(void **state)
{
	const struct usage_case *c = *state;
	struct ended e;

	set_env("good");
	if (c->env[0])
		setenv(c->env[0], c->env[1], 1);
	finish("run", start("run", c->args), &e);
	expect_exit(&e, 2);
	if (!strstr(e.err, c->said))
		fail_msg("\"%s\" is not in: %s", c->said, e.err);
	/* A wrong argument is refused before a kernel is built. */
	assert_int_equal(!!strstr(e.err, "building"),
			 !strcmp(c->args[0], "--target=broken"));
	free_ended(&e);
}

/* A broken file that the run needs is named, and no kernel is built. */
static void expect_refused(const char *name, const char *text, const char *arg,
			   const char *said)
{
	char *path = in_root(name), *out = fresh_out(), *old = NULL;
	struct ended e;

	if (!access(path, F_OK))
		assert_int_equal(read_file(path, &old, NULL), 0);
	put(name, text, 0755);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out, "--", arg);
	if (old)
		put(name, old, 0644);
	else
		unlink(path);
	expect_exit(&e, 2);
	if (!strstr(e.err, said))
		fail_msg("\"%s\" is not in: %s", said, e.err);
	assert_null(strstr(e.err, "building"));
	free_ended(&e);
	free(old);
	free(out);
	free(path);
}

static void test_checked_before_a_build(void **state)
{
	char *script = in_root("script");

	(void)state;
	expect_refused("script", "#!/proc/nonexistent/sh\n", script,
		       "its interpreter /proc/nonexistent/sh does not exist");
	expect_refused("script", "neither a script nor a program\n", script,
		       "neither an ELF file nor a script");
	expect_refused("top/vmtest/allow/kcsan", "no reason\n", "true",
		       "allow/kcsan:1: expected \"PATTERN | REASON\"");
	expect_refused("top/vmtest/allow/machine", "no reason\n", "true",
		       "allow/machine:1: expected \"PATTERN | REASON\"");
	expect_refused("top/vmtest/splats", "nonsense\n", "true", "splats:1");
	free(script);
}

static void test_expectation_before_a_build(void **state)
{
	char *out = fresh_out(), *path = in_root("top/vmtest/expect/t1");
	struct ended e;

	(void)state;
	put("top/vmtest/expect/t1", "verdict MAYBE\n", 0644);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out);
	unlink(path);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "expect/t1:1: MAYBE is not a verdict"));
	assert_null(strstr(e.err, "building"));
	free_ended(&e);
	free(path);
	free(out);
}

/* The failnth test is refused if the kernel cannot make allocations fail. */
static void test_failnth_needs_its_options(void **state)
{
	char *out = fresh_out(), *kernel = in_root("debug/image");
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=t1", "--tests=failnth", "--accel=tcg",
	    "--kernel", kernel, "--out", out);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "--tests failnth: allocations cannot be made to fail in "));
	free_ended(&e);
	free(kernel);
	free(out);
}

/* An image without a target is one row, with its own name and rules. */
static void test_image_without_a_target(void **state)
{
	char *out = fresh_out(), *kernel = in_root("own/image"), *repro;
	char *dir = in_root("own");
	struct ended e;
	json_t *s;

	(void)state;
	assert_int_equal(mkdir_p(dir), 0);
	put("own/image", "a kernel of one's own", 0644);
	put("own/target", "target=x\nmode=join\nrelease=6.12.1-own\n", 0644);
	set_env("violation");
	setenv("BZIMAGE", kernel, 1);
	finish("run", start("run", (const char *const[]){ "--accel=tcg",
			    "--out", out, NULL }), &e);
	expect_exit(&e, 1);
	assert_non_null(strstr(e.err, "6.12.1-own: judged by the rules of join; the sysctl kernel.setns_pid_join is in it"));
	assert_null(strstr(e.err, "building"));
	s = summary_of(out);
	assert_int_equal(json_array_size(json_object_get(s, "targets")), 1);
	assert_string_equal(json_string_value(json_object_get(first_target(s), "target")),
			    "6.12.1-own");
	json_decref(s);
	/* The name is not a target's, so repro.sh does not use it. */
	repro = content(out, "6.12.1-own-1/repro.sh");
	assert_null(strstr(repro, "--target"));
	assert_non_null(strstr(repro, "/own/image"));
	free(repro);
	free_ended(&e);
	/* A target's rules apply, with a note if they do not match the image. */
	put("own/target", "target=x\nmode=mainline\nrelease=6.12.1-own\n", 0644);
	RUN(&e, "good", "--target=t1", "--kernel", kernel, "--accel=tcg",
	    "--out", out);
	expect_exit(&e, 0);
	assert_non_null(strstr(e.err, "t1: judged by the rules of join; the sysctl kernel.setns_pid_join is not in it"));
	free_ended(&e);
	free(dir);
	free(kernel);
	free(out);
}

static void test_image_and_tree(void **state)
{
	char *kernel = in_root("own/image");
	struct ended e;

	(void)state;
	set_env("good");
	setenv("BZIMAGE", kernel, 1);
	setenv("KERNEL_SRC", "/tmp", 1);
	finish("run", start("run", (const char *const[]){ "--accel=tcg",
			    NULL }), &e);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "BZIMAGE and KERNEL_SRC name two kernels"));
	free_ended(&e);
	free(kernel);
}

static void test_missing_product(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	assert_int_equal(shell("mv %s/build/guest/%s /tmp/vmtest-unit-moved", "stress"), 0);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out);
	assert_int_equal(shell("mv /tmp/vmtest-unit-moved %s/build/guest/%s", "stress"), 0);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "guest/stress: No such file or directory; build it with \"make programs\""));
	free(out);
	free_ended(&e);
}

static void test_stale_results_go(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "violation", "--target=t1", "--accel=tcg", "--out", out);
	expect_exit(&e, 1);
	free_ended(&e);
	assert_true(exists(out, "t1-1/repro.sh"));
	/* This run ends without a verdict: no older file may pass for its result. */
	RUN(&e, "good", "--target=t1", "--target=broken", "--out", out);
	expect_exit(&e, 2);
	assert_false(exists(out, "summary.json"));
	expect_last_line(e.err, "no verdict", 2);
	free_ended(&e);
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	assert_false(exists(out, "t1-1/repro.sh"));
	free_ended(&e);
	free(out);
}

static void interrupt(int sig, bool tidy)
{
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out", out,
				     NULL };
	struct ended e;
	pid_t pid, qemu;

	shell("rm -f %s/%s", "pid");
	set_env("silence");
	pid = start("run", args);
	qemu = fake_pid();
	usleep(300000);
	kill(pid, sig);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status));
	assert_int_equal(WTERMSIG(e.status), sig);
	assert_true(gone(qemu));
	assert_false(exists(out, "summary.json"));
	if (tidy)
		assert_int_equal(entries(out), 0);
	free(out);
	free_ended(&e);
}

static void test_sigint(void **state)
{
	(void)state;
	interrupt(SIGINT, true);
}

static void test_sigterm(void **state)
{
	(void)state;
	interrupt(SIGTERM, true);
}

static void test_sigkill(void **state)
{
	(void)state;
	/* SIGKILL allows no cleanup, but no process is left. */
	interrupt(SIGKILL, false);
}

static void test_sigint_during_build(void **state)
{
	const char *const args[] = { "--target=slow", "--accel=tcg", NULL };
	struct ended e;
	pid_t pid;

	(void)state;
	set_env("good");
	pid = start("run", args);
	usleep(500000);
	kill(pid, SIGINT);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status));
	assert_int_equal(WTERMSIG(e.status), SIGINT);
	assert_non_null(strstr(e.err, "target slow: interrupted"));
	/* The runner's children, all dying, are reparented to this process. */
	for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(50000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	free_ended(&e);
}

static void test_qemu_killed_by_another(void **state)
{
	char *out = fresh_out();
	/* A resumed guest's LOST would be repeated: see vmtest_test_repeat.c. */
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out", out,
				     "--no-snapshot", NULL };
	struct ended e;
	pid_t pid;

	(void)state;
	shell("rm -f %s/%s", "pid");
	set_env("silence");
	pid = start("run", args);
	kill(fake_pid(), SIGKILL);
	finish("run", pid, &e);
	expect_exit(&e, 7);
	free(out);
	free_ended(&e);
}

static void test_two_at_once(void **state)
{
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--timeout=2",
				     "--out", out, NULL };
	struct ended a, b;
	char *name;
	pid_t p, q;

	(void)state;
	set_env("heartbeat_only");
	p = start("a", args);
	usleep(500000);
	q = start("b", args);
	finish("a", p, &a);
	name = xasprintf("summary-%d.json", q);
	finish("b", q, &b);
	expect_exit(&a, 6);
	expect_exit(&b, 6);
	assert_non_null(strstr(b.err, "another vmtest is running"));
	assert_true(exists(out, "summary.json") && exists(out, name));
	assert_true(exists(out, "t1-1/console.log"));
	assert_true(exists(out, "t1-1.2/console.log"));
	free(name);
	free(out);
	free_ended(&a);
	free_ended(&b);
}

static int on_small_disk(void)
{
	char *out = in_root("small");
	struct ended e;
	int bad = 0;

	if (mkdir(out, 0777) || mount("tmpfs", out, "tmpfs", 0, "size=1m"))
		return CANNOT;
	RUN(&e, "big_trace", "--target=t1", "--accel=tcg", "--out", out);
	bad |= WEXITSTATUS(e.status) != 2;
	bad |= !strstr(e.err, "trace.bin: No space left on device; make room");
	bad |= entries(out) != 0;
	if (bad)
		fprintf(stderr, "%s", e.err);
	free(out);
	free_ended(&e);
	return bad;
}

static void test_full_disk(void **state)
{
	(void)state;
	apart(on_small_disk);
}

static void test_broken_stdout(void **state)
{
	char *out = fresh_out(), *cmd;
	int status;

	(void)state;
	set_env("command");
	cmd = xasprintf("%s --target=t1 --accel=tcg --out %s -- cat >/dev/full 2>%s/err",
			VMTEST, out, root);
	status = system(cmd);
	assert_int_equal(WEXITSTATUS(status), 2);
	free(cmd);
	cmd = content(root, "err");
	assert_non_null(strstr(cmd, "standard output: No space left"));
	free(cmd);
	free(out);
}

static void test_broken_kvm(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	/* QEMU aborts under KVM, or KVM is absent: the runner reports either. */
	RUN(&e, "kvm_abort", "--target=t1", "--out", out);
	expect_exit(&e, 0);
	assert_non_null(strstr(e.err, "TCG is used"));
	free_ended(&e);
	/* With --accel=kvm there is no fallback: the outcome is the verdict. */
	RUN(&e, "kvm_abort", "--target=t1", "--accel=kvm", "--out", out);
	expect_exit(&e, access("/dev/kvm", R_OK | W_OK) ? 2 : 7);
	free_ended(&e);
	free(out);
}

/* A closed output pipe ends the run without a message. */
static void test_closed_pipe(void **state)
{
	static const struct { const char *guest, *args; } c[] = {
		{ "good", "--target=t1 --target=mutants-6.12 --target=mutants-6.12-debug 2>%s/err | head -n 1" },
		{ "command", "--target=t1 -- cat 2>%s/err | true" },
		{ "good", "--list 2>%s/err | true" },
		{ "good", "--help 2>%s/err | true" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		char *out = fresh_out();
		char *args = xasprintf(c[i].args, root);
		char *cmd = xasprintf("%s --accel=tcg --out %s %s >/dev/null",
				      VMTEST, out, args), *err;

		set_env(c[i].guest);
		assert_int_equal(system(cmd), 0);
		err = content(root, "err");
		if (strstr(err, "Broken pipe") || strstr(err, "error") ||
		    strstr(err, "signal"))
			fail_msg("%s: %s", c[i].args, err);
		/* No further run is started without a reader. */
		assert_null(strstr(err, "mutants-6.12-debug seed"));
		free(err);
		free(cmd);
		free(args);
		free(out);
	}
}

/* SIGPIPE ends programs started by the runner without a message. */
static void test_quiet_build(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out);
	expect_exit(&e, 0);
	assert_non_null(strstr(e.err, "building\n"));
	assert_null(strstr(e.err, "Broken pipe"));
	free_ended(&e);
	free(out);
}

static double boot_seconds(const char *out)
{
	json_t *s = summary_of(out);
	json_t *results = json_object_get(first_target(s), "results");
	double seconds = json_real_value(json_object_get(
		json_array_get(results, 0), "boot_seconds"));

	json_decref(s);
	return seconds;
}

/* The first run includes the runner's start, but not a kernel's build. */
static void test_boot_without_build(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=made", "--accel=tcg", "--no-snapshot", "--out",
	    out);
	expect_exit(&e, 0);
	assert_true(e.seconds > 4);
	assert_true(boot_seconds(out) > 0 && boot_seconds(out) < e.seconds - 3.5);
	free_ended(&e);
	RUN(&e, "good", "--target=found", "--accel=tcg", "--no-snapshot",
	    "--out", out);
	expect_exit(&e, 0);
	assert_true(boot_seconds(out) > 2);
	free_ended(&e);
	free(out);
}

/* A kernel that must be built waits for the runs of cached kernels. */
static void test_rows_before_builds(void **state)
{
	char *out = fresh_out(), *results = xasprintf("%s/t1-1/results.json", out);
	char *kernels = in_root("top/kernel"), *text;
	struct ended e;

	(void)state;
	setenv("RUN_BEFORE", results, 1);
	RUN(&e, "good", "--target=t1", "--target=made", "--accel=tcg",
	    "--no-snapshot", "--out", out);
	unsetenv("RUN_BEFORE");
	expect_exit(&e, 0);
	text = content(kernels, "before.t1");
	assert_non_null(strstr(text, "No such file"));
	free(text);
	text = content(kernels, "before.made");
	assert_null(strstr(text, "No such file"));
	free(text);
	free_ended(&e);
	free(kernels);
	free(results);
	free(out);
}

/* Finished rows are printed even if the next kernel does not build. */
static void test_runs_before_a_broken_build(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "good", "--target=t1", "--target=broken", "--accel=tcg",
	    "--no-snapshot", "--out", out);
	expect_exit(&e, 2);
	assert_non_null(strstr(e.out, "t1"));
	assert_non_null(strstr(e.out, "PASS"));
	assert_false(exists(out, "summary.json"));
	free_ended(&e);
	free(out);
}

static void expect_same_help(const char *const *a, const char *const *b)
{
	struct ended x, y;

	run(&x, "good", a);
	run(&y, "good", b);
	expect_exit(&x, 0);
	expect_exit(&y, 0);
	assert_non_null(strstr(x.out, "Usage: "));
	assert_string_equal(x.out, y.out);
	free_ended(&x);
	free_ended(&y);
}
#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_help(void **state)
{
	(void)state;
	expect_same_help(ARGS("-h"), ARGS("--help"));
	expect_same_help(ARGS("help"), ARGS("--help"));
	expect_same_help(ARGS("help", "replay"), ARGS("replay", "--help"));
}

static void test_list(void **state)
{
	struct ended e;

	(void)state;
	RUN(&e, "good", "--list");
	expect_exit(&e, 0);
	assert_non_null(strstr(e.out, "t1 "));
	assert_non_null(strstr(e.out, "guilty "));
	free_ended(&e);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(test_facts_of_a_good_run),
		cmocka_unit_test(test_nothing_received_is_lost),
		cmocka_unit_test(test_hang_is_dumped),
		cmocka_unit_test(test_splat_is_kept),
		cmocka_unit_test(test_debug_kernel),
		cmocka_unit_test(test_allowed_is_not_all),
		cmocka_unit_test(test_panic_on_warn_is_a_splat),
		cmocka_unit_test(test_dead_guest_is_judged_here),
		cmocka_unit_test(test_expected_guilty),
		cmocka_unit_test(test_worst_of_targets),
		cmocka_unit_test(test_output_of_a_command),
		cmocka_unit_test(test_command_that_tests),
		cmocka_unit_test(test_bare_command),
		cmocka_unit_test(test_many_runs),
		cmocka_unit_test(test_guests_at_once),
		cmocka_unit_test(test_added_program),
		cmocka_unit_test(test_repro),
		cmocka_unit_test(test_checked_before_a_build),
		cmocka_unit_test(test_expectation_before_a_build),
		cmocka_unit_test(test_failnth_needs_its_options),
		cmocka_unit_test(test_image_without_a_target),
		cmocka_unit_test(test_image_and_tree),
		cmocka_unit_test(test_missing_product),
		cmocka_unit_test(test_stale_results_go),
		cmocka_unit_test(test_sigint),
		cmocka_unit_test(test_sigterm),
		cmocka_unit_test(test_sigkill),
		cmocka_unit_test(test_sigint_during_build),
		cmocka_unit_test(test_qemu_killed_by_another),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_broken_stdout),
		cmocka_unit_test(test_broken_kvm),
		cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_quiet_build),
		cmocka_unit_test(test_boot_without_build),
		cmocka_unit_test(test_rows_before_builds),
		cmocka_unit_test(test_runs_before_a_broken_build),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_list),
	};
	struct CMUnitTest tests[ARRAY_SIZE(plain) + ARRAY_SIZE(guests) +
				ARRAY_SIZE(usages)];
	size_t n = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		tests[n++] = (struct CMUnitTest){ guests[i].guest, test_guest,
						  NULL, NULL,
						  (void *)&guests[i] };
	for (size_t i = 0; i < ARRAY_SIZE(usages); i++)
		tests[n++] = (struct CMUnitTest){ usages[i].name, test_usage,
						  NULL, NULL,
						  (void *)&usages[i] };
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		tests[n++] = plain[i];
	return cmocka_run_group_tests_name("vmtest run", tests, harness__setup,
					   harness__teardown);
}
