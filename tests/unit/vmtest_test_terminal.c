// SPDX-License-Identifier: GPL-2.0-only
/*
 * `vmtest shell' on a terminal, with a fake guest. Input and output pass unchanged, and
 * the terminal's settings are restored however the session ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

#define LIMIT_S 60.0

struct session {
	int master, slave;
	pid_t pid;
	struct termios before;
	char *out;		/* the output directory */
	char text[65536];	/* output not yet searched */
	size_t len;
};

static void begin_guest(struct session *s, const char *guest,
			const char *timeout)
{
	struct winsize w = { .ws_row = 33, .ws_col = 101 };

	memset(s, 0, sizeof(*s));
	s->out = fresh_out();
	set_env(guest);
	assert_int_equal(openpty(&s->master, &s->slave, NULL, NULL, &w), 0);
	fcntl(s->master, F_SETFD, FD_CLOEXEC);
	assert_int_equal(tcgetattr(s->slave, &s->before), 0);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		login_tty(s->slave);
		execl(VMTEST, VMTEST, "shell", "--target=t1", "--accel=tcg",
		      "--out", s->out, timeout, (char *)NULL);
		_exit(99);
	}
}

static void begin(struct session *s)
{
	begin_guest(s, "shell", "--timeout=100");
}

/* Returns false at the end, or after @ms without output. */
static bool read_more(struct session *s, int ms)
{
	struct pollfd p = { .fd = s->master, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0 || s->len + 1 >= sizeof(s->text))
		return false;
	n = read(s->master, s->text + s->len, sizeof(s->text) - s->len - 1);
	if (n <= 0)
		return false;
	s->len += (size_t)n;
	return true;
}

/* Waits for a text, and drops the output up to its end. */
static void wait_for(struct session *s, const char *text)
{
	double until = now_s() + LIMIT_S;
	size_t n = strlen(text);
	char *at;

	while (!(at = memmem(s->text, s->len, text, n))) {
		if (now_s() > until)
			fail_msg("\"%s\" is not in: %s", text, s->text);
		read_more(s, 100);
	}
	s->len -= (size_t)(at - s->text) + n;
	memmove(s->text, at + n, s->len);
	memset(s->text + s->len, 0, sizeof(s->text) - s->len);
}

static void type(struct session *s, const char *text)
{
	assert_int_equal(write(s->master, text, strlen(text)), strlen(text));
}

static bool is_as_before(const struct session *s)
{
	struct termios now;

	assert_int_equal(tcgetattr(s->slave, &now), 0);
	return now.c_iflag == s->before.c_iflag &&
	       now.c_oflag == s->before.c_oflag &&
	       now.c_cflag == s->before.c_cflag &&
	       now.c_lflag == s->before.c_lflag &&
	       !memcmp(now.c_cc, s->before.c_cc, sizeof(now.c_cc));
}

/* Waits, since another process may restore the settings. */
static void expect_settings(const struct session *s, bool before)
{
	double until = now_s() + LIMIT_S;

	while (is_as_before(s) != before && now_s() < until)
		usleep(10000);
	assert_int_equal(is_as_before(s), before);
}

/* Ends the session, and returns the wait status. */
static int end(struct session *s)
{
	double until = now_s() + LIMIT_S;
	int status;

	while (waitpid(s->pid, &status, WNOHANG) == 0) {
		if (now_s() > until)
			fail_msg("it does not end: %s", s->text);
		read_more(s, 20);
	}
	while (read_more(s, 0))
		;
	if (strstr(s->text, "Sanitizer") || strstr(s->text, "runtime error"))
		fail_msg("%s", s->text);
	expect_settings(s, true);
	close(s->master);
	close(s->slave);
	free(s->out);
	return status;
}

static void start_session(struct session *s)
{
	begin(s);
	wait_for(s, "a shell in t1, Linux 6.12.0-fake");
	wait_for(s, "exit or Ctrl-D ends it");
	wait_for(s, "job 33 rows");
	expect_settings(s, false);
}

/* The guest handles Ctrl-C and the like; nothing is echoed or changed here. */
static void test_typed(void **state)
{
	struct session s;

	(void)state;
	start_session(&s);
	type(&s, "\x03\x04\x1a\x1c\r\n\x7f");
	wait_for(&s, "\x03\x04\x1a\x1c\r\n\x7f");
	type(&s, "a\x1d\x1d" "b");
	wait_for(&s, "a\x1d" "b");
	type(&s, "\x1d");
	usleep(50000);
	type(&s, "z");
	wait_for(&s, "\x1dz");
	type(&s, "\x1d?");
	wait_for(&s, "Ctrl-] q ends the guest");
	type(&s, "X");
	wait_for(&s, "PASS");
	assert_int_equal(end(&s), 0);
}

static void test_size(void **state)
{
	struct winsize w = { .ws_row = 40, .ws_col = 120 };
	struct session s;

	(void)state;
	start_session(&s);
	assert_int_equal(ioctl(s.master, TIOCSWINSZ, &w), 0);
	assert_int_equal(kill(s.pid, SIGWINCH), 0);
	/* The size is four bytes, two of them NUL. */
	wait_for(&s, "size ");
	while (!memmem(s.text, s.len, "\0(\0x", 4) && read_more(&s, 5000))
		;
	assert_non_null(memmem(s.text, s.len, "\0(\0x", 4));
	type(&s, "X");
	assert_int_equal(end(&s), 0);
}

static void test_ends_of_the_guest(void **state)
{
	static const struct {
		const char *key, *said;
		int exit;
	} cases[] = {
		{ "P", "PANIC: Kernel panic", 5 },
		{ "K", "LOST: no verdict; QEMU ended with signal 9", 7 },
		{ "\x1dq", "LOST: ended by Ctrl-] q", 7 },
	};
	struct session s;
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start_session(&s);
		type(&s, cases[i].key);
		wait_for(&s, cases[i].said);
		status = end(&s);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), cases[i].exit);
	}
}

/* A warning is shown at once, and the shell continues. */
static void test_splat(void **state)
{
	struct session s;
	int status;

	(void)state;
	start_session(&s);
	type(&s, "W");
	wait_for(&s, "\r\nvmtest: WARNING: CPU: 0 PID: 1 at kernel/pid.c:1");
	type(&s, "still here");
	wait_for(&s, "still here");
	type(&s, "X");
	wait_for(&s, "SPLAT");
	status = end(&s);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 4);
}

/* The runner cannot handle the last two signals; its child restores. */
static void test_ends_of_the_runner(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT,
				       SIGSEGV, SIGKILL };
	struct session s;
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		start_session(&s);
		kill(s.pid, signals[i]);
		/* The sanitizer reports this signal; the runner is not at fault. */
		if (signals[i] == SIGSEGV) {
			waitpid(s.pid, &status, 0);
			expect_settings(&s, true);
			close(s.master);
			close(s.slave);
			free(s.out);
			continue;
		}
		status = end(&s);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
	}
}

static void test_stopped(void **state)
{
	struct session s;
	int status;

	(void)state;
	start_session(&s);
	kill(s.pid, SIGTSTP);
	assert_int_equal(waitpid(s.pid, &status, WUNTRACED), s.pid);
	assert_true(WIFSTOPPED(status));
	assert_true(is_as_before(&s));
	kill(s.pid, SIGCONT);
	expect_settings(&s, false);
	type(&s, "again");
	wait_for(&s, "again");
	type(&s, "X");
	assert_int_equal(end(&s), 0);
}

/* A terminal is not taken from the foreground job. */
static void test_background(void **state)
{
	struct termios now;
	struct session s;
	int master, slave, status;
	pid_t pid;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	s.out = fresh_out();
	set_env("command");
	pid = fork();
	if (pid == 0) {
		pid_t job;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		login_tty(slave);
		job = fork();
		if (job == 0) {
			setpgid(0, 0);
			execl(VMTEST, VMTEST, "--target=t1", "--accel=tcg",
			      "--out", s.out, "--", "cat", (char *)NULL);
			_exit(99);
		}
		waitpid(job, &status, WUNTRACED);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
	}
	assert_int_equal(write(master, "not for it\n", 11), 11);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(tcgetattr(slave, &now), 0);
	close(master);
	close(slave);
	free(s.out);
}

/* No limit applies to an idle user, only to a guest that is not alive. */
static void test_limits(void **state)
{
	struct session s;
	int status;

	(void)state;
	begin_guest(&s, "idle_shell", "--timeout=1");
	wait_for(&s, "PASS");
	assert_int_equal(end(&s), 0);
	begin_guest(&s, "shell", "--timeout=1");
	wait_for(&s, "HANG: no output for");
	status = end(&s);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 6);
}

/* Without a terminal, the shell reads commands from its input. */
static void test_pipe(void **state)
{
	char *out = fresh_out();
	struct ended e;
	int pipe[2], old = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	assert_int_equal(write(pipe[1], "ls\nX", 4), 4);
	close(pipe[1]);
	set_env("shell");
	dup2(pipe[0], STDIN_FILENO);
	pid = start("shell", (const char *const[]){
		"shell", "--target=t1", "--accel=tcg", "--out", out, NULL });
	dup2(old, STDIN_FILENO);
	finish("shell", pid, &e);
	expect_exit(&e, 0);
	assert_string_equal(e.out, "job no rowsls\nX");
	close(pipe[0]);
	close(old);
	free_ended(&e);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_ends_of_the_guest),
		cmocka_unit_test(test_splat),
		cmocka_unit_test(test_ends_of_the_runner),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests_name("the terminal", tests,
					   harness__setup, harness__teardown);
}
