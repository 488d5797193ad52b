// SPDX-License-Identifier: GPL-2.0-only
/*
 * splat.txt, tested with a real ELF with debug information: two files, each with a
 * static function of the same name, and an inlined function.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest/triage/splat.h"
#include "vmtest/triage/symtab.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

static struct symtab table;

/* Line numbers below refer to these texts. */
static const char a_c[] =
	"void g(int);\n"
	"static inline __attribute__((always_inline)) void deep(void)\n"
	"{\n"
	"	__asm__ volatile(\"nop\");\n"
	"}\n"
	"static __attribute__((noinline)) void twin(void)\n"
	"{\n"
	"	g(1);\n"
	"	deep();\n"
	"}\n"
	"void outer(void)\n"
	"{\n"
	"	twin();\n"
	"}\n"
	"void alone(void)\n"
	"{\n"
	"	deep();\n"
	"}\n";
static const char b_c[] =
	"void outer(void);\n"
	"void g(int i) { __asm__ volatile(\"\" :: \"r\"(i)); }\n"
	"static __attribute__((noinline)) void twin(void)\n"
	"{\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"	__asm__ volatile(\"nop\");\n"
	"}\n"
	"void _start(void)\n"
	"{\n"
	"	twin();\n"
	"	outer();\n"
	"}\n";

static int setup(void **state)
{
	char *path;

	if (harness__setup(state) || scanner_setup(state))
		return -1;
	put("a.c", a_c, 0644);
	put("b.c", b_c, 0644);
	assert_int_equal(shell("cd %s && gcc -g -O1 -fno-pie -no-pie -static -nostdlib -fno-optimize-sibling-calls -fno-reorder-functions -o vmlinux.debug a.c b.c%s", ""), 0);
	path = in_root("vmlinux.debug");
	assert_int_equal(symtab__load(&table, path), 0);
	free(path);
	return 0;
}

static int teardown(void **state)
{
	symtab__free(&table);
	return scanner_teardown(state) || harness__teardown(state);
}

/* Returns a symbol's size as in kallsyms: the distance to the next; nr selects one. */
static uint64_t size_of(const char *name, int nr)
{
	for (size_t i = 0; i + 1 < table.n; i++) {
		if (!strcmp(table.v[i].name, name) && !nr--)
			return table.v[i + 1].addr - table.v[i].addr;
	}
	fail_msg("no %s", name);
	return 0;
}

/* The summary, up to the empty line, for test_head(). */
static char head[4096];

static void cut_head(char *text)
{
	char *from = *text == '#' ? strchr(text, '\n') + 1 : text;
	char *end = strstr(from, "\n\n");

	assert_non_null(end);
	snprintf(head, sizeof(head), "%.*s", (int)(end + 1 - from), from);
	memmove(from, end + 2, strlen(end + 2) + 1);
}

static char *splat_of(const char *console, const char *image)
{
	char *path = in_root("splat.txt"), *kernel = in_root(image), *text = NULL;

	unlink(path);
	assert_int_equal(splat__write(root, kernel, console, &scanner, NULL), 0);
	if (read_file(path, &text, NULL))
		text = NULL;
	if (text)
		cut_head(text);
	free(kernel);
	free(path);
	return text;
}

static void expect_line(const char *text, const char *line)
{
	if (!text || !strstr(text, line))
		fail_msg("\"%s\" is not in: %s", line, text ? text : "nothing");
}

static void test_duplicates_by_size(void **)
{
	unsigned long long a = size_of("twin", 0), b = size_of("twin", 1);
	char *console, *text;

	assert_int_not_equal(a, b);
	console = xasprintf("[ 0.1] Linux version\r\n[ 0.2] sysrq: sysrq always enabled.\r\n"
			    "[ 1.0] WARNING: at twin+0x0/0x%llx\r\n"
			    "[ 1.1] RIP: 0010:twin+0x3/0x%llx\r\n"
			    "[ 1.2]  twin+0x0/0x%llx\r\n",
			    a, b, a + b);
	text = splat_of(console, "vmlinux");
	expect_line(text, "[ 1.0] WARNING: at twin+0x0/0x");
	expect_line(text, "/a.c:7)\n");
	expect_line(text, "/b.c:8)\n");
	/* Neither function has that size: no line is better than a wrong one. */
	assert_null(strchr(strstr(text, "[ 1.2]"), '('));
	assert_null(strstr(text, "not symbolised"));
	/* splat.txt starts at the splat. */
	assert_int_equal(strncmp(text, "[ 1.0] WARNING", 14), 0);
	free(text);
	free(console);
}

static void test_return_address_is_the_call(void **)
{
	unsigned long long size = size_of("twin", 1);
	char *console, *text;

	/* From line 5 on, each line is one instruction of one byte. */
	console = xasprintf("BUG: x\n ? twin+0x2/0x%llx\nRIP: 0010:twin+0x2/0x%llx\n",
			    size, size);
	text = splat_of(console, "vmlinux");
	expect_line(text, " ? twin");
	expect_line(strstr(text, " ? twin"), "/b.c:6)\nRIP");
	expect_line(strstr(text, "RIP"), "/b.c:7)\n");
	free(text);
	free(console);
}

static void test_inlined(void **)
{
	char *text;

	/* The name is unique: the size need not match. */
	text = splat_of("BUG: in alone+0x0/0x99999\n alone+0x0/0x1 [module]\n nobody+0x1/0x2\n",
			"vmlinux");
	expect_line(text, "/a.c:4, inlined at ");
	expect_line(text, "/a.c:17)\n");
	expect_line(text, "\n alone+0x0/0x1 [module]\n nobody+0x1/0x2\n");
	free(text);
}

static void test_head(void **)
{
	unsigned long long size = size_of("twin", 1);
	char *console, *text;

	console = xasprintf("[ 1.0] BUG: x\n[ 1.0] RIP: 0010:twin+0x2/0x%llx\n"
			    "[ 1.0]  alone+0x0/0x1\n", size);
	text = splat_of(console, "vmlinux");
	assert_int_equal(strncmp(head, "fault ", 6), 0);
	expect_line(head, ": BUG: x in twin\nRIP: 0010:twin+0x2");
	expect_line(head, "/b.c:7)\nalone+0x0/0x1 (");
	free(text);
	free(console);
	/* A hang: a bare address is resolved to a name. */
	console = xasprintf("CPU#0\nRIP=%016llx\n",
			    (unsigned long long)symtab__find(&table, "alone", 5, 0));
	put("registers", console, 0644);
	text = splat_of("[ 9.0] sysrq: Show Blocked State\n", "vmlinux");
	expect_line(head, "CPU 0: alone+0x0 (");
	expect_line(head, "/a.c:4, inlined at ");
	assert_int_equal(shell("rm %s/%s", "registers"), 0);
	free(text);
	free(console);
}

static void test_says_what_is_missing(void **)
{
	char *path = xstrdup(getenv("PATH")), *text;

	text = splat_of("BUG: in alone+0x0/0x1\n", "elsewhere/vmlinux");
	expect_line(text, "# not symbolised: ");
	expect_line(text, "/elsewhere/vmlinux.debug: No such file");
	expect_line(text, "\nBUG: in alone+0x0/0x1\n");
	free(text);
	setenv("PATH", "/proc/nonexistent", 1);
	text = splat_of("BUG: in alone+0x0/0x1\n", "vmlinux");
	setenv("PATH", path, 1);
	expect_line(text, "# not symbolised: addr2line is missing; install binutils\nBUG: in alone+0x0/0x1\n");
	free(text);
	free(path);
	assert_null(splat_of("[ 0.1] all is well\n", "vmlinux"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duplicates_by_size),
		cmocka_unit_test(test_return_address_is_the_call),
		cmocka_unit_test(test_inlined),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_says_what_is_missing),
	};

	return cmocka_run_group_tests_name("vmtest splat", tests, setup, teardown);
}
