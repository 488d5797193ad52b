// SPDX-License-Identifier: GPL-2.0-only
/*
 * thread_exec.c - executes `sh -c "exit 3"' by a thread that is not the leader:
 * it takes the leader's number, and the other one's end is no process's.
 */
#include <err.h>
#include <pthread.h>
#include <unistd.h>

static void *run(void *arg)
{
	(void)arg;
	usleep(100000);
	execl("/bin/sh", "sh", "-c", "exit 3", NULL);
	err(2, "sh");
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL))
		errx(2, "no thread");
	pause();
}
