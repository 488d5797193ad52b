// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recorded runs and their replays, with a fake QEMU: the files that are kept, the
 * comparison, the refusals with their remedies, and that no process or file is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/replay/replay_main.h"
#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

#define FAKE_RR UNIT_DIR "/vmtest_fakerr"

/* A kernel config for the machine without ACPI. */
static const char config[] =
	"CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_VIRTIO_CONSOLE=y\n"
	"CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n"
	"CONFIG_PID_NS=y\nCONFIG_VIRTIO_MMIO=y\n"
	"CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\n";

static int setup(void **state)
{
	int err = harness__setup(state);

	if (!err)
		put("top/kernel/config", config, 0644);
	return err;
}

static pid_t begin(const char *how, const char *const *args)
{
	set_env("good");
	setenv("QEMU", FAKE_RR, 1);
	setenv("FAKE_RR", how, 1);
	return start("rr", args);
}

static void go(struct ended *e, const char *how, const char *const *args)
{
	finish("rr", begin(how, args), e);
}

#define GO(e, how, ...) \
	go(e, how, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_said(const struct ended *e, const char *text)
{
	if (!strstr(e->err, text) && !strstr(e->out, text))
		fail_msg("\"%s\" is not in: %s%s", text, e->err, e->out);
}

/* Records a run, and returns its directory; the caller frees the name. */
static char *recorded(void)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out);
	struct ended e;

	GO(&e, "", "--target=t1", "--seed=7", "--record", "--out", out);
	expect_exit(&e, 0);
	free_ended(&e);
	free(out);
	return dir;
}

static void test_what_is_kept(void **state)
{
	char *dir = recorded(), *text;
	json_t *o;

	(void)state;
	assert_true(exists(dir, "rr.log") && exists(dir, "initramfs.cpio") &&
		    exists(dir, "result") && exists(dir, "console.log"));
	/* The channels are kept as console.log and trace.bin. */
	assert_false(exists(dir, "console") || exists(dir, "trace"));
	text = content(dir, "trace.bin");
	assert_string_equal(text, "0123456789");
	free(text);
	text = content(dir, "record.json");
	o = json_loads(text, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "instructions")),
			 123456);
	assert_string_equal(json_string_value(json_object_get(o, "qemu")),
			    "fake QEMU 1");
	json_decref(o);
	free(text);
	assert_int_equal(shell("grep -q jsonl %s%s/initramfs.cpio",
			       dir + strlen(root)), 0);
	assert_int_equal(shell("grep -aq '\"seed\":7' %s%s/initramfs.cpio",
			       dir + strlen(root)), 0);
	free(dir);
}

static void test_the_same_again(void **state)
{
	char *dir = recorded();
	int before = entries(dir);
	struct ended e;

	(void)state;
	GO(&e, "", "replay", dir);
	expect_exit(&e, 0);
	expect_said(&e, "console 42 bytes identical, trace 10 bytes identical");
	assert_int_equal(entries(dir), before);
	free_ended(&e);
	free(dir);
}

static void test_a_difference(void **state)
{
	char *dir = recorded();
	struct ended e;

	(void)state;
	GO(&e, "differs", "replay", dir);
	expect_exit(&e, 1);
	expect_said(&e, "trace differs at offset 4");
	expect_said(&e, "console 42 bytes identical");
	/* The replay's files are kept; the recorded files are unchanged. */
	expect_in(dir, "replay/trace", "0123x56789");
	expect_in(dir, "trace.bin", "0123456789");
	free_ended(&e);
	GO(&e, "short", "replay", dir);
	expect_exit(&e, 1);
	expect_said(&e, "results differs at offset 18");
	free_ended(&e);
	/* A good replay removes the files of the previous one. */
	GO(&e, "", "replay", dir);
	expect_exit(&e, 0);
	assert_false(exists(dir, "replay"));
	free_ended(&e);
	free(dir);
}

struct bad_dir {
	const char *spoil;	/* a shell command, run in the directory */
	const char *says, *mend;
};

static const struct bad_dir bad_dirs[] = {
	{ "rm record.json", "not a recorded run", "vmtest --record" },
	{ "echo '{' >record.json", "cannot be parsed", "vmtest --record" },
	{ "sed -i 's/\"version\": 1/\"version\": 9/' record.json",
	  "cannot be parsed", "vmtest --record" },
	{ "rm rr.log", "rr.log is missing", "vmtest --record" },
	{ "printf 'a reco' >rr.log", "rr.log has 6 bytes instead of 11",
	  "vmtest --record" },
	{ "rm initramfs.cpio", "initramfs.cpio is missing", "vmtest --record" },
	{ "printf x >>initramfs.cpio", "not the recorded one",
	  "vmtest --record" },
	{ "sed -i 's/\"kernel_hash\": \"./&0/' record.json",
	  "has changed", "make kernel" },
	{ "sed -i 's#/top/kernel/image\"#/gone\"#' record.json",
	  "no longer exists", "make kernel" },
	{ "sed -i 's/fake QEMU 1/fake QEMU 2/' record.json",
	  "recorded by \"fake QEMU 2\"", "set QEMU" },
};

static void test_refused(void **state)
{
	const struct bad_dir *c = *state;
	char *dir = recorded(), *cmd = xasprintf("cd %s && %s", dir, c->spoil);
	struct ended e;

	assert_int_equal(system(cmd), 0);
	GO(&e, "", "replay", dir);
	expect_exit(&e, 2);
	expect_said(&e, c->says);
	expect_said(&e, c->mend);
	assert_false(exists(dir, "replay"));
	free_ended(&e);
	free(cmd);
	free(dir);
}

static void test_bad_usage(void **state)
{
	static const char *const lines[][4] = {
		{ "replay" }, { "replay", "a", "b" }, { "replay", "/nowhere" },
		{ "replay", "--what", "a" }, { "--record", "--cpus=2" },
		{ "--icount", "--accel=kvm" }, { "--until-fail", "--icount" },
		{ "--until-fail" }, { "--record", "--mutants" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ended e;

		go(&e, "", lines[i]);
		expect_exit(&e, 2);
		assert_true(strlen(e.err) > 0);
		free_ended(&e);
	}
}

/* A replay that is ended by a signal leaves no process or file. */
static void kill_replay(char *dir, const char *option, int sig)
{
	const char *args[] = { "replay", dir, option, NULL };
	char *pid_path = in_root("pid");
	struct ended e;
	pid_t pid, qemu;

	unlink(pid_path);
	free(pid_path);
	pid = begin("stuck", args);
	qemu = fake_pid();
	assert_true(exists(dir, "replay"));
	kill(pid, sig);
	finish("rr", pid, &e);
	assert_true(WIFSIGNALED(e.status) && WTERMSIG(e.status) == sig);
	assert_true(gone(qemu));
	assert_false(exists(dir, "replay"));
	free_ended(&e);
}

static void test_nothing_left(void **state)
{
	char *dir = recorded();

	(void)state;
	kill_replay(dir, NULL, SIGTERM);
	kill_replay(dir, NULL, SIGINT);
	free(dir);
}

static void test_gdb(void **state)
{
	char *dir = recorded(), *pid_path = in_root("pid");
	struct ended e;
	pid_t pid, qemu;

	(void)state;
	GO(&e, "", "replay", dir, "--gdb");
	expect_exit(&e, 2);
	expect_said(&e, "vmlinux.debug");
	assert_false(exists(dir, "replay"));
	free_ended(&e);
	put("top/kernel/vmlinux.debug", "no symbols", 0644);
	unlink(pid_path);
	pid = begin("stuck", (const char *const[]){ "replay", "--gdb", dir,
						    NULL });
	qemu = fake_pid();
	expect_in(dir, "replay/gdbinit", "/top/kernel/vmlinux.debug\n");
	expect_in(dir, "replay/gdbinit", "  go 123455\n");
	kill(pid, SIGHUP);
	finish("rr", pid, &e);
	expect_said(&e, "gdb -nx -x ");
	assert_true(gone(qemu));
	assert_false(exists(dir, "replay"));
	free_ended(&e);
	/* QEMU ends when gdb does, and vmtest ends with QEMU. */
	GO(&e, "", "replay", "--gdb", dir);
	expect_exit(&e, 0);
	free_ended(&e);
	free(pid_path);
	free(dir);
}

static void test_until_fail(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	GO(&e, "fails", "--target=t1", "--seed=1..9", "--record",
	   "--until-fail", "--out", out);
	expect_exit(&e, 1);
	expect_said(&e, "vmtest replay ");
	assert_true(exists(out, "t1-3/rr.log") && exists(out, "t1-3/record.json"));
	assert_true(exists(out, "t1-2") && !exists(out, "t1-4"));
	assert_false(exists(out, "t1-2/rr.log") ||
		     exists(out, "t1-2/initramfs.cpio") ||
		     exists(out, "t1-2/record.json"));
	expect_in(out, "t1-3/repro.sh", "--record");
	free_ended(&e);
	GO(&e, "", "--target=t1", "--seed=1..2", "--record", "--until-fail",
	   "--out", out);
	expect_exit(&e, 0);
	free_ended(&e);
	free(out);
}

/* QEMU must quit by QMP: if killed, it leaves a recording without an end. */
static void test_a_hang_is_recorded(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out);
	struct ended e;

	(void)state;
	GO(&e, "silent", "--target=t1", "--seed=7", "--record", "--timeout=1",
	   "--out", out);
	expect_exit(&e, 6);
	expect_in(dir, "record.json", "\"instructions\": 123456");
	expect_in(dir, "log", "QEMU ended with exit status 0");
	free_ended(&e);
	GO(&e, "deaf", "--target=t1", "--seed=7", "--record", "--timeout=1",
	   "--out", out);
	expect_exit(&e, 6);
	expect_said(&e, "it cannot be replayed");
	assert_false(exists(dir, "record.json") || exists(dir, "rr.log"));
	free_ended(&e);
	free(dir);
	free(out);
}

static void test_icount(void **state)
{
	char *out = fresh_out(), *dir = xasprintf("%s/t1-7", out);
	struct ended e;

	(void)state;
	GO(&e, "", "--target=t1", "--seed=7", "--icount", "--out", out);
	expect_exit(&e, 0);
	expect_said(&e, "t1 seed 7: 123456 instructions");
	assert_false(exists(dir, "initramfs.cpio") || exists(dir, "rr.log") ||
		     exists(dir, "record.json"));
	free_ended(&e);
	free(dir);
	free(out);
}

/* Without these options the guest does not find its UARTs. */
static void test_no_acpi(void **state)
{
	struct ended e;

	(void)state;
	assert_int_equal(shell("mv %s/top/kernel/config%s %1$s/config", ""), 0);
	GO(&e, "", "--target=t1", "--record");
	expect_exit(&e, 2);
	expect_said(&e, "CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y");
	free_ended(&e);
	assert_int_equal(shell("mv %s/config%s %1$s/top/kernel/config", ""), 0);
}

/* A replay of a guest ended from outside: complete, except for the end. */
static void test_no_end(void **state)
{
	char *dir = recorded();
	struct ended e;

	(void)state;
	GO(&e, "endless", "replay", dir);
	expect_exit(&e, 0);
	expect_said(&e, "killed from outside");
	assert_false(exists(dir, "replay"));
	free_ended(&e);
	free(dir);
}

static void test_compare(void **state)
{
	static const struct {
		const char *a, *b, *tail;
		bool same;
		uint64_t at;
	} cases[] = {
		{ "", "", NULL, true, 0 }, { "abc", "abc", NULL, true, 3 },
		{ "abc", "abd", NULL, false, 2 }, { "abc", "ab", NULL, false, 2 },
		{ "ab", "abc", NULL, false, 2 }, { "ab", "abEND", "END", true, 2 },
		{ "abEND", "abEND", "END", false, 2 },
		{ "ab", "ab", "END", true, 2 }, { "", "END", "END", true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *a = in_root("a"), *b = in_root("b");
		struct difference d;

		put("a", cases[i].a, 0644);
		put("b", cases[i].b, 0644);
		assert_int_equal(compare__files(a, b, cases[i].tail, &d), 0);
		assert_int_equal(d.same, cases[i].same);
		assert_int_equal(d.at, cases[i].at);
		free(a);
		free(b);
	}
}

int main(void)
{
	const struct CMUnitTest more[] = {
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_the_same_again),
		cmocka_unit_test(test_a_difference),
		cmocka_unit_test(test_bad_usage),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_gdb),
		cmocka_unit_test(test_until_fail),
		cmocka_unit_test(test_a_hang_is_recorded),
		cmocka_unit_test(test_icount),
		cmocka_unit_test(test_no_acpi),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_compare),
	};
	struct CMUnitTest tests[ARRAY_SIZE(bad_dirs) + ARRAY_SIZE(more)];
	size_t n = 0;

	for (; n < ARRAY_SIZE(bad_dirs); n++)
		tests[n] = (struct CMUnitTest){
			.name = bad_dirs[n].spoil, .test_func = test_refused,
			.initial_state = (void *)&bad_dirs[n],
		};
	memcpy(tests + n, more, sizeof(more));
	return cmocka_run_group_tests(tests, setup, harness__teardown);
}
