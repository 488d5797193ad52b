// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the command under observation, numbers on the command line, and passing records
 * to several sinks.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "loader/capture/command.h"
#include "loader/lib/parse.h"
#include "loader/trace/fan_out.h"
#include "test.h"

/* --- command --- */

static const struct command_setup plain;

static bool ended(const struct command *c, int timeout_ms)
{
	struct pollfd fd = { .fd = command__fd(c), .events = POLLIN };

	return poll(&fd, 1, timeout_ms) == 1;
}

static struct command_status run(char *const argv[])
{
	struct command_status status;
	struct command *c;

	assert_int_equal(command__fork(argv, &plain, &c), 0);
	assert_true(command__pid(c) > 0);
	assert_int_equal(command__exec(c), 0);
	assert_true(ended(c, 5000));
	assert_int_equal(command__reap(c, &status), 0);
	command__free(c);
	return status;
}

static void expect_status(const char *script, int exit, int signal, int shell)
{
	char *const argv[] = { "sh", "-c", (char *)script, NULL };
	struct command_status status = run(argv);

	assert_int_equal(status.exit, exit);
	assert_int_equal(status.signal, signal);
	assert_int_equal(command_status__shell(&status), shell);
}

static void exit_status_is_told(void **)
{
	expect_status("exit 7", 7, 0, 7);
}

static void signal_is_told(void **)
{
	expect_status("kill -TERM $$", -1, SIGTERM, 128 + SIGTERM);
}

/* The program does nothing before command__exec(). */
static void waits_until_released(void **)
{
	char path[] = "/tmp/command_test.XXXXXX";
	char *const argv[] = { "rm", path, NULL };
	struct command_status status;
	struct command *c;
	int fd;

	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(command__fork(argv, &plain, &c), 0);
	assert_false(ended(c, 100));
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(command__exec(c), 0);
	assert_true(ended(c, 5000));
	assert_int_equal(command__reap(c, &status), 0);
	assert_int_equal(status.exit, 0);
	assert_int_not_equal(access(path, F_OK), 0);
	command__free(c);
}

static void exec_errors_are_told(void **)
{
	static const struct {
		char *program;
		int error, status;
	} cases[] = {
		{ "/nonexistent/program", ENOENT, 127 },
		{ "no-such-program-in-path", ENOENT, 127 },
		{ "/", EACCES, 126 },
		{ "/dev/null", EACCES, 126 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *const argv[] = { cases[i].program, NULL };
		struct command_status status;
		struct command *c;

		assert_int_equal(command__fork(argv, &plain, &c), 0);
		assert_int_equal(command__exec(c), -cases[i].error);
		assert_true(ended(c, 5000));
		assert_int_equal(command__reap(c, &status), 0);
		assert_int_equal(status.exit, cases[i].status);
		assert_int_equal(command__exec_status(-cases[i].error),
				 cases[i].status);
		command__free(c);
	}
}

/* PATH has a directory that cannot be searched; root takes the rights of nobody. */
static void path_with_a_locked_directory(void **)
{
	char dir[] = "/tmp/command-test-XXXXXX", *before = strdup(getenv("PATH"));
	char *const argv[] = { (char *)"no-such-program-in-path", NULL };
	char path[128];
	struct command *c;

	assert_non_null(before);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "/usr/bin:%s", dir);
	assert_int_equal(chmod(dir, 0), 0);
	setenv("PATH", path, 1);
	if (!getuid())
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(access(dir, F_OK), 0);
	assert_int_equal(execlp(argv[0], argv[0], (char *)NULL), -1);
	assert_int_equal(errno, EACCES);	/* same error as in the child */
	assert_int_equal(command__fork(argv, &plain, &c), 0);
	assert_int_equal(command__exec(c), -ENOENT);
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
	command__free(c);
	setenv("PATH", before, 1);
	rmdir(dir);
	free(before);
}

static void freeing_kills_and_reaps(void **)
{
	char *const argv[] = { "sleep", "100", NULL };
	struct command *c;
	pid_t pid;

	for (int released = 0; released < 2; released++) {
		assert_int_equal(command__fork(argv, &plain, &c), 0);
		pid = command__pid(c);
		if (released)
			assert_int_equal(command__exec(c), 0);
		command__free(c);
		assert_int_equal(kill(pid, 0), -1);
		assert_int_equal(errno, ESRCH);
	}
	command__free(NULL);
}

static void signals_reach_it(void **)
{
	char *const argv[] = { "sleep", "100", NULL };
	struct command_status status;
	struct command *c;

	assert_int_equal(command__fork(argv, &plain, &c), 0);
	assert_int_equal(command__exec(c), 0);
	command__signal(c, SIGINT);
	assert_true(ended(c, 5000));
	assert_int_equal(command__reap(c, &status), 0);
	assert_int_equal(status.signal, SIGINT);
	command__signal(c, SIGINT);	/* no-op: the number may be reused */
	command__free(c);
}

/* The command does not inherit the tool's blocked and ignored signals. */
static void signal_state_is_the_default(void **)
{
	char *const argv[] = { "sh", "-c", "kill -INT $$; kill -PIPE $$; exit 3",
			       NULL };
	struct command_status status;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGPIPE, SIG_IGN);
	status = run(argv);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_int_equal(status.signal, SIGINT);
}

/* If the parent dies before the release, the program never runs. */
static void orphan_never_runs(void **)
{
	char path[] = "/tmp/command_test.XXXXXX";
	char *const argv[] = { "rm", path, NULL };
	int fd = mkstemp(path), status, alive[2];
	char byte;
	pid_t pid;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pipe(alive), 0);	/* also inherited by the child */
	pid = fork();
	if (!pid) {
		struct command *c;

		close(alive[0]);
		_exit(command__fork(argv, &plain, &c) ? 1 : 0);
	}
	close(alive[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* end of file: the orphan has ended too */
	assert_int_equal(read(alive[0], &byte, 1), 0);
	close(alive[0]);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

/* --- numbers --- */

static int parse_seconds(const char *text, uint64_t *value)
{
	unsigned int ms = (unsigned int)*value;
	int err = parse__seconds(text, &ms);

	*value = ms;
	return err;
}

struct number_case {
	const char *text;
	int err;
	uint64_t value;
};

/* Parses each text; an error leaves the value alone. */
static void expect_numbers(int (*parse)(const char *, uint64_t *),
			   const struct number_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t value = 42;

		assert_int_equal(parse(c[i].text, &value), c[i].err);
		assert_true(value == (c[i].err ? 42 : c[i].value));
	}
}

static void seconds(void **)
{
	static const struct number_case cases[] = {
		{ "5", 0, 5000 }, { "0.25", 0, 250 }, { "0", 0, 0 },
		{ "0.0004", 0, 0 }, { "86400", 0, 86400000 },
		{ "86401", -EINVAL, 0 }, { "-1", -EINVAL, 0 },
		{ "", -EINVAL, 0 }, { "1s", -EINVAL, 0 }, { "nan", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 }, { "1e9", -EINVAL, 0 }, { "x", -EINVAL, 0 },
	};

	expect_numbers(parse_seconds, cases, ARRAY_SIZE(cases));
}

static void sizes(void **)
{
	static const struct number_case cases[] = {
		{ "4096", 0, 4096 }, { "64K", 0, 65536 }, { "8M", 0, 8388608 },
		{ "8m", 0, 8388608 }, { "0", 0, 0 },
		{ "8MB", -EINVAL, 0 }, { "M", -EINVAL, 0 }, { "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 }, { "1G", -EINVAL, 0 },
		{ "18446744073709551616", -EINVAL, 0 },
		{ "18446744073709551615M", -EINVAL, 0 },
	};

	expect_numbers(parse__size, cases, ARRAY_SIZE(cases));
}

static void numbers(void **)
{
	static const struct number_case cases[] = {
		{ "0", 0, 0 }, { "17", 0, 17 }, { "010", 0, 10 },
		{ "0x1f", 0, 31 }, { "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -EINVAL, 0 }, { "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 }, { "+1", -EINVAL, 0 }, { " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 }, { "0x", -EINVAL, 0 }, { "abc", -EINVAL, 0 },
	};

	expect_numbers(parse__u64, cases, ARRAY_SIZE(cases));
}

/* --- fan_out --- */

struct counting_sink {
	struct record_sink sink;	/* first */
	int records, ticks;
	int fail_at;			/* number of the call to fail, 0: never */
};

static int count(struct counting_sink *s, int *counter)
{
	++*counter;
	return s->records + s->ticks == s->fail_at ? -ENOSPC : 0;
}

static int count_record(struct record_sink *sink, const struct wire_hdr *)
{
	struct counting_sink *s = (struct counting_sink *)sink;

	return count(s, &s->records);
}

static int count_tick(struct record_sink *sink)
{
	struct counting_sink *s = (struct counting_sink *)sink;

	return count(s, &s->ticks);
}

static struct counting_sink counting_sink(int fail_at)
{
	return (struct counting_sink) {
		.sink = { .record = count_record, .tick = count_tick },
		.fail_at = fail_at,
	};
}

static void tee_hands_on_to_all(void **)
{
	struct counting_sink a = counting_sink(0), b = counting_sink(0);
	struct wire_hdr rec = {};
	struct fan_out fan_out;

	b.sink.tick = NULL;	/* a legal value */
	fan_out__init(&fan_out);
	fan_out__add(&fan_out, &a.sink);
	fan_out__add(&fan_out, &b.sink);
	assert_int_equal(record_sink__record(&fan_out.sink, &rec), 0);
	assert_int_equal(record_sink__record(&fan_out.sink, &rec), 0);
	assert_int_equal(record_sink__tick(&fan_out.sink), 0);
	assert_int_equal(a.records, 2);
	assert_int_equal(b.records, 2);
	assert_int_equal(a.ticks, 1);
	assert_int_equal(b.ticks, 0);
}

static void tee_error_is_the_streams(void **)
{
	struct counting_sink a = counting_sink(2), b = counting_sink(0);
	struct wire_hdr rec = {};
	struct fan_out fan_out;

	fan_out__init(&fan_out);
	fan_out__add(&fan_out, &a.sink);
	fan_out__add(&fan_out, &b.sink);
	assert_int_equal(record_sink__record(&fan_out.sink, &rec), 0);
	assert_int_equal(record_sink__record(&fan_out.sink, &rec), -ENOSPC);
	assert_int_equal(b.records, 2);
}

static void tee_drops_an_optional_sink(void **)
{
	struct counting_sink a = counting_sink(2), b = counting_sink(0);
	struct wire_hdr rec = {};
	struct fan_out fan_out;

	fan_out__init(&fan_out);
	fan_out__add_optional(&fan_out, &a.sink);
	fan_out__add(&fan_out, &b.sink);
	for (int i = 0; i < 5; i++)
		assert_int_equal(record_sink__record(&fan_out.sink, &rec), 0);
	assert_int_equal(record_sink__tick(&fan_out.sink), 0);
	assert_int_equal(a.records, 2);
	assert_int_equal(a.ticks, 0);
	assert_int_equal(b.records, 5);
	assert_int_equal(b.ticks, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_status_is_told),
		cmocka_unit_test(signal_is_told),
		cmocka_unit_test(waits_until_released),
		cmocka_unit_test(exec_errors_are_told),
		cmocka_unit_test(path_with_a_locked_directory),
		cmocka_unit_test(freeing_kills_and_reaps),
		cmocka_unit_test(signals_reach_it),
		cmocka_unit_test(signal_state_is_the_default),
		cmocka_unit_test(orphan_never_runs),
		cmocka_unit_test(seconds),
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(tee_hands_on_to_all),
		cmocka_unit_test(tee_error_is_the_streams),
		cmocka_unit_test(tee_drops_an_optional_sink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
