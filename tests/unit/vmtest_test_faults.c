// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults outside the runner: a stopped QEMU, a full disk, a signal at any moment, a
 * slow host, KVM in all its states. The runner must report the fault, keep its files,
 * and leave no process or temporary file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>

#include "vmtest/lib/util.h"
#include "vmtest_harness.h"

/* --- QEMU --- */

static void test_stopped_qemu(void **state)
{
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--timeout=1",
				     "--no-snapshot", "--out", out, NULL };
	struct ended e;
	pid_t pid, qemu;

	(void)state;
	shell("rm -f %s/%s", "pid");
	set_env("heartbeat_only");
	pid = start("run", args);
	qemu = fake_pid();
	kill(qemu, SIGSTOP);
	finish("run", pid, &e);
	expect_exit(&e, 6);
	assert_true(gone(qemu));
	assert_non_null(strstr(e.err, "HANG: no output for "));
	free_ended(&e);
	free(out);
}

/* The runner reports QEMU's own message as the reason. */
static void test_old_qemu(void **state)
{
	char *out = fresh_out(), *old = in_root("old-qemu");
	const char *const args[] = { "--target=t1", "--accel=tcg", "--out", out,
				     NULL };
	struct ended e;

	(void)state;
	put("old-qemu", "#!/bin/sh\necho \"$0: unsupported machine type 'microvm'\" >&2\nexit 1\n",
	    0755);
	set_env("good");
	setenv("QEMU", old, 1);
	finish("run", start("run", args), &e);
	expect_exit(&e, 7);
	assert_non_null(strstr(e.err, "QEMU ended with exit status 1: "));
	assert_non_null(strstr(e.err, "unsupported machine type 'microvm'"));
	free_ended(&e);
	free(old);
	free(out);
}

static void test_garbage(void **state)
{
	char *out = fresh_out(), *text;
	struct ended e;

	(void)state;
	RUN(&e, "garbage_on_all", "--target=t1", "--accel=tcg", "--timeout=2",
	    "--out", out);
	expect_exit(&e, 7);
	assert_non_null(strstr(e.err, "LOST: no verdict; QEMU ended with exit status 0"));
	/* All received output is kept, including half a line and half a trace. */
	expect_in(out, "t1-1/console.log", "half a li");
	expect_in(out, "t1-1/tests.ktap", "ok 3 third");
	expect_in(out, "t1-1/trace.bin", "{\"QMP\": [");
	text = content(out, "t1-1/tests.ktap");
	assert_null(strstr(text, "ok 4 fo"));
	free(text);
	free_ended(&e);
	free(out);
}

/* Tests that did not reach their end are not counted as failed. */
static void test_killed_in_tests(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "killed_in_tests", "--target=t1", "--accel=tcg", "--out", out);
	expect_exit(&e, 7);
	assert_non_null(strstr(e.err, "LOST: no verdict; QEMU ended with signal 9"));
	free_ended(&e);
	free(out);
}

/* --- the scan of the console --- */

static void test_console_elsewhere(void **state)
{
	char *out = fresh_out();
	struct ended e;

	(void)state;
	RUN(&e, "mute", "--target=t1", "--accel=tcg", "--no-snapshot", "--out",
	    out);
	expect_exit(&e, 3);
	assert_non_null(strstr(e.err, "INCONCLUSIVE: the console is empty"));
	free_ended(&e);
	free(out);
}

static void test_console_with_gaps(void **state)
{
	static const struct {
		const char *guest, *append, *said;
		int status;
	} cases[] = {
		{ "gaps", "--append=x", "INCONCLUSIVE: the console has gaps: ** 120 printk", 3 },
		{ "good", "--append=a quiet b", "INCONCLUSIVE: with quiet the console has no warnings", 3 },
		{ "good", "--append=loglevel=3", "INCONCLUSIVE: with a loglevel below 5", 3 },
		{ "good", "--append=loglevel=10", "PASS", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *out = fresh_out();
		struct ended e;

		RUN(&e, cases[i].guest, "--target=t1", "--accel=tcg",
		    cases[i].append, "--out", out);
		expect_exit(&e, cases[i].status);
		if (!strstr(e.err, cases[i].said))
			fail_msg("no \"%s\" in: %s", cases[i].said, e.err);
		free_ended(&e);
		free(out);
	}
}

/* No guest is started: a scan that cannot run is a failure. */
static void test_no_scan(void **state)
{
	static const char *const files[] = { "splats", "frames", "allow/machine" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *out = fresh_out();
		struct ended e;

		assert_int_equal(shell("cd %s/top/vmtest && mv %s away", files[i]), 0);
		RUN(&e, "good", "--target=t1", "--accel=tcg", "--out", out);
		assert_int_equal(shell("cd %s/top/vmtest && mv away %s", files[i]), 0);
		expect_exit(&e, 2);
		assert_non_null(strstr(e.err, files[i]));
		assert_false(exists(out, "t1-1"));
		free_ended(&e);
		free(out);
	}
}

/* --- a slow host --- */

/* Ten times slower than normal, but each step is within the limit. */
static void test_slow_host(void **state)
{
	char *out = fresh_out();
	const char *const args[] = { "--target=t1", "--accel=tcg", "--timeout=2",
				     "--out", out, NULL };
	struct ended e;

	(void)state;
	set_env("slow");
	setenv("FAKE_STEP_MS", "1000", 1);
	finish("run", start("run", args), &e);
	expect_exit(&e, 0);
	free_ended(&e);
	/* A run that makes progress without end is distinguished from a hang. */
	RUN(&e, "endless", "--target=t1", "--accel=tcg", "--timeout=1", "--out",
	    out);
	expect_exit(&e, 6);
	assert_non_null(strstr(e.err, "did not end within 10 s"));
	free_ended(&e);
	free(out);
}

/* --- a full disk --- */

static bool whole_or_absent(const char *out)
{
	char *path = xasprintf("%s/summary.json", out);
	json_t *s = json_load_file(path, 0, NULL);
	bool ok = s || access(path, F_OK);

	json_decref(s);
	free(path);
	return ok;
}

/* The disk has room for all or some of the run's files, and no more. */
static int on_full_disk(void)
{
	static const int pages[] = { 1, 4, 8, 12, 16, 20, 24, 28, 32, 40, 60 };
	int told = 0, bad = 0;

	for (size_t i = 0; !bad && i < ARRAY_SIZE(pages); i++) {
		char *out = in_root("full");
		char *size = xasprintf("size=%dk", 4 * pages[i]);
		struct ended e;

		mkdir(out, 0777);
		if (mount("tmpfs", out, "tmpfs", 0, size))
			return CANNOT;
		RUN(&e, "violation", "--target=t1", "--accel=tcg", "--runs=2",
		    "--out", out);
		if (WEXITSTATUS(e.status) == 2) {
			told++;
			bad = !strstr(e.err, "No space left on device; make room");
		} else {
			bad = WEXITSTATUS(e.status) != 1 ||
			      !exists(out, "summary.json");
		}
		bad |= !whole_or_absent(out) || shell("! ls %s/full/*tmp%s 2>/dev/null", "*");
		if (bad)
			fprintf(stderr, "%d pages: %#x, %s", pages[i], e.status,
				e.err);
		free_ended(&e);
		umount(out);
		free(size);
		free(out);
	}
	return bad || !told || told == ARRAY_SIZE(pages);
}

static void test_full_disk(void **state)
{
	(void)state;
	apart(on_full_disk);
}

/* --- signals --- */

/* Sends a signal at each of many moments of a run. */
static void test_signal_at_any_moment(void **state)
{
	enum { STEPS = 60, STEP_US = 2500 };
	int interrupted = 0;

	(void)state;
	shell("rm -rf %s/%s", "cache/slow");
	for (int i = 0; i < STEPS; i++) {
		char *out = fresh_out();
		const char *const args[] = { "--target=t1", "--accel=tcg",
					     "--jobs=2", "--runs=2", "--out",
					     out, NULL };
		struct ended e;
		char *saved;
		pid_t pid;

		/* Half of the runs start with a saved guest. */
		if (i < STEPS / 2)
			shell("rm -rf %s/%s", "cache/slow");
		set_env("slow");
		setenv("FAKE_STEP_MS", "5", 1);
		pid = start("run", args);
		usleep((useconds_t)(i % (STEPS / 2)) * STEP_US);
		kill(pid, i % 2 ? SIGINT : SIGTERM);
		finish("run", pid, &e);
		if (WIFSIGNALED(e.status)) {
			interrupted++;
			assert_false(exists(out, "summary.json"));
			/* Runs that ended before the signal are kept, and complete. */
			if (exists(out, "t1-1"))
				assert_true(exists(out, "t1-1/results.json"));
		} else {
			expect_exit(&e, 0);
		}
		/* QEMU died with its parent, and is reaped here. */
		while (waitpid(-1, NULL, 0) > 0)
			;
		saved = in_root("cache/slow/snapshots");
		assert_int_equal(shell("! ls -d %s/cache/slow/snapshots/*%s 2>/dev/null",
				       ".new"), 0);
		free(saved);
		free_ended(&e);
		free(out);
	}
	assert_in_range(interrupted, STEPS / 4, STEPS);
}

/* --- KVM --- */

enum kvm { KVM_ABSENT, KVM_FORBIDDEN, KVM_THERE };

/* Mounts a private /dev. */
static int make_dev(enum kvm kvm)
{
	unsigned long flags = kvm == KVM_FORBIDDEN ? MS_NODEV : 0;

	if (mount("tmpfs", "/dev", "tmpfs", 0, NULL) ||
	    mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)) ||
	    mkdir("/dev/shm", 0777))
		return -1;
	/* Before a guest boots, only the opening of the device is tested. */
	if (kvm != KVM_ABSENT && mknod("/dev/kvm", S_IFCHR | 0666, makedev(1, 3)))
		return -1;
	return flags ? mount(NULL, "/dev", NULL, MS_REMOUNT | flags, NULL) : 0;
}

static int kvm_once(const char *guest, const char *out, const char *said,
		    const char *how)
{
	struct ended e;
	char *cmdline;
	int bad;

	RUN(&e, guest, "--target=t1", "--out", out);
	cmdline = content(out, "t1-1/cmdline");
	bad = WEXITSTATUS(e.status) != 0 || (said && !strstr(e.err, said)) ||
	      (!said && strstr(e.err, "TCG is used")) || !strstr(cmdline, how);
	if (bad)
		fprintf(stderr, "%#x, %s\n%s\n", e.status, e.err, cmdline);
	free(cmdline);
	free_ended(&e);
	return bad;
}

/* Runs guest with that /dev; expects said on stderr, and how in QEMU's command line. */
static int kvm_run(enum kvm kvm, const char *guest, const char *said,
		   const char *how)
{
	char *out = in_root("kvm");
	int bad;

	shell("rm -rf %s/cache/%s", guest);
	if (make_dev(kvm))
		return CANNOT;
	bad = kvm_once(guest, out, said, how);
	/* The second run uses the cached answer, and repeats its cause. */
	if (!bad && kvm == KVM_THERE)
		bad = kvm_once(guest, out, said ? "remove " : NULL, how);
	free(out);
	return bad;
}

/* Exit status 2, not a verdict: no guest was run. */
static int kvm_asked_for(void)
{
	char *out = in_root("kvm");
	struct ended e;
	int bad;

	if (make_dev(KVM_FORBIDDEN))
		return CANNOT;
	RUN(&e, "good", "--target=t1", "--accel=kvm", "--out", out);
	bad = WEXITSTATUS(e.status) != 2 ||
	      !strstr(e.err, "--accel kvm: /dev/kvm: Permission denied (is the user in the group kvm?)");
	if (bad)
		fprintf(stderr, "%#x, %s\n", e.status, e.err);
	free_ended(&e);
	free(out);
	return bad;
}

static int kvm_absent(void)
{
	return kvm_run(KVM_ABSENT, "good",
		       "/dev/kvm: No such file or directory; TCG is used",
		       "-accel tcg");
}

static int kvm_forbidden(void)
{
	return kvm_run(KVM_FORBIDDEN, "good",
		       "/dev/kvm: Permission denied (is the user in the group kvm?); TCG is used",
		       "-accel tcg");
}

static int kvm_aborts(void)
{
	return kvm_run(KVM_THERE, "kvm_abort",
		       "KVM does not work here (QEMU ended with signal 6 (Aborted)); TCG is used",
		       "-accel tcg");
}

static int kvm_hangs(void)
{
	return kvm_run(KVM_THERE, "kvm_hang",
		       "KVM does not work here (no output for ", "-accel tcg");
}

/* From here on ioctl(KVM_CREATE_VM) returns EBUSY, also in child processes. */
static int make_kvm_busy(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KVM_CREATE_VM, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBUSY),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* Another hypervisor uses the CPU: a temporary state, so the answer is not cached. */
static int kvm_busy(void)
{
	char *out = in_root("kvm"), *kept = in_root("cache/kvm_abort/kvm");
	int bad;

	shell("rm -rf %s/cache/%s", "kvm_abort");
	if (make_dev(KVM_THERE) || make_kvm_busy())
		return CANNOT;
	bad = 0;
	for (int i = 0; i < 2 && !bad; i++)
		bad = kvm_once("kvm_abort", out,
			       "KVM is not available now (QEMU ended with signal 6 (Aborted)); TCG is used",
			       "-accel tcg") ||
		      !access(kept, F_OK);
	free(kept);
	free(out);
	return bad;
}

/* A slow guest that prints is alive. */
static int kvm_slow(void)
{
	return kvm_run(KVM_THERE, "kvm_slow", NULL, "-accel kvm");
}

static int kvm_good(void)
{
	return kvm_run(KVM_THERE, "good", NULL, "-accel kvm");
}

static void test_kvm(void **state)
{
	(void)state;
	apart(kvm_absent);
	apart(kvm_forbidden);
	apart(kvm_aborts);
	apart(kvm_hangs);
	apart(kvm_busy);
	apart(kvm_slow);
	apart(kvm_asked_for);
	apart(kvm_good);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped_qemu),
		cmocka_unit_test(test_old_qemu),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_killed_in_tests),
		cmocka_unit_test(test_console_elsewhere),
		cmocka_unit_test(test_console_with_gaps),
		cmocka_unit_test(test_no_scan),
		cmocka_unit_test(test_slow_host),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_signal_at_any_moment),
		cmocka_unit_test(test_kvm),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests_name("vmtest faults", tests,
					   harness__setup, harness__teardown);
}
