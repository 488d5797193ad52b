// SPDX-License-Identifier: GPL-2.0-only
/* Tests suggestions, wrapping and the terminal: lib/, shared by both programs. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/suggest.h"
#include "lib/terminal.h"
#include "lib/wrap.h"
#include "test.h"

static const char *nearest(const char *word)
{
	static const char *const names[] = {
		"semantics", "purposes", "races", "replay", "report", "record",
		"join-6.12", "stock-6.12", "stock-6.1", "I11", "I17",
	};
	struct suggest s = { .word = word };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		suggest__offer(&s, names[i]);
	return s.best;
}

static void test_suggest(void **)
{
	static const struct { const char *word, *want; } c[] = {
		{ "semntics", "semantics" },	/* letter left out */
		{ "semmantics", "semantics" },	/* letter inserted */
		{ "semanfics", "semantics" },	/* letter replaced */
		{ "smeantics", "semantics" },	/* letters swapped */
		{ "sem", "semantics" },		/* prefix */
		{ "replya", "replay" }, { "repotr", "report" },
		{ "jion-6.12", "join-6.12" },
		{ "stock-6.13", "stock-6.12" },
		{ "I171", "I17" },	/* common prefix; I11 is as near */
		{ "true", NULL }, { "x", NULL }, { "", NULL },
		{ "nonesuch", NULL },
		{ "a-word-that-is-longer-than-any-name-there-could-be-in-a-table-of-names",
		  NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		const char *got = nearest(c[i].word);

		if (!c[i].want != !got || (got && strcmp(got, c[i].want)))
			fail_msg("%s: %s, not %s", c[i].word, got ? got : "none",
				 c[i].want ? c[i].want : "none");
	}
}

static void test_text(void **)
{
	struct suggest s = { .word = "replya", .best = "replay" };
	char buf[64];

	assert_string_equal(suggest__text(&s, "see --help", buf, sizeof(buf)),
			    "; did you mean replay? see --help");
	s.before = "--";
	assert_string_equal(suggest__text(&s, "see --help", buf, sizeof(buf)),
			    "; did you mean --replay? see --help");
	s.best = NULL;
	assert_string_equal(suggest__text(&s, "see --help", buf, sizeof(buf)),
			    "; see --help");
}

static const struct argp_option child_options[] = {
	{ .name = "format", .key = 'f', .arg = "FORMAT" }, { 0 },
};
static const struct argp child = { .options = child_options };
static const struct argp_child children[] = { { .argp = &child }, { 0 } };
static const struct argp_option options[] = {
	{ .name = "target", .key = 't', .arg = "T" },
	{ .name = "icount", .key = 0x100, .arg = "N",
	  .flags = OPTION_ARG_OPTIONAL },
	{ .name = "verbose", .key = 'v' },
	{ .doc = "a title" }, { .name = "only", .key = 0x101, .arg = "ID" },
	{ 0 },
};
static const struct argp argp = { .options = options, .children = children };

static void expect_unknown(int at, const char *best, char *const *argv)
{
	struct suggest s;
	char buf[64];
	int argc = 0, got;

	while (argv[argc])
		argc++;
	got = suggest__options(&s, &argp, argc, argv, buf, sizeof(buf));
	if (got != at)
		fail_msg("%s: at %d, not %d", argv[1], got, at);
	if (at && best)
		assert_string_equal(s.best, best);
	else if (at)
		assert_null(s.best);
}
#define UNKNOWN(at, best, ...) \
	expect_unknown(at, best, (char *const[]){ (char *)"x", __VA_ARGS__, NULL })

static void test_options(void **)
{
	UNKNOWN(1, "target", "--tagret=x");
	UNKNOWN(1, "target", "--tagret", "x");
	UNKNOWN(1, NULL, "--frobnicate");
	UNKNOWN(1, "help", "--hepl");
	UNKNOWN(1, "only", "--onyl");
	UNKNOWN(1, "format", "--fromat");
	UNKNOWN(2, "verbose", "-v", "--vebrose");
	UNKNOWN(2, "verbose", "word", "--vebrose");
	UNKNOWN(2, "verbose", "--icount", "--vebrose");
	/* These options exist, in full or abbreviated. */
	UNKNOWN(0, NULL, "--target=x", "--verb", "--help", "--usage", "-v");
	/* The value of an option may look like an option. */
	UNKNOWN(0, NULL, "--target", "--tagret");
	UNKNOWN(0, NULL, "-t", "--tagret");
	UNKNOWN(0, NULL, "-f", "--tagret");
	UNKNOWN(2, "target", "-tx", "--tagret");
	/* Words after `--' belong to another program. */
	UNKNOWN(0, NULL, "--", "--tagret");
	UNKNOWN(0, NULL, "-");
}

static void expect_wrapped(const char *text, size_t indent, size_t width,
			   const char *want)
{
	char *got;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	wrap__print(out, text, indent, width);
	fclose(out);
	assert_string_equal(got, want);
	free(got);
}

static void test_wrap(void **)
{
	const char *next;

	expect_wrapped("one two three", 0, 80, "one two three\n");
	expect_wrapped("one two three", 0, 8, "one two\nthree\n");
	expect_wrapped("one two three", 0, 7, "one two\nthree\n");
	expect_wrapped("one two three", 4, 11, "one two\n    three\n");
	expect_wrapped("averylongword it is", 0, 5, "averylongword\nit is\n");
	expect_wrapped("", 3, 80, "\n");
	assert_int_equal(wrap__line("one two", 7, &next), 7);
	assert_string_equal(next, "");
	assert_int_equal(wrap__line("one two", 6, &next), 3);
	assert_string_equal(next, "two");
	assert_int_equal(wrap__line("one two", 3, &next), 3);
	assert_string_equal(next, "two");
	assert_int_equal(wrap__line("onetwo", 4, &next), 4);
	assert_string_equal(next, "wo");
	assert_int_equal(wrap__line("", 4, &next), 0);
}

static int open_pty(unsigned short columns)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	return master;
}

static void test_width(void **)
{
	int pty = open_pty(132), null = open("/dev/null", O_WRONLY);

	unsetenv("COLUMNS");
	assert_int_equal(terminal__width(pty), 132);
	assert_int_equal(terminal__width(null), 80);
	setenv("COLUMNS", "60", 1);
	assert_int_equal(terminal__width(pty), 60);
	assert_int_equal(terminal__width(null), 60);
	setenv("COLUMNS", "wide", 1);
	assert_int_equal(terminal__width(pty), 132);
	setenv("COLUMNS", "0", 1);
	assert_int_equal(terminal__width(null), 80);
	setenv("COLUMNS", "", 1);
	assert_int_equal(terminal__width(null), 80);
	unsetenv("COLUMNS");
	close(pty);
	pty = open_pty(0);
	assert_int_equal(terminal__width(pty), 80);
	close(pty);
	close(null);
}

static void test_color(void **)
{
	int pty = open_pty(80), null = open("/dev/null", O_WRONLY);
	enum color_when when;

	unsetenv("NO_COLOR");
	assert_true(terminal__color(COLOR_AUTO, pty));
	assert_false(terminal__color(COLOR_AUTO, null));
	assert_true(terminal__color(COLOR_ALWAYS, null));
	assert_false(terminal__color(COLOR_NEVER, pty));
	setenv("NO_COLOR", "1", 1);
	assert_false(terminal__color(COLOR_AUTO, pty));
	assert_true(terminal__color(COLOR_ALWAYS, pty));
	setenv("NO_COLOR", "", 1);
	assert_true(terminal__color(COLOR_AUTO, pty));
	unsetenv("NO_COLOR");
	assert_int_equal(color_when__parse("always", &when), 0);
	assert_int_equal(when, COLOR_ALWAYS);
	assert_int_equal(color_when__parse("sometimes", &when), -EINVAL);
	close(pty);
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_color),
	};

	return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
