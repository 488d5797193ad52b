// SPDX-License-Identifier: GPL-2.0-only
/* The time that QEMU had to wait for a CPU: of busy processes that share one. */
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmtest/vm/qemu.h"

#define BUSY 3

static pid_t start_busy(void)
{
	pid_t pid = fork();
	cpu_set_t one;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (;;)
		__asm__ __volatile__("" ::: "memory");
}

static void test_waited(void **)
{
	struct qemu q[BUSY] = { 0 };
	double most = 0;

	for (int i = 0; i < BUSY; i++)
		q[i].pid = start_busy();
	/* Ends the sooner, the busier this machine is. */
	while (most < 0.2) {
		usleep(10000);
		for (int i = 0; i < BUSY; i++) {
			double s = qemu__waited_s(&q[i]);

			most = s > most ? s : most;
		}
	}
	for (int i = 0; i < BUSY; i++) {
		kill(q[i].pid, SIGKILL);
		waitpid(q[i].pid, NULL, 0);
	}
	/* A process that has gone, and none. */
	assert_true(qemu__waited_s(&q[0]) == 0);
	q[0].pid = 0;
	assert_true(qemu__waited_s(&q[0]) == 0);
}

static void test_idle(void **)
{
	struct qemu q = { .pid = fork() };

	if (!q.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	usleep(300000);
	/* A process that sleeps does not wait for a CPU. */
	assert_true(qemu__waited_s(&q) < 0.25);
	kill(q.pid, SIGKILL);
	waitpid(q.pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waited),
		cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests_name("vmtest waited", tests, NULL, NULL);
}
