// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the whole runner as a user does, with fake guests, and checks the verdict, the
 * exit status and the files of each run.
 */
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/host/host.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

#define SEED_7 T1 " --seed=7"
#define GUILTY "--target=guilty --accel=tcg --out $OUT"

/* The arguments for a kernel whose config has KASAN, lockdep, kmemleak and KCSAN. */
#define DEBUG SEED_7 " --timeout=5 --kernel $ROOT/debug/image"

/*
 * Checks a run of the fake guest @name: all files exist, stdout and summary.json have
 * the verdict, and stderr has the reason. make hides the exit status, so the last line
 * of stdout contains it.
 */
#define GUEST(name, status, verdict, reason, seconds) \
	{ #name, { { #name, SEED_7 " --timeout=1", .exit = status, { \
		SAYS(reason), \
		ENDS("stdout", "\nvmtest: " #verdict ", exit status " #status "\n"), \
		TARGET("verdict", "\"" #verdict "\""), \
		SAYS_NOT(#verdict ": " #verdict), \
		LACKS("stdout", #verdict ": " #verdict), \
		THERE("t1-7/console.log"), THERE("t1-7/trace.bin"), \
		THERE("t1-7/cmdline"), THERE("t1-7/seed"), THERE("t1-7/tests.ktap"), \
		THERE("t1-7/log"), THERE("t1-7/results.ktap"), \
		THERE("t1-7/junit.xml"), THERE("t1-7/results.json"), \
		THERE("results.ktap"), THERE("junit.xml"), THERE("results.json"), \
		/* The script to reproduce a run exists unless the run passed. */ \
		{ status ? CHECK_THERE : CHECK_ABSENT, "t1-7/repro.sh", "" } }, \
		.at_most_s = seconds } } }

/* The arguments for a command that runs without the tracer. */
#define BARE T1 " --bare --memory=300 -- cat"

static const struct test_case cases[] = {
	GUEST(good, 0, PASS, "t1 seed 7: PASS", 240),
	GUEST(violation, 1, FAIL, "violated: I17 x3 I3 x1", 240),
	GUEST(not_ok, 1, FAIL, "1 test not ok: third", 240),
	GUEST(inconclusive, 3, INCONCLUSIVE, "hook x was not hit", 240),
	GUEST(no_verdict, 7, LOST, "no verdict; QEMU ended with exit status 0", 240),
	GUEST(resets, 7, LOST, "no verdict; the guest reset itself", 240),
	GUEST(powers_off, 7, LOST, "no verdict; the guest powered off", 240),
	GUEST(exits_late, 7, LOST, "no verdict; QEMU exited with status 3: fakeqemu: will not do that", 240),
	GUEST(garbage_verdict, 7, LOST,
	      "garbage on the result port: not a verdict: \"V MAYBE", 240),
	GUEST(half_line, 7, LOST, "no verdict", 240),
	GUEST(garbage, 7, LOST, "garbage on the result port", 240),
	GUEST(no_trailer, 3, INCONCLUSIVE, "the end of the trace is missing", 240),
	GUEST(no_power_off, 6, HANG, "did not power off after its verdict", 120),
	GUEST(no_report, 7, LOST, "no report from pidnstrace", 240),
	GUEST(no_tests, 3, INCONCLUSIVE, "no KTAP: neither a plan nor a result", 240),
	GUEST(panic, 5, PANIC, "Kernel panic - not syncing: fake", 60),
	GUEST(panic_at_boot, 5, PANIC, "Kernel panic - not syncing: VFS", 60),
	GUEST(late_panic, 5, PANIC, "not syncing: at the end", 60),
	GUEST(splat, 4, SPLAT, "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240),
	GUEST(glued, 4, SPLAT, "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240),
	GUEST(hidden, 4, SPLAT, "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240),
	GUEST(late_warning, 4, SPLAT, "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240),
	GUEST(gap_warning, 4, SPLAT, "WARNING: CPU: 0 PID: 1 at kernel/pid.c:1", 240),
	GUEST(users_warning, 0, PASS, "t1 seed 7: PASS", 240),
	GUEST(users_console, 0, PASS, "t1 seed 7: PASS", 240),
	GUEST(dropped, 0, PASS, "t1 seed 7: PASS", 240),
	GUEST(log_gap, 3, INCONCLUSIVE, "7 messages were overwritten", 240),
	GUEST(no_log, 3, INCONCLUSIVE,
	      "the kernel's log cannot be read: /dev/kmsg: Operation not permitted", 240),
	GUEST(garbage_log, 7, LOST,
	      "garbage on the result port: not a record of the kernel's log", 240),
	GUEST(silence, 6, HANG, "no output for ", 120),
	GUEST(heartbeat_only, 6, HANG, "no progress of the tests", 120),
	GUEST(dead_at_boot, 6, HANG, "while booting", 120),
	GUEST(console_flood, 6, HANG, "but the kernel prints messages", 360),
	GUEST(endless_line, 7, LOST, "endless line on the result port", 240),
	GUEST(killed, 7, LOST, "signal 9 (Killed)", 240),
	GUEST(exit_3, 7, LOST,
	      "no output from the guest; QEMU exited with status 3: fakeqemu: will not do that", 240),

	{ "facts of a good run", { { "good", SEED_7, .exit = 0, {
		/* The trailer, which ends the data on the trace port, is cut off. */
		IS("t1-7/trace.bin", "0123456789"),
		IS("t1-7/tests.ktap",
		   "KTAP version 1\n1..1\n"
		   "  KTAP version 1\n  # Subtest: semantics\n  1..3\n"
		   "  ok 1 first\n  ok 2 second # SKIP not here\n  ok 3 third\n"
		   "ok 1 semantics\n"),
		/* The guest's results, then the rules, nested, and the verdict. */
		IS("t1-7/results.ktap",
		   "KTAP version 1\n1..3\n"
		   "  KTAP version 1\n  # Subtest: semantics\n  1..3\n"
		   "  ok 1 first\n  ok 2 second # SKIP not here\n  ok 3 third\n"
		   "ok 1 semantics\n"
		   "  KTAP version 1\n  # Subtest: rules\n  1..2\n"
		   "  ok 1 I17\n  ok 2 evidence\n"
		   "ok 2 rules\n"
		   "ok 3 verdict\n"),
		/* The file for all runs has the same lines, two levels deeper. */
		HAS("results.ktap", "\n      ok 3 third\n    ok 1 semantics\n"),
		HAS("results.ktap", "\n    ok 3 verdict\n  ok 1 seed 7\nok 1 t1\n"),
		HAS("t1-7/log", "a remark\n"),
		IS("t1-7/counts", "a/b.gcda \"\\u00ff\"\n"),
		IS("t1-7/console.log", "[    0.000000] Linux version 6.12.0-fake\r\n"),
		TARGET("lost", "6"), TARGET("joins", "10"), TARGET("expected", "true"),
		PRINTS(" 2 ok, 1 skip ") } } } },
	{ "a panic that a program wrote", { { "users_panic", SEED_7 " --timeout=20", .exit = 0, {
		SAYS("t1 seed 7: PASS"), HAS("t1-7/log", "init is alive") } } } },
	{ "a report in the log and on the console is one fault", {
		{ "in_both", SEED_7, .exit = 4, {
			SUMMARY("targets/0/faults/0/title", "\"WARNING\""),
			ABSENT("t1-7/faults.json?faults/1"),
			IS("t1-7/faults.json?faults/0/count", "1"),
			IS("t1-7/kernel.log",
			   "<6>[    0.000000] a record\n"
			   "<4>[    1.500000] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\n"
			   "<14>[    2.000000] the end\n"),
			HAS("t1-7/splat.txt",
			    "\n[    1.500000] WARNING: CPU: 0 PID: 1 at kernel/pid.c:1\n"
			    ) } } } },
	{ "a report and a violated rule are two faults", {
		{ "splat_and_rule", SEED_7, .exit = 4, {
			HAS("summary.json?targets/0/faults", "\"title\": \"WARNING\""),
			HAS("summary.json?targets/0/faults",
			    "\"title\": \"violated: I17\", \"verdict\": \"FAIL\""),
			PRINTS(" SPLAT: WARNING\n"), PRINTS(" FAIL: violated: I17\n") } },
		{ "splat_alone", SEED_7, .exit = 4, {
			PRINTS(" SPLAT: WARNING\n"), LACKS("stdout", "FAIL: violated") } } } },
	{ "data sent before QEMU is killed is kept", { { "killed", SEED_7, .exit = 7, {
		HAS("t1-7/tests.ktap", "# last words\n") },
		.after = "[ $(stat -c %s $OUT/t1-7/trace.bin) = 100000 ]" } } },
	{ "a hang is dumped", { { "hang", SEED_7 " --timeout=1", .exit = 6, {
		IS("t1-7/registers", "CPU#0\r\nRIP=ffffffff81000000\r\n"),
		/* The answers to the sysrq letters l, w and t, each after a break. */
		IS("t1-7/console.log",
		   "[    0.000000] Linux version 6.12.0-fake\r\n"
		   "[    9.0] sysrq: Show what l asks for\r\n[    9.0]  busy+0x1/0x2\r\n"
		   "[    9.0] sysrq: Show what w asks for\r\n[    9.0]  busy+0x1/0x2\r\n"
		   "[    9.0] sysrq: Show what t asks for\r\n[    9.0]  busy+0x1/0x2\r\n"),
		HAS("t1-7/splat.txt", "# not symbolised: "),
		HAS("t1-7/splat.txt", "vmlinux.debug: No such file"),
		HAS("t1-7/splat.txt", "\n[    9.0] sysrq: Show what l asks for\n"),
		LACKS("t1-7/splat.txt", "Linux version") } } } },
	/* splat.txt is written after the replay of this guest's trace. */
	{ "a splat is kept", {
		{ "panic", GUILTY " --seed=7", .exit = 0, {
			HAS("guilty-7/splat.txt",
			    "\n[    1.5] Kernel panic - not syncing: fake\n"),
			THERE("guilty-7/verify.json"),
			/* The host replays the trace, and its findings are results. */
			HAS("guilty-7/results.ktap",
			    "\n  not ok 1 I17\n  not ok 2 evidence\nnot ok 1 rules\n"),
			HAS("guilty-7/results.ktap",
			    "\n# Kernel panic - not syncing: fake\nnot ok 2 verdict\n"),
			/* FAIL, PANIC and I17 are expected of this target. */
			HAS("results.ktap",
			    "  ok 1 seed 7 fails as expected\n"
			    "  ok 2 I17 found\nok 1 guilty\n") } },
		{ "violation", GUILTY " --seed=7", .exit = 0, {
			ABSENT("guilty-7/splat.txt") } } } },
	{ "a kernel with debugging aids", { { "allowed", DEBUG, .exit = 0, {
		HAS("t1-7/cmdline", " panic_on_warn=1 "), HAS("t1-7/cmdline", " -m 1792 "),
		HAS("t1-7/cmdline", " kmemleak.verbose=1"),
		HAS("t1-7/log", "1 splat is allowed, the first: BUG: KCSAN: data-race in a / b"),
		HAS("t1-7/log", "\"checks\":[\"lockdep\",\"kmemleak\",\"kcsan\"]"),
		HAS("t1-7/log", "\"slower\":"), ABSENT("t1-7/splat.txt") } } } },
	{ "an allowed splat hides no other", { { "not_allowed", DEBUG, .exit = 4, {
		SAYS("SPLAT: BUG: KCSAN: data-race in a / change_pid"),
		LACKS("t1-7/splat.txt", "a / b"),
		HAS("t1-7/splat.txt", "a / change_pid") } } } },
	/* The runner itself requested the panic, with panic_on_warn. */
	{ "a panic_on_warn is a splat", { { "warned", DEBUG, .exit = 4, {
		SAYS("SPLAT: BUG: KASAN: slab-use-after-free in fake") } } } },
	/* The replay of a panicked guest's trace finds I17, as expected. */
	{ "the host judges a dead guest's trace", { { "panic", GUILTY, .exit = 0, {
		TARGET("verdict", "\"PANIC\""), TARGET("expected", "true"),
		/* The fake pidnstrace reports the size of the trace as events. */
		TARGET("events", "28") } } } },
	{ "a target expected to be guilty", {
		{ "violation", GUILTY, .exit = 0, {
			PRINTS("guilty  FAIL (expected) "),
			PRINTS("  1 of 1 expected rules violated\n"),
			ENDS("stdout", "\nvmtest: PASS, exit status 0\n") } },
		{ "good", GUILTY, .exit = 1, {
			SAYS("guilty: expected to violate I17, but did not") } },
		/* The expectation applies to the tests, not to a command. */
		{ "command", GUILTY " -- cat", .exit = 0 } } },
	{ "the worst target decides the exit status", {
		{ "violation", "--target=guilty " T1, .exit = 1 } } },
	/* --ktap: the output of the command is test results. */
	{ "a command that prints KTAP", {
		{ "good", T1 " --ktap -- cat", .exit = 0, {
			PRINTS(" 2 ok, 1 skip ") } },
		{ "no_tests", T1 " --ktap -- cat", .exit = 3, {
			SAYS("INCONCLUSIVE: no KTAP: neither a plan nor a result") } },
		{ "no_ktap", T1 " --ktap -- cat", .exit = 3, {
			SAYS("INCONCLUSIVE: cat: no KTAP: neither a plan nor a result") } },
		{ "no_plan", T1 " --ktap -- cat", .exit = 3, {
			SAYS("INCONCLUSIVE: cat: no plan (1..N), so a missing result would not be noticed") } },
		{ "plan_of_0", T1 " --ktap -- cat", .exit = 3, {
			SAYS("INCONCLUSIVE: cat: no test planned (1..0), and no reason") } },
		{ "all_skipped", T1 " --ktap -- cat", .exit = 3, {
			SAYS("INCONCLUSIVE: no test passed"), PRINTS(" 1 skip ") } },
		{ "crlf", T1 " --ktap -- cat", .exit = 1, {
			SAYS("FAIL: 1 test not ok: test 2 of 2: no result") } },
		{ "far_right", T1 " --ktap -- cat", .exit = 1, {
			SAYS("not ok: b") } },
		{ "good", T1 " --ktap", .exit = 2, { SAYS("--ktap") } } } },
	/* Without the tracer no report is expected; all other checks apply. */
	{ "a bare command", {
		{ "bare", BARE, .exit = 0, { SAYS("PASS") } },
		{ "bare_fails", BARE, .exit = 1, { SAYS("exit status 1") } },
		{ "no_trailer", BARE, .exit = 3, { SAYS("end of the trace") } },
		{ "panic", BARE, .exit = 5, { SAYS("PANIC") } },
		{ "splat", BARE, .exit = 4, { SAYS("SPLAT") } },
		{ "no_verdict", BARE, .exit = 7, { SAYS("no verdict"),
			HAS("t1-1/repro.sh", "--bare --memory=300") },
		  .after = "test -x $OUT/t1-1/repro.sh" },
		{ "bare", T1 " -- cat", .exit = 1 },
		{ "bare", T1 " --bare", .exit = 2, {
			SAYS("--bare: needs a command") } } } },
	/* A command may print any bytes. */
	{ "output of a command", { { "command", T1 " -- cat -x", .exit = 0, {
		ENDS("stderr", "\nvmtest: PASS, exit status 0\n") },
		.after = "printf 'a\\0b\\377\\001\"\\\\\\n' | cmp - run.out" } } },
	/* No other packed program needs libcmocka. */
	{ "an added program", {
		{ "good", T1 " '--add=" UNIT_DIR "/vmtest_test_run:/opt/prog'", .exit = 0, {
			HAS("packed", "opt/prog\n"), HAS("packed", "/libcmocka.so") },
		  .after = "cd $OUT && cpio -it --quiet >packed "
			   "<\"$(grep -o '[^ ]*[.]cpio' t1-1/cmdline)\"" } } },
	{ "repro", { { "violation", T1 " --seed=9 --tests=stress --ops=5 "
		       "'--append=quiet a=\"b c\"' --append=x", .exit = 1, {
		HAS("t1-9/cmdline", " quiet a=\"b c\" x'"),
		HAS("summary.json", "\"append\": \"quiet a=\\\"b c\\\" x\""),
		HAS("t1-9/repro.sh", "'--append=quiet a=\"b c\"' --append=x"),
		HAS("t1-9/repro.sh", "--seed=9"), HAS("t1-9/repro.sh", "--ops=5"),
		HAS("t1-9/repro.sh", "--tests=stress"),
		THERE("t1-9/again/t1-9/trace.bin"), THERE("t1-9/trace.bin"),
		/* repro.sh refuses another kernel at the same path. */
		HAS("../err", "is not the kernel of that run") },
		.after = "$OUT/t1-9/repro.sh >/dev/null 2>&1; [ $? = 1 ] || exit 1; "
			 "printf 'another kernel' >top/kernel/image; "
			 "$OUT/t1-9/repro.sh >/dev/null 2>err; status=$?; "
			 "printf 'no kernel at all' >top/kernel/image; [ $status = 2 ]" } } },
	{ "many runs", { { "good", T1 " --seed=3..5 --runs=2 --jobs=3", .exit = 0, {
		TARGET("runs", "6"),
		THERE("summary.json?targets/0/seeds/5"), ABSENT("summary.json?targets/0/seeds/6"),
		THERE("t1-3/log"), THERE("t1-4/log"), THERE("t1-5/log") } } } },
	{ "stale results are removed", {
		{ "violation", T1, .exit = 1, { THERE("t1-1/repro.sh") } },
		/* A run without a verdict leaves no older summary.json. */
		{ "good", "--target=t1 --target=broken --out $OUT", .exit = 2, {
			ABSENT("summary.json"),
			ENDS("stderr", "\nvmtest: no verdict, exit status 2\n") } },
		{ "good", T1, .exit = 0, { ABSENT("t1-1/repro.sh") } } } },
	/* An image without a target gets one row, named after its release. */
	{ "an image without a target", {
		{ "violation", "--accel=tcg --out $OUT", .exit = 1, {
			SAYS("6.12.1-own: judged by the rules of join; the sysctl kernel.setns_pid_join is in it"),
			SAYS_NOT("building"),
			TARGET("target", "\"6.12.1-own\""), ABSENT("summary.json?targets/1"),
			/* No target has this name: repro.sh does not pass --target. */
			LACKS("6.12.1-own-1/repro.sh", "--target"),
			HAS("6.12.1-own-1/repro.sh", "/own/image") },
		  .env = "BZIMAGE=$ROOT/own/image",
		  .before = "mkdir -p own && echo my own kernel >own/image && "
			    "printf '%s\\n' target=x mode=join release=6.12.1-own >own/target" },
		/* The rules of a given target apply; a note reports a mismatch. */
		{ "good", T1 " --kernel $ROOT/own/image", .exit = 0, {
			SAYS("t1: judged by the rules of join; the sysctl kernel.setns_pid_join is not in it") },
		  .before = "sed -i s/mode=join/mode=mainline/ own/target" } } },
	/* A program that the runner starts dies of SIGPIPE and prints no message. */
	{ "a quiet build", { { "good", T1, .exit = 0, {
		SAYS("building\n"), SAYS_NOT("Broken pipe") } } } },
	/* A kernel that must be built waits for the runs of cached kernels. */
	{ "runs of cached kernels before builds", {
		{ "good", T1 " --target=made --no-snapshot", .exit = 0, {
			HAS("../top/kernel/before.t1", "No such file"),
			LACKS("../top/kernel/before.made", "No such file") },
		  .env = "RUN_BEFORE=$OUT/t1-1/results.json" } } },
	/* Finished rows are printed even if the next kernel does not build. */
	{ "runs before a broken build", {
		{ "good", T1 " --target=broken --no-snapshot", .exit = 2, {
			PRINTS("t1"), PRINTS("PASS"), ABSENT("summary.json") } } } },
};

/*
 * Starts the runner on the first n CPUs of this process, or on all if there are fewer,
 * and expects @guests guests at once.
 */
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

/*
 * By default, at most 8 guests run at once; each of their threads has a CPU, and they
 * take at most half of the free memory.
 */
static void test_guests_at_once(void **)
{
	int cpus = (int)host__cpus(), mib = (int)(host__free_mib() / 3);
	char *half = xasprintf("--memory=%d", mib);

	expect_at_once(1, "--cpus=1", "-v", 1);
	expect_at_once(cpus, "--cpus=1", "-v", cpus < 8 ? cpus : 8);
	expect_at_once(cpus, "--cpus=2", "-v",
		       cpus < 4 ? 1 : cpus < 16 ? cpus / 2 : 8);
	expect_at_once(cpus, "--cpus=1", half, 1);
	expect_at_once(1, "--cpus=1", "--jobs=3", 3);
	free(half);
}

static double boot_seconds(const char *out)
{
	char *path = xasprintf("%s/summary.json", out);
	json_t *s = json_load_file(path, 0, NULL);
	double seconds = -1;

	json_unpack(s, "{s:[{s:[{s:f}]}]}", "targets", "results", "boot_seconds",
		    &seconds);
	json_decref(s);
	free(path);
	return seconds;
}

/*
 * The boot time of the first run counts from the start of the runner, without the time
 * to build a kernel.
 */
static void test_boot_without_build(void **)
{
	char *out = fresh_out();
	struct ended e;

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

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_guests_at_once),
		cmocka_unit_test(test_boot_without_build),
	};

	return cases__run("vmtest run", cases, ARRAY_SIZE(cases), others,
			  ARRAY_SIZE(others));
}
