// SPDX-License-Identifier: GPL-2.0-only
/* The console's patterns, tested with lines of real kernels, bad and harmless. */
#include <errno.h>
#include <string.h>

#include "vmtest/triage/scanner.h"
#include "vmtest/triage/console.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

#define SEEN(text) "[    9.000000] " text, strlen("[    9.000000] " text)

struct line_case {
	const char *line;
	enum console_kind kind;
};

static const struct line_case lines[] = {
	{ "[    1.104332] Kernel panic - not syncing: Fatal exception in interrupt", CONSOLE_PANIC },
	{ "[    0.9] ---[ end Kernel panic - not syncing: VFS ]---", CONSOLE_PANIC },
	{ "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", CONSOLE_PANIC },
	{ "[    2.0][    T1] WARNING: CPU: 1 PID: 55 at kernel/pid.c:389 change_pid+0x5/0x10", CONSOLE_SPLAT },
	{ "[    2.0] WARNING: possible circular locking dependency detected", CONSOLE_SPLAT },
	{ "[    2.0] WARNING: suspicious RCU usage", CONSOLE_SPLAT },
	{ "<4>[    2.0] BUG: KASAN: slab-use-after-free in pid_nr_ns+0x3/0x9", CONSOLE_SPLAT },
	{ "[    2.0] BUG: kernel NULL pointer dereference, address: 0000000000000008", CONSOLE_SPLAT },
	{ "[    2.0] BUG: unable to handle page fault for address: ffff88800", CONSOLE_SPLAT },
	{ "[    2.0] BUG: sleeping function called from invalid context at mm/slab.h:1", CONSOLE_SPLAT },
	{ "[    2.0] BUG pid_2 (Not tainted): Objects remaining on shutdown", CONSOLE_SPLAT },
	{ "[    2.0] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [stress:77]", CONSOLE_SPLAT },
	{ "[    2.0] kernel BUG at kernel/exit.c:1!", CONSOLE_SPLAT },
	{ "[    2.0] Oops: general protection fault, probably for non-canonical address 0xdead", CONSOLE_SPLAT },
	{ "[    1.1] int3: 0000 [#1] PREEMPT SMP", CONSOLE_SPLAT },
	{ "[  122.0] INFO: task sh:44 blocked for more than 60 seconds.", CONSOLE_SPLAT },
	{ "[   21.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", CONSOLE_SPLAT },
	{ "[   21.0] rcu: \t1-....: (5249 ticks this GP) self-detected stall on CPU", CONSOLE_SPLAT },
	{ "[    2.0] refcount_t: underflow; use-after-free.", CONSOLE_SPLAT },
	{ "[    2.0] list_del corruption. prev->next should be ffff", CONSOLE_SPLAT },
	{ "[    2.0] UBSAN: array-index-out-of-bounds in kernel/pid.c:1:2", CONSOLE_SPLAT },
	{ "[   60.0] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", CONSOLE_SPLAT },
	/* From mutants-6.12-debug, "old-not-held" */
	{ "[   97.254277] BUG: KASAN: slab-use-after-free in put_pid.part.0+0xd2/0xf0", CONSOLE_SPLAT },
	{ "[   60.0] kmemleak: unreferenced object 0xffff888004d3a000 (size 248):", CONSOLE_SPLAT },
	{ "[    2.0] BUG: KCSAN: data-race in pidns_commit_join / task_tgid_nr_ns", CONSOLE_SPLAT },
	{ "[    2.0] BUG: KCSAN: assert: race in a+0x1/0x2", CONSOLE_SPLAT },
	{ "[    2.0] WARNING: bad unlock balance detected!", CONSOLE_SPLAT },
	{ "[    2.0] BUG: MAX_LOCKDEP_ENTRIES too low!", CONSOLE_SPLAT },
	{ "[    2.0] Out of memory: Killed process 44 (stress) total-vm:1kB", CONSOLE_SPLAT },

	{ "[    0.000000] Linux version 6.12.117+", CONSOLE_NONE },
	/* From the debug kernel. */
	{ "[   44.191657] kmemleak: Kernel memory leak detector initialized (mem pool available: 15757)", CONSOLE_NONE },
	{ "[   47.582165] kmemleak: Automatic memory scanning thread ended", CONSOLE_NONE },
	{ "[  100.679626] calibrate_delay_direct() failed to get a good estimate for loops_per_jiffy.", CONSOLE_NONE },
	{ "[  197.666772] hrtimer: interrupt took 179010225 ns", CONSOLE_NONE },
	{ "[  325.182523] Clockevents: could not switch to one-shot mode: lapic is not functional.", CONSOLE_NONE },
	{ "[    0.000000] DMI: Bochs, BIOS BUG-1", CONSOLE_NONE },
	{ "[    0.000000] [Firmware Bug]: TSC doesn't count with P0 frequency!", CONSOLE_NONE },
	{ "[    0.2] Spectre V2 : WARNING: Unprivileged eBPF is enabled", CONSOLE_NONE },
	{ "[    0.2] rcu: Hierarchical RCU implementation.", CONSOLE_NONE },
	{ "[    0.2] Kernel command line: panic=-1 oops=panic", CONSOLE_NONE },
	{ "[    0.2] lockdep: fixing up alternatives.", CONSOLE_NONE },
	{ "[    3.0] reboot: Restarting system", CONSOLE_NONE },
	{ "[    0.1] Dynamic Preempt: voluntary, no WARNING here", CONSOLE_NONE },
	{ "", CONSOLE_NONE },
	{ "[", CONSOLE_NONE },
};

static void test_lines(void **)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (console__classify(lines[i].line, &scanner, NULL) != lines[i].kind)
			fail_msg("wrongly told: %s", lines[i].line);
	}
}

/* Returns the list of allowed splats from this text, or NULL if it is refused. */
static struct allow *allowed(const char *text)
{
	static struct allow a;
	char *path = in_root("allow");
	int err;

	allow__free(&a);
	put("allow", text, 0644);
	err = allow__read(&a, path);
	free(path);
	return err ? NULL : &a;
}

static void test_allowed(void **)
{
	static const struct line_case cases[] = {
		{ "[ 1.0] BUG: KCSAN: data-race in tick_a / tick_b", CONSOLE_ALLOWED },
		{ "[ 1.0] BUG: KCSAN: data-race in tick_b / x", CONSOLE_SPLAT },
		/* A pattern must match the whole line, not a part of it. */
		{ "[ 1.0] BUG: KCSAN: data-race in tick_a / tick_b+0x1", CONSOLE_SPLAT },
		{ "[ 1.0] BUG: KCSAN: data-race in a / b2", CONSOLE_ALLOWED },
		/* A panic is never allowed; a harmless line is never a splat. */
		{ "[ 1.0] Kernel panic - not syncing: any", CONSOLE_PANIC },
		{ "[ 1.0] tick_a / tick_b", CONSOLE_NONE },
	};
	static const char *const bad[] = {
		"BUG: no reason\n", "BUG: no reason | \n", " | no pattern\n",
		"BUG: a|b\n",
	};
	struct allow *a;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(allowed(bad[i]));
	assert_non_null(allowed(""));
	a = allowed("# races\n\nBUG: KCSAN: data-race in tick_a / tick_b  |  statistics \r\n"
		    "*in a / b? | why | not\nKernel panic* | no\n");
	assert_non_null(a);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (console__classify(cases[i].line, &scanner, a) != cases[i].kind)
			fail_msg("wrongly told: %s", cases[i].line);
	}
	assert_string_equal(allow__find(a, "BUG: KCSAN: data-race in tick_a / tick_b")->reason,
			    "statistics");
	assert_string_equal(allow__find(a, "in a / bx")->reason, "why | not");
	allow__free(a);
}

static void test_first_and_count(void **)
{
	static const char text[] = "[ 1.0] BUG: one\r\n[ 1.0] fine\r\n[ 1.1] BUG: two\r\nKernel panic - not syncing: end";
	struct console c = { .scanner = &scanner };

	/* Byte by byte: the boundaries of reads must not matter. */
	for (size_t i = 0; i < strlen(text); i++)
		console__feed(&c, text + i, 1);
	assert_int_equal(c.count[CONSOLE_SPLAT], 2);
	assert_string_equal(c.first[CONSOLE_SPLAT], "BUG: one");
	assert_int_equal(c.count[CONSOLE_PANIC], 0);
	assert_int_equal(console__finish(&c), CONSOLE_PANIC);
	assert_string_equal(c.first[CONSOLE_PANIC],
			    "Kernel panic - not syncing: end");
}

static void test_endless_line(void **)
{
	static char chunk[65536];
	struct console c = { .scanner = &scanner };

	memset(chunk, 'x', sizeof(chunk));
	console__feed(&c, "BUG: ", 5);
	for (int i = 0; i < 64; i++)
		console__feed(&c, chunk, sizeof(chunk));
	assert_int_equal(c.count[CONSOLE_SPLAT], 1);
	/* A line of the kernel in the middle of the endless one. */
	assert_int_equal(console__feed(&c, SEEN("BUG: late\n")), CONSOLE_SPLAT);
	assert_int_equal(c.count[CONSOLE_SPLAT], 2);
	/* The rest of an endless line is no line. */
	for (int i = 0; i < 64; i++)
		console__feed(&c, chunk, sizeof(chunk));
	assert_int_equal(console__feed(&c, "BUG: x\n", 7), CONSOLE_NONE);
}

/* Lines of the kernel that begin in the middle of a line of a program. */
static void test_glued(void **)
{
	static const struct {
		const char *text;
		uint64_t splats;
	} cases[] = {
		{ "Loading 57% [  122.000000] INFO: task sh:44 blocked for more\n", 1 },
		{ "57%\r[  122.000000] INFO: task sh:44 blocked\n", 1 },
		{ "57%\rBUG: without stamps\r\n", 1 },
		{ "$ [    2.000000][   T12] BUG: one\r\nrest[    2.000001] BUG: two\r\n", 2 },
		{ "[    1.000000] fine [    2.000000] BUG: after a program's\n", 1 },
		{ "\x1b[1mbold[12345678.000000] BUG: long up\n", 1 },
		{ "x\0y[    2.000000] BUG: x\n", 1 },
		/* No stamps of the kernel: the text of a program stays text. */
		{ "note [2.0] BUG: in my list\n", 0 },
		{ "note [   2.000000] BUG: too short\n", 0 },
		{ "note [    2.00000] BUG: five decimals\n", 0 },
		{ "note [     .000000] BUG: no seconds\n", 0 },
		{ "note [    2.000000]BUG: no blank\n", 0 },
		{ "note 12345.678901] BUG: no bracket\n", 0 },
		{ "BUGS [ 1 2.000000] BUG: a blank\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct console c = { .scanner = &scanner };
		const char *text = cases[i].text;
		size_t len = strlen(text);

		if (text[0] == 'x' && !text[1])
			len += strlen(text + len + 1) + 1;
		for (size_t k = 0; k < len; k++)
			console__feed(&c, text + k, 1);
		if (c.count[CONSOLE_SPLAT] != cases[i].splats)
			fail_msg("%zu splats: %s",
				 (size_t)c.count[CONSOLE_SPLAT], text);
	}
}

static void test_nul_bytes(void **)
{
	struct console c = { .scanner = &scanner };

	assert_int_equal(console__feed(&c, "\0\0BUG: x\n", 9), CONSOLE_SPLAT);
}

/* Reads a source tree with these two files; NULL: without the file. */
static int read_from(const char *splats, const char *frames)
{
	char *top = in_root("scan");
	struct scanner s;
	int err;

	assert_int_equal(shell("cd %s && rm -rf scan && mkdir -p scan/%s", "vmtest"), 0);
	if (splats)
		put("scan/vmtest/splats", splats, 0644);
	if (frames)
		put("scan/vmtest/frames", frames, 0644);
	err = scanner__read(&s, top);
	scanner__free(&s);
	free(top);
	return err;
}

static void test_scan_that_cannot_run(void **)
{
	static const char good[] = "splat | any | BUG | %l | a.c\n";
	static const char *const bad[] = {
		"", "# nothing\n", "splat | any | BUG | %l\n",
		"splat | any | BUG | %l | a.c | b\n", "oops | any | BUG | %l | a.c\n",
		"splat | end | BUG | %l | a.c\n", "splat | any |  | %l | a.c\n",
		"splat | any | BUG |  | a.c\n",
	};

	assert_int_equal(read_from(good, "panic\n"), 0);
	assert_int_equal(read_from(NULL, "panic\n"), -ENOENT);
	assert_int_equal(read_from(good, NULL), -ENOENT);
	assert_int_not_equal(read_from(good, ""), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!read_from(bad[i], "panic\n"))
			fail_msg("taken: %s", bad[i]);
	}
}

static int setup(void **state)
{
	return harness__setup(state) || scanner_setup(state);
}

static int teardown(void **state)
{
	return scanner_teardown(state) || harness__teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan_that_cannot_run),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_first_and_count),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_glued),
		cmocka_unit_test(test_nul_bytes),
	};

	return cmocka_run_group_tests_name("vmtest console", tests, setup, teardown);
}
