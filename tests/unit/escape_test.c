// SPDX-License-Identifier: GPL-2.0-only
/* Tests lib/escape.c: what stays, what becomes \xNN, and which names get quotes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/escape.h"
#include "test.h"

/* text: NULL, if the bytes stay. name: NULL, if it is the text. */
static const struct {
	const char *bytes, *text, *name;
} names[] = {
	{ "kworker/0:1", NULL, NULL },
	{ "(sd-pam)", NULL, NULL },
	{ "my prog", NULL, NULL },
	{ "GC Thread#0", NULL, NULL },
	{ "-bash", NULL, NULL },
	{ "it's", NULL, NULL },
	{ "h\303\251llo \346\227\245\346\234\254", NULL, NULL },
	{ "\360\237\220\247", NULL, NULL },		/* U+1F427 */
	{ "a\\b", "a\\x5cb", NULL },
	{ "\033[31m", "\\x1b[31m", "\"\\x1b[31m\"" },
	{ "a\nb\tc\r", "a\\x0ab\\x09c\\x0d", NULL },
	{ "\177", "\\x7f", NULL },
	{ "\302\233m", "\\xc2\\x9bm", NULL },		/* U+009B, CSI */
	{ "\233m", "\\x9bm", NULL },
	{ "\302\240", "\\xc2\\xa0", NULL },		/* U+00A0 */
	{ "\302\255", "\\xc2\\xad", NULL },		/* U+00AD, soft hyphen */
	{ "\330\234", "\\xd8\\x9c", NULL },		/* U+061C */
	{ "\342\200\213", "\\xe2\\x80\\x8b", NULL },	/* U+200B, no width */
	{ "\342\200\216", "\\xe2\\x80\\x8e", NULL },	/* U+200E, left to right */
	{ "\342\200\250", "\\xe2\\x80\\xa8", NULL },	/* U+2028, line */
	{ "\342\200\252", "\\xe2\\x80\\xaa", NULL },	/* U+202A, embedding */
	{ "\342\200\256", "\\xe2\\x80\\xae", NULL },	/* U+202E, override */
	{ "\342\201\246", "\\xe2\\x81\\xa6", NULL },	/* U+2066, isolate */
	{ "\342\201\251", "\\xe2\\x81\\xa9", NULL },	/* U+2069 */
	{ "\343\200\200", "\\xe3\\x80\\x80", NULL },	/* U+3000, wide blank */
	{ "\357\270\217", "\\xef\\xb8\\x8f", NULL },	/* U+FE0F, variation */
	{ "\357\273\277", "\\xef\\xbb\\xbf", NULL },	/* U+FEFF */
	{ "\356\200\200", "\\xee\\x80\\x80", NULL },	/* U+E000, private */
	{ "\363\240\201\201", "\\xf3\\xa0\\x81\\x81", NULL },	/* U+E0041, tag */
	{ "\355\240\200", "\\xed\\xa0\\x80", NULL },	/* surrogate */
	{ "\300\201", "\\xc0\\x81", NULL },		/* overlong */
	{ "\357\277\276", "\\xef\\xbf\\xbe", NULL },	/* U+FFFE */
	{ "ab\303", "ab\\xc3", NULL },			/* cut */
	{ "\303(", "\\xc3(", "\"\\xc3(\"" },
	{ "", NULL, "\"\"" },
	{ " a", NULL, "\" a\"" },
	{ "a ", NULL, "\"a \"" },
	{ "a  b", NULL, "\"a  b\"" },
	{ "sh[1]", NULL, "\"sh[1]\"" },
	{ "]", NULL, "\"]\"" },
	{ "a = 0", NULL, "\"a = 0\"" },
	{ "a,b", NULL, "\"a,b\"" },
	{ "exit(0)", NULL, "\"exit(0)\"" },
	{ "((x", NULL, "\"((x\"" },
	{ "--- lost", NULL, "\"--- lost\"" },
	{ "a\"b\\", "a\"b\\x5c", "\"a\\x22b\\x5c\"" },
};

static void test_names(void **)
{
	char out[256];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *bytes = names[i].bytes;
		const char *text = names[i].text ? names[i].text : bytes;
		const char *name = names[i].name ? names[i].name : text;

		assert_int_equal(escape__bytes(out, bytes, 100), strlen(text));
		assert_string_equal(out, text);
		assert_int_equal(escape__name(out, bytes, 100), strlen(name));
		assert_string_equal(out, name);
	}
}

/* A comm has no NUL if it is full; no byte after it is read (ASan). */
static void test_bounds(void **)
{
	char *bytes = malloc(3), out[ESCAPED_SIZE(3)];

	memcpy(bytes, "\001[\302", 3);
	assert_int_equal(escape__name(out, bytes, 3), 11);
	assert_string_equal(out, "\"\\x01[\\xc2\"");
	memset(bytes, 1, 3);
	assert_int_equal(escape__bytes(out, bytes, 3), 12);
	assert_string_equal(out, "\\x01\\x01\\x01");
	free(bytes);
}

static void test_lines(void **)
{
	static const struct {
		const char *text, *line, *lines;
	} c[] = {
		{ "/tmp/x: No such file", "/tmp/x: No such file", NULL },
		{ "a\tb", "a\\x09b", NULL },
		{ "a\\x1bb", "a\\x1bb", NULL },
		{ "a\nPASS", "a\\x0aPASS", "a\nPASS" },
		{ "\033]0;x\007\377", "\\x1b]0;x\\x07\\xff", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		char *line = escape__line(c[i].text), *text = escape__text(c[i].text);

		assert_string_equal(line, c[i].line);
		assert_string_equal(text, c[i].lines ? c[i].lines : c[i].line);
		free(line);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
