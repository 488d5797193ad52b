// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runner and the processes around it: signals, another runner, a full disk, and
 * closed pipes leave no process and no file that may pass for a result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

static void test_signal(void **state)
{
	int sig = *(int *)*state;
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out", out,
				     NULL };
	struct ended e;
	pid_t pid, qemu;

	shell("rm -f %s/%s", "pid");
	set_env("silence");
	pid = start("run", args);
	qemu = fake_pid();
	usleep(300000);
	kill(pid, sig);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status));
	assert_int_equal(WTERMSIG(e.status), sig);
	assert_true(gone(qemu));
	assert_false(exists(out, "summary.json"));
	/* SIGKILL allows no cleanup, but no process is left. */
	if (sig != SIGKILL)
		assert_int_equal(entries(out), 0);
	free(out);
	free_ended(&e);
}

static void test_sigint_during_build(void **state)
{
	const char *const args[] = { "--target=slow", "--accel=tcg", NULL };
	struct ended e;
	pid_t pid;

	(void)state;
	set_env("good");
	pid = start("run", args);
	usleep(500000);
	kill(pid, SIGINT);
	finish("run", pid, &e);
	assert_true(WIFSIGNALED(e.status));
	assert_int_equal(WTERMSIG(e.status), SIGINT);
	assert_non_null(strstr(e.err, "target slow: interrupted"));
	/* The runner's children, all dying, are reparented to this process. */
	for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(50000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	free_ended(&e);
}

static void test_qemu_killed_by_another(void **state)
{
	char *out = fresh_out();
	/* A resumed guest's LOST would be repeated: see vmtest_test_repeat.c. */
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out", out,
				     "--no-snapshot", NULL };
	struct ended e;
	pid_t pid;

	(void)state;
	shell("rm -f %s/%s", "pid");
	set_env("silence");
	pid = start("run", args);
	kill(fake_pid(), SIGKILL);
	finish("run", pid, &e);
	expect_exit(&e, 7);
	free(out);
	free_ended(&e);
}

static void test_two_at_once(void **state)
{
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--timeout=2",
				     "--out", out, NULL };
	struct ended a, b;
	char *name;
	pid_t p, q;

	(void)state;
	set_env("heartbeat_only");
	p = start("a", args);
	usleep(500000);
	q = start("b", args);
	finish("a", p, &a);
	name = xasprintf("summary-%d.json", q);
	finish("b", q, &b);
	expect_exit(&a, 6);
	expect_exit(&b, 6);
	assert_non_null(strstr(b.err, "another vmtest is running"));
	assert_true(exists(out, "summary.json") && exists(out, name));
	assert_true(exists(out, "t1-1/console.log"));
	assert_true(exists(out, "t1-1.2/console.log"));
	free(name);
	free(out);
	free_ended(&a);
	free_ended(&b);
}

static int on_small_disk(void)
{
	char *out = in_root("small");
	struct ended e;
	int bad = 0;

	if (mkdir(out, 0777) || mount("tmpfs", out, "tmpfs", 0, "size=1m"))
		return CANNOT;
	RUN(&e, "big_trace", "--target=t1", "--accel=tcg", "--out", out);
	bad |= WEXITSTATUS(e.status) != 2;
	bad |= !strstr(e.err, "trace.bin: No space left on device; make room");
	bad |= entries(out) != 0;
	if (bad)
		fprintf(stderr, "%s", e.err);
	free(out);
	free_ended(&e);
	return bad;
}

static void test_full_disk(void **state)
{
	(void)state;
	apart(on_small_disk);
}

static void test_broken_stdout(void **state)
{
	char *out = fresh_out();
	int status;

	(void)state;
	set_env("command");
	status = shell("cd %s && " VMTEST " --target=t1 --accel=tcg --out %s -- cat "
		       ">/dev/full 2>err", out);
	assert_int_equal(WEXITSTATUS(status), 2);
	expect_in(root, "err", "standard output: No space left");
	free(out);
}

static void test_broken_kvm(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	/* QEMU aborts under KVM, or KVM is absent: the runner reports either. */
	RUN(&e, "kvm_abort", "--target=t1", "--out", out);
	expect_exit(&e, 0);
	assert_non_null(strstr(e.err, "TCG is used"));
	free_ended(&e);
	/* With --accel=kvm there is no fallback: the outcome is the verdict. */
	RUN(&e, "kvm_abort", "--target=t1", "--accel=kvm", "--out", out);
	expect_exit(&e, access("/dev/kvm", R_OK | W_OK) ? 2 : 7);
	free_ended(&e);
	free(out);
}

/* A closed output pipe ends the run without a message. */
static void test_closed_pipe(void **state)
{
	static const struct { const char *guest, *args; } c[] = {
		{ "good", "--target=t1 --target=mutants-6.12 --target=mutants-6.12-debug 2>%s/err | head -n 1" },
		{ "command", "--target=t1 -- cat 2>%s/err | true" },
		{ "good", "--list 2>%s/err | true" },
		{ "good", "--help 2>%s/err | true" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		char *out = fresh_out();
		char *args = xasprintf(c[i].args, root);
		char *cmd = xasprintf("%s --accel=tcg --out %s %s >/dev/null",
				      VMTEST, out, args), *err;

		set_env(c[i].guest);
		assert_int_equal(system(cmd), 0);
		err = content(root, "err");
		if (strstr(err, "Broken pipe") || strstr(err, "error") ||
		    strstr(err, "signal"))
			fail_msg("%s: %s", c[i].args, err);
		/* No further run is started without a reader. */
		assert_null(strstr(err, "mutants-6.12-debug seed"));
		free(err);
		free(cmd);
		free(args);
		free(out);
	}
}

int main(void)
{
	static int sigint = SIGINT, sigterm = SIGTERM, sigkill = SIGKILL;
	static const struct CMUnitTest tests[] = {
		{ "test_sigint", test_signal, NULL, NULL, &sigint },
		{ "test_sigterm", test_signal, NULL, NULL, &sigterm },
		{ "test_sigkill", test_signal, NULL, NULL, &sigkill },
		cmocka_unit_test(test_sigint_during_build),
		cmocka_unit_test(test_qemu_killed_by_another),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_broken_stdout),
		cmocka_unit_test(test_broken_kvm),
		cmocka_unit_test(test_closed_pipe),
	};

	return cases__run("vmtest interrupt", NULL, 0, tests, ARRAY_SIZE(tests));
}
