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

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(all_bytes); i++)
		all_bytes[i] = (char)(i + i / 256);
	return harness__setup(state);
}

/* Starts the runner with fd as its standard input. */
static pid_t start_with(int fd, const char *guest, const char *const *args)
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
	return pid;
}

/* Forks a process that writes data to a pipe, once or until the reader has gone. */
static pid_t feed(const char *data, size_t len, bool for_ever, int *fd)
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
	*fd = pipe[0];
	return pid;
}

static void run_with(struct ended *e, int fd, const char *guest,
		     const char *const *args)
{
	finish("input", start_with(fd, guest, args), e);
}

#define RUN_WITH(e, fd, guest, ...) \
	run_with(e, fd, guest, (const char *const[]){ __VA_ARGS__, NULL })

#define COMMON "--target=t1", "--accel=tcg", "--out", out

static void expect_out(const struct ended *e, const char *data, size_t len)
{
	assert_int_equal(e->out_len, len);
	assert_memory_equal(e->out, data, len);
}

/* The guest is first booted and saved, then resumed. */
static void test_every_byte(void **state)
{
	char *out = fresh_out();
	struct ended e;
	int fd;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pid_t pid = feed(all_bytes, MIB, false, &fd);

		RUN_WITH(&e, fd, "echo", COMMON, "--", "cat");
		expect_exit(&e, 0);
		expect_out(&e, all_bytes, MIB);
		close(fd);
		waitpid(pid, NULL, 0);
		free_ended(&e);
	}
	free(out);
}

static void test_no_input(void **state)
{
	char *out = fresh_out();
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int nohup = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const int fds[] = { null, nohup };
	struct ended e;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		RUN_WITH(&e, fds[i], "echo", COMMON, "--", "cat");
		expect_exit(&e, 0);
		expect_out(&e, "", 0);
		free_ended(&e);
	}
	close(null);
	close(nohup);
	/* No other file gets the number of a closed standard input. */
	set_env("echo");
	assert_int_equal(shell("cd %s && " VMTEST " --target=t1 --accel=tcg --out=%s -- cat >closed 2>closed.err <&-",
			       out), 0);
	text = content(root, "closed");
	assert_string_equal(text, "");
	free(text);
	free(out);
}

static void test_unreadable(void **state)
{
	char *out = fresh_out();
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ended e;

	(void)state;
	RUN_WITH(&e, fd, "echo", COMMON, "--", "cat");
	expect_exit(&e, 2);
	assert_non_null(strstr(e.err, "standard input: Is a directory"));
	close(fd);
	free_ended(&e);
	free(out);
}

/* Each run, serial or parallel, receives the whole pipe or file. */
static void test_several_runs(void **state)
{
	static const char *const jobs[] = { "--jobs=1", "--jobs=3" };
	char *out = fresh_out(), *path = in_root("some");
	struct ended e;
	int fd;

	(void)state;
	put("some", "some\n", 0644);
	for (size_t i = 0; i < 4; i++) {
		pid_t pid = 0;

		if (i & 1)
			fd = open(path, O_RDONLY | O_CLOEXEC);
		else
			pid = feed("some\n", 5, false, &fd);
		RUN_WITH(&e, fd, "echo", COMMON, jobs[i / 2], "--runs=3",
			 "--", "cat");
		expect_exit(&e, 0);
		expect_out(&e, "some\nsome\nsome\n", 15);
		close(fd);
		if (pid)
			waitpid(pid, NULL, 0);
		free_ended(&e);
	}
	free(path);
	free(out);
}

/* The input begins at the offset of the file, not at its first byte. */
static void test_file_from_its_offset(void **state)
{
	char *out = fresh_out(), *path = in_root("lines");
	struct ended e;
	int fd;

	(void)state;
	put("lines", "one\ntwo\n", 0644);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	lseek(fd, 4, SEEK_SET);
	RUN_WITH(&e, fd, "echo", COMMON, "--", "cat");
	expect_exit(&e, 0);
	expect_out(&e, "two\n", 4);
	close(fd);
	free_ended(&e);
	free(path);
	free(out);
}

/* The runner neither waits for the guest nor reads without limit. */
static void test_reader_that_does_not_read(void **state)
{
	char *out = fresh_out();
	struct ended e;
	pid_t pid;
	int fd, status;

	(void)state;
	pid = feed(all_bytes, MIB, true, &fd);
	RUN_WITH(&e, fd, "command", COMMON, "--", "true");
	expect_exit(&e, 0);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free_ended(&e);
	free(out);
}

static void test_untouched_without_a_command(void **state)
{
	char *out = fresh_out(), c = 0;
	struct ended e;
	int pipe[2];

	(void)state;
	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	assert_int_equal(write(pipe[1], "x", 1), 1);
	close(pipe[1]);
	RUN_WITH(&e, pipe[0], "good", COMMON);
	expect_exit(&e, 0);
	assert_int_equal(read(pipe[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(pipe[0]);
	free_ended(&e);
	free(out);
}

/* A kernel's build gets an empty standard input. */
static void test_children_take_none(void **state)
{
	char *out = fresh_out();
	struct ended e;
	pid_t pid;
	int fd;

	(void)state;
	put("top/kernel/build.sh", "#!/bin/sh\ncat >&2\necho ${0%/*}/image\n",
	    0755);
	pid = feed("mine\n", 5, false, &fd);
	RUN_WITH(&e, fd, "echo", COMMON, "--", "cat");
	expect_exit(&e, 0);
	expect_out(&e, "mine\n", 5);
	assert_null(strstr(e.err, "mine"));
	close(fd);
	waitpid(pid, NULL, 0);
	free_ended(&e);
	free(out);
}

static void test_repeated_with_the_same(void **state)
{
	char *out = fresh_out();
	struct ended e;
	pid_t pid;
	int fd;

	(void)state;
	pid = feed(all_bytes, 1000, false, &fd);
	RUN_WITH(&e, fd, "count", COMMON, "--", "wc");
	expect_exit(&e, 1);
	expect_out(&e, "1000\n", 5);
	expect_in(out, "t1-1/repro.sh", " -- ");
	expect_in(out, "t1-1/repro.sh", " <\"$here/input\"\n");
	assert_int_equal(shell("cd %s && echo other | %s/t1-1/repro.sh >again 2>&1",
			       out) >> 8, 1);
	expect_in(root, "again", "1000\n");
	close(fd);
	waitpid(pid, NULL, 0);
	free_ended(&e);
	free(out);
}

/* A recorded guest has its input in the initramfs. */
static void test_recorded(void **state)
{
	char *out = fresh_out();
	struct ended e;
	pid_t pid;
	int fd;

	(void)state;
	put("top/kernel/config",
	    "CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_VIRTIO_CONSOLE=y\n"
	    "CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n"
	    "CONFIG_PID_NS=y\nCONFIG_VIRTIO_MMIO=y\n"
	    "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\n", 0644);
	setenv("FAKE_RR", "", 1);
	pid = feed("recorded\n", 9, false, &fd);
	RUN_WITH(&e, fd, "recorded", COMMON, "--record", "--", "cat");
	assert_int_equal(shell("cd %s%s && tail -c 4096 t1-1/initramfs.cpio | grep -aq recorded",
			       out + strlen(root)), 0);
	close(fd);
	waitpid(pid, NULL, 0);
	free_ended(&e);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_no_input),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_several_runs),
		cmocka_unit_test(test_file_from_its_offset),
		cmocka_unit_test(test_reader_that_does_not_read),
		cmocka_unit_test(test_untouched_without_a_command),
		cmocka_unit_test(test_children_take_none),
		cmocka_unit_test(test_repeated_with_the_same),
		cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests_name("standard input", tests, setup,
					   harness__teardown);
}
