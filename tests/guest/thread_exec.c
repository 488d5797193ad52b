// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executes `sh -c "exit 3"' in a thread that is not the leader. The thread takes the
 * leader's number, and the leader's exit is not the exit of a process.
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
