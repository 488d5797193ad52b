// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that print without end. The run ends, its files have a limit, and each of them
 * has the beginning and the end of what was printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/array.h"
#include "vmtest_cases.h"

/* The size of a file is at most @mib MiB, and the tail that is kept beyond this limit. */
#define AT_MOST(mib, file) \
	"[ $(stat -c %s " file ") -le $(((" mib " << 20) + (257 << 10))) ] && "

/* A line of a file says how many bytes are left out. */
#define LEFT_OUT(file) \
	"grep -qx '# vmtest left out [1-9][0-9]* bytes here' " file " && "

/* The last line has a number, which is higher than that of any line that would fit. */
#define ENDS_LATE(file) \
	"[ $(tail -n 1 " file " | tr -dc 0-9 | sed 's/^0*//') -gt 1040000 ] && "

static const struct test_case cases[] = {
	{ "a command", { { "endless_output", T1 " -- yes", .exit = 6, {
		SAYS("HANG: endless output of the command: more than 64 MiB"),
		TARGET("verdict", "\"HANG\""), },
		.after = AT_MOST("64", "$OUT/t1-1/output") LEFT_OUT("$OUT/t1-1/output")
			 ENDS_LATE("$OUT/t1-1/output")
			 "[ \"$(head -n 1 $OUT/t1-1/output)\" = first ] && "
			 AT_MOST("64", "$ROOT/run.out") "true" } } },
	{ "a kernel", { { "endless_console", T1, .exit = 6, {
		SAYS("HANG: endless output of the kernel: more than 64 MiB") },
		.after = AT_MOST("64", "$OUT/t1-1/console.log")
			 LEFT_OUT("$OUT/t1-1/console.log")
			 ENDS_LATE("$OUT/t1-1/console.log") "true" } } },
	{ "tests", { { "endless_ktap", T1, .exit = 6, {
		SAYS("HANG: endless output of the tests: more than 16 MiB"),
		HAS("t1-1/tests.ktap", "ok 3 third") },
		.after = AT_MOST("16", "$OUT/t1-1/tests.ktap")
			 LEFT_OUT("$OUT/t1-1/tests.ktap") "true" } } },
	{ "QEMU", { { "many_errors", T1 " --no-snapshot", .exit = 0, {
		SAYS("PASS"), HAS("t1-1/log", "fakeqemu: first"),
		HAS("t1-1/log", "fakeqemu: last") },
		.after = AT_MOST("16", "$OUT/t1-1/log") LEFT_OUT("$OUT/t1-1/log")
			 "true" } } },
};

int main(void)
{
	return cases__run("flood", cases, ARRAY_SIZE(cases), NULL, 0);
}
