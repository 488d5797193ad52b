// SPDX-License-Identifier: GPL-2.0-only
/*
 * The progress display of runs on a terminal, in a log, and beside the output of a
 * command. The runner is started on a pty.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

#define CLEAR "\033[K"
#define ERASE "\r" CLEAR
#define RED "\033[1;31m"

/* A run on a terminal of this width, and what the terminal must and must not get. */
struct terminal_case {
	const char *name, *guest, *terminal;
	unsigned short columns;
	const char *args[5];
	int status;
	const char *has[3], *lacks[2];
};

static const struct terminal_case cases[] = {
	{ "test_in_place", "seen", "xterm", 80, { NULL }, 1, {
		"\rt1 seed 1: semantics, 1 ok, 1 not ok, violated: I17 I3, 1 s" CLEAR,
		/* The progress line is erased before other output. */
		ERASE "vmtest: t1 seed 1: FAIL",
		RED "FAIL\033[0m" }, { "vmtest: t1 seed 1: semantics" } },
	{ "test_narrow_terminal", "seen", "xterm", 40, { "--color=never" }, 1, {
		"\rt1 seed 1: semantics, 1 ok, 1 not ok, v" CLEAR }, { RED } },
	{ "test_two_at_once", "seen", "xterm", 200, { "--seed=1..3", "--jobs=2" }, 1, {
		"\r[0 of 3 done] t1 seed 1: semantics, 1 ok",
		" s; t1 seed 2: semantics, 1 ok",
		"\r[2 of 3 done] t1 seed 3: " }, { NULL } },
	/* No progress line is mixed into a command's output on the same terminal. */
	{ "test_command_on_terminal", "slow_command", "xterm", 80, { "--", "cat" }, 0, {
		"half a line and the rest\r\n" }, { CLEAR } },
	{ "test_dumb_terminal", "seen", "dumb", 80, { NULL }, 1, { NULL }, { CLEAR } },
};

static void setup_env(const char *terminal)
{
	setenv("TERM", terminal, 1);
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	setenv("FAKE_STEP_MS", "1200", 1);
}

/* Returns the output on the case's terminal. */
static char *on_terminal(const struct terminal_case *c)
{
	struct winsize size = { .ws_row = 24, .ws_col = c->columns };
	char *out = fresh_out(), buf[4096], *text;
	char *argv[5 + ARRAY_SIZE(c->args) + 1] = {
		(char *)VMTEST, (char *)"--target=t1", (char *)"--accel=tcg",
		(char *)"--out", out,
	};
	size_t len;
	ssize_t n;
	FILE *all = open_memstream(&text, &len);
	int pty, status;
	pid_t pid;

	memcpy(argv + 5, c->args, sizeof(c->args));
	set_env(c->guest);
	setup_env(c->terminal);
	pid = forkpty(&pty, NULL, NULL, &size);
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(99);
	}
	assert_true(pid > 0);
	/* Reading a pty ends with EIO. */
	while ((n = read(pty, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, all);
	close(pty);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), c->status);
	fclose(all);
	free(out);
	return text;
}

static void test_terminal(void **state)
{
	const struct terminal_case *c = *state;
	char *text = on_terminal(c), *rest, *line;

	if (strstr(text, "Sanitizer"))
		fail_msg("%s", text);
	for (size_t i = 0; i < ARRAY_SIZE(c->has) && c->has[i]; i++) {
		if (!strstr(text, c->has[i]))
			fail_msg("no \"%s\" in: %s", c->has[i], text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(c->lacks) && c->lacks[i]; i++) {
		if (strstr(text, c->lacks[i]))
			fail_msg("\"%s\" in: %s", c->lacks[i], text);
	}
	/* No progress line follows the table, which fits the terminal. */
	rest = strstr(text, "TARGET");
	assert_true(!rest || !strstr(rest, CLEAR));
	for (int i = 0; i < 2 && (line = strsep(&rest, "\n")); i++)
		assert_true(strlen(line) <= c->columns + 1u + (strchr(line, '\033') ? 11 : 0));
	free(text);
}

/* A run of less than 10 s is silent; a longer run prints a line every 10 s. */
static void test_log(void **)
{
	char *out = fresh_out(), *line;
	struct ended e;

	setup_env("xterm");
	RUN(&e, "seen", "--target=t1", "--accel=tcg", "--out", out);
	expect_exit(&e, 1);
	assert_null(strstr(e.err, "semantics, "));
	free_ended(&e);
	setenv("FAKE_STEP_MS", "12000", 1);
	RUN(&e, "seen", "--target=t1", "--accel=tcg", "--timeout=100", "--out",
	    out);
	expect_exit(&e, 1);
	line = strstr(e.err, "\nvmtest: t1 seed 1: semantics, 1 ok, 1 not ok, violated: I17 I3, ");
	assert_non_null(line);
	if (strstr(strchr(line + 1, '\n'), "semantics, 1 ok"))
		fail_msg("more than one: %s", e.err);
	assert_null(strchr(e.err, '\033'));
	assert_null(strchr(e.out, '\033'));
	free_ended(&e);
	free(out);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(cases) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[i] = ROW_TEST(test_terminal, &cases[i]);
	tests[ARRAY_SIZE(cases)] = (struct CMUnitTest)cmocka_unit_test(test_log);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests_name("vmtest progress", tests,
					   harness__setup, harness__teardown);
}
