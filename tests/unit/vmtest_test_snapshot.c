// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots, with a fake QEMU: when a snapshot is made, used, replaced, or given up;
 * and that a run gets its verdict in any case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

#define BOOTED "vmtest: guest runs 6.12.0-fake after "
#define SAVED "vmtest: the guest was saved\n"
#define WOKE "vmtest: the saved guest woke up after "

/* Returns the directory of this guest's snapshots. */
static char *saved_dir(void)
{
	return in_root("cache/good/snapshots");
}

static void forget_saved(void)
{
	shell("rm -rf %s/%s", "cache/good/snapshots");
}

static int saved(void)
{
	char *dir = saved_dir();
	int n = entries(dir);

	free(dir);
	return n;
}

/* Returns the only snapshot; the caller frees the name. */
static char *only_saved(void)
{
	char *dir = saved_dir(), *found = NULL;
	struct dirent *de;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((de = readdir(d))) {
		if (*de->d_name != '.') {
			assert_null(found);
			found = xasprintf("%s/%s", dir, de->d_name);
		}
	}
	closedir(d);
	free(dir);
	assert_non_null(found);
	return found;
}

/*
 * Runs a guest that must pass, and returns the run's log in *log. more: an additional
 * argument, or NULL. Checks that no output is duplicated.
 */
static void run_good(const char *more, const char *migrate, char **log)
{
	const char *const args[] = { "--target=t1", "--accel=tcg", "--timeout=2",
				     "--out", in_root("out"), more, NULL };
	struct ended e;
	char *text;

	set_env("good");
	if (migrate)
		setenv("FAKE_MIGRATE", migrate, 1);
	finish("run", start("run", args), &e);
	expect_exit(&e, 0);
	text = content(args[4], "t1-1/console.log");
	/* Booted, saved or resumed, the console has a single beginning. */
	assert_string_equal(text, "[    0.000000] Linux version 6.12.0-fake\r\n");
	free(text);
	text = content(args[4], "t1-1/tests.ktap");
	assert_non_null(strstr(text, "KTAP version 1\n1..1\n"));
	free(text);
	*log = content(args[4], "t1-1/log");
	free((char *)args[4]);
	free_ended(&e);
}

static void expect_log(const char *more, const char *migrate,
		       const char *const *has, const char *const *has_not)
{
	char *log;

	run_good(more, migrate, &log);
	for (; *has; has++) {
		if (!strstr(log, *has))
			fail_msg("no \"%s\" in: %s", *has, log);
	}
	for (; *has_not; has_not++) {
		if (strstr(log, *has_not))
			fail_msg("\"%s\" in: %s", *has_not, log);
	}
	free(log);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NOTHING ((const char *const[]){ NULL })

static void make_one(void)
{
	forget_saved();
	expect_log(NULL, NULL, LIST(BOOTED, SAVED, WOKE), NOTHING);
	assert_int_equal(saved(), 1);
}

static void test_first_saves_second_resumes(void **state)
{
	(void)state;
	make_one();
	expect_log(NULL, NULL, LIST(WOKE), LIST(BOOTED, SAVED));
	assert_int_equal(saved(), 1);
}

static void test_no_snapshot(void **state)
{
	(void)state;
	forget_saved();
	expect_log("--no-snapshot", NULL, LIST(BOOTED), LIST(SAVED, WOKE));
	assert_int_equal(saved(), 0);
	make_one();
	expect_log("--no-snapshot", NULL, LIST(BOOTED), LIST(SAVED, WOKE));
}

/* Every input of a waiting guest selects a different snapshot. */
static void test_inputs(void **state)
{
	static const char *const others[] = {
		"--cpus=1", "--widen", "--append=x", "--memory=300",
	};
	static const char *const same[] = { "--ops=5", "--tests=semantics" };

	(void)state;
	make_one();
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		expect_log(others[i], NULL, LIST(BOOTED, SAVED, WOKE), NOTHING);
		assert_int_equal(saved(), (int)i + 2);
		expect_log(others[i], NULL, LIST(WOKE), LIST(BOOTED));
	}
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		expect_log(same[i], NULL, LIST(WOKE), LIST(BOOTED));
	/* The same name with different contents. */
	put("top/kernel/image", "another kernel", 0644);
	expect_log(NULL, NULL, LIST(BOOTED, SAVED, WOKE), NOTHING);
	put("top/kernel/image", "no kernel at all", 0644);
}

static void test_other_qemu(void **state)
{
	char *copy = in_root("qemu");

	(void)state;
	make_one();
	/* As in an upgrade: the same name, another file. */
	for (int i = 0; i < 2; i++) {
		char *cmd = xasprintf("cp %s %s.new && mv %s.new %s", FAKE_QEMU,
				      copy, copy, copy);
		const char *const args[] = { "--target=t1", "--accel=tcg",
					     "--out", in_root("out"), NULL };
		struct ended e;

		assert_int_equal(system(cmd), 0);
		free(cmd);
		set_env("good");
		setenv("QEMU", copy, 1);
		finish("run", start("run", args), &e);
		expect_exit(&e, 0);
		expect_in(args[3], "t1-1/log", SAVED);
		free((char *)args[3]);
		free_ended(&e);
		assert_int_equal(saved(), i + 2);
	}
	free(copy);
}

/* The broken part of a snapshot, and whether only QEMU can detect it. */
static void test_broken(void **state)
{
	static const struct { const char *how; bool tried; } cases[] = {
		{ "cd %s && : >state", false },
		{ "cd %s && truncate -s 3 state", true },
		{ "cd %s && truncate -s 1M ram", false },
		{ "cd %s && rm ram", false },
		{ "cd %s && rm inputs", false },
		{ "cd %s && rm console", true },
		{ "cd %s && echo of another >inputs", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *dir, *cmd;

		make_one();
		dir = only_saved();
		cmd = xasprintf(cases[i].how, dir);
		assert_int_equal(system(cmd), 0);
		free(cmd);
		free(dir);
		expect_log(NULL, NULL, LIST(BOOTED, SAVED, WOKE), NOTHING);
		expect_log(NULL, NULL, LIST(WOKE), LIST(BOOTED));
		assert_int_equal(saved(), 1);
	}
}

/* Snapshots only save time: no run fails without them, and a message appears once. */
static void test_does_not_work(void **state)
{
	static const struct { const char *how, *why; } ways[] = {
		/* refused by QEMU */
		{ "refused", "the guest was not saved: no x-ignore-shared here" },
		{ "no room", "QEMU ended with signal 7 (Bus error)" },
		/* longer than --timeout */
		{ "slow", "saving the guest took more than 1 s" },
		{ "sleeps", "resuming the saved guest took more than 1 s" },
		/* on resume */
		{ "dies", "QEMU ended with exit status 91" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const char *const args[] = { "--target=t1", "--accel=tcg",
					     "--timeout=1", "--runs=3",
					     "--out", in_root("out"), NULL };
		struct ended e;
		char *said, *why;

		forget_saved();
		set_env("good");
		setenv("FAKE_MIGRATE", ways[i].how, 1);
		finish("run", start("run", args), &e);
		expect_exit(&e, 0);
		why = xasprintf("guests cannot be saved and resumed here (%s); ",
				ways[i].why);
		said = strstr(e.err, why);
		if (!said || strstr(said + 1, "guests cannot be saved"))
			fail_msg("%s: %s", ways[i].how, e.err);
		free(why);
		assert_non_null(strstr(e.out, "t1      PASS             3  6 ok"));
		assert_int_equal(saved(), 0);
		free((char *)args[5]);
		free_ended(&e);
	}
}

static void test_two_at_once(void **state)
{
	const char *const a[] = { "--target=t1", "--accel=tcg", "--runs=10",
				  "--jobs=3", "--out", in_root("out-a"), NULL };
	const char *const b[] = { "--target=t1", "--accel=tcg", "--runs=10",
				  "--jobs=3", "--out", in_root("out-b"), NULL };
	struct ended e;
	pid_t p, q;

	(void)state;
	forget_saved();
	set_env("good");
	p = start("a", a);
	q = start("b", b);
	finish("a", p, &e);
	expect_exit(&e, 0);
	free_ended(&e);
	finish("b", q, &e);
	expect_exit(&e, 0);
	free_ended(&e);
	assert_int_equal(saved(), 1);
	free((char *)a[5]);
	free((char *)b[5]);
}

/* A signal while a guest is being saved leaves at most what the next run removes. */
static void ended_by(int sig, int left)
{
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out",
				     in_root("out"), NULL };
	struct ended e;
	pid_t pid, qemu;

	forget_saved();
	shell("rm -f %s/%s", "pid");
	set_env("good");
	setenv("FAKE_MIGRATE", "slow", 1);
	pid = start("run", args);
	qemu = fake_pid();
	for (int i = 0; i < 100 && !saved(); i++)
		usleep(20000);
	usleep(200000);
	kill(pid, sig);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status) && WTERMSIG(e.status) == sig);
	assert_true(gone(qemu));
	assert_int_equal(saved(), left);
	free((char *)args[3]);
	free_ended(&e);
	expect_log(NULL, NULL, LIST(BOOTED, SAVED, WOKE), NOTHING);
	assert_int_equal(saved(), 1);
}

static void test_interrupted(void **state)
{
	(void)state;
	ended_by(SIGINT, 0);
	ended_by(SIGKILL, 1);
}

static int on_small_disk(void)
{
	char *cache = in_root("cache/good"), *out = in_root("out-small");
	struct ended e;
	int bad;

	forget_saved();
	if (mkdir_p(cache) || mount("tmpfs", cache, "tmpfs", 0, "size=1m"))
		return CANNOT;
	RUN(&e, "good", "--target=t1", "--accel=tcg", "--runs=2", "--out", out);
	bad = WEXITSTATUS(e.status) != 0 ||
	      !strstr(e.err, "MiB free; guests are not saved, and each boots") ||
	      saved() != 0;
	if (bad)
		fprintf(stderr, "%s", e.err);
	free_ended(&e);
	free(out);
	free(cache);
	return bad;
}

static void test_full_cache(void **state)
{
	(void)state;
	apart(on_small_disk);
}

/* The newest snapshots stay; one that is unused for a day is deleted. */
static void test_old_ones_go(void **state)
{
	char *dir, *cmd;

	(void)state;
	make_one();
	dir = only_saved();
	cmd = xasprintf("touch -d '2 days ago' %s/inputs", dir);
	assert_int_equal(system(cmd), 0);
	expect_log("--cpus=1", NULL, LIST(SAVED), NOTHING);
	assert_int_equal(saved(), 1);
	assert_int_not_equal(access(dir, F_OK), 0);
	free(cmd);
	free(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_saves_second_resumes),
		cmocka_unit_test(test_no_snapshot),
		cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_other_qemu),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_does_not_work),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_full_cache),
		cmocka_unit_test(test_old_ones_go),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests_name("vmtest snapshot", tests,
					   harness__setup, harness__teardown);
}
