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
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>

#include "vmtest/lib/util.h"
#include "vmtest_cases.h"
#include "vmtest_harness.h"

/* No guest is started: a scan that cannot run is a failure. */
#define NO_SCAN(file) \
	{ "good", T1, .exit = 2, { SAYS(file), ABSENT("t1-1") }, \
	  .before = "mv top/vmtest/" file " away", .after = "mv away top/vmtest/" file }

/*
 * A private /dev with further nodes. Before a guest boots, only the opening of /dev/kvm
 * is tested.
 */
#define DEV(forget, nodes) \
	.before = forget "$MOUNT -t tmpfs none /dev || exit 77; mkdir /dev/shm && " \
		  "mknod -m 666 /dev/null c 1 3 && " nodes " || { umount /dev; exit 77; }", \
	.after = "umount /dev"
#define FORGET "rm -rf cache/*/kvm cache/*/snapshots; "
#define KVM_NODE "mknod -m 666 /dev/kvm c 1 3"
#define DEV_ABSENT DEV(FORGET, "true")
#define DEV_FORBIDDEN DEV(FORGET, KVM_NODE " && mount -o remount,nodev /dev")
#define DEV_THERE DEV(FORGET, KVM_NODE)
/* The cached answer is used. */
#define DEV_AGAIN DEV("", KVM_NODE)

/* Runs that may use KVM, and their outcomes. */
#define AUTO "--target=t1 --out $OUT"
#define TCG(guest, said, ...) \
	{ guest, AUTO, .exit = 0, { SAYS(said), HAS("t1-1/cmdline", "-accel tcg") }, \
	  __VA_ARGS__ }
#define KVM(guest, ...) \
	{ guest, AUTO, .exit = 0, { SAYS_NOT("TCG is used"), \
		HAS("t1-1/cmdline", "-accel kvm") }, __VA_ARGS__ }

static const struct test_case cases[] = {
	{ "stopped QEMU", { { "heartbeat_only", T1 " --timeout=1 --no-snapshot", .exit = 6, {
		SAYS("HANG: no output for ") },
		.during = "[ -s pid ] && kill -STOP $(cat pid)" } } },
	/* The runner reports QEMU's own message as the reason. */
	{ "old QEMU", { { "good", T1, .exit = 7, {
		SAYS("QEMU exited with status 1: "),
		SAYS("unsupported machine type 'microvm'") },
		.env = "QEMU=$ROOT/old-qemu",
		.before = "cat >old-qemu <<'END' && chmod 755 old-qemu\n"
			  "#!/bin/sh\n"
			  "echo \"$0: unsupported machine type 'microvm'\" >&2\n"
			  "exit 1\n"
			  "END\n" } } },
	{ "garbage", { { "garbage_on_all", T1 " --timeout=2", .exit = 7, {
		SAYS("LOST: no verdict; QEMU ended with exit status 0"),
		/* All received output is kept, including half a line and half a trace. */
		HAS("t1-1/console.log", "half a li"), HAS("t1-1/tests.ktap", "ok 3 third"),
		HAS("t1-1/trace.bin", "{\"QMP\": ["), LACKS("t1-1/tests.ktap", "ok 4 fo") } } } },
	/* Tests that did not reach their end are not counted as failed. */
	{ "killed in tests", { { "killed_in_tests", T1, .exit = 7, {
		SAYS("LOST: no verdict; QEMU was killed by signal 9") } } } },
	{ "console elsewhere", { { "mute", T1 " --no-snapshot", .exit = 3, {
		SAYS("INCONCLUSIVE: the console is empty") } } } },
	{ "console with gaps", {
		{ "gaps", T1 " --append=x", .exit = 3, {
			SAYS("INCONCLUSIVE: the console has gaps: ** 120 printk") } },
		/* The log has what these keep off the console. */
		{ "good", T1 " '--append=a quiet b'", .exit = 0, { SAYS("PASS") } },
		{ "hidden", T1 " --append=loglevel=3", .exit = 4, { SAYS("SPLAT") } } } },
	{ "no scan", { NO_SCAN("splats"), NO_SCAN("frames"), NO_SCAN("allow/machine") } },
	{ "slow host", {
		/* Ten times slower than normal, but each step is within the limit. */
		{ "slow", T1 " --timeout=2", .exit = 0, .env = "FAKE_STEP_MS=1000" },
		/* A run that makes progress without end is distinguished from a hang. */
		{ "endless", T1 " --timeout=1", .exit = 6, {
			SAYS("did not end within 10 s") } } } },
	{ "KVM absent", {
		TCG("good", "/dev/kvm: No such file or directory; TCG is used", DEV_ABSENT) } },
	{ "KVM forbidden", {
		TCG("good", "/dev/kvm: Permission denied (is the user in the group kvm?); TCG is used",
		    DEV_FORBIDDEN) } },
	/* The second run repeats the cause of the cached answer. */
	{ "KVM aborts", {
		TCG("kvm_abort",
		    "KVM does not work here (QEMU was killed by signal 6 (Aborted)); TCG is used",
		    DEV_THERE),
		TCG("kvm_abort", "remove ", DEV_AGAIN) } },
	{ "KVM hangs", {
		TCG("kvm_hang", "KVM does not work here (no output for ", DEV_THERE),
		TCG("kvm_hang", "remove ", DEV_AGAIN) } },
	/* On some hosts, KVM runs a kernel up to a certain instruction. */
	{ "KVM hangs after a while", {
		TCG("kvm_stops", "booting, but not under TCG); TCG is used", DEV_THERE),
		TCG("kvm_stops", "remove ", DEV_AGAIN) } },
	/* A kernel that hangs under both accelerators has the fault itself. */
	{ "kernel hangs", { { "stops", AUTO " --timeout=1", .exit = 6, {
		SAYS_NOT("TCG is used"), HAS("t1-1/cmdline", "-accel kvm") }, DEV_THERE } } },
	/* A slow guest that prints is alive. */
	{ "KVM slow", { KVM("kvm_slow", DEV_THERE), KVM("kvm_slow", DEV_AGAIN) } },
	{ "KVM good", { KVM("good", DEV_THERE), KVM("good", DEV_AGAIN) } },
	/* Exit status 2, not a verdict: no guest was run. */
	{ "KVM asked for", { { "good", AUTO " --accel=kvm", .exit = 2, {
		SAYS("--accel kvm: /dev/kvm: Permission denied (is the user in the group kvm?)") },
		DEV_FORBIDDEN } } },
};

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
static void test_full_disk(void **state)
{
	static const char *const kib[] = { "4", "16", "32", "48", "64", "80", "96",
					   "112", "128", "160", "240" };
	char *out = in_root("full");
	size_t reported = 0;

	(void)state;
	assert_int_equal(mkdir(out, 0777), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kib); i++) {
		struct ended e;
		bool bad;

		if (shell("$MOUNT -t tmpfs -o size=%2$sk none %1$s/full", kib[i])) {
			free(out);
			skip();
		}
		RUN(&e, "violation", "--target=t1", "--accel=tcg", "--runs=2",
		    "--out", out);
		if (WEXITSTATUS(e.status) == 2) {
			reported++;
			bad = !strstr(e.err, "No space left on device; make room");
		} else {
			bad = WEXITSTATUS(e.status) != 1 ||
			      !exists(out, "summary.json");
		}
		if (bad || !whole_or_absent(out) ||
		    shell("! ls %s/full/*tmp%s 2>/dev/null", "*"))
			fail_msg("%s KiB: %#x, %s", kib[i], e.status, e.err);
		free_ended(&e);
		assert_int_equal(umount(out), 0);
	}
	assert_in_range(reported, 1, ARRAY_SIZE(kib) - 1);
	free(out);
}

/* Sends a signal at each of many moments of a run. */
static void test_signal_at_any_moment(void **state)
{
	enum { STEPS = 60, STEP_US = 2500 };
	int interrupted = 0;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		char *out = fresh_out();
		struct ended e;
		pid_t pid;

		/* Half of the runs start with a saved guest. */
		if (i < STEPS / 2)
			shell("rm -rf %s/%s", "cache/slow");
		set_env("slow");
		setenv("FAKE_STEP_MS", "5", 1);
		pid = start("run", (const char *const[]){
			"--target=t1", "--accel=tcg", "--jobs=2", "--runs=2",
			"--out", out, NULL });
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
		assert_int_equal(shell("! ls -d %s/cache/slow/snapshots/*%s 2>/dev/null",
				       ".new"), 0);
		free_ended(&e);
		free(out);
	}
	assert_in_range(interrupted, STEPS / 4, STEPS);
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
#define BUSY(dev) \
	{ "kvm_abort", AUTO, .exit = 0, { \
		SAYS("KVM is not available now (QEMU was killed by signal 6 (Aborted)); TCG is used"), \
		HAS("t1-1/cmdline", "-accel tcg"), ABSENT("../cache/kvm_abort/kvm") }, dev }

static void test_kvm_busy(void **state)
{
	if (make_kvm_busy())
		skip();
	cases__play(state);
}

int main(void)
{
	static const struct test_case busy = { "", { BUSY(DEV_THERE), BUSY(DEV_AGAIN) } };
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_signal_at_any_moment),
		/* The last test, since KVM stays busy. */
		cmocka_unit_test_prestate(test_kvm_busy, (void *)&busy),
	};

	return cases__run("vmtest faults", cases, ARRAY_SIZE(cases), others,
			  ARRAY_SIZE(others));
}
