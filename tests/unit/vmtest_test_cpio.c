// SPDX-License-Identifier: GPL-2.0-only
/* The archive writer, checked with cpio(1), and the files that a program needs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "vmtest/image/cpio.h"
#include "vmtest/image/needs.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

static char *output_of(const char *fmt, const char *arg)
{
	char *cmd = xasprintf(fmt, root, arg), *text = xcalloc(1, 65536);
	FILE *p = popen(cmd, "r");

	assert_non_null(p);
	assert_true(fread(text, 1, 65535, p) < 65535);
	assert_int_equal(pclose(p), 0);
	free(cmd);
	return text;
}

static void write_some(const char *archive)
{
	FILE *f = fopen(archive, "we");
	struct cpio *c = cpio__new(f);
	char *src = in_root("source");

	put("source", "four", 0700);
	assert_int_equal(cpio__dir(c, "/d", 0755), 0);
	assert_int_equal(cpio__data(c, "/d/empty", 0644, "", 0), 0);
	assert_int_equal(cpio__data(c, "/d/five", 0600, "12345", 5), 0);
	assert_int_equal(cpio__file(c, "/d/copy", src), 0);
	assert_int_equal(cpio__link(c, "/d/link", "five"), 0);
	assert_int_equal(cpio__finish(c), 0);
	assert_int_equal(fclose(f), 0);
	free(src);
}

static void test_read_back(void **)
{
	char *archive = in_root("a.cpio"), *text;
	struct stat st;

	write_some(archive);
	assert_int_equal(stat(archive, &st), 0);
	assert_int_equal(st.st_size % CPIO_ALIGN, 0);
	text = output_of("cpio -t --quiet <%s/%s", "a.cpio");
	assert_string_equal(text, "d\nd/empty\nd/five\nd/copy\nd/link\n");
	free(text);
	text = output_of("cd %s && cpio -id --quiet <%s && cat d/link d/copy && stat -c %%a d d/five d/copy d/empty && readlink d/link",
			 "a.cpio");
	assert_string_equal(text, "12345four755\n600\n700\n644\nfive\n");
	free(text);
	text = output_of("busybox cpio -t <%s/%s 2>/dev/null", "a.cpio");
	assert_string_equal(text, "d\nd/empty\nd/five\nd/copy\nd/link\n");
	free(text);
	free(archive);
}

static void test_missing_source(void **)
{
	char *archive = in_root("b.cpio");
	FILE *f = fopen(archive, "we");
	struct cpio *c = cpio__new(f);

	assert_int_equal(cpio__file(c, "/x", "/proc/nonexistent"), -ENOENT);
	/* The first error is kept. */
	assert_int_equal(cpio__data(c, "/y", 0644, "y", 1), -ENOENT);
	assert_int_equal(cpio__finish(c), -ENOENT);
	fclose(f);
	free(archive);
}

static void test_directory_is_no_file(void **)
{
	FILE *f = fopen("/dev/null", "we");
	struct cpio *c = cpio__new(f);

	assert_int_equal(cpio__file(c, "/x", "/tmp"), -EISDIR);
	assert_int_equal(cpio__finish(c), -EISDIR);
	fclose(f);
}

static void test_full_disk(void **)
{
	FILE *f = fopen("/dev/full", "we");
	struct cpio *c = cpio__new(f);
	static char block[1 << 20];

	cpio__data(c, "/x", 0644, block, sizeof(block));
	assert_int_equal(cpio__finish(c), -ENOSPC);
	fclose(f);
}

/* Expects two files among those that the program needs. */
static void expect_needs(const char *path, const char *one, const char *other)
{
	struct strv s = { 0 };
	char *all;

	assert_int_equal(needs__of(path, &s), 0);
	all = strv__join(&s, "\n");
	if (!strstr(all, one) || !strstr(all, other))
		fail_msg("%s and %s are not in: %s", one, other, all);
	free(all);
	strv__free(&s);
}

static void test_needs_of_dynamic(void **)
{
	char *self = realpath("/proc/self/exe", NULL);

	expect_needs(self, "/ld-linux", "/libc.so");
	expect_needs(self, "/libc.so", "/libcmocka.so");
	free(self);
}

static void test_needs_of_script(void **)
{
	char *path = in_root("script");

	put("script", "#!/bin/sh -e\n:\n", 0644);
	expect_needs(path, "/bin/sh", "/libc.so");
	put("script", "#!/usr/bin/env awk\n", 0644);
	expect_needs(path, "/bin/env", "/awk");
	free(path);
}

static void test_needs_refused(void **)
{
	static const struct { const char *text; int err; } bad[] = {
		{ "#!/proc/nonexistent/interpreter\n", -ENOENT },
		{ "#!/usr/bin/env nonexistent-interpreter\n", -ENOENT },
		{ "plain text\n", -ENOEXEC },
		{ "", -ENOEXEC },
		{ "\x7f" "ELF", -ENOEXEC },
	};
	char *path = in_root("bad");

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct strv s = { 0 };

		put("bad", bad[i].text, 0644);
		assert_int_equal(needs__of(path, &s), bad[i].err);
		strv__free(&s);
	}
	free(path);
}

static void test_which(void **)
{
	char *p = needs__which("cat");

	assert_non_null(p);
	assert_int_equal(*p, '/');
	free(p);
	assert_null(needs__which("no-such-program"));
	assert_null(needs__which("/etc/passwd"));
	assert_null(needs__which("/proc/nonexistent"));
}

static void test_quoting(void **)
{
	static const char *const words[] = { "plain", "", "a b", "it's",
					     "$x`y`\"z\\", "new\nline", "*" };
	struct strv s = { 0 };
	char *quoted, *cmd, *text;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv__add(&s, words[i]);
	quoted = strv__quote(&s);
	cmd = xasprintf("printf '<%%s>' %s", quoted);
	setenv("CMD", cmd, 1);
	text = output_of("cd %s && eval \"$CMD\"%s", "");
	assert_string_equal(text, "<plain><><a b><it's><$x`y`\"z\\><new\nline><*>");
	free(text);
	free(cmd);
	free(quoted);
	strv__free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_missing_source),
		cmocka_unit_test(test_directory_is_no_file),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_needs_of_dynamic),
		cmocka_unit_test(test_needs_of_script),
		cmocka_unit_test(test_needs_refused),
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_quoting),
	};

	return cmocka_run_group_tests_name("vmtest cpio", tests, harness__setup,
					   harness__teardown);
}
