// SPDX-License-Identifier: GPL-2.0-only
/* Tests the text of an exec: quotes, escapes, and what does not fit into the record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

#include "lib/array.h"
#include "loader/view/exec.h"
#include "test.h"

/* Fills a record as the kernel side does. */
static struct wire_exec record(const char *path, const char *args, size_t size)
{
	struct wire_exec r = { .args_size = (uint32_t)size };

	memcpy(r.path, path, strnlen(path, sizeof(r.path) - 1));
	memcpy(r.args, args, size < sizeof(r.args) ? size : sizeof(r.args));
	return r;
}

static void expect(const struct wire_exec *r, const char *want)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	exec__print(r, f);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
	free(text);
}

#define ARGS(s) s, sizeof(s)

static void test_arguments(void **)
{
	static const struct {
		const char *args;
		size_t size;
		const char *want;
	} rows[] = {
		{ ARGS("true"), "(\"/p\", [\"true\"])" },
		{ ARGS("sh\0-c\0a b"), "(\"/p\", [\"sh\", \"-c\", \"a b\"])" },
		{ ARGS(""), "(\"/p\", [\"\"])" },
		{ ARGS("a\0\0b\0"), "(\"/p\", [\"a\", \"\", \"b\", \"\"])" },
		{ ARGS("\"\\\t\n\v\f\r"), "(\"/p\", [\"\\x22\\x5c\\x09\\x0a\\x0b\\x0c\\x0d\"])" },
		{ ARGS("\033[2J\0011\1x\177"),
		  "(\"/p\", [\"\\x1b[2J\\x011\\x01x\\x7f\"])" },
		{ ARGS("\303\251\303"), "(\"/p\", [\"\303\251\\xc3\"])" },
		{ "", 0, "(\"/p\", ?)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct wire_exec r = record("/p", rows[i].args, rows[i].size);

		expect(&r, rows[i].want);
		assert_false(exec__args_are_cut(&r));
	}
}

/* Returns the text of a string of n letters. */
static const char *letters(size_t n)
{
	static char text[WIRE_PATH_LEN + 8];

	memset(text, 'x', n);
	text[n] = '\0';
	return text;
}

static void test_cut(void **)
{
	char args[WIRE_ARGS_LEN + 8] = "a", want[2 * sizeof(args)];
	struct wire_exec r;

	memset(args + 2, 'b', WIRE_ARGS_LEN - 3);
	r = record("/p", args, WIRE_ARGS_LEN);
	assert_false(exec__args_are_cut(&r));
	snprintf(want, sizeof(want), "(\"/p\", [\"a\", \"%s\"])", args + 2);
	expect(&r, want);

	/* Another argument follows, for which there is no room. */
	r = record("/p", args, WIRE_ARGS_LEN + 2);
	assert_true(exec__args_are_cut(&r));
	snprintf(want, sizeof(want), "(\"/p\", [\"a\", \"%s\", ...])", args + 2);
	expect(&r, want);

	/* The last argument is one byte longer than the room. */
	args[WIRE_ARGS_LEN - 1] = 'b';
	r = record("/p", args, WIRE_ARGS_LEN + 1);
	assert_true(exec__args_are_cut(&r));
	snprintf(want, sizeof(want), "(\"/p\", [\"a\", \"%s\"...])", args + 2);
	expect(&r, want);
}

static void test_path(void **)
{
	char want[2 * WIRE_PATH_LEN];
	struct wire_exec r = record(letters(WIRE_PATH_LEN - 2), ARGS("a"));

	assert_false(exec__path_is_cut(&r));
	r = record(letters(WIRE_PATH_LEN + 2), ARGS("a"));
	assert_true(exec__path_is_cut(&r));
	snprintf(want, sizeof(want), "(\"%s\"..., [\"a\"])",
		 letters(WIRE_PATH_LEN - 1));
	expect(&r, want);
}

/* A damaged trace may lack every NUL. */
static void test_no_nul(void **)
{
	struct wire_exec r = { .args_size = 3 };
	struct exec_arg arg = { .next = 0 };

	memset(r.path, 'p', sizeof(r.path));
	memset(r.args, 'a', sizeof(r.args));
	assert_true(exec_arg__next(&r, &arg));
	assert_int_equal(arg.len, 3);
	assert_false(exec_arg__next(&r, &arg));
	r.args_size = UINT32_MAX;
	arg = (struct exec_arg){ .next = 0 };
	assert_true(exec_arg__next(&r, &arg));
	assert_int_equal(arg.len, sizeof(r.args));
	assert_false(exec_arg__next(&r, &arg));
	assert_true(exec__path_is_cut(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_no_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
