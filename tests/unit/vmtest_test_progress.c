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

#define ERASE "\r\033[K"

/* Returns the output on a terminal of this width, and the wait status. */
static char *on_terminal(const char *guest, unsigned short columns, int *status,
			 const char *const *args)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	char *argv[ARGS_MAX + 2] = { (char *)VMTEST }, buf[4096], *text;
	size_t len;
	ssize_t n;
	FILE *all = open_memstream(&text, &len);
	int pty;
	pid_t pid;

	set_env(guest);
	for (int i = 1; *args; i++, args++)
		argv[i] = (char *)*args;
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
	assert_int_equal(waitpid(pid, status, 0), pid);
	fclose(all);
	if (strstr(text, "Sanitizer"))
		fail_msg("%s", text);
	return text;
}
#define ON_TERMINAL(guest, columns, status, ...) \
	on_terminal(guest, columns, status, (const char *const[]){ __VA_ARGS__, NULL })

static void setup_env(void)
{
	setenv("TERM", "xterm", 1);
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	setenv("FAKE_STEP_MS", "1200", 1);
}

static void expect_text(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("no \"%s\" in: %s", want, text);
}

static void test_in_place(void **state)
{
	char *out = fresh_out(), *text;
	int status;

	(void)state;
	setup_env();
	text = ON_TERMINAL("seen", 80, &status, "--target=t1", "--accel=tcg",
			   "--out", out);
	assert_int_equal(WEXITSTATUS(status), 1);
	expect_text(text, "\rt1 seed 1: semantics, 1 ok, 1 not ok, violated: I17 I3, 1 s\033[K");
	/* The progress line is erased before other output, and not printed after it. */
	expect_text(text, ERASE "vmtest: t1 seed 1: FAIL");
	assert_null(strstr(strstr(text, "TARGET"), "\033[K"));
	expect_text(text, "\033[1;31mFAIL\033[0m");
	assert_null(strstr(text, "vmtest: t1 seed 1: semantics"));
	free(text);
	free(out);
}

static void test_narrow_terminal(void **state)
{
	char *out = fresh_out(), *text, *rest, *line;
	int status;

	(void)state;
	setup_env();
	text = ON_TERMINAL("seen", 40, &status, "--target=t1", "--accel=tcg",
			   "--color=never", "--out", out);
	assert_int_equal(WEXITSTATUS(status), 1);
	expect_text(text, "\rt1 seed 1: semantics, 1 ok, 1 not ok, v\033[K");
	assert_null(strstr(text, "\033[1;31m"));
	rest = strstr(text, "TARGET");
	for (int i = 0; i < 2 && (line = strsep(&rest, "\n")); i++)
		assert_true(strlen(line) <= 41);
	free(text);
	free(out);
}

static void test_two_at_once(void **state)
{
	char *out = fresh_out(), *text;
	int status;

	(void)state;
	setup_env();
	text = ON_TERMINAL("seen", 200, &status, "--target=t1", "--seed=1..3",
			   "--jobs=2", "--accel=tcg", "--out", out);
	assert_int_equal(WEXITSTATUS(status), 1);
	expect_text(text, "\r[0 of 3 done] t1 seed 1: semantics, 1 ok");
	expect_text(text, " s; t1 seed 2: semantics, 1 ok");
	expect_text(text, "\r[2 of 3 done] t1 seed 3: ");
	free(text);
	free(out);
}

/* No progress line is mixed into a command's output on the same terminal. */
static void test_command_on_terminal(void **state)
{
	char *out = fresh_out(), *text;
	int status;

	(void)state;
	setup_env();
	text = ON_TERMINAL("slow_command", 80, &status, "--target=t1",
			   "--accel=tcg", "--out", out, "--", "cat");
	assert_int_equal(WEXITSTATUS(status), 0);
	expect_text(text, "half a line and the rest\r\n");
	assert_null(strstr(text, "\033[K"));
	free(text);
	free(out);
}

static void test_dumb_terminal(void **state)
{
	char *out = fresh_out(), *text;
	int status;

	(void)state;
	setup_env();
	setenv("TERM", "dumb", 1);
	text = ON_TERMINAL("seen", 80, &status, "--target=t1", "--accel=tcg",
			   "--out", out);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_null(strstr(text, "\033[K"));
	free(text);
	free(out);
}

/* A run of less than 10 s is silent; a longer run prints a line every 10 s. */
static void test_log(void **state)
{
	char *out = fresh_out(), *line;
	struct ended e;

	(void)state;
	setup_env();
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
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_narrow_terminal),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_command_on_terminal),
		cmocka_unit_test(test_dumb_terminal),
		cmocka_unit_test(test_log),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests_name("vmtest progress", tests,
					   harness__setup, harness__teardown);
}
