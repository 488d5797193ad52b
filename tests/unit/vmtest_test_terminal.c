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
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
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

static void begin(struct session *s, const char *guest, const char *timeout)
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
static void wait_for(struct session *s, const char *text, size_t n)
{
	double until = now_s() + LIMIT_S;
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

static void close_session(struct session *s)
{
	expect_settings(s, true);
	close(s->master);
	close(s->slave);
	free(s->out);
}

/* Waits for the end of the session, with an exit status as in a shell. */
static void end(struct session *s, int exit)
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
	expect_exit(&(struct ended){ .status = status, .err = s->text }, exit);
	close_session(s);
}

/* --- sessions --- */

struct script {
	const char *guest, *timeout;
	int exit;
	struct act {
		enum { ACT_NONE, ACT_TYPE, ACT_SEE, ACT_CALL } kind;
		const char *text;
		size_t len;
		void (*call)(struct session *s);
	} acts[16];
};

#define TYPE(text) { ACT_TYPE, text, sizeof(text) - 1, NULL }
/* Waits for a text in the output after the previous one. */
#define SEE(text) { ACT_SEE, text, sizeof(text) - 1, NULL }
#define CALL(function) { ACT_CALL, NULL, 0, function }

static void act(struct session *s, const struct script *script)
{
	begin(s, script->guest, script->timeout);
	for (const struct act *a = script->acts; a->kind; a++) {
		switch (a->kind) {
		case ACT_TYPE:
			assert_int_equal(write(s->master, a->text, a->len), a->len);
			/* The next keys arrive on their own. */
			usleep(50000);
			break;
		case ACT_SEE:
			wait_for(s, a->text, a->len);
			break;
		default:
			a->call(s);
		}
	}
}

static void test_session(void **state)
{
	const struct script *script = *state;
	struct session s;

	act(&s, script);
	end(&s, script->exit);
}

static void expect_raw(struct session *s)
{
	expect_settings(s, false);
}

static void resize(struct session *s)
{
	struct winsize w = { .ws_row = 40, .ws_col = 120 };

	assert_int_equal(ioctl(s->master, TIOCSWINSZ, &w), 0);
	assert_int_equal(kill(s->pid, SIGWINCH), 0);
}

static void stop(struct session *s)
{
	int status;

	kill(s->pid, SIGTSTP);
	assert_int_equal(waitpid(s->pid, &status, WUNTRACED), s->pid);
	assert_true(WIFSTOPPED(status));
	assert_true(is_as_before(s));
	kill(s->pid, SIGCONT);
}

#define SHELL(exit, ...) \
	{ "shell", "--timeout=100", exit, { \
		SEE("a shell in t1, Linux 6.12.0-fake"), SEE("exit or Ctrl-D ends it"), \
		SEE("job 33 rows"), CALL(expect_raw), __VA_ARGS__ } }

/* The runner cannot handle the last two signals; its child restores. */
static void test_ends_of_the_runner(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT,
				       SIGSEGV, SIGKILL };
	static const struct script shell = SHELL(0, { ACT_NONE });
	struct session s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		act(&s, &shell);
		kill(s.pid, signals[i]);
		/* The sanitizer reports this signal; the runner is not at fault. */
		if (signals[i] == SIGSEGV) {
			waitpid(s.pid, NULL, 0);
			close_session(&s);
		} else {
			end(&s, 128 + signals[i]);
		}
	}
}

/* A terminal is not taken from the foreground job. */
static void test_background(void **state)
{
	char *out = fresh_out();
	struct termios now;
	int master, slave, status;
	pid_t pid;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
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
			      "--out", out, "--", "cat", (char *)NULL);
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
	free(out);
}

static const struct test_case cases[] = {
	/* Without a terminal, the shell reads commands from its input. */
	{ "pipe", { { "shell", NULL, 0, { IS("../out", "job no rowsls\nX") },
		.after = "printf 'ls\\nX' | " VMTEST " shell " T1 " >out 2>err" } } },
};

#define SESSION(name, ...) \
	{ name, test_session, NULL, NULL, &(struct script)__VA_ARGS__ }

static const struct CMUnitTest others[] = {
	/* The guest handles Ctrl-C and the like; nothing is echoed or changed here. */
	SESSION("typed", SHELL(0, TYPE("\x03\x04\x1a\x1c\r\n\x7f"), SEE("\x03\x04\x1a\x1c\r\n\x7f"),
			       TYPE("a\x1d\x1d" "b"), SEE("a\x1d" "b"),
			       TYPE("\x1d"), TYPE("z"), SEE("\x1dz"),
			       TYPE("\x1d?"), SEE("Ctrl-] q ends the guest"),
			       TYPE("X"), SEE("PASS"))),
	/* The size is four bytes, two of them NUL. */
	SESSION("size", SHELL(0, CALL(resize), SEE("size "), SEE("\0(\0x"), TYPE("X"))),
	SESSION("panic", SHELL(5, TYPE("P"), SEE("PANIC: Kernel panic"))),
	SESSION("QEMU killed", SHELL(7, TYPE("K"),
				     SEE("LOST: no verdict; QEMU was killed by signal 9"))),
	SESSION("ended by its user", SHELL(7, TYPE("\x1dq"), SEE("LOST: ended by Ctrl-] q"))),
	/* A warning is shown at once, and the shell continues. */
	SESSION("splat", SHELL(4, TYPE("W"),
			       SEE("\r\nvmtest: WARNING: CPU: 0 PID: 1 at kernel/pid.c:1"),
			       TYPE("still here"), SEE("still here"), TYPE("X"), SEE("SPLAT"))),
	SESSION("stopped", SHELL(0, CALL(stop), CALL(expect_raw),
				 TYPE("again"), SEE("again"), TYPE("X"))),
	/* No limit applies to an idle user, only to a guest that is not alive. */
	SESSION("idle user", { "idle_shell", "--timeout=1", 0, { SEE("PASS") } }),
	SESSION("silent guest", { "shell", "--timeout=1", 6, { SEE("HANG: no output for") } }),
	cmocka_unit_test(test_ends_of_the_runner),
	cmocka_unit_test(test_background),
};

int main(void)
{
	return cases__run("the terminal", cases, ARRAY_SIZE(cases), others,
			  ARRAY_SIZE(others));
}
