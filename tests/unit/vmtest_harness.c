// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the fake source tree with its targets and scripts, and runs vmtest in it with
 * the fake QEMU.
 */
#include "vmtest_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/host/tcg.h"
#include "vmtest/wire/tests.h"
#include "vmtest/lib/util.h"

char root[] = "/tmp/vmtest-unit-XXXXXX";

char *in_root(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

void put(const char *name, const char *text, mode_t mode)
{
	char *path = in_root(name);

	assert_int_equal(write_file_atomic(path, text, strlen(text)), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

int shell(const char *fmt, const char *arg)
{
	char *cmd = xasprintf(fmt, root, arg);
	int status = system(cmd);

	free(cmd);
	return status;
}

static const char debug_config[] =
	"CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_VIRTIO_CONSOLE=y\n"
	"CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n"
	"CONFIG_PID_NS=y\nCONFIG_VIRTIO_MMIO=y\n"
	"CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\nCONFIG_KASAN=y\n"
	"CONFIG_PROVE_LOCKING=y\nCONFIG_DEBUG_KMEMLEAK=y\nCONFIG_KCSAN=y\n";

int harness__setup(void **state)
{
	static const char *const dirs[] = { "top/kernel", "top/vmtest/expect",
					    "top/tests/mutants",
					    "top/vmtest/allow", "build/guest",
					    "cache", "debug" };

	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = in_root(dirs[i]);
		int err = mkdir_p(path);

		free(path);
		if (err)
			return -1;
	}
	put("top/kernel/targets",
	    "t1 series s base join\nguilty series s base seed\nbroken series s base join\nslow series s base join\nmutants-6.12 series s base join\nmutants-6.12-debug series s base join\nmade series s base join\nfound series s base join\nhistory-6.12 series s base join\n",
	    0644);
	put("top/kernel/build.sh",
	    "#!/bin/sh\n[ -z \"$BZIMAGE\" ] || { echo \"$BZIMAGE\"; exit; }\n"
	    /* The kernels "made" and "broken" are never in the cache. */
	    "[ \"$1\" != --cached ] || { [ \"$2\" != made ] && [ \"$2\" != broken ]; exit; }\n"
	    "echo building >&2\n"
	    /* Lists the runs that were finished before the build. */
	    "[ -z \"$RUN_BEFORE\" ] || ls -d $RUN_BEFORE >${0%/*}/before.$1 2>&1\n"
	    "yes | head -n 1 >/dev/null\n"
	    "[ \"$1\" != found ] || sleep 2\n"
	    "[ \"$1\" != made ] || { sleep 4; cp ${0%/*}/image ${0%/*}/made; echo ${0%/*}/made; exit; }\n"
	    "[ \"$1\" != slow ] || sleep 1000\n[ \"$1\" != broken ] || exit 1\necho some words\necho ${0%/*}/image\n",
	    0755);
	put("debug/image", "no kernel either", 0644);
	put("debug/config", debug_config, 0644);
	put("top/vmtest/allow/kcsan",
	    "# a comment\n\nBUG: KCSAN: data-race in a / b | because\n", 0644);
	put("top/kernel/image", "no kernel at all", 0644);
	/* The console is scanned for the real patterns. */
	if (shell("cp " VMTEST_TOP "/vmtest/splats " VMTEST_TOP "/vmtest/frames %s/top/vmtest%s", "") ||
	    shell("cp " VMTEST_TOP "/vmtest/allow/machine %s/top/vmtest/allow%s", ""))
		return -1;
	put("top/vmtest/expect/guilty", "verdict FAIL PANIC\nrule I17\n", 0644);
	for (size_t i = 0; i < TESTS; i++) {
		char *cmd = xasprintf("cp %s %%s/build/guest/%%s", FAKE_GUEST);
		int err = shell(cmd, tests[i].program);

		free(cmd);
		if (err)
			return err;
	}
	return shell("cd %s/build && cp %s pidnstrace && cp pidnstrace guest/init",
		     FAKE_GUEST);
}

int harness__teardown(void **state)
{
	(void)state;
	return shell("rm -rf %s%s", "");
}

char *fresh_out(void)
{
	static int nr;
	char name[32];

	snprintf(name, sizeof(name), "out%d", ++nr);
	return in_root(name);
}

void set_env(const char *guest)
{
	static const char *const dirs[][2] = {
		{ "VMTEST_TOP", "top" }, { "VMTEST_BUILD", "build" },
		{ "FAKE_PIDFILE", "pid" },
		{ "FAKE_BOOTED", "booted" },
	};
	char *cache;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = in_root(dirs[i][1]);

		setenv(dirs[i][0], path, 1);
		free(path);
	}
	/* Each guest has its own cache: its snapshots do not fit another guest. */
	cache = xasprintf("%s/cache/%s", root, guest);
	setenv("CACHE", cache, 1);
	/* The cached answer is that this QEMU's TCG has no fault. */
	assert_int_equal(tcg__keep(cache, FAKE_QEMU, 0), 0);
	free(cache);
	setenv("QEMU", FAKE_QEMU, 1);
	unsetenv("FAKE_MIGRATE");
	unsetenv("BZIMAGE");
	unsetenv("KERNEL_SRC");
	setenv("FAKE_GUEST", guest, 1);
	unsetenv("VMTEST_KERNEL_HASH");
}

pid_t start(const char *tag, const char *const *args)
{
	char *argv[ARGS_MAX + 2] = { (char *)VMTEST };
	char *out = xasprintf("%s/%s.out", root, tag);
	char *err = xasprintf("%s/%s.err", root, tag);
	pid_t pid;

	for (int i = 1; *args; i++, args++)
		argv[i] = (char *)*args;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666), 1);
		dup2(open(err, O_WRONLY | O_CREAT | O_TRUNC, 0666), 2);
		execv(argv[0], argv);
		_exit(99);
	}
	assert_true(pid > 0);
	free(out);
	free(err);
	return pid;
}

void finish(const char *tag, pid_t pid, struct ended *e)
{
	char *out = xasprintf("%s/%s.out", root, tag);
	char *err = xasprintf("%s/%s.err", root, tag);

	assert_int_equal(waitpid(pid, &e->status, 0), pid);
	assert_int_equal(read_file(out, &e->out, &e->out_len), 0);
	assert_int_equal(read_file(err, &e->err, NULL), 0);
	/* A sanitizer's report about the runner fails the test. */
	if (strstr(e->err, "Sanitizer") || strstr(e->err, "runtime error"))
		fail_msg("%s", e->err);
	free(out);
	free(err);
}

void run(struct ended *e, const char *guest, const char *const *args)
{
	double began = now_s();

	set_env(guest);
	finish("run", start("run", args), e);
	e->seconds = now_s() - began;
}

void free_ended(struct ended *e)
{
	free(e->out);
	free(e->err);
}

void expect_exit(const struct ended *e, int code)
{
	int have = WIFSIGNALED(e->status) ? 128 + WTERMSIG(e->status) :
					   WEXITSTATUS(e->status);

	if (have != code)
		fail_msg("wait status %#x, wanted exit %d; stderr: %s",
			 e->status, code, e->err);
}

bool exists(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

char *content(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name), *text;

	assert_int_equal(read_file(path, &text, NULL), 0);
	free(path);
	return text;
}

void expect_in(const char *dir, const char *name, const char *text)
{
	char *all = content(dir, name);

	assert_non_null(strstr(all, text));
	free(all);
}

struct scanner scanner;

int scanner_setup(void **state)
{
	(void)state;
	return scanner__read(&scanner, VMTEST_TOP);
}

int scanner_teardown(void **state)
{
	(void)state;
	scanner__free(&scanner);
	return 0;
}

bool gone(pid_t pid)
{
	for (int i = 0; i < 50; i++) {
		/* If its parent has died, this process is its reaper. */
		waitpid(pid, NULL, WNOHANG);
		if (kill(pid, 0) && errno == ESRCH)
			return true;
		usleep(20000);
	}
	return false;
}

