// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of faults in the output of real kernels: a guest printed each
 * tests/golden/splats/NAME.console (see tests/golden/splats/remake.sh), and NAME.faults
 * lists the faults to find, one line of "TITLE | FUNCTION FUNCTION FUNCTION" each, none
 * for a healthy kernel.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/triage/fault.h"
#include "test.h"
#include "vmtest_harness.h"
#include "vmtest/triage/hang_site.h"

#define GOLDEN VMTEST_TOP "/tests/golden/splats"

static char *as_text(const struct faults *fs)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < fs->n; i++) {
		const struct fault *f = &fs->v[i];

		fprintf(out, "%s |", f->title);
		for (size_t k = 0; k < f->frames.n; k++) {
			char *function = fault__function(f->frames.v[k]);

			fprintf(out, " %s", function);
			free(function);
		}
		fprintf(out, "%s\n", f->panic ? " (panic)" : "");
	}
	fclose(out);
	return text;
}

static void check_golden(const char *path)
{
	char *base = xasprintf("%.*s", (int)(strrchr(path, '.') - path), path);
	char *wanted = xasprintf("%s.faults", base), *console, *want, *have;
	struct faults fs = { 0 };

	assert_int_equal(read_file(path, &console, NULL), 0);
	assert_int_equal(read_file(wanted, &want, NULL), 0);
	faults__find(&fs, console, &scanner, NULL);
	have = as_text(&fs);
	if (strcmp(want, have))
		fail_msg("%s:\n%swanted:\n%s", path, have, want);
	faults__free(&fs);
	free(have);
	free(want);
	free(console);
	free(wanted);
	free(base);
}

static void test_golden(void **)
{
	glob_t g;

	assert_int_equal(glob(GOLDEN "/*.console", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 15);
	for (size_t i = 0; i < g.gl_pathc; i++)
		check_golden(g.gl_pathv[i]);
	globfree(&g);
}

static char *fingerprint_of(const char *console)
{
	struct faults fs = { 0 };
	char *out;

	faults__find(&fs, console, &scanner, NULL);
	assert_int_equal(fs.n, 1);
	out = xstrdup(fs.v[0].fingerprint);
	faults__free(&fs);
	return out;
}

/* A fingerprint ignores values that vary from run to run, but not the location. */
static void test_fingerprint(void **)
{
	static const char one[] =
		"[    2.0] WARNING: CPU: 1 PID: 55 at kernel/pid.c:389 change_pid+0x5/0x10\n"
		"[    2.0] RIP: 0010:change_pid+0x5/0x10\n"
		"[    2.0]  pidns_install+0xfd/0x210\n";
	static const char same[] =
		"[   77.1][  T234] WARNING: CPU: 0 PID: 1234 at kernel/pid.c:390 change_pid+0x7/0x12\r\n"
		"[   77.1][  T234] RIP: 0010:change_pid+0x7/0x12\r\n"
		"[   77.1][  T234]  ? alloc_pid+0x1/0x2\r\n"
		"[   77.1][  T234]  pidns_install.constprop.0+0xff/0x212\r\n";
	static const char other[] =
		"[    2.0] WARNING: CPU: 1 PID: 55 at kernel/pid.c:389 change_pid+0x5/0x10\n"
		"[    2.0] RIP: 0010:change_pid+0x5/0x10\n"
		"[    2.0]  exchange_tids+0xfd/0x210\n";
	char *a = fingerprint_of(one), *b = fingerprint_of(same),
	     *c = fingerprint_of(other);

	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	free(a);
	free(b);
	free(c);
}

/* How a program ended is part of the fault's name, and other numbers are not. */
static void test_status(void **)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "sh ended with exit status 1", "sh ended with exit status 139", false },
		{ "sh ended with signal 6 (Aborted)", "sh ended with signal 11 (Aborted)", false },
		{ "init! exitcode=0x00000100", "init! exitcode=0x0000000b", false },
		{ "sh[57] ended with exit status 1", "sh[58] ended with exit status 1", true },
		{ "status 1", "status 2", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct faults fs = { 0 };

		faults__add(&fs, cases[i].a, NULL);
		faults__add(&fs, cases[i].b, NULL);
		if (fs.n != (cases[i].same ? 1 : 2))
			fail_msg("%s, %s: %zu", cases[i].a, cases[i].b, fs.n);
		faults__free(&fs);
	}
}

static void test_where(void **)
{
	static const char console[] =
		"[ 9.0] sysrq: Show backtrace of all active CPUs\r\n"
		"[ 9.0] NMI backtrace for cpu 0\r\n"
		"[ 9.0] CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted\r\n"
		"[ 9.0]  dump_stack_lvl+0x4f/0x60\r\n"
		"[ 9.0]  __handle_sysrq+0x99/0x190\r\n"
		"[ 9.0] RIP: 0010:pv_native_safe_halt+0x13/0x20\r\n"
		"[ 9.0]  default_idle+0x9/0x20\r\n"
		"[ 9.0] NMI backtrace for cpu 1\r\n"
		"[ 9.0] RIP: 0010:spin_for_ever+0x7/0x10\r\n"
		"[ 9.0] sysrq: Show Blocked State\r\n"
		"[ 9.0] task:sh              state:D stack:0     pid:39    tgid:39\r\n"
		"[ 9.0]  __schedule+0x312/0x7c0\r\n"
		"[ 9.0]  schedule+0x20/0x80\r\n"
		"[ 9.0]  wait_for_nothing+0x1a/0x20\r\n"
		"[ 9.0] sysrq: Show State\r\n"
		"[ 9.0] task:init            state:S stack:0     pid:1     tgid:1\r\n"
		"[ 9.0]  do_sys_poll+0x4b1/0x5c0\r\n";
	static const char registers[] =
		"CPU#1\r\nRAX=0 RBX=1\r\nRIP=ffffffff81000001 RFL=00000246\r\n"
		"CPU#2\r\nRAX=0 RBX=1\r\nRIP=ffffffff81000002 RFL=00000246\r\n";
	struct strv out = { 0 };
	char *text;

	hang_site__find(&out, console, registers, &scanner);
	text = strv__join(&out, "\n");
	/* CPU 1 has printed its own backtrace; CPU 2 has not. */
	assert_string_equal(text,
			    "CPU 0: pv_native_safe_halt+0x13/0x20\n"
			    "CPU 1: spin_for_ever+0x7/0x10\n"
			    "blocked sh[39]: wait_for_nothing+0x1a/0x20\n"
			    "CPU 2: 0xffffffff81000002");
	free(text);
	strv__free(&out);
}

/* For remake.sh: prints the faults in a file, in the format of NAME.faults. */
static int print_faults(const char *path)
{
	struct faults fs = { 0 };
	char *console, *text;

	if (scanner__read(&scanner, VMTEST_TOP) ||
	    read_file(path, &console, NULL))
		return 1;
	faults__find(&fs, console, &scanner, NULL);
	text = as_text(&fs);
	fputs(text, stdout);
	free(text);
	faults__free(&fs);
	free(console);
	scanner__free(&scanner);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_where),
	};

	if (argc == 3 && !strcmp(argv[1], "--print"))
		return print_faults(argv[2]);
	return cmocka_run_group_tests_name("vmtest fault", tests,
					   scanner_setup, scanner_teardown);
}
