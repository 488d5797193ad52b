// SPDX-License-Identifier: GPL-2.0-only
/*
 * The standard input of a command, from the runner's to the port of a fake guest. Every
 * run receives every byte, and no other process consumes any.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

#define MIB (1024 * 1024)

static char all_bytes[MIB];
static char *out;		/* the test's output directory */
static struct ended e;		/* its last run */

static int begin(void **)
{
	out = fresh_out();
	return 0;
}

static int end(void **)
{
	free(out);
	return 0;
}

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(all_bytes); i++)
		all_bytes[i] = (char)(i + i / 256);
	return harness__setup(state);
}

/* Runs the runner with fd as its standard input, and closes fd. */
static void run_with(int fd, const char *guest, const char *const *args)
{
	int old = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	pid_t pid;

	set_env(guest);
	if (!strcmp(guest, "recorded"))
		setenv("QEMU", UNIT_DIR "/vmtest_fakerr", 1);
	dup2(fd, STDIN_FILENO);
	pid = start("input", args);
	dup2(old, STDIN_FILENO);
	close(old);
	finish("input", pid, &e);
	close(fd);
}

/*
 * Runs the runner with data, or with data without end, in a pipe as its standard input,
 * until the writer of the pipe has ended as well.
 */
static void run_piped(const char *data, size_t len, bool for_ever, const char *guest,
		      const char *const *args)
{
	int pipe[2];
	pid_t pid;

	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		close(pipe[0]);
		do {
			if (write_all(pipe[1], data, len))
				_exit(1);
		} while (for_ever);
		_exit(0);
	}
	close(pipe[1]);
	run_with(pipe[0], guest, args);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The arguments for a run. */
#define ARGS(...) \
	((const char *const[]){ "--target=t1", "--accel=tcg", "--out", out, __VA_ARGS__, NULL })
#define CAT ARGS("--", "cat")

static void expect_and_free(int status, const char *data, size_t len)
{
	expect_exit(&e, status);
	assert_int_equal(e.out_len, len);
	assert_memory_equal(e.out, data, len);
	free_ended(&e);
}

/* The guest is first booted and saved, then resumed. */
static void test_every_byte(void **)
{
	for (int i = 0; i < 2; i++) {
		run_piped(all_bytes, MIB, false, "echo", CAT);
		expect_and_free(0, all_bytes, MIB);
	}
}

static void test_no_input(void **)
{
	static const int modes[] = { O_RDONLY, O_WRONLY };	/* the latter: nohup */
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		run_with(open("/dev/null", modes[i] | O_CLOEXEC), "echo", CAT);
		expect_and_free(0, "", 0);
	}
	/* No other file gets the number of a closed standard input. */
	set_env("echo");
	assert_int_equal(shell("cd %s && " VMTEST " --target=t1 --accel=tcg --out=%s -- cat >closed 2>closed.err <&-",
			       out), 0);
	text = content(root, "closed");
	assert_string_equal(text, "");
	free(text);
}

static void test_unreadable(void **)
{
	run_with(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "echo", CAT);
	assert_non_null(strstr(e.err, "standard input: Is a directory"));
	expect_and_free(2, "", 0);
}

/* Each run, serial or parallel, receives the whole pipe or file. */
static void test_several_runs(void **)
{
	static const char *const jobs[] = { "--jobs=1", "--jobs=3" };
	char *path = in_root("some");

	put("some", "some\n", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		const char *const *args = ARGS(jobs[i], "--runs=3", "--", "cat");

		run_piped("some\n", 5, false, "echo", args);
		expect_and_free(0, "some\nsome\nsome\n", 15);
		run_with(open(path, O_RDONLY | O_CLOEXEC), "echo", args);
		expect_and_free(0, "some\nsome\nsome\n", 15);
	}
	free(path);
}

/* The input begins at the offset of the file, not at its first byte. */
static void test_file_from_its_offset(void **)
{
	char *path = in_root("lines");
	int fd;

	put("lines", "one\ntwo\n", 0644);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	lseek(fd, 4, SEEK_SET);
	run_with(fd, "echo", CAT);
	expect_and_free(0, "two\n", 4);
	free(path);
}

/* The runner neither waits for the guest nor reads without limit. */
static void test_reader_that_does_not_read(void **)
{
	run_piped(all_bytes, MIB, true, "command", ARGS("--", "true"));
	expect_exit(&e, 0);
	free_ended(&e);
}

static void test_untouched_without_a_command(void **)
{
	char c = 0;
	int pipe[2];

	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	assert_int_equal(write(pipe[1], "x", 1), 1);
	close(pipe[1]);
	run_with(dup(pipe[0]), "good", ARGS(NULL));
	expect_exit(&e, 0);
	assert_int_equal(read(pipe[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(pipe[0]);
	free_ended(&e);
}

/* A kernel's build gets an empty standard input. */
static void test_children_take_none(void **)
{
	put("top/kernel/build.sh", "#!/bin/sh\ncat >&2\necho ${0%/*}/image\n",
	    0755);
	run_piped("mine\n", 5, false, "echo", CAT);
	assert_null(strstr(e.err, "mine"));
	expect_and_free(0, "mine\n", 5);
}

static void test_repeated_with_the_same(void **)
{
	run_piped(all_bytes, 1000, false, "count", ARGS("--", "wc"));
	expect_and_free(1, "1000\n", 5);
	expect_in(out, "t1-1/repro.sh", " -- ");
	expect_in(out, "t1-1/repro.sh", " <\"$here/input\"\n");
	assert_int_equal(shell("cd %s && echo other | %s/t1-1/repro.sh >again 2>&1",
			       out) >> 8, 1);
	expect_in(root, "again", "1000\n");
}

/* A recorded guest has its input in the initramfs. */
static void test_recorded(void **)
{
	assert_int_equal(shell("cp %s/debug/config %s/top/kernel/config", root), 0);
	setenv("FAKE_RR", "", 1);
	run_piped("recorded\n", 9, false, "recorded", ARGS("--record", "--", "cat"));
	assert_int_equal(shell("cd %s%s && tail -c 4096 t1-1/initramfs.cpio | grep -aq recorded",
			       out + strlen(root)), 0);
	free_ended(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_byte, begin, end),
		cmocka_unit_test_setup_teardown(test_no_input, begin, end),
		cmocka_unit_test_setup_teardown(test_unreadable, begin, end),
		cmocka_unit_test_setup_teardown(test_several_runs, begin, end),
		cmocka_unit_test_setup_teardown(test_file_from_its_offset, begin, end),
		cmocka_unit_test_setup_teardown(test_reader_that_does_not_read, begin, end),
		cmocka_unit_test_setup_teardown(test_untouched_without_a_command, begin, end),
		cmocka_unit_test_setup_teardown(test_children_take_none, begin, end),
		cmocka_unit_test_setup_teardown(test_repeated_with_the_same, begin, end),
		cmocka_unit_test_setup_teardown(test_recorded, begin, end),
	};

	return cmocka_run_group_tests_name("standard input", tests, setup,
					   harness__teardown);
}
