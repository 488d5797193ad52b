// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the guest's output for a test program, byte for byte; the host knows the
 * program's name wherever the guest dies.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "results/ktap_read.h"
#include "vmtest/guest/subtest.h"
#include "test.h"

#define NAME "semantics:view"
#define HEAD "K   KTAP version 1\nK   # Subtest: " NAME "\n"

/* The output, in a file instead of the pipe to init. */
static char said[1024];

static void open_lines(void)
{
	int fd = memfd_create("lines", 0);

	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, LINES_FD), LINES_FD);
	if (fd != LINES_FD)
		close(fd);
}

static void close_lines(void)
{
	ssize_t n = pread(LINES_FD, said, sizeof(said) - 1, 0);

	assert_true(n >= 0);
	said[n] = '\0';
	close(LINES_FD);
}

/* Plays a program that prints @lines and ends as @why says; NULL: it never ends. */
static void say(const char *const lines[], const char *why)
{
	struct subtest s;

	open_lines();
	subtest__begin(&s, NAME);
	while (*lines)
		subtest__line(&s, *lines++);
	if (why)
		subtest__end(&s, 1, why);
	close_lines();
}

static void test_lines(void **)
{
	static const char *const ktap[] = {
		"KTAP version 1", "1..1", "ok 1 a", NULL,
	};
	static const char *const tap[] = { "TAP version 13", NULL };
	static const char *const plain[] = {
		"ok 1 a", "KTAP version 1", NULL,
	};
	static const char *const nothing[] = { NULL };

	say(ktap, "");
	assert_string_equal(said, HEAD "K   1..1\nK   ok 1 a\nK ok 1 " NAME "\n");
	say(tap, "");
	assert_string_equal(said, HEAD "K ok 1 " NAME "\n");
	say(plain, "");
	assert_string_equal(said, HEAD "K   ok 1 a\nK   KTAP version 1\nK ok 1 " NAME "\n");
	say(nothing, "signal 11");
	assert_string_equal(said, HEAD "K # signal 11\nK not ok 1 " NAME "\n");
}

/* Reads the output under a plan of one test, like the host. */
static void read_said(struct ktap *k)
{
	char *rest = said, *line;

	ktap__line(k, "KTAP version 1");
	ktap__line(k, "1..1");
	while ((line = strsep(&rest, "\n")))
		if (*line)
			ktap__line(k, line + 2);
	ktap__finish(k);
	events__finish(&k->events);
}

static void test_name_survives(void **)
{
	/* The guest dies before the first line, after it, ... */
	for (size_t n = 0; n <= 3; n++) {
		const char *lines[] = {
			"KTAP version 1", "1..2", "ok 1 a", NULL,
		};
		struct ktap k = { 0 };

		lines[n] = NULL;
		say(lines, NULL);
		read_said(&k);
		assert_int_equal(k.events.v[1].type, EVENT_BEGIN);
		assert_string_equal(k.events.v[1].text, NAME);
		assert_int_equal(k.events.v[1].result, TEST_NOT_OK);
		ktap__free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_name_survives),
	};

	return cmocka_run_group_tests_name("subtest", tests, NULL, NULL);
}
