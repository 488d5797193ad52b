// SPDX-License-Identifier: GPL-2.0-only
/* Tests reading /proc/kallsyms and finding names in it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "loader/capture/ksyms.h"
#include "test.h"

static struct ksyms *read_text(const char *text)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");
	struct ksyms *syms;

	assert_non_null(file);
	syms = ksyms__read(file);
	fclose(file);
	return syms;
}

static void assert_name(const struct ksyms *syms, uint64_t address,
			const char *expected)
{
	char name[64];

	assert_int_equal(ksyms__name(syms, address, name, sizeof(name)), 0);
	assert_string_equal(name, expected);
}

static void finds_function_and_offset(void **)
{
	struct ksyms *syms = read_text("ffffffff81000100 T b\n"
				       "ffffffff81000000 T a\n"
				       "ffffffff81000200 t c\n");

	assert_non_null(syms);
	assert_int_equal(ksyms__count(syms), 3);
	assert_name(syms, 0xffffffff81000000, "a+0x0");
	assert_name(syms, 0xffffffff810000ff, "a+0xff");
	assert_name(syms, 0xffffffff81000100, "b+0x0");
	assert_name(syms, 0xffffffff81000234, "c+0x34");
	assert_name(syms, UINT64_MAX, "c+0x7efffdff");
	ksyms__free(syms);
}

static void below_the_first_is_nothing(void **)
{
	struct ksyms *syms = read_text("ffffffff81000000 T a\n");
	char name[8];

	assert_int_equal(ksyms__name(syms, 0xffffffff80ffffff, name,
				     sizeof(name)), -ENOENT);
	assert_int_equal(ksyms__name(syms, 0, name, sizeof(name)), -ENOENT);
	ksyms__free(syms);
}

static void data_is_left_out_and_modules_are_in(void **)
{
	struct ksyms *syms = read_text("ffffffff81000000 T a\n"
				       "ffffffff81000010 D data\n"
				       "ffffffff81000020 b bss\n"
				       "ffffffffc0000000 t m\t[mod]\n"
				       "ffffffffc0001000 t prog\t[bpf]");

	assert_int_equal(ksyms__count(syms), 3);
	assert_name(syms, 0xffffffff81000018, "a+0x18");
	assert_name(syms, 0xffffffffc0000001, "m+0x1");
	assert_name(syms, 0xffffffffc0001001, "prog+0x1");
	ksyms__free(syms);
}

static void of_two_names_the_first(void **)
{
	struct ksyms *syms = read_text("ffffffff81000000 T first\n"
				       "ffffffff81000000 T second\n"
				       "ffffffff81000010 T next\n");

	assert_name(syms, 0xffffffff81000001, "first+0x1");
	ksyms__free(syms);
}

static void a_long_name_is_cut(void **)
{
	struct ksyms *syms = read_text("ffffffff81000000 T abcdefghij\n");
	char name[8];

	assert_int_equal(ksyms__name(syms, 0xffffffff81000000, name,
				     sizeof(name)), 0);
	assert_string_equal(name, "abcdefg");
	ksyms__free(syms);
}

static void hidden_addresses_are_an_error(void **)
{
	assert_null(read_text("0000000000000000 T a\n0000000000000000 T b\n"));
	assert_int_equal(errno, EPERM);
}

static void garbage_is_an_error(void **)
{
	static const char *const bad[] = {
		"hello\n",
		"ffffffff81000000\n",
		"ffffffff81000000 T\n",
		"ffffffff81000000 T \n",
		"ffffffff81000000T a\n",
		"ffffffff81000000 TT a\n",
		"-1 T a\n",
		"fffffffffffffffff T a\n",
		"ffffffff81000000 T a\n\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_null(read_text(bad[i]));
		assert_int_equal(errno, EINVAL);
	}
}

/* Both arrays grow beyond their initial sizes. */
static void many_symbols(void **)
{
	enum { N = 40000 };
	FILE *file = tmpfile();
	struct ksyms *syms;
	char name[64];

	assert_non_null(file);
	for (uint64_t i = N; i > 0; i--)
		fprintf(file, "%016jx t a_rather_long_function_name_%ju\n",
			(uintmax_t)(0xffffffff81000000 + i * 16),
			(uintmax_t)i);
	rewind(file);
	syms = ksyms__read(file);
	fclose(file);
	assert_non_null(syms);
	assert_int_equal(ksyms__count(syms), N);
	for (uint64_t i = 1; i <= N; i += 997) {
		snprintf(name, sizeof(name),
			 "a_rather_long_function_name_%ju+0x5", (uintmax_t)i);
		assert_name(syms, 0xffffffff81000000 + i * 16 + 5, name);
	}
	ksyms__free(syms);
}

/* Reads the running kernel's symbols, if addresses are readable. */
static void the_running_kernel(void **)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	struct ksyms *syms;

	if (!file)
		skip();
	syms = ksyms__read(file);
	fclose(file);
	if (!syms) {
		assert_int_equal(errno, EPERM);
		skip();
	}
	assert_true(ksyms__count(syms) > 1000);
	ksyms__free(syms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_function_and_offset),
		cmocka_unit_test(below_the_first_is_nothing),
		cmocka_unit_test(data_is_left_out_and_modules_are_in),
		cmocka_unit_test(of_two_names_the_first),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(hidden_addresses_are_an_error),
		cmocka_unit_test(garbage_is_an_error),
		cmocka_unit_test(many_symbols),
		cmocka_unit_test(the_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
