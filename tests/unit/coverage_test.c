// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the lines that a series adds, gcov's counts for them, and the verdict: golden
 * cases, small enough to check by eye.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "tests/coverage/added.h"
#include "vmtest/lib/bytes.h"
#include "tests/coverage/counts.h"
#include "tests/coverage/reasons.h"
#include "tests/coverage/coverage.h"

/* one() exists already; the patch adds a function and changes a line. */
static const char first[] =
	"Subject: [PATCH 1/2] one\n"
	"\n"
	"+++ b/this/is/in/the/message.c of somebody\n"
	"---\n"
	" kernel/a.c | 5 +++++\n"
	"\n"
	"diff --git a/kernel/a.c b/kernel/a.c\n"
	"--- a/kernel/a.c\n"
	"+++ b/kernel/a.c\n"
	"@@ -10,3 +10,6 @@ int one(void)\n"
	" {\n"
	"-\treturn 1;\n"
	"+\tif (x)\n"
	"+\t\treturn 1;\n"
	"+\treturn 2;\n"
	"+\n"
	" }\n"
	"@@ -40 +43,2 @@ int two(void)\n"
	" \tint y;\n"
	"+\tdo_y();\n"
	"diff --git a/tools/t.c b/tools/t.c\n"
	"--- /dev/null\n"
	"+++ b/tools/t.c\n"
	"@@ -0,0 +1 @@\n"
	"+int not_counted;\n"
	"-- \n"
	"2.39.5\n";

/* Adds two lines above, and removes a line of the first patch. */
static const char second[] =
	"diff --git a/kernel/a.c b/kernel/a.c\n"
	"--- a/kernel/a.c\n"
	"+++ b/kernel/a.c\n"
	"@@ -1,2 +1,4 @@\n"
	" #include <b.h>\n"
	"+#include <c.h>\n"
	"+#include <d.h>\n"
	" \n"
	"@@ -12,3 +14,2 @@\n"
	" \t\treturn 1;\n"
	"-\treturn 2;\n"
	" \n";

static void apply(struct added *a)
{
	memset(a, 0, sizeof(*a));
	assert_int_equal(added__apply(a, "first", first), 0);
	assert_int_equal(added__apply(a, "second", second), 0);
}

static void test_lines_move(void **state)
{
	static const struct added_line want[] = {
		{ 2, (char *)"#include <c.h>" }, { 3, (char *)"#include <d.h>" },
		{ 13, (char *)"\tif (x)" }, { 14, (char *)"\t\treturn 1;" },
		{ 15, (char *)"" }, { 45, (char *)"\tdo_y();" },
	};
	struct added a;

	(void)state;
	apply(&a);
	/* Names in the message are not files, and tools/ is not selected. */
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].path, "kernel/a.c");
	assert_int_equal(a.v[0].n, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(a.v[0].v[i].nr, want[i].nr);
		assert_string_equal(a.v[0].v[i].text, want[i].text);
	}
	added__free(&a);
}

static void test_broken_patches(void **state)
{
	static const char *const broken[] = {
		"+++ b/a.c\n@@ -x +1 @@\n",
		"+++ b/a.c\n@@ -1 +1 @@\n?\n",
		"+++ b/a.c\n@@ -1,2 +1,2 @@\n a\n",
		"+++ b/a.c\n@@ -9 +9 @@\n a\n@@ -1 +1 @@\n a\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct added a = { 0 };

		assert_true(added__apply(&a, "broken", broken[i]) < 0);
		added__free(&a);
	}
}

#define LINE(nr, count, part, function) \
	"{\"line_number\":" #nr ",\"count\":" #count ",\"unexecuted_block\":" \
	#part ",\"function_name\":\"" function "\",\"branches\":[]}"
#define FILE_JSON(name, lines) \
	"{\"files\":[{\"file\":\"" name "\",\"lines\":[" lines "]}]}"

static void add(struct counts *c, const char *json)
{
	assert_int_equal(counts__add(c, "json", json, strlen(json)), 0);
}

static void test_counts(void **state)
{
	struct counts c = { 0 };
	const struct file_counts *f;

	(void)state;
	/* Twice in a file: an inlined function. In another object: a header. */
	add(&c, FILE_JSON("./i.h", LINE(3, 0, true, "f") "," LINE(3, 2, false, "g")));
	add(&c, FILE_JSON("i.h", LINE(3, 5, true, "f") "," LINE(4, 1, true, "f")));
	f = counts__file(&c, "i.h");
	assert_non_null(f);
	assert_null(counts__file(&c, "j.h"));
	assert_int_equal(counts__line(f, 3)->count, 7);
	assert_true(counts__line(f, 3)->whole);
	assert_string_equal(counts__line(f, 3)->function, "f");
	assert_int_equal(counts__line(f, 4)->count, 1);
	assert_false(counts__line(f, 4)->whole);
	assert_null(counts__line(f, 2));
	assert_null(counts__line(f, 99));
	assert_true(counts__add(&c, "json", "{", 1) < 0);
	assert_true(counts__add(&c, "json", "{}", 2) < 0);
	assert_true(counts__add(&c, "json", "{\"files\":[{}]}", 14) < 0);
	counts__free(&c);
}

struct told {
	char text[512];
};

static void tell(void *ctx, const struct added_file *f,
		 const struct added_line *l, enum state state,
		 const struct line_count *count, const struct reason *reason)
{
	struct told *t = ctx;
	size_t len = strlen(t->text);

	(void)f;
	(void)count;
	snprintf(t->text + len, sizeof(t->text) - len, "%u%c%s ", l->nr,
		 "-+=#"[state], reason ? reason->why : "");
}

static struct coverage judge(const char *json, const char *reasons,
			    const char *want)
{
	struct counts c = { 0 };
	struct told told = { 0 };
	struct reasons r;
	struct coverage v;
	struct added a;

	apply(&a);
	if (json)
		add(&c, json);
	assert_int_equal(reasons__parse(&r, "reasons", reasons), 0);
	coverage__find(&v, &a, &c, &r, tell, &told);
	assert_string_equal(told.text, want);
	counts__free(&c);
	reasons__free(&r);
	added__free(&a);
	return v;
}

#define COUNTED(l14, l45) FILE_JSON("kernel/a.c", \
	LINE(13, 4, false, "one") "," l14 "," l45)
#define GOOD14 LINE(14, 1, false, "one")
#define GOOD45 LINE(45, 9, false, "two")

static void test_verdict(void **state)
{
	struct coverage v;

	(void)state;
	v = judge(COUNTED(GOOD14, GOOD45), "", "2- 3- 13+ 14+ 15- 45+ ");
	assert_true(coverage__good(&v));
	assert_int_equal(v.added, 6);
	assert_int_equal(v.of[NO_CODE], 3);
	v = judge(COUNTED(LINE(14, 0, true, "one"), GOOD45), "",
		  "2- 3- 13+ 14# 15- 45+ ");
	assert_false(coverage__good(&v));
	assert_int_equal(v.of[MISSING], 1);
	/* A partly executed line does not count as executed. */
	v = judge(COUNTED(LINE(14, 3, true, "one"), GOOD45), "",
		  "2- 3- 13+ 14# 15- 45+ ");
	assert_false(coverage__good(&v));
	/* Without any counts the result is bad, although no line is missing. */
	v = judge(NULL, "", "2- 3- 13- 14- 15- 45- ");
	assert_false(coverage__good(&v));
	assert_int_equal(v.problems, 1);
}

static void test_reasons(void **state)
{
	static const char reason[] =
		"# why not\n"
		"kernel/a.c one: return 1;\n"
		"\tbecause\n"
		"\tso\n";
	struct coverage v;
	struct reasons r;

	(void)state;
	v = judge(COUNTED(LINE(14, 0, true, "one"), GOOD45), reason,
		  "2- 3- 13+ 14=because so 15- 45+ ");
	assert_true(coverage__good(&v));
	/* A reason for another function, an executed line, or a removed line. */
	v = judge(COUNTED(LINE(14, 0, true, "three"), GOOD45), reason,
		  "2- 3- 13+ 14# 15- 45+ ");
	assert_int_equal(v.problems, 1);
	v = judge(COUNTED(GOOD14, GOOD45), reason,
		  "2- 3- 13+ 14+because so 15- 45+ ");
	assert_false(coverage__good(&v));
	v = judge(COUNTED(GOOD14, GOOD45), "kernel/a.c one: return 7;\n\tx\n",
		  "2- 3- 13+ 14+ 15- 45+ ");
	assert_false(coverage__good(&v));

	assert_true(reasons__parse(&r, "r", "kernel/a.c one: x\n") < 0);
	reasons__free(&r);
	assert_true(reasons__parse(&r, "r", "\tindented\n") < 0);
	reasons__free(&r);
	assert_true(reasons__parse(&r, "r", "kernel/a.c\n\tx\n") < 0);
	reasons__free(&r);
}

static void test_bytes(void **state)
{
	char good[] = "\"a\\u0000\\u00ff\\n\"", bad[] = "\"\\u0100\"",
	     none[] = "7";
	size_t len = strlen(good);

	(void)state;
	assert_true(bytes__decode(good, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(good, "a\0\xff\n", 4);
	len = strlen(bad);
	assert_false(bytes__decode(bad, &len));
	len = strlen(none);
	assert_false(bytes__decode(none, &len));
}

static void test_source_differs(void **state)
{
	char dir[] = "/tmp/coverage-test-XXXXXX", path[64];
	struct added a = { 0 };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/b.c", dir);
	assert_int_equal(added__apply(&a, "p", "+++ b/b.c\n@@ -1 +1,3 @@\n x\n+y\n+z\n"), 0);
	f = fopen(path, "w");
	fputs("x\ny\nz\n", f);
	fclose(f);
	assert_int_equal(coverage__compare_source(&a, dir), 0);
	f = fopen(path, "w");
	fputs("x\nx\n", f);
	fclose(f);
	/* One line differs, and the last does not exist. */
	assert_int_equal(coverage__compare_source(&a, dir), 2);
	unlink(path);
	assert_int_equal(coverage__compare_source(&a, dir), 1);
	rmdir(dir);
	added__free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_move),
		cmocka_unit_test(test_broken_patches),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_source_differs),
	};

	return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
