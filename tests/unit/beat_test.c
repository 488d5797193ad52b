// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of guest programs on a host that lets the guest wait: processes of this test
 * stand for the guest, and run for a tenth of the time only.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/beat.h"
#include "tests/guest/ns.h"

#define STEPS 150	/* a worker has these steps, each of 1 ms or more */
#define LIMIT_MS 600
#define RUN_US 10000
#define STOP_US 90000

/* Ends after its steps, which at a tenth of a CPU take longer than the limit. */
static void work(void)
{
	for (int i = 0; i < STEPS; i++)
		usleep(1000);
}

/* In the group that is stopped: exits with 0 if the worker ends within the limit. */
static void guest(long *wall_ms)
{
	long from = ns__now_ms();
	int fd = -1, err;
	pid_t worker;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	worker = ns__clone(0, &fd);
	if (!worker) {
		work();
		_exit(0);
	}
	err = ns__wait_dead(fd, LIMIT_MS);
	*wall_ms = ns__now_ms() - from;
	_exit(err ? 1 : 0);
}

static void test_a_tenth_of_a_cpu(void **)
{
	long *wall_ms = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();
	int status;

	if (!pid)
		guest(wall_ms);
	setpgid(pid, pid);
	while (!waitpid(pid, &status, WNOHANG)) {
		usleep(RUN_US);
		kill(-pid, SIGSTOP);
		usleep(STOP_US);
		kill(-pid, SIGCONT);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* By the clock on the wall it would have been too late. */
	assert_true(*wall_ms > LIMIT_MS);
	munmap(wall_ms, sizeof(long));
}

/* A limit ends, and no earlier than on an idle host. */
static void test_limit_ends(void **)
{
	int fd[2];
	long from = ns__now_ms();

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(ns__poll(fd[0], POLLIN, 200), -ETIMEDOUT);
	assert_true(ns__now_ms() - from >= 200);
	assert_int_equal(ns__poll(fd[0], POLLIN, 0), -ETIMEDOUT);
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(ns__poll(fd[0], POLLIN, 0), POLLIN);
	signal__block(SIGUSR1);
	assert_int_equal(signal__await(SIGUSR1, 100, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	raise(SIGUSR1);
	assert_int_equal(signal__await(SIGUSR1, 0, NULL), SIGUSR1);
	close(fd[0]);
	close(fd[1]);
}

/* A long pause counts as one beat. */
static void test_pause(void **)
{
	long from = beat__now_ms();

	usleep(300000);
	assert_true(beat__now_ms() - from <= BEAT_MS);
	assert_in_range(beat__timeout_ms(from + 1000), 1, BEAT_MS);
	assert_int_equal(beat__timeout_ms(from - 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tenth_of_a_cpu),
		cmocka_unit_test(test_limit_ends),
		cmocka_unit_test(test_pause),
	};

	return cmocka_run_group_tests_name("beat", tests, NULL, NULL);
}
